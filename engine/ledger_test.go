package engine_test

import (
	"os"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLostLedgerCopiesNothingTwice loses the ledger behind the program's back. What was copied is recognised at the destination; what
// came meanwhile is copied.
func TestLostLedgerCopiesNothingTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 80})
	imaptest.AddOdd(t, r.root(engine.Source), imaptest.Inbox)
	if first := r.run(engine.NewItems); first.State != engine.PassCompleted {
		t.Fatalf("first pass: %+v", first)
	}
	there := int64(r.mail(engine.Destination).Count())
	r.close()
	r.must(os.RemoveAll(r.dir))
	r.open()
	r.addProject()
	c.AddMessages(imaptest.Inbox, 4)
	c.AddMessages("New", 1)
	if again := r.complete(engine.NewItems, 5); again.Tally.Adopted != there {
		t.Errorf("%d adopted of %d", again.Tally.Adopted, there)
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}
