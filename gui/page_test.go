package gui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

func TestMailboxesAreListed(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.mustSay("Sonnenschein Bakery", "Mailboxes (12)", "Passes (24)", "Errors (9)", "12 mailboxes", "anna@old-host.example", "to anna@sonnenschein.example",
		"21 items copied in the last pass", "The mail service refused the password of this mailbox.", "The last pass was interrupted. Nothing is lost.", "2 of 10")
	r.show(atWork())
	r.mustSay("Copying Archive/2023: 1,300 of 2,000", "Asked to slow down, goes on at 12:04", "Queued")
}

func TestOneMailboxIsStartedAndStopped(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.tapAction("Migrate")
	want(t, slices.Equal(r.desk.requests[0].Mailboxes, []engine.MailboxID{1}), true)
	r.show(atWork())
	r.tapAction("Stop")
	want(t, slices.Equal(r.desk.stopped, []engine.MailboxID{1}), true)
	r.command("Stop")
	want(t, len(r.desk.stopped), 0)
}

// A mailbox that cannot sign in offers to enter its password; the new one goes into the keychain.
func TestPasswordIsEnteredAgain(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.tapAction("Enter password")
	r.mustSay("Source password of dmitri@old-host.example")
	r.tapButton("Save")
	r.mustSay("Enter at least one password.")
	typeInto(r, "correct horse")
	r.press(fyne.KeyReturn)
	m, _ := r.book.Mailbox(t.Context(), 4)
	kept, err := r.drawer.Get(t.Context(), m.Source.Secret)
	want(t, err, nil)
	want(t, kept.Reveal(), "correct horse")
	want(t, m.Destination.Secret, "")
}

// typeInto types where the keyboard is.
func typeInto(r *rig, words string) {
	r.t.Helper()
	f := r.window.Canvas().Focused()
	if f == nil {
		r.t.Fatal("nothing has the focus")
	}
	test.Type(f, words)
}

// Where there is no keychain, a password can be used for this run only: it goes along with the next request, and nowhere else.
func TestPasswordForThisRunOnly(t *testing.T) {
	for _, broken := range []error{engine.ErrNoKeychain, &engine.Error{Op: "keep a password", Kind: engine.Locked}} {
		r := mustWindow(t, sample())
		r.drawer.broken = broken
		p := r.open(0)
		r.askPasswords(r.book.projects[0].Project, r.book.mailboxes[0].Mailbox, r.changed)
		typeInto(r, "for now")
		r.press(fyne.KeyReturn)
		r.mustSay("You can use these passwords for this run only")
		r.tapButton("Use for this run only")
		r.start(p.project.Project, engine.NewItems, 1)
		want(t, r.desk.requests[0].Secrets[1].Source.Reveal(), "for now")
		want(t, len(r.drawer.secrets), 0)
	}
}

func TestMailboxIsDeletedAfterAQuestion(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.press(fyne.KeyDown, fyne.KeyDelete)
	r.mustSay("Delete bernhard@old-host.example from this project?", "Its history and its saved passwords go too.")
	r.tapButton("Delete")
	want(t, r.says("bernhard"), false)
	r.mustSay("Mailboxes (11)")
}

func TestMailboxAtWorkIsNotDeleted(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.show(atWork())
	p.mailboxes.delete(r.book.mailboxes[0])
	r.mustSay("A pass of anna@old-host.example is still running.")
}

func TestPassesShowTheirFolders(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.command("Passes")
	r.mustSay("25 Nov 2026, 11:31", "lager@old-host.example", "New items")
	r.press(fyne.KeyEnd)
	r.mustSay("New items: anna@old-host.example, 23 Nov 2026, 12:00", "Archive/2023", "Adds up", "all add up")
}

// What does not add up is said in numbers.
func TestDifferenceIsShown(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.command("Passes")
	at, found := p.passes.rows.find(func(row engine.PassRow) bool { return row.State == engine.PassInterrupted })
	want(t, found, true)
	p.passes.list.choose(at)
	r.mustSay("2 not explained", "2 messages are not explained", "The last pass was interrupted. Nothing is lost. Press Migrate New Items to go on.")
}

func TestErrorsAreListedAndRetried(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.command("Errors")
	r.mustSay("3 messages are not at the destination.", "Drawings for the new oven, final final", "Re: Fwd: Rechnung", "Message 4102", "secure.emailsrvr.com refused this message.",
		"message too large (52 MB, limit 25 MB)", "imap.old-host.example sent an answer that cannot be read.")
	r.pickError()
	r.press(fyne.KeyReturn)
	r.mustSay("Message not migrated", "<1@example.net>", "UID 4100")
	r.press(fyne.KeyEscape)
	r.tapButton("Retry Errors")
	want(t, r.desk.requests[0].Kind, engine.Retry)
}

func TestPageShowsWhatCannotBeRead(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.book.broken = &engine.Error{Op: "read", Kind: engine.Broken}
	r.view.reload()
	r.mustSay("cannot be read or written")
	r.book.broken = nil
	r.tapButton("Try again")
	r.mustSay("anna@old-host.example")
	want(t, r.says("cannot be read"), false)
}

// Long lists are read a page at a time, only those pages that are looked at.
func TestLongListsAreReadInPages(t *testing.T) {
	b := &book{folders: map[engine.PassID][]engine.FolderTally{}}
	b.projects = []engine.ProjectRow{{Project: engine.Project{ID: 1, Name: "Big"}}}
	for i := range 5000 {
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(engine.MailboxID(i+1), 1, "user"+strings.Repeat("i", i%7))})
	}
	r := mustWindow(t, b)
	p := r.open(0)
	want(t, len(p.mailboxes.rows.rows), 1)
	r.press(fyne.KeyEnd)
	want(t, len(p.mailboxes.rows.rows) <= 3, true)
	m, ok := p.mailboxes.chosen()
	want(t, ok, true)
	want(t, m.ID, 5000)
	// The row stays chosen when the list is read again.
	r.view.reload()
	m, _ = p.mailboxes.chosen()
	want(t, m.ID, 5000)
}

// Whatever a server, a message or a name says is shown without control characters.
func TestForeignTextIsShownPlain(t *testing.T) {
	b := sample()
	nasty := "x\u202e\x1b[31m\u200by"
	b.projects[0].Name, b.projects[0].Source.Host = nasty, nasty
	b.mailboxes[0].Source.Address = nasty
	b.failures[0].Subject, b.failures[0].Text, b.failures[0].Folder, b.failures[0].Sender = nasty, nasty, nasty, nasty
	for id := range b.folders {
		b.folders[id][0].Source, b.folders[id][0].Error = nasty, nasty
	}
	b.passes[1].Source, b.passes[1].Error = nasty, nasty
	r := mustWindow(t, b)
	look := func() {
		t.Helper()
		for _, said := range guitest.Texts(r.window.Canvas()) {
			if strings.ContainsAny(said, "\u202e\x1b\u200b") {
				t.Errorf("%q", said)
			}
		}
	}
	look()
	p := r.open(0)
	look()
	r.command("Passes")
	r.press(fyne.KeyEnd, fyne.KeyUp)
	look()
	r.command("Errors")
	look()
	p.failures.details(b.failures[0])
	look()
	p.mailboxes.details(b.mailboxes[0])
	look()
}
