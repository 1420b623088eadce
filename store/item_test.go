package store

import (
	"fmt"
	"testing"
	"time"

	"mwiz/engine"
)

func TestClaimAndSettle(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	written := time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("", 3600))
	c := claimOf(h, 1, 2, 3)
	c.Items[0].Date = engine.Date{Time: written}
	c.Items[1].Body = engine.Digest{}
	_, err := h.Claim(t.Context(), c)
	must(t, err)
	must(t, h.Settle(t.Context(), h.pass, h.folder, []engine.Outcome{
		{UID: 1, State: engine.Copied, DestinationUID: 101},
		{UID: 2, State: engine.Copied, ClaimedItem: engine.ClaimedItem{Body: engine.Digest{9}}},
		{UID: 3, State: engine.ItemFailed, Failure: &engine.Failure{Kind: engine.Refused, Text: "too big"}},
		{UID: 8, State: engine.Adopted, DestinationUID: 55, ClaimedItem: engine.ClaimedItem{Size: 12, Head: engine.Digest{8}}},
		{UID: 9, State: engine.Skipped},
	}))
	items, err := h.CopiedItems(t.Context(), h.folder, 0, 10)
	must(t, err)
	want(t, "copied", items, []engine.CopiedItem{
		{ClaimedItem: engine.ClaimedItem{UID: 1, Size: 1001, Date: engine.Date{Time: written.UTC()}, Head: engine.Digest{1, 1}, Body: engine.Digest{2, 1}}, State: engine.Copied, DestinationUID: 101},
		{ClaimedItem: engine.ClaimedItem{UID: 2, Size: 1002, Head: engine.Digest{1, 2}, Body: engine.Digest{9}}, State: engine.Copied},
		{ClaimedItem: engine.ClaimedItem{UID: 8, Size: 12, Head: engine.Digest{8}}, State: engine.Adopted, DestinationUID: 55},
	})
	page, err := h.CopiedItems(t.Context(), h.folder, 1, 1)
	must(t, err)
	want(t, "page", len(page) == 1 && page[0].UID == 2, true)
	known, err := h.KnownUIDs(t.Context(), h.folder, 1)
	must(t, err)
	want(t, "known", known.String(), "2,8:9")
	failed, err := h.FailedUIDs(t.Context(), h.folder, engine.NoError)
	must(t, err)
	want(t, "failed", failed.String(), "3")
	for cause, uids := range map[engine.Kind]string{engine.Refused: "3", engine.Full: ""} {
		failed, err := h.FailedUIDs(t.Context(), h.folder, cause)
		must(t, err)
		want(t, "failed for "+cause.String(), failed.String(), uids)
	}
	kept, err := h.KeptFolders(t.Context(), h.mailbox)
	must(t, err)
	want(t, "counts", kept[0].Items, engine.ItemCounts{Copied: 2, Adopted: 1, Skipped: 1, Failed: 1})
	wantSound(t, h.Ledger)
}

func TestClaimTakesOnlyAbsentAndFailed(t *testing.T) {
	for _, state := range []engine.ItemState{engine.Claimed, engine.Copied, engine.Skipped, engine.Adopted} {
		h := mustBuild(t, mustOpen(t, t.TempDir()))
		must(t, h.claim(t, 5))
		if state != engine.Claimed {
			must(t, h.settle(t, state, 5))
		}
		if err := h.claim(t, 4, 5, 6); engine.KindOf(err) != engine.Broken {
			t.Errorf("%s item was claimed: %v", state, err)
		}
		want(t, "items after a refused claim", h.states(t, h.folder), map[engine.UID]engine.ItemState{5: state})
		wantSound(t, h.Ledger)
	}
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.ItemFailed, 5))
	must(t, h.claim(t, 5))
	want(t, "retried", h.states(t, h.folder), map[engine.UID]engine.ItemState{5: engine.Claimed})
	if err := h.claim(t, 7, 7); engine.KindOf(err) != engine.Broken {
		t.Errorf("the same item was claimed twice at once: %v", err)
	}
	wantSound(t, h.Ledger)
}

// A failed item that is tried again is never lost, whatever becomes of the try.
func TestFailedItemsAreNeverLost(t *testing.T) {
	for _, watermark := range []engine.UID{0, 5} {
		h := mustBuild(t, mustOpen(t, t.TempDir()))
		must(t, h.Settle(t.Context(), h.pass, h.folder, []engine.Outcome{{UID: 5, State: engine.ItemFailed, Failure: &engine.Failure{Kind: engine.Refused, Text: "first reason"}}}))
		must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: watermark}))
		must(t, h.claim(t, 5))
		must(t, h.Release(t.Context(), h.folder, []engine.UID{5}))
		failed, err := h.FailedUIDs(t.Context(), h.folder, engine.NoError)
		must(t, err)
		want(t, "failed", failed.String(), "5")
		rows, err := h.FailureRows(t.Context(), h.project, engine.Page{})
		must(t, err)
		if len(rows) != 1 || rows[0].Text != "first reason" || rows[0].Kind != engine.Refused {
			t.Errorf("rows: %+v", rows)
		}
		wantSound(t, h.Ledger)
	}
}

func TestRelease(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.Copied, 1))
	must(t, h.settle(t, engine.ItemFailed, 2, 3))
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 3}))
	must(t, h.claim(t, 2, 10))
	must(t, h.Release(t.Context(), h.folder, []engine.UID{2, 3, 10, 11}))
	want(t, "states", h.states(t, h.folder), map[engine.UID]engine.ItemState{1: engine.Copied, 2: engine.ItemFailed, 3: engine.ItemFailed})
	if err := h.Release(t.Context(), h.folder, []engine.UID{1}); engine.KindOf(err) != engine.Broken {
		t.Errorf("a copied item was released: %v", err)
	}

	// Below the watermark without a failure: a ledger whose failure was dropped with the copy, and the copy found missing.
	must(t, h.claim(t, 20))
	must(t, h.writeRaw(t, "UPDATE folder SET watermark = 30"))
	must(t, h.Release(t.Context(), h.folder, []engine.UID{20}))
	rows, err := h.FailureRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	last := rows[len(rows)-1]
	want(t, "released below the watermark", []any{last.UID, last.State, last.Kind, last.Text, last.Pass},
		[]any{engine.UID(20), engine.ItemFailed, engine.Unreachable, "not copied when the pass was cut short", h.pass})
	wantSound(t, h.Ledger)
}

// writeRaw runs a statement that no method would.
func (h house) writeRaw(t testing.TB, query string, args ...any) error {
	return h.write(t.Context(), "test", func(tx *tx) error { _, err := tx.exec(query, args...); return err })
}

func TestSettle(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	for _, state := range []engine.ItemState{0, engine.Claimed, 7} {
		if err := h.settle(t, state, 1); engine.KindOf(err) != engine.Broken {
			t.Errorf("settled as %d: %v", state, err)
		}
	}
	// Whatever an item was, the last outcome counts, and the numbers follow.
	all := []engine.ItemState{engine.Copied, engine.Skipped, engine.ItemFailed, engine.Adopted, engine.Held}
	for _, from := range all {
		for _, to := range all {
			must(t, h.settle(t, from, 1))
			must(t, h.settle(t, to, 1))
			want(t, "state", h.states(t, h.folder), map[engine.UID]engine.ItemState{1: to})
			wantSound(t, h.Ledger)
		}
	}
	wantErr(t, "unknown folder", h.Settle(t.Context(), h.pass, 99, nil), engine.ErrNotFound)
	wantErr(t, "unknown pass", h.Settle(t.Context(), 99, h.folder, nil), engine.ErrNotFound)
}

func TestAdvance(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.Copied, 1, 2))
	must(t, h.claim(t, 5))
	if err := h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 5}); engine.KindOf(err) != engine.Broken {
		t.Errorf("passed a claimed item: %v", err)
	}
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 4}))
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 2})) // never down
	must(t, h.settle(t, engine.ItemFailed, 5))
	want(t, "watermark", h.mustKeep(t, "INBOX", 7).Watermark, engine.UID(4))
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 4, Filter: "size 3", LeftOut: 2}))
	kept := h.mustKeep(t, "INBOX", 7)
	want(t, "filter", fmt.Sprint(kept.Filter, kept.LeftOut), "size 32")
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: engine.MaxUID}))
	want(t, "watermark", h.mustKeep(t, "INBOX", 7).Watermark, engine.MaxUID)
	wantErr(t, "unknown folder", h.Advance(t.Context(), 99, engine.Finished{Watermark: 1}), engine.ErrNotFound)
}

func TestOpenClaims(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	at := time.UnixMilli(1_700_000_000_123)
	first := claimOf(h, 1, 2, 3)
	first.At = at
	id, err := h.Claim(t.Context(), first)
	must(t, err)
	must(t, h.claim(t, 4))
	must(t, h.settle(t, engine.Copied, 2, 4))
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, nil, engine.PassRecord{}))
	firstPass, err := h.PassRows(t.Context(), h.project, engine.Page{})
	must(t, err)

	second := h
	second.folder = h.mustKeep(t, "Sent", 1).ID
	second.pass = h.mustRun(t, engine.NewItems)
	claims, seen, err := h.OpenClaims(t.Context(), h.mailbox)
	must(t, err)
	first.Items = []engine.ClaimedItem{first.Items[0], first.Items[2]}
	want(t, "claims", claims, []engine.OpenClaim{{ID: id, Claim: first}})
	want(t, "seen", seen, firstPass[0].Seen) // the pass that runs now cannot have sent what is in doubt

	must(t, second.claim(t, 9))
	claims, _, err = h.OpenClaims(t.Context(), h.mailbox)
	must(t, err)
	if len(claims) != 2 || claims[0].ID != id || claims[1].Folder != second.folder {
		t.Errorf("claims: %+v", claims)
	}
	must(t, h.settle(t, engine.Copied, 1, 3))
	must(t, second.Release(t.Context(), second.folder, []engine.UID{9}))
	claims, seen, err = h.OpenClaims(t.Context(), h.mailbox)
	must(t, err)
	want(t, "claims", len(claims), 0)
	want(t, "seen", seen.IsZero(), false)
	_, _, err = h.OpenClaims(t.Context(), 99)
	wantErr(t, "unknown mailbox", err, engine.ErrNotFound)
}

func TestUnknownFolders(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	_, err := h.KnownUIDs(t.Context(), 99, 0)
	wantErr(t, "KnownUIDs", err, engine.ErrNotFound)
	_, err = h.FailedUIDs(t.Context(), 99, engine.NoError)
	wantErr(t, "FailedUIDs", err, engine.ErrNotFound)
	_, err = h.CopiedItems(t.Context(), 99, 0, 1)
	wantErr(t, "CopiedItems", err, engine.ErrNotFound)
	_, err = h.KeptFolders(t.Context(), 99)
	wantErr(t, "KeptFolders", err, engine.ErrNotFound)
	_, err = h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: 99})
	wantErr(t, "KeepFolder", err, engine.ErrNotFound)
	wantErr(t, "Release", h.Release(t.Context(), 99, nil), engine.ErrNotFound)
	_, err = h.Claim(t.Context(), engine.Claim{Folder: 99, Pass: h.pass})
	wantErr(t, "Claim", err, engine.ErrNotFound)
	none, err := h.KnownUIDs(t.Context(), h.folder, 0)
	must(t, err)
	want(t, "no items", len(none), 0)
}

func TestKeepFolder(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	odd := engine.FolderName("a\x00b\xff")
	f := h.mustKeep(t, odd, 0)
	want(t, "name", f.Name, odd)
	must(t, h.Advance(t.Context(), f.ID, engine.Finished{Watermark: 5}))
	again, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: odd, Display: "shown", Destination: f.Destination, Mapped: "by a rule"})
	must(t, err)
	want(t, "same folder", again, engine.KeptFolder{ID: f.ID, Mailbox: h.mailbox, Name: odd, Display: "shown", Destination: f.Destination, Mapped: "by a rule", Watermark: 5})
	must(t, h.Advance(t.Context(), f.ID, engine.Finished{DestinationNext: 8}))
	here := engine.KeptFolder{DestinationValidity: 3}
	for _, v := range []struct {
		now  engine.KeptFolder
		next engine.UID // after
	}{
		{here, 8},
		{engine.KeptFolder{DestinationValidity: 3, DestinationNext: 9}, 8},
		{engine.KeptFolder{DestinationNext: 2}, 8}, // nothing is known of the UIDs
		{engine.KeptFolder{DestinationValidity: 3, DestinationNext: 6}, 6},
		{engine.KeptFolder{DestinationValidity: 4, DestinationNext: 6}, 1},
	} {
		v.now.Mailbox, v.now.Name, v.now.Destination = h.mailbox, odd, f.Destination
		got, err := h.KeepFolder(t.Context(), v.now)
		must(t, err)
		want(t, "destination's next UID", got.DestinationNext, v.next)
	}
	if other := h.mustKeep(t, odd, 1); other.ID == f.ID || other.Watermark != 0 {
		t.Error("another UIDVALIDITY is not another folder")
	}
	elsewhere, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: odd, Destination: "elsewhere"})
	must(t, err)
	if elsewhere.ID == f.ID || elsewhere.Watermark != 0 {
		t.Error("another place is not another folder")
	}
	all, err := h.KeptFolders(t.Context(), h.mailbox)
	must(t, err)
	want(t, "folders", len(all), 4)
}

// TestTakeFailed: failed items go to the folder's new place with why they failed; others stay.
func TestTakeFailed(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	must(t, h.settle(t, engine.Copied, 1))
	must(t, h.settle(t, engine.ItemFailed, 2, 3, 4))
	must(t, h.claim(t, 4, 5)) // 4 fails again
	must(t, h.settle(t, engine.ItemFailed, 4))
	to, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: "INBOX", Validity: 7, Destination: "elsewhere"})
	must(t, err)
	there := h
	there.folder = to.ID
	must(t, there.settle(t, engine.Copied, 3))
	must(t, h.TakeFailed(t.Context(), h.folder, to.ID))
	want(t, "left", h.states(t, h.folder), map[engine.UID]engine.ItemState{1: engine.Copied, 5: engine.Claimed})
	want(t, "taken", h.states(t, to.ID), map[engine.UID]engine.ItemState{2: engine.ItemFailed, 3: engine.Copied, 4: engine.ItemFailed})
	rows, err := h.FailureRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	if len(rows) != 2 || rows[0].FolderID != to.ID || rows[0].UID != 2 {
		t.Errorf("failures: %+v", rows)
	}
	must(t, h.TakeFailed(t.Context(), h.folder, to.ID)) // nothing is left
	wantSound(t, h.Ledger)

	must(t, h.ForgetFailed(t.Context(), to.ID, []engine.UID{2, 3, 77}))
	want(t, "after forgetting", h.states(t, to.ID), map[engine.UID]engine.ItemState{3: engine.Copied, 4: engine.ItemFailed})
	wantSound(t, h.Ledger)
	wantErr(t, "unknown folder", h.TakeFailed(t.Context(), 99, to.ID), engine.ErrNotFound)
	wantErr(t, "unknown folder", h.ForgetFailed(t.Context(), 99, nil), engine.ErrNotFound)
}
