package gui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// Mailboxes are narrowed down by status, as it is now, and by words.
func TestMailboxesAreNarrowedDown(t *testing.T) {
	r := mustWindow(t, sample())
	tab := r.open(0).mailboxes
	want(t, tab.length(), 12)
	choose := func(s engine.Status) {
		for i, one := range statusOrder {
			if one == s {
				tab.narrow.status.SetSelectedIndex(i + 1)
			}
		}
	}
	choose(engine.StatusFailed)
	want(t, tab.length(), 2) // the fourth and the tenth
	r.mustSay("2 of 12 mailboxes", "dmitri@old-host.example", "jobs@old-host.example")
	want(t, r.says("anna@old-host.example"), false)
	r.show(atWork()) // the fourth is at work again
	want(t, tab.length(), 1)
	choose(engine.Processing)
	want(t, tab.length(), 4)
	r.show(engine.Snapshot{Revision: 8})
	tab.narrow.status.SetSelectedIndex(0)
	r.command("Find")
	want(t, r.window.Canvas().Focused() == fyne.Focusable(tab.narrow.search), true)
	tab.narrow.search.SetText("sonnenschein GRETA")
	want(t, tab.length(), 1)
	r.press(fyne.KeyReturn) // to the list
	want(t, r.window.Canvas().Focused() == fyne.Focusable(tab.list), true)
	r.window.Canvas().Focus(tab.narrow.search)
	r.press(fyne.KeyEscape)
	want(t, tab.length(), 12)
	r.mustSay("12 mailboxes")
}

// A ledger that changes faster than it is read is read once more, not once a change.
func TestNarrowedReadsOneAfterTheOther(t *testing.T) {
	r := mustWindowQueued(t, sample())
	r.run()
	tab := r.open(0).mailboxes
	r.run()
	tab.narrow.search.SetText("el")
	for range 5 {
		tab.narrow.reload()
	}
	want(t, len(r.queue), 1)
	r.run()
	want(t, tab.narrow.stale, false)
	want(t, tab.length(), 2) // celine and elif
}

// What is selected is what a pass is started for.
func TestSelectedMailboxesAreMigrated(t *testing.T) {
	r := mustWindow(t, sample())
	tab := r.open(0).mailboxes
	r.press(fyne.KeySpace, fyne.KeyDown, fyne.KeyDown, fyne.KeySpace)
	r.mustSay("2 of 12 mailboxes selected", "Migrate 2 selected", "Clear selection")
	r.tapButton("Migrate 2 selected")
	want(t, len(r.desk.requests[0].Mailboxes), 2)
	want(t, r.desk.requests[0].Mailboxes[1], 3)
	r.window.Canvas().Focus(tab.list)
	r.press(fyne.KeySpace)
	r.command("Preview")
	want(t, len(r.desk.requests[1].Mailboxes), 1)
	r.tapButton("Clear selection")
	r.command("Preview")
	want(t, r.desk.requests[2].Mailboxes == nil, true)
	tab.narrow.search.SetText("an")
	tab.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	n := tab.length()
	want(t, len(tab.marked), n)
	tab.narrow.search.SetText("")
	r.tapButton("Clear selection")
	r.tapButton("Select all")
	want(t, len(tab.marked), 12)
}

// End goes to the last of ten thousand rows, though it is read only then, and stays there.
func TestEndOfALongList(t *testing.T) {
	b := sample()
	for i := range 10_000 {
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(engine.MailboxID(10_000+i), 4, fmt.Sprintf("user%05d", i))})
	}
	r := mustWindowQueued(t, b)
	r.run()
	p := r.open(3)
	r.run()
	want(t, p.mailboxes.length(), 10_000)
	r.press(fyne.KeyEnd)
	r.settle()
	r.run()
	m, ok := p.mailboxes.chosen()
	want(t, ok, true)
	want(t, m.ID, 19_999)
	r.mustSay("user09999@old-host.example")
	r.press(fyne.KeyHome)
	r.run()
	m, _ = p.mailboxes.chosen()
	want(t, m.ID, 10_000)
}
