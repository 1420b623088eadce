package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLateCommitIsWaitedFor cuts a connection whose server stores what it has got seconds later. Nothing is sent a second time.
func TestLateCommitIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{Lanes: 1, LateCommitWait: 10}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Median: 1500, Largest: 3000, Folders: []string{imaptest.Inbox}})
	r.to.Break(imaptest.Fault{Up: true, After: 25_000, Mode: imaptest.Late, Delay: 3 * time.Second})
	r.complete(engine.NewItems, 20)
	for end := time.Now().Add(20 * time.Second); r.to.Open() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond) // had the pass not waited, what was stored late would be there only now
	}
	if r.to.Broken() != 1 {
		t.Error("no connection was cut")
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}
