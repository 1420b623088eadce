package store

import (
	"testing"

	"mwiz/engine"
)

// The folders stand as the last pass found them, with what the ledger knows of each now, and those that are gone behind them.
func TestFolderRows(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	_, err := h.AddMailboxes(t.Context(), h.project, make([]engine.Mailbox, 1)) // no pass has told of it
	must(t, err)
	gone, empty := h.mustKeep(t, "Old", 7), h.mustKeep(t, "Void", 7)
	must(t, h.claim(t, 1, 2, 3))
	must(t, h.settle(t, engine.Copied, 1, 2))
	must(t, h.settle(t, engine.ItemFailed, 3))
	inbox := h
	other, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: "INBOX", Validity: 7, Display: "INBOX", Destination: "Posteingang"})
	must(t, err)
	h.folder = other.ID
	must(t, h.claim(t, 9))
	must(t, h.settle(t, engine.Copied, 9)) // before rules led the folder elsewhere
	h.folder = gone.ID
	must(t, h.claim(t, 1))
	must(t, h.settle(t, engine.Adopted, 1))
	h.folder = inbox.folder
	end := func(folders ...engine.FolderTally) {
		t.Helper()
		must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, folders, engine.PassRecord{}))
	}
	first := engine.FolderTally{Folder: h.folder, Source: "INBOX", Destination: "Posteingang", Messages: 3, There: 2, Tally: engine.Tally{Copied: 2, Failed: 1, Vanished: 4}}
	end(first, engine.FolderTally{Folder: gone.ID, Source: "Old", Destination: "Old", Messages: 1, There: 1}, engine.FolderTally{Folder: empty.ID, Source: "Void"})
	h.pass = h.mustRun(t, engine.Preview)
	end(engine.FolderTally{Folder: h.folder, Source: "INBOX", Destination: "Posteingang", Messages: 5, There: 9, Tally: engine.Tally{New: 2, Left: 2}},
		engine.FolderTally{Source: "Fresh", Destination: "Fresh", Messages: 1, Tally: engine.Tally{New: 1, Left: 1}})
	h.pass = h.mustRun(t, engine.NewItems) // told nothing
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassFailed, Cause: engine.Denied}, nil, engine.PassRecord{}))
	rows, err := h.FolderRows(t.Context(), h.project)
	must(t, err)
	want(t, "outdated by a pass that told nothing and copied nothing", rows[0].Outdated, false)
	h.pass = h.mustRun(t, engine.NewItems) // runs

	rows, err = h.FolderRows(t.Context(), h.project)
	must(t, err)
	want(t, "rows", len(rows), 3)
	for i, one := range []engine.FolderRow{
		{FolderTally: engine.FolderTally{Folder: h.folder, Source: "INBOX", Destination: "Posteingang", Messages: 5, There: 9, Tally: engine.Tally{New: 2, Left: 2, Vanished: 4}},
			Items: engine.ItemCounts{Copied: 2, Failed: 1}, Elsewhere: 1},
		{FolderTally: engine.FolderTally{Source: "Fresh", Destination: "Fresh", Messages: 1, Tally: engine.Tally{New: 1, Left: 1}}},
		{FolderTally: engine.FolderTally{Folder: gone.ID, Source: "Old", Destination: "Old", There: -1}, Gone: true, Items: engine.ItemCounts{Adopted: 1}},
	} {
		one.Mailbox, one.Address, one.Kind, one.Seen, one.Outdated = h.mailbox, "anna@old", engine.Preview, rows[i].Seen, !one.Gone
		want(t, one.Source, rows[i], one)
	}
	if rows[0].Seen.IsZero() {
		t.Error("not seen")
	}
	none, err := h.FolderRows(t.Context(), 99)
	must(t, err)
	want(t, "of no project", len(none), 0)
}

// A folder that rules have led elsewhere is one line, with what a verifying pass has found in both places.
func TestFolderRowsOfAMovedFolder(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.Copied, 1, 2, 3))
	to, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: "INBOX", Validity: 7, Display: "INBOX", Destination: "Old", Mapped: "Old"})
	must(t, err)
	there := h
	there.folder = to.ID
	must(t, there.settle(t, engine.Copied, 4, 5))
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, []engine.FolderTally{
		{Folder: to.ID, Source: "INBOX", Destination: "Old", Why: engine.ByTable, Messages: 2, Tally: engine.Tally{Verified: 2}},
		{Folder: h.folder, Source: "INBOX", Destination: "INBOX", Why: engine.Earlier, Messages: 3, Tally: engine.Tally{Verified: 3}}}, engine.PassRecord{}))
	rows, err := h.FolderRows(t.Context(), h.project)
	must(t, err)
	if len(rows) != 1 || rows[0].Items.Copied != 2 || rows[0].Elsewhere != 3 || rows[0].Messages != 5 || rows[0].Verified != 5 {
		t.Errorf("%+v", rows)
	}
}
