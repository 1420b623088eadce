package gui

import (
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// After another password was entered a mailbox that was refused stays failed, and its row says what to do next. A password of the other side changes
// nothing.
func TestRefusedMailboxSaysThatAPasswordWasEntered(t *testing.T) {
	r := mustWindow(t, sample())
	m := r.refusedMailbox()
	m.Last.Host = "imap.old-host.example"
	const next = "Password entered: press Migrate"
	r.open(0)
	r.mustSay("refused the password of this mailbox")
	r.keepPasswords(m.Mailbox, engine.Secrets{Destination: engine.NewSecret("of the other side")}, r.changed)
	want(t, r.says(next), false)
	r.keepPasswords(m.Mailbox, engine.Secrets{Source: engine.NewSecret("another")}, r.changed)
	r.mustSay(next)
	want(t, engine.StatusOf(m.Last.State), engine.StatusFailed)

	again := *m.Last // the next pass is refused too
	again.Ended = noon.Add(1)
	for i := range r.book.mailboxes {
		if r.book.mailboxes[i].ID == m.ID {
			r.book.mailboxes[i].Last = &again
		}
	}
	r.changed()
	want(t, r.says(next), false)
}

// A password for this run only counts as well.
func TestRefusedMailboxSaysThatAPasswordIsThereForThisRun(t *testing.T) {
	r := mustWindow(t, sample())
	r.drawer.broken = engine.ErrNoKeychain
	m := r.refusedMailbox()
	r.open(0)
	r.keepPasswords(m.Mailbox, engine.Secrets{Source: engine.NewSecret("x"), Destination: engine.NewSecret("x")}, r.changed)
	r.press(fyne.KeyReturn)
	r.mustSay("Password entered: press Migrate")
}

// refusedMailbox returns the mailbox whose last pass was refused.
func (r *rig) refusedMailbox() engine.MailboxRow {
	r.t.Helper()
	for _, m := range r.book.mailboxes {
		if m.Last != nil && m.Last.Cause == engine.Denied {
			return m
		}
	}
	r.t.Fatal("no mailbox was refused")
	return engine.MailboxRow{}
}
