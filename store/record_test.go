package store

import (
	"testing"
	"time"

	"mwiz/engine"
)

func TestItemRecords(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	day := time.Date(2026, time.March, 14, 0, 0, 0, 0, time.UTC)
	at := day.Add(10*time.Hour + 22*time.Minute)
	number, err := h.CountPass(t.Context(), h.pass)
	must(t, err)
	items := []engine.ClaimedItem{
		{UID: 1, Size: 100, Date: engine.Date{Time: day.Add(time.Hour)}, Head: engine.Digest{1}, Body: engine.Digest{2}},
		{UID: 2, Size: 200, Date: engine.Date{Time: day.AddDate(0, 0, 1)}, Head: engine.Digest{3}, Body: engine.Digest{4}},
		{UID: 3, Size: 200, Head: engine.Digest{5}}}
	_, err = h.Claim(t.Context(), engine.Claim{Pass: h.pass, Folder: h.folder, Destination: "&AOk-t&AOk-", Validity: 5, UIDNext: 80, At: at, Items: items})
	must(t, err)
	failure := engine.Failure{Kind: engine.Refused, Text: "too large", Subject: "Quarterly Report", Sender: "ben", MessageID: "<a@b>"}
	must(t, h.Settle(t.Context(), h.pass, h.folder, []engine.Outcome{{UID: 1, State: engine.Copied, DestinationUID: 81}, {UID: 2, State: engine.Copied, DestinationUID: 82},
		{UID: 3, State: engine.ItemFailed, Failure: &failure}, {UID: 4, State: engine.Adopted, DestinationUID: 7, ClaimedItem: engine.ClaimedItem{Size: 9}}}))
	must(t, h.NoteRemoved(t.Context(), h.pass, h.folder, []engine.UID{2}))

	find := func(q engine.RecordQuery, uids ...engine.UID) []engine.ItemRecord {
		t.Helper()
		found, err := h.ItemRecords(t.Context(), h.folder, q)
		must(t, err)
		var got []engine.UID
		for _, r := range found {
			got = append(got, r.UID)
		}
		want(t, "found", got, uids)
		return found
	}
	all := find(engine.RecordQuery{}, 1, 2, 3, 4)
	want(t, "copied", all[0], engine.ItemRecord{FolderID: h.folder, Folder: "INBOX", Name: "&AOk-t&AOk-", Destination: "&AOk-t&AOk-", Pass: h.pass, Number: number, Kind: engine.NewItems,
		At: at.Local(), CopiedItem: engine.CopiedItem{ClaimedItem: items[0], State: engine.Copied, DestinationUID: 81}})
	want(t, "removed", all[1].RemovedBy, h.pass)
	want(t, "failed", *all[2].Failure, failure)
	want(t, "adopted", []any{all[3].State, all[3].Pass, all[3].At.IsZero()}, []any{engine.Adopted, engine.PassID(0), true})
	find(engine.RecordQuery{Limit: 2}, 1, 2)
	find(engine.RecordQuery{UIDs: []engine.UID{4, 1, 9}}, 1, 4)
	find(engine.RecordQuery{DestinationUIDs: []engine.UID{82}}, 2)
	find(engine.RecordQuery{From: day, Until: day.AddDate(0, 0, 1)}, 1)
	find(engine.RecordQuery{Size: 200}, 2, 3)
	find(engine.RecordQuery{Size: 200, Subject: "report"}, 3)
	find(engine.RecordQuery{MessageID: "<a@b>"}, 3)
	find(engine.RecordQuery{Subject: "nothing like it"})

	// The name for people is the one that the pass told.
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, []engine.FolderTally{{Folder: h.folder, Source: "INBOX", Destination: "été"}}, engine.PassRecord{}))
	for _, r := range find(engine.RecordQuery{}, 1, 2, 3, 4) {
		want(t, "destination", r.Destination, "été")
	}
	_, err = h.ItemRecords(t.Context(), 99, engine.RecordQuery{})
	wantErr(t, "unknown folder", err, engine.ErrNotFound)
}
