package engine_test

import (
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestDeniedAppendIsNoSecondCopy copies to a server that stores what it says it refuses, of batches and of single messages: what it has kept counts as
// copied and is not sent again.
func TestDeniedAppendIsNoSecondCopy(t *testing.T) {
	t.Parallel()
	for _, without := range []string{"", "MULTIAPPEND", "MULTIAPPEND UIDPLUS LITERAL+"} {
		t.Run("without "+without, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, imaptest.Options{}, imaptest.Options{Without: strings.Fields(without)})
			r := p.rig(t, "anna@example.org", setup{settings: engine.Settings{Lanes: 2}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 150, Folders: []string{imaptest.Inbox, "Sent"}})
			for range 3 {
				r.to.Break(imaptest.Fault{Before: " OK [APPENDUID", Mode: imaptest.Deny})
			}
			r.complete(engine.NewItems, 150)
			r.holds(r.mail(engine.Source))
			if r.to.Broken() == 0 {
				t.Error("no append was denied")
			}
			r.complete(engine.NewItems, 0)
		})
	}
}

// TestDeniedAppendWithoutAudit denies an append and the answers by which it would be found out. The next pass finds the message.
func TestDeniedAppendWithoutAudit(t *testing.T) {
	t.Parallel()
	r := newPair(t, imaptest.Options{}, imaptest.Options{Without: []string{"MULTIAPPEND"}}).rig(t, "anna@example.org", setup{settings: engine.Settings{Lanes: 1}})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Folders: []string{imaptest.Inbox}})
	r.complete(engine.NewItems, 20)
	c.AddMessages(imaptest.Inbox, 3)
	r.to.Break(imaptest.Fault{Before: " OK [APPENDUID", Mode: imaptest.Deny})
	for range 20 {
		r.to.Break(imaptest.Fault{Before: " OK Fetch", Mode: imaptest.Deny})
	}
	if p := r.run(engine.NewItems); p.State != engine.PassCompletedWithErrors {
		t.Errorf("the pass is %s: %+v", p.State, p.Tally)
	}
	if n := r.to.Broken(); n < 2 {
		t.Errorf("%d answers were denied", n)
	}
	r.to.Mend()
	r.complete(engine.NewItems, 0)
	r.holds(r.mail(engine.Source))
}
