package engine

import "testing"

// TestQueueHandsOutSmallChunks: of a folder of which every second UID is there, no more is handed out than was said, nothing twice, and no small rest; the
// folder is over when all of it was fetched.
func TestQueueHandsOutSmallChunks(t *testing.T) {
	f := &folderWork{pending: UIDSet{{1, 2000}}, chunks: 1, density: 0.5}
	q := &queue{chunks: []chunk{{f, f.pending}}}
	want(t, "all", q.messages(), 1000)
	q.limit(300)
	var sizes []int64
	var all UIDSet
	for c, ok := q.take(); ok; c, ok = q.take() {
		sizes = append(sizes, c.set.Count())
		want(t, "taken before", len(all.Without(all.Without(c.set))), 0)
		all = all.Union(c.set)
	}
	want(t, "sizes", sizes, []int64{600, 600, 800})
	want(t, "covers", all, f.pending)
	want(t, "chunks", f.chunks, 3)
	want(t, "left", q.messages(), 0)
}
