package store

import (
	"testing"

	"mwiz/engine"
)

func TestCopyAgain(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.claim(t, 1, 2, 3, 7))
	must(t, h.settle(t, engine.Copied, 1, 2, 3))
	must(t, h.settle(t, engine.Adopted, 4))
	must(t, h.settle(t, engine.Skipped, 5))
	must(t, h.settle(t, engine.ItemFailed, 6))
	_, err := h.CopyAgain(t.Context(), h.folder, []engine.UID{1})
	wantErr(t, "during a pass", err, engine.ErrUnfinished)
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, nil, engine.PassRecord{}))

	n, err := h.CopyAgain(t.Context(), h.folder, []engine.UID{1, 4, 5, 6, 7, 8})
	must(t, err)
	want(t, "marked", n, 2)
	want(t, "states", h.states(t, h.folder), map[engine.UID]engine.ItemState{1: engine.ItemFailed, 2: engine.Copied, 3: engine.Copied,
		4: engine.ItemFailed, 5: engine.Skipped, 6: engine.ItemFailed, 7: engine.Claimed})
	wantSound(t, h.Ledger)
	rows, err := h.FailureRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	want(t, "why", rows[0].Failure, engine.Failure{Kind: engine.Gone, Text: "removed at the destination; to be copied again"})
	n, err = h.CopyAgain(t.Context(), h.folder, []engine.UID{1, 4})
	must(t, err)
	want(t, "marked twice", n, 0)

	// A retrying pass may claim them now.
	h.pass = h.mustRun(t, engine.Retry)
	must(t, h.claim(t, 1, 4))
	must(t, h.settle(t, engine.Copied, 1, 4))
	wantSound(t, h.Ledger)
	_, err = h.CopyAgain(t.Context(), 99, []engine.UID{1})
	wantErr(t, "unknown folder", err, engine.ErrNotFound)
}

func TestRemovedItems(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.Copied, 1, 2, 3))
	must(t, h.settle(t, engine.ItemFailed, 4))
	sent := h.mustKeep(t, "Sent", 7).ID
	must(t, h.Settle(t.Context(), h.pass, sent, []engine.Outcome{{UID: 9, State: engine.Adopted}}))
	must(t, h.NoteRemoved(t.Context(), h.pass, h.folder, []engine.UID{3, 1, 4, 5}))
	must(t, h.NoteRemoved(t.Context(), h.pass, sent, []engine.UID{9}))
	inbox := engine.Removed{Mailbox: h.mailbox, Source: "anna@old", FolderID: h.folder, Folder: "INBOX", Pass: h.pass, UIDs: []engine.UID{1, 3}}
	other := engine.Removed{Mailbox: h.mailbox, Source: "anna@old", FolderID: sent, Folder: "Sent", Pass: h.pass, UIDs: []engine.UID{9}}
	h.wantRemoved(t, inbox, other)

	// What a later pass finds takes its place; a folder that it does not look at keeps its own.
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, nil, engine.PassRecord{}))
	inbox.Pass = h.mustRun(t, engine.Verify)
	inbox.UIDs = []engine.UID{2}
	must(t, h.NoteRemoved(t.Context(), inbox.Pass, h.folder, []engine.UID{2}))
	h.wantRemoved(t, inbox, other)

	// What has become of an item meanwhile counts.
	must(t, h.settle(t, engine.ItemFailed, 2))
	wantSound(t, h.Ledger)
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: inbox.Pass, State: engine.PassCompleted}, nil, engine.PassRecord{}))
	_, err := h.CopyAgain(t.Context(), sent, []engine.UID{9})
	must(t, err)
	h.wantRemoved(t)
	wantErr(t, "unknown folder", h.NoteRemoved(t.Context(), h.pass, 99, nil), engine.ErrNotFound)
	wantErr(t, "unknown pass", h.NoteRemoved(t.Context(), 99, h.folder, nil), engine.ErrNotFound)

	must(t, h.NoteRemoved(t.Context(), h.pass, h.folder, []engine.UID{1}))
	must(t, h.DeleteProject(t.Context(), h.project))
	wantSound(t, h.Ledger)
}

func (h house) wantRemoved(t testing.TB, all ...engine.Removed) {
	t.Helper()
	got, err := h.RemovedItems(t.Context(), h.project)
	must(t, err)
	want(t, "removed", got, all)
	wantSound(t, h.Ledger)
}
