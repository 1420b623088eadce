package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestOutageCostsNothing takes the network away for longer than any one service is waited for: the pass goes on by itself, and nothing is lost or
// doubled. TestCutShortIsNoSuccess holds that one service alone is not waited for.
func TestOutageCostsNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{})
	for _, tc := range []struct {
		name string
		away func(*imaptest.Proxy)
		back func(*imaptest.Proxy)
		long time.Duration
	}{
		{"refused", func(w *imaptest.Proxy) { w.Refuse(true); w.Cut() }, func(w *imaptest.Proxy) { w.Refuse(false) }, 30 * time.Second},
		{"swallowed", func(w *imaptest.Proxy) { w.Swallow(true) }, func(w *imaptest.Proxy) { w.Swallow(false); w.Cut() }, 50 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := p.rig(t, tc.name, setup{stall: 2 * time.Second, settings: engine.Settings{Lanes: 2}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 400, Median: 1000, Largest: 4000})
			r.from.Limit(40_000)
			id := r.start(engine.NewItems)
			r.copying(20)
			tc.away(r.from)
			tc.away(r.to)
			began := time.Now()
			r.until("waiting for the network is shown", func(p engine.Progress) bool { return p.Phase == engine.Offline })
			shown := time.Since(began)
			r.until("the network is waited for all the time", func(p engine.Progress) bool { return p.Phase == engine.Offline && time.Since(began) > tc.long })
			tc.back(r.from)
			tc.back(r.to)
			back := time.Now()
			r.from.Limit(0)
			pass := r.wait(id)
			if pass.State != engine.PassCompleted || pass.Tally.Copied != 400 {
				t.Errorf("pass over an outage: %+v", pass)
			}
			r.holds(r.mail(engine.Source))
			t.Logf("no network shown after %v, away for %v, completed %v after it was back", shown.Round(time.Millisecond), back.Sub(began).Round(time.Millisecond),
				time.Since(back).Round(time.Millisecond))
		})
	}
}
