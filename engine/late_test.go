package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLateCommitIsWaitedFor cuts a connection whose server stores what it has got seconds later: in the middle of the late-commit wait, and between the
// two looks at its end. Nothing is sent a second time.
func TestLateCommitIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		wait        int // seconds
		storedAfter time.Duration
	}{
		{"in the wait", 6, 2500 * time.Millisecond},
		{"between the looks", 1, 1500 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, setup{settings: engine.Settings{Lanes: 1, LateCommitWait: tc.wait}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Median: 1500, Largest: 3000, Folders: []string{imaptest.Inbox}})
			r.to.Break(imaptest.Fault{Up: true, After: 25_000, Mode: imaptest.Late, Delay: tc.storedAfter})
			r.complete(engine.NewItems, 20)
			if r.to.Broken() != 1 {
				t.Error("no connection was cut")
			}
			r.holds(r.mail(engine.Source))
			r.complete(engine.NewItems, 0)
		})
	}
}
