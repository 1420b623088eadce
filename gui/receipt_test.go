package gui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// By folder and day the history answers alone.
func TestMessageIsFoundInTheHistory(t *testing.T) {
	r := mustWindow(t, sample())
	r.find()
	want(t, len(r.desk.queries), 1)
	q := r.desk.queries[0]
	want(t, q.Mailbox, 1)
	want(t, q.MessageID, "")
	want(t, q.Folder, "Projects/2024")
	want(t, q.ReadBack, false)
	want(t, q.Records.From, time.Date(2026, time.October, 26, 0, 0, 0, 0, time.UTC))
	want(t, q.Records.Until.Sub(q.Records.From), 24*time.Hour)
	r.mustSay("Migrated", "Different there", "Not there any more", "In doubt", "Not migrated", "Left out", "Not seen yet",
		"Copied in pass 2 on 24 Nov 2026, 12:00 to Archive, UID 8812.", "Digest equal: the copy was read back just now")
	r.press(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown)
	r.mustSay("Not migrated: pass 2 tried it last.", "message too large (52 MB, limit 25 MB)")
	r.tapButton("Copy text")
	want(t, contains([]string{r.app.Clipboard().Content()}, "Not migrated: pass 2 tried it last.\n"), true)
	r.press(fyne.KeyEscape)
	want(t, r.view == view(r.projects), true)
}

// A Message-ID that the source cannot be asked for is looked up among what failed, and the way round is told.
func TestMessageIsFoundWithoutTheSource(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.find()
	r.desk.offline = &engine.Error{Op: "dial", Kind: engine.Unreachable, Host: "imap.old-host.example", Text: "no route to host"}
	p.id.SetText("2@example.net")
	p.readBack.SetChecked(true)
	p.look()
	want(t, len(r.desk.queries), 3)
	q := r.desk.queries[2]
	want(t, q.MessageID, "")
	want(t, q.Records.MessageID, "<2@example.net>")
	want(t, q.ReadBack, false)
	r.mustSay("Migrated", "The source could not be asked.", "Search by folder and day instead")

	r.desk.receipts = nil
	p.look()
	want(t, len(p.found), 0)
	r.mustSay("The source could not be asked.")
	r.desk.offline = nil
	p.look()
	r.mustSay("No message with this Message-ID is at the source of anna@old-host.example")
}

// What is no question is not asked, and said beside the field.
func TestMessageIsNotSearchedForBlindly(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.find()
	asked := len(r.desk.queries)
	for _, one := range []struct {
		mailbox, folder, day, said string
	}{
		{"nobody@old-host.example", "INBOX", "", "The project has no mailbox with this address."},
		{"anna@old-host.example", "", "", "Say which message"},
		{"anna@old-host.example", "Lost", "", "No pass has seen such a folder"},
		{"anna@old-host.example", "INBOX", "31.2.2026", "This is no day"},
	} {
		p.mailbox.SetText(one.mailbox)
		p.folder.SetText(one.folder)
		p.day.SetText(one.day)
		p.look()
		r.mustSay(one.said)
	}
	want(t, len(r.desk.queries), asked)
	p.mailbox.SetText("Anna@sonnenschein.example") // its address at the destination
	p.folder.SetText("inbox")
	p.day.SetText("1.3.2026")
	p.look()
	want(t, len(r.desk.queries), asked+1)
}

// The search begins in the mailbox whose row is selected, and Back returns to the page.
func TestMessageIsSearchedForFromTheProject(t *testing.T) {
	r := mustWindow(t, sample())
	page := r.open(0)
	page.mailboxes.list.choose(2)
	r.command("Find a message…")
	p := r.view.(*receiptPage)
	want(t, p.mailbox.Text, "celine@old-host.example")
	want(t, r.window.Canvas().Focused() == fyne.Focusable(p.id), true)
	r.press(fyne.KeyEscape)
	want(t, r.view == view(page), true)
}
