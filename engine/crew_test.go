package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLanesComeAndGo copies a mailbox over lines that let so much through: where that is for each connection, further lanes come and stay; where it is for all
// of them together they go again, and what they have begun is copied once.
func TestLanesComeAndGo(t *testing.T) {
	t.Parallel()
	const messages = 2500
	for name, o := range map[string]setup{"each": {each: 300_000}, "together": {together: 1_000_000}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.rtt = 20 * time.Millisecond
			r := newRig(t, o)
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: messages, Median: 5500})
			mail := r.mail(engine.Source)
			id := r.start(engine.NewItems)
			lanes := func(n int, late int64) func(engine.Progress) bool {
				return func(p engine.Progress) bool {
					return r.from.Open() == n && r.to.Open() == n && p.Done > late && p.Done < messages
				}
			}
			r.until("four lanes", lanes(4, 0))
			r.until("eight lanes", lanes(8, 0))
			if name == "each" {
				r.until("eight lanes to the end", lanes(8, messages*9/10))
			} else {
				r.until("four lanes again", lanes(4, 0))
			}
			if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied != messages {
				t.Errorf("the pass is %s with %d copied", p.State, p.Tally.Copied)
			}
			r.holds(mail)
			r.complete(engine.NewItems, 0)
			if name == "each" && r.from.Connections() != 9 {
				t.Errorf("%d connections were made", r.from.Connections())
			}
		})
	}
}
