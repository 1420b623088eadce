package gui

import (
	"io"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/gui/guitest"
)

// connect opens the wizard and fills its first stop in.
func connect(r *rig) (*wizard, *connectorStop) {
	r.startForm()
	z := r.view.(*wizard)
	c := z.stops[atConnector].(*connectorStop)
	c.name.SetText("  Bakery ")
	c.source.host.SetText("imap.old.example")
	c.destination.host.SetText("127.0.0.1")
	c.destination.encryption.SetSelectedIndex(2)
	return z, c
}

// filled goes to the wizard's second stop and fills in two mailboxes.
func filled(r *rig) (*wizard, *grid) {
	z, _ := connect(r)
	r.tapButton("Next: Mailboxes")
	g := z.stops[atMailboxes].(*mailboxStop).editor.grid
	for _, one := range []string{"anna", "ben"} {
		g.fill(one+"@old.example", "", "old "+one, one+"@new.example", one, "new "+one)
	}
	return z, g
}

// fill types cells from the active one on, with Tab behind each.
func (g *grid) fill(cells ...string) {
	for _, text := range cells {
		for _, r := range text {
			g.editor.TypedRune(r)
		}
		g.editor.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	}
}

func TestConnectorSaysWhatIsWrong(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	r.tapButton("Next: Mailboxes")
	r.mustSay("Give the project a name.", "Enter the host name of the mail service.")
	p := r.view.(*wizard).stops[atConnector].(*connectorStop)
	p.name.SetText("x")
	p.source.host.SetText("https://mail.example")
	p.source.port.SetText("70000")
	p.destination.host.SetText("mail.example")
	p.destination.encryption.SetSelectedIndex(2)
	want(t, p.destination.port.Text, "143")
	r.tapButton("Next: Mailboxes")
	want(t, r.says("Give the project a name."), false)
	r.mustSay("Enter the host name alone", "Without encryption anybody on the way can read the passwords.")
	p.source.host.SetText("mail.example")
	r.tapButton("Next: Mailboxes")
	r.mustSay("Enter a port between 1 and 65535")
	want(t, len(r.book.projects), 0)
}

func TestWizardKeepsAProject(t *testing.T) {
	r := mustWindow(t, &book{})
	filled(r)
	want(t, r.book.projects[0].Settings.Draft, "mailboxes")
	r.tapButton("Next: Trial")
	want(t, len(r.book.projects), 1)
	project := r.book.projects[0].Project
	want(t, project.Name, "Bakery")
	want(t, project.Settings.Draft, "trial")
	want(t, project.Source.URL(), "imaps://imap.old.example:993")
	want(t, project.Destination.URL(), "imap://127.0.0.1:143")
	want(t, len(r.book.mailboxes), 2)
	ben := r.book.mailboxes[1]
	want(t, ben.Source.User, "ben@old.example")
	want(t, ben.Destination.User, "ben")
	want(t, r.drawer.secrets[ben.Destination.Secret].Reveal(), "new ben")
	want(t, len(r.drawer.secrets), 4)
	r.mustSay("Bakery", "2 of 2 mailboxes can be signed in to at both hosts", "Run trial pass")
	want(t, len(r.desk.checks), 4)
}

// Without a keychain nothing is left behind, unless the passwords are used for this run only.
func TestWizardWithoutAKeychain(t *testing.T) {
	r := mustWindow(t, &book{})
	r.drawer.broken = engine.ErrNoKeychain
	filled(r)
	r.tapButton("Next: Trial")
	r.mustSay("This session has no keychain", "You can use these passwords for this run only")
	want(t, len(r.book.mailboxes), 0)
	r.press(fyne.KeyEscape)
	r.tapButton("Next: Trial")
	r.tapButton("Use for this run only")
	want(t, len(r.book.mailboxes), 2)
	r.mustSay("2 of 2 mailboxes can be signed in to")
	r.tapButton("Run trial pass")
	want(t, r.desk.requests[0].Kind, engine.Trial)
	secrets := r.desk.requests[0].Secrets[r.book.mailboxes[0].ID]
	want(t, secrets.Source.Reveal(), "old anna")
	want(t, secrets.Destination.Reveal(), "new anna")
}

// The wizard can be left at any time, and goes on where it was left.
func TestWizardIsTakenUpAgain(t *testing.T) {
	r := mustWindow(t, sample())
	r.startForm()
	r.press(fyne.KeyEscape) // in the field that has the keyboard
	r.mustSay("My Migrations")
	connect(r)
	r.tapButton("Save and close")
	r.mustSay("My Migrations", "Bakery", "Being set up", "Next step: Connector")
	r.tapAction("Continue")
	want(t, r.view.(*wizard).at, atConnector)
	want(t, r.view.(*wizard).stops[atConnector].(*connectorStop).source.host.Text, "imap.old.example")
	r.tapButton("Next: Mailboxes")
	g := r.view.(*wizard).stops[atMailboxes].(*mailboxStop).editor.grid
	g.fill("anna@old.example", "", "x", "anna@new.example", "", "y", "ben@old.example")
	r.tapButton("Save and close")
	r.mustSay("1 row has a mistake in it and is not kept.")
	r.press(fyne.KeyEscape)
	want(t, r.view.(*wizard).at, atMailboxes)
	r.tapButton("Save and close")
	r.tapButton("Leave")
	r.mustSay("My Migrations", "Next step: Mailboxes")
	r.tapAction("Continue")
	g = r.view.(*wizard).stops[atMailboxes].(*mailboxStop).editor.grid
	want(t, len(g.entered()), 1)
	r.mustSay("anna@old.example", "kept", "1 mailbox")
	want(t, contains(guitest.Texts(r.window.Canvas()), "x"), true) // what cannot be read out of the keychain is not shown
}

// What is changed in the grid is changed in the ledger, and what is removed there is deleted.
func TestMailboxesAreChanged(t *testing.T) {
	r := mustWindow(t, &book{})
	z, _ := filled(r)
	r.tapButton("Next: Trial")
	z.previous()
	g := z.stops[atMailboxes].(*mailboxStop).editor.grid
	want(t, len(g.entered()), 2)
	anna := r.book.mailboxes[0].ID
	g.activate(0, destinationAddress)
	g.fill("x")
	g.remove(1)
	g.activate(1, 0)
	g.fill("celine@old.example", "", "s", "celine@new.example", "", "d")
	r.tapButton("Next: Trial")
	want(t, len(r.book.mailboxes), 2)
	want(t, r.book.mailboxes[0].ID, anna) // the account is the same
	want(t, r.book.mailboxes[0].Destination.Address, "anna@new.examplex")
	z.previous()
	g.activate(0, destinationLogin)
	g.editor.SetText("another")
	r.tapButton("Next: Trial")
	want(t, len(r.book.mailboxes), 2)
	want(t, slices.ContainsFunc(r.book.mailboxes, func(m engine.MailboxRow) bool { return m.ID == anna }), false) // another account: another history
	want(t, len(r.drawer.secrets), 4)
	r.mustSay("2 of 2 mailboxes can be signed in to at both hosts")
}

// Every sign-in has its result, with what to do where it failed.
func TestSignInsAreTried(t *testing.T) {
	r := mustWindow(t, &book{})
	r.desk.refuse = map[string]error{"ben": &engine.Error{Op: "sign in", Kind: engine.Denied, Host: "127.0.0.1", Side: engine.Destination, Text: "NO [AUTHENTICATIONFAILED]"}}
	z, _ := filled(r)
	r.tapButton("Next: Trial")
	r.mustSay("1 of 2 mailboxes can be signed in to", "1 needs a look", "Not signed in")
	s := z.stops[atTrial].(*trialStop)
	s.list.choose(0) // what needs a look stands above the others
	r.mustSay("127.0.0.1 refused the password of ben@new.example.", "Enter the password again.", "AUTHENTICATIONFAILED")
	r.tapButton("Run trial pass")
	want(t, len(r.desk.requests[0].Mailboxes), 1) // of those that can be signed in to
	r.desk.refuse = nil
	r.tapAction("Enter password")
	tap(r, func(f *field) bool { return f.Password })
	r.window.Canvas().Focused().(*field).SetText("better")
	r.tapButton("Save")
	r.mustSay("2 of 2 mailboxes can be signed in to at both hosts")
	want(t, len(r.desk.checks), 6)
}

// The summary counts by previews, and the migration starts from there.
func TestWizardStartsTheMigration(t *testing.T) {
	r := mustWindow(t, &book{folders: map[engine.PassID][]engine.FolderTally{}})
	z, _ := filled(r)
	r.tapButton("Next: Trial")
	r.tapButton("Next: Summary")
	want(t, r.desk.requests[0].Kind, engine.Preview)
	want(t, len(r.desk.requests[0].Mailboxes), 2)
	for i, m := range r.book.mailboxes {
		id := engine.PassID(100 + i)
		r.book.passes = append(r.book.passes, engine.PassRow{Pass: engine.Pass{ID: id, Mailbox: m.ID, Kind: engine.Preview, State: engine.PassCompleted,
			Tally: engine.Tally{New: 900, Bytes: 40_000_000}}})
		r.book.folders[id] = []engine.FolderTally{{Source: "INBOX", Destination: "INBOX", Messages: 600}, {Source: "Gesendet", Destination: "Sent", Messages: 300}}
	}
	z.reload()
	r.mustSay("1,800", "80 MB", "Gesendet", "1,800 messages counted at the source", "Start migration")
	r.tapButton("Start migration")
	want(t, r.desk.requests[1].Kind, engine.NewItems)
	want(t, r.book.projects[0].Settings.Draft, "")
	want(t, z.at, atMigration)
	job := engine.Snapshot{Revision: 1, Passes: []engine.Progress{{Project: z.project.ID, Mailbox: r.book.mailboxes[0].ID, Pass: 300, Kind: engine.NewItems,
		State: engine.Running, Phase: engine.Copying, Total: 900, Done: 450, Tally: engine.Tally{Copied: 450}}}}
	r.show(job)
	r.mustSay("450 messages copied", "50 %", "Stop")
	r.book.projects[0].LastNew, r.book.projects[0].Passes = 1800, 1
	r.book.mailboxes[0].Last = &engine.Pass{State: engine.PassCompleted, Number: 1}
	r.book.recount()
	r.show(engine.Snapshot{Revision: 2})
	want(t, z.at, atFinished)
	r.mustSay("1,800 messages copied", "Now change the MX records")
	r.tapButton("Open the project")
	r.mustSay("Mailboxes (2)")
}

func TestPresetFillsTheEndpoint(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	c := r.view.(*wizard).stops[atConnector].(*connectorStop)
	e := c.source
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
	for _, p := range c.destination.presets {
		want(t, p.Side == "source", false)
	}
}

func TestConnectionIsTried(t *testing.T) {
	r := mustWindow(t, &book{})
	z, _ := filled(r)
	p := z.stops[atConnector].(*connectorStop)
	p.source.check() // nothing typed: the first mailbox's account
	z.goTo(atConnector)
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

// Tab goes through the connector as one reads it, then to the buttons.
func TestTabMovesThroughTheConnector(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	z := r.view.(*wizard)
	p := z.stops[atConnector].(*connectorStop)
	c := r.window.Canvas()
	order := []fyne.Focusable{p.name}
	for side, e := range []*endpointEditor{p.source, p.destination} {
		order = append(order, p.find[side].address, p.find[side].button, e.provider, e.host, e.port, e.encryption, e.access.method, e.trust, e.user, e.password, e.test)
	}
	for i, f := range append(order, z.close, z.next) {
		if c.Focused() != f {
			t.Fatalf("stop %d has no focus", i)
		}
		c.FocusNext()
	}
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
	z, g := filled(r)
	m := z.stops[atMailboxes].(*mailboxStop)
	m.editor.read(paper{strings.NewReader("celine@old.example,celine@new.example\nnonsense\nanna@old.example,anna@new.example\n"), "bakery.csv"})
	want(t, len(g.entered()), 4)
	r.mustSay("4 mailboxes", "1 row has a mistake", "1 that was there is replaced", "celine@new.example", "Enter the destination address.")
	r.tapButton("Next: Trial")
	want(t, z.at, atMailboxes)
	want(t, g.row, 3) // where the first mistake is
	g.activate(0, 0)
	r.tapButton("Show the next mistake")
	want(t, g.row, 3)
	g.remove(g.row)
	r.tapButton("Next: Trial")
	want(t, len(r.book.mailboxes), 3)
	want(t, len(r.drawer.secrets), 6)
	for _, said := range guitest.Texts(r.window.Canvas()) {
		want(t, strings.Contains(said, "s-celine"), false)
	}
}

func TestMailboxesAreAdded(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(2)
	r.command("Add mailboxes")
	r.mustSay("Add mailboxes to Kanzlei Ruth & Partner")
	g := r.view.(*addPage).mailboxes.grid
	g.fill("ruth@old-host.example", "", "", "paul@new.example")
	r.tapButton("Add mailboxes")
	r.mustSay("ruth@old-host.example is in this project already.")
	g.activate(0, sourceAddress)
	g.editor.SetText("paul@ruth.example")
	r.tapButton("Add mailboxes")
	r.mustSay("Mailboxes (2)", "paul@ruth.example")
}

// After the wizard a list that was corrected is read again: new mailboxes are added, the passwords of known ones replaced, after one question.
func TestListIsReadAgain(t *testing.T) {
	r := mustWindow(t, sample())
	project := r.book.projects[2].ID
	there, _ := r.book.Mailboxes(t.Context(), project)
	known := there[0]
	r.open(2)
	r.command("Add mailboxes")
	p := r.view.(*addPage)
	p.mailboxes.read(paper{strings.NewReader("RUTH@old-host.example," + known.Destination.Address + "\npaul@ruth.example,paul@new.example\n"), "ruth.csv"})
	r.tapButton("Add mailboxes")
	r.mustSay("1 new mailbox will be added.", "The passwords of 1 known mailbox will be replaced.")
	want(t, len(r.drawer.secrets), 0)
	r.tapButton("Go on")
	after, _ := r.book.Mailboxes(t.Context(), project)
	want(t, len(after), len(there)+1)
	want(t, after[0].ID, known.ID)
	want(t, after[0].Source.User, known.Source.User)
	want(t, r.drawer.secrets[after[0].Source.Secret].Reveal(), "s-RUTH@old-host.example")
	want(t, len(r.drawer.secrets), 4)

	r.command("Add mailboxes")
	g := r.view.(*addPage).mailboxes.grid
	g.fill(known.Source.Address, "", "", known.Destination.Address)
	r.tapButton("Add mailboxes")
	r.mustSay("All of these are in this project already.")
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
	gmail := slices.IndexFunc(p.source.presets, func(p assets.Preset) bool { return p.ID == "gmail" })
	was := p.source.entered()
	p.source.provider.SetSelectedIndex(gmail)
	want(t, p.volumes[0].field.PlaceHolder, "2,500")
	p.source.set(was)
	want(t, p.volumes[0].field.PlaceHolder, "any")
	p.volumes[0].field.SetText("0")
	r.tapButton("Save")
	r.mustSay("Enter a number from 1 to 1,000,000, “any” for no limit, or nothing for what the provider allows.")
	p.volumes[0].field.SetText("1800")
	p.volumes[1].field.SetText("Any")
	p.adopt.SetChecked(false)
	p.name.SetText("Bakery")
	r.tapButton("Save")
	kept := r.book.projects[0]
	want(t, kept.Name, "Bakery")
	want(t, kept.Settings.PassLimit, 20)
	want(t, kept.Settings.NoAdopt, true)
	want(t, kept.Settings.DownloadDay, 1800)
	want(t, kept.Settings.UploadDay, -1)
	want(t, kept.Source.Host, "imap.old-host.example")
	r.mustSay("2 of 20")
}

// Files are chosen in a dialog that Esc closes, after which keys do again what they did.
func TestFilesAreChosen(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for _, label := range []string{"Import CSV…", "Trust another…"} {
		r := mustWindow(t, &book{})
		if label == "Import CSV…" {
			connect(r)
			r.tapButton("Next: Mailboxes")
		} else {
			r.startForm()
		}
		r.tapButton(label)
		r.mustSay("Open")
		r.press(fyne.KeyEscape)
		want(t, r.window.Canvas().Overlays().Top(), nil)
		r.window.Canvas().Unfocus()
		at := r.view.(*wizard).at
		r.press(fyne.KeyEscape)
		if at == atConnector {
			r.mustSay("My Migrations")
		} else {
			want(t, r.view.(*wizard).at, at-1)
		}
	}
}

// A list that was corrected may be read again: its mailboxes take the place of those that are there.
func TestSheetIsReadAgain(t *testing.T) {
	r := mustWindow(t, &book{})
	filled(r)
	e := r.view.(*wizard).stops[atMailboxes].(*mailboxStop).editor
	e.read(paper{strings.NewReader("ANNA@old.example,anna@third.example\ncarl@old.example,carl@new.example\n"), "again.csv"})
	r.mustSay("3 mailboxes   ·   1 that was there is replaced")
	rows := e.grid.entered()
	want(t, rows[0].text(destinationAddress), "anna@third.example")
	want(t, rows[0].secrets().Source.Reveal(), "s-ANNA@old.example")
	want(t, rows[2].text(sourceAddress), "carl@old.example")
	e.read(paper{strings.NewReader("anna@old.example,anna@old.example\n"), "no destinations.csv"})
	want(t, e.grid.entered()[0].text(destinationAddress), "anna@third.example")
	e.read(paper{strings.NewReader("\t"), "nothing.csv"})
	r.mustSay("This file cannot be read as a list of mailboxes.", "Details: nothing.csv: no header")
}
