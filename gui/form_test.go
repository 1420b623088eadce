package gui

import (
	"io"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

// filled opens the form and fills in a project of two mailboxes.
func filled(r *rig) *newProject {
	r.startForm()
	p := r.view.(*newProject)
	p.name.SetText("  Bakery ")
	p.source.host.SetText("imap.old.example")
	p.destination.host.SetText("127.0.0.1")
	p.destination.encryption.SetSelectedIndex(2)
	for i, one := range []string{"anna", "ben"} {
		f := p.mailboxes.grid.rows[i].fields
		f[sourceAddress].SetText(one + "@old.example")
		f[sourcePassword].SetText("old " + one)
		f[destinationAddress].SetText(one + "@new.example")
		f[destinationLogin].SetText(one)
		f[destinationPassword].SetText("new " + one)
	}
	return p
}

func TestFormSaysWhatIsWrong(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	r.tapButton("Save project")
	r.mustSay("Give the project a name.", "Enter the host name of the mail service.", "Add at least one mailbox.")
	p := r.view.(*newProject)
	p.name.SetText("x")
	p.source.host.SetText("https://mail.example")
	p.source.port.SetText("70000")
	p.destination.host.SetText("mail.example")
	p.destination.encryption.SetSelectedIndex(2)
	want(t, p.destination.port.Text, "143")
	p.mailboxes.grid.rows[0].fields[sourceAddress].SetText("anna@old")
	p.mailboxes.grid.rows[1].fields[destinationAddress].SetText("ben@new")
	r.tapButton("Save project")
	want(t, r.says("Give the project a name."), false)
	r.mustSay("Enter the host name alone", "Without encryption anybody on the way can read the passwords.", "Enter the destination address.", "Enter the source address.")
	p.source.host.SetText("mail.example")
	r.tapButton("Save project")
	r.mustSay("Enter a port between 1 and 65535")
	want(t, len(r.book.projects), 0)
}

func TestFormKeepsAProject(t *testing.T) {
	r := mustWindow(t, &book{})
	filled(r)
	r.tapButton("Save project")
	want(t, len(r.book.projects), 1)
	project := r.book.projects[0].Project
	want(t, project.Name, "Bakery")
	want(t, project.Source.URL(), "imaps://imap.old.example:993")
	want(t, project.Destination.URL(), "imap://127.0.0.1:143")
	want(t, len(r.book.mailboxes), 2)
	ben := r.book.mailboxes[1]
	want(t, ben.Source.User, "ben@old.example")
	want(t, ben.Destination.User, "ben")
	want(t, r.drawer.secrets[ben.Destination.Secret].Reveal(), "new ben")
	want(t, len(r.drawer.secrets), 4)
	r.mustSay("Bakery", "Mailboxes (2)", "Migrate New Items")
}

// Without a keychain nothing is left behind, unless the passwords are used for this run only.
func TestFormWithoutAKeychain(t *testing.T) {
	r := mustWindow(t, &book{})
	r.drawer.broken = engine.ErrNoKeychain
	filled(r)
	r.tapButton("Save project")
	r.mustSay("This session has no keychain", "You can use these passwords for this run only")
	want(t, len(r.book.projects), 0)
	r.press(fyne.KeyEscape)
	r.mustSay("Save project")
	r.tapButton("Save project")
	r.tapButton("Use for this run only")
	want(t, len(r.book.projects), 1)
	want(t, len(r.book.mailboxes), 2)
	r.mustSay("Mailboxes (2)")
	r.command("Migrate New Items")
	secrets := r.desk.requests[0].Secrets[r.book.mailboxes[0].ID]
	want(t, secrets.Source.Reveal(), "old anna")
	want(t, secrets.Destination.Reveal(), "new anna")
}

func TestFormAsksBeforeItIsLeft(t *testing.T) {
	r := mustWindow(t, sample())
	r.startForm()
	r.view.back()
	r.mustSay("My Migrations")
	filled(r)
	r.view.back()
	r.mustSay("Leave without saving?")
	r.press(fyne.KeyEscape)
	r.mustSay("Save project")
	r.view.back()
	r.tapButton("Leave")
	r.mustSay("My Migrations")
}

func TestPresetFillsTheEndpoint(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	e := r.view.(*newProject).source
	for i, p := range e.presets {
		if p.ID == "gmail" {
			e.provider.SetSelectedIndex(i)
		}
	}
	to, ok := e.value()
	want(t, ok, true)
	want(t, to.URL(), "imaps://imap.gmail.com:993")
	want(t, to.Preset, "gmail")
	want(t, strings.Contains(e.hint.String(), "app password"), true)
	e.host.SetText("mail.example") // no longer the provider's
	want(t, e.entered().Preset, "other")
	for _, p := range r.view.(*newProject).destination.presets {
		want(t, p.Side == "source", false)
	}
}

func TestConnectionIsTried(t *testing.T) {
	r := mustWindow(t, &book{})
	p := filled(r)
	p.source.check() // nothing typed: the first mailbox's account
	r.mustSay("Signed in to imap.old.example as anna@old.example")
	p.source.user.SetText("ben")
	p.source.check()
	r.mustSay("Enter a user name and a password to try it with.")
	p.source.user.SetText("")
	test.Type(p.source.user, "anna")
	test.Type(p.source.password, "x")
	r.desk.checked = &engine.Error{Op: "sign in", Kind: engine.Denied, Host: "imap.old.example", Text: "AUTHENTICATIONFAILED"}
	p.source.password.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.mustSay("imap.old.example refused the password of anna.", "Details: AUTHENTICATIONFAILED")
	r.desk.checked = nil
	p.source.check()
	r.mustSay("Signed in to imap.old.example as anna")
	want(t, len(r.desk.checks), 3)
	want(t, r.desk.checks[0].Address(), "imap.old.example:993")
}

// Tab goes through the form as one reads it.
func TestTabMovesThroughTheForm(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	p := r.view.(*newProject)
	c := r.window.Canvas()
	order := []fyne.Focusable{p.name}
	for _, e := range []*endpointEditor{p.source, p.destination} {
		order = append(order, e.provider, e.host, e.port, e.encryption, e.trust, e.user, e.password, e.test)
	}
	for i, f := range order {
		if c.Focused() != f {
			t.Fatalf("stop %d has no focus", i)
		}
		c.FocusNext()
	}
}

func TestTabMovesThroughTheGrid(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	grid := r.view.(*newProject).mailboxes.grid
	c := r.window.Canvas()
	c.Focus(grid.rows[0].fields[0])
	for i := 1; i < len(gridCells); i++ {
		c.FocusNext()
		want(t, c.Focused() == fyne.Focusable(grid.rows[0].fields[i]), true)
	}
	c.FocusNext()
	want(t, c.Focused() == fyne.Focusable(grid.rows[1].fields[0]), true)
	want(t, grid.rows[0].fields[sourcePassword].Password, true)
	want(t, grid.rows[0].fields[sourceAddress].Password, false)
}

func TestGridGrowsAndShrinks(t *testing.T) {
	g := mustWindowGrid(t)
	n := len(g.rows)
	g.rows[n-1].fields[0].SetText("a")
	want(t, len(g.rows), n+1)
	g.remove(g.rows[0])
	want(t, len(g.rows), n)
	g.remove(g.rows[n-1]) // the empty row at the end stays
	want(t, len(g.rows), n)
}

func mustWindowGrid(t *testing.T) *mailboxGrid {
	t.Helper()
	r := mustWindow(t, &book{})
	r.startForm()
	return r.view.(*newProject).mailboxes.grid
}

func TestTableIsPasted(t *testing.T) {
	g := mustWindowGrid(t)
	r := g.rows[0]
	want(t, g.paste(r, 0, "one word"), false)
	want(t, g.paste(r, 0, "a@x\t\tpw a\ta@y\r\nb@x\t\tpw b\tb@y\r\nc@x\t\tpw c\tc@y\nd@x\t\tpw d\td@y\n"), true)
	list, ok := g.values(map[string]bool{})
	want(t, ok, true)
	want(t, len(list), 4)
	want(t, list[3].Destination.Address, "d@y")
	want(t, list[3].Secrets.Source.Reveal(), "pw d")
	_, ok = g.values(map[string]bool{"b@x": true})
	want(t, ok, false)
}

// paper is a file in memory.
type paper struct {
	io.Reader
	name string
}

func (p paper) Close() error  { return nil }
func (p paper) URI() fyne.URI { return storage.NewFileURI("/x/" + p.name) }

func TestSheetIsImported(t *testing.T) {
	r := mustWindow(t, &book{})
	p := filled(r)
	p.mailboxes.read(paper{strings.NewReader("celine@old.example,celine@new.example\nnonsense\nanna@old.example,anna@new.example\n"), "bakery.csv"})
	r.mustSay("bakery.csv: 2 mailboxes", "Line 2: no destination address.", "celine@new.example", "Both passwords")
	r.tapButton("Save project")
	r.mustSay("anna@old.example is listed twice.")
	p.mailboxes.grid.rows[0].fields[sourceAddress].SetText("other@old.example")
	r.tapButton("Save project")
	want(t, len(r.book.mailboxes), 4)
	want(t, len(r.drawer.secrets), 8)
	for _, said := range guitest.Texts(r.window.Canvas()) {
		want(t, strings.Contains(said, "s-celine"), false)
	}
}

func TestMailboxesAreAdded(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(2)
	r.command("Add mailboxes")
	r.mustSay("Add mailboxes to Kanzlei Ruth & Partner")
	f := r.view.(*addPage).mailboxes.grid.rows[0].fields
	f[sourceAddress].SetText("paul@ruth.example")
	f[destinationAddress].SetText("paul@new.example")
	r.tapButton("Add mailboxes")
	r.mustSay("Mailboxes (2)", "paul@ruth.example")
}

func TestSettingsAreChanged(t *testing.T) {
	r := mustWindow(t, sample())
	r.editProject(r.book.projects[0].Project)
	p := r.view.(*settingsPage)
	want(t, p.numbers[0].field.Text, "10")
	p.numbers[0].field.SetText("none")
	r.tapButton("Save")
	r.mustSay("Enter a number from 1 to 1,000.")
	p.numbers[0].field.SetText("20")
	p.adopt.SetChecked(false)
	p.name.SetText("Bakery")
	r.tapButton("Save")
	kept := r.book.projects[0]
	want(t, kept.Name, "Bakery")
	want(t, kept.Settings.PassLimit, 20)
	want(t, kept.Settings.NoAdopt, true)
	want(t, kept.Source.Host, "imap.old-host.example")
	r.mustSay("2 of 20")
}

// Files are chosen in a dialog that Esc closes, after which keys do again what they did.
func TestFilesAreChosen(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, label := range []string{"Import CSV…", "Trust another…"} {
		r := mustWindow(t, &book{})
		r.startForm()
		r.tapButton(label)
		r.mustSay("Open")
		r.press(fyne.KeyEscape)
		want(t, r.window.Canvas().Overlays().Top(), nil)
		r.window.Canvas().Unfocus()
		r.press(fyne.KeyEscape)
		r.mustSay("My Migrations")
	}
}
