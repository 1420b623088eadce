package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// heldLedger is a ledger with one folder whose every second message is known.
type heldLedger struct {
	Ledger
	known UIDSet
}

func (l heldLedger) KnownUIDs(context.Context, FolderID, UID) (UIDSet, error) { return l.known, nil }

// BenchmarkPlan decides what is new in a folder of 100,000 messages, of which the ledger knows every second one, and cuts it for four lanes.
func BenchmarkPlan(b *testing.B) {
	const messages = 100_000
	var known UIDSet
	for uid := UID(1); uid <= messages; uid += 2 {
		known = append(known, UIDRange{uid, uid})
	}
	p := &activePass{e: New(Options{Ledger: heldLedger{known: known}})}
	f := &folderWork{target: target{source: Folder{Status: FolderStatus{UIDNext: messages + 1, Messages: messages}}},
		kept: KeptFolder{ID: 1, Items: ItemCounts{Copied: messages / 2}}}
	b.ReportAllocs()
	for b.Loop() {
		if err := p.plan(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		if got := chunks([]*folderWork{f}, f.estimate(), 4, false); len(got) < 4 || f.pending.Count() != messages/2 {
			b.Fatalf("%d chunks of %d messages", len(got), f.pending.Count())
		}
	}
}

// BenchmarkFolderMap finds the places of 1,000 folders.
func BenchmarkFolderMap(b *testing.B) {
	names := []string{"INBOX", "Sent|\\Sent", "Trash|\\Trash"}
	for i := range 1000 {
		names = append(names, fmt.Sprintf("Clients/%d/Orders", i))
	}
	from, to := listing("", "/", names...), listing("INBOX.", ".", "INBOX", "INBOX.Gesendet|\\Sent")
	encode := func(path []string) (FolderName, error) { return FolderName(fmt.Sprint(path)), nil }
	b.ReportAllocs()
	for b.Loop() {
		if got := folderMap(from, to, nil, new(ruleSet), encode); len(got) != len(names) {
			b.Fatal(len(got))
		}
	}
}

// TestChunks: every message is in one chunk, the largest folder comes first, and one lane gets whole folders.
func TestChunks(t *testing.T) {
	work := func(sizes ...UID) (all []*folderWork, total int64) {
		for i, n := range sizes {
			f := &folderWork{target: target{source: Folder{Name: FolderName(fmt.Sprint(i)), Status: FolderStatus{Messages: int64(n)}}}, pending: UIDSet{{1, n}}}
			all, total = append(all, f), total+int64(n)
		}
		return all, total
	}
	for lanes, most := range map[int]int{1: 3, 4: 16} {
		all, total := work(10, 700, 90)
		got := chunks(all, total, lanes, false)
		if len(got) < 3 || len(got) > most || got[0].folder != all[1] {
			t.Errorf("%d lanes: %d chunks", lanes, len(got))
		}
		for _, f := range all {
			var union UIDSet
			count := int64(0)
			for _, c := range got {
				if c.folder == f {
					union, count = union.Union(c.set), count+c.set.Count()
				}
			}
			if !slices.Equal(union, f.pending) || count != f.pending.Count() {
				t.Errorf("%d lanes, folder %s: %v of %v", lanes, f.source.Name, union, f.pending)
			}
		}
	}
}
