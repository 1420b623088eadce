package gui

import (
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// What differs between the two sides of a folder is said, the worst first.
func TestSidesAreJudged(t *testing.T) {
	mustWindow(t, &book{})
	for _, one := range []struct {
		row     engine.FolderRow
		differs bool
		said    string
	}{
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 5, There: 5}, Items: engine.ItemCounts{Copied: 3, Adopted: 2}}, false, "Alike"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 5, There: -1}, Items: engine.ItemCounts{Copied: 5}}, false, "Alike"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 5, There: 9}, Items: engine.ItemCounts{Copied: 5}}, false, "Alike, and 4 others"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 5, There: 4}, Items: engine.ItemCounts{Copied: 5}}, true, "1 not there any more"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 9, There: 4, Tally: engine.Tally{Left: 3}}, Items: engine.ItemCounts{Copied: 4, Failed: 2, Claimed: 1}}, true, "2 failed · 4 not migrated"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Messages: 9, Error: "no"}}, true, "left for this pass"},
		{engine.FolderRow{FolderTally: engine.FolderTally{Why: engine.Excluded, Messages: 9, Tally: engine.Tally{Skipped: 9}}}, false, "Left out by a rule"},
		{engine.FolderRow{Gone: true, FolderTally: engine.FolderTally{There: -1}, Items: engine.ItemCounts{Copied: 4}}, false, "Not at the source any more"},
		{engine.FolderRow{Kind: engine.NewItems, FolderTally: engine.FolderTally{Messages: 9, Before: 7, There: 9}, Items: engine.ItemCounts{Copied: 9}}, true, "2 not explained"},
		{engine.FolderRow{Kind: engine.Preview, Outdated: true, FolderTally: engine.FolderTally{Messages: 99, Before: 10, There: 10, Tally: engine.Tally{Left: 89}},
			Items: engine.ItemCounts{Copied: 60, Claimed: 7}}, true, "39 not migrated"}, // a later pass was interrupted
	} {
		got := sidesOf([]engine.FolderRow{one.row})[0]
		said, _ := got.verdict()
		want(t, said, one.said)
		want(t, got.differs(), one.differs)
	}
	two := engine.FolderRow{Mailbox: 1, FolderTally: engine.FolderTally{Destination: "INBOX", Messages: 5, There: 10}, Items: engine.ItemCounts{Copied: 5}}
	for _, s := range sidesOf([]engine.FolderRow{two, two}) {
		said, _ := s.verdict()
		want(t, said, "Alike")
	}
}

// The folders are read when they are looked at, and again only then.
func TestFoldersAreReadWhenLookedAt(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	want(t, p.folders.read, false)
	p.command(cmdTab4)
	want(t, p.folders.read, true)
	want(t, len(p.folders.all), 72)
	r.mustSay("Folders (72)", "72 folders", "Total", "Alike, and 7 others", "left for this pass", "2 failed")
	p.folders.only.SetChecked(true)
	for _, i := range p.folders.shown {
		want(t, p.folders.all[i].differs(), true)
	}
	p.folders.search.SetText("KASSE archive")
	want(t, len(p.folders.shown), 1)
	r.mustSay("13 not migrated")
	p.folders.search.SetText("nobody")
	r.mustSay("No folder has these words in it.")
	p.folders.search.SetText("celine oven")
	p.focus()
	r.press(fyne.KeyReturn)
	r.mustSay("Mailbox does not exist", "Last looked at")
	r.press(fyne.KeyEscape)
	r.command("Find a message…")
	want(t, r.view.(*receiptPage).folder.Text, "Projects/2024/Oven and everything that belongs to it")
	r.view.back()
	want(t, r.view == view(p), true)

	p.command(cmdTab1)
	r.changed()
	want(t, p.folders.stale, true)
	r.command("Folders")
	want(t, p.folders.stale, false)
	r.tapButton("Count now")
	want(t, r.desk.requests[0].Kind, engine.Preview)
}
