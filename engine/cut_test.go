package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// time2020 is a date for messages whose date does not matter.
var time2020 = time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)

// TestCutShortIsNoSuccess holds promise 6: whatever ends a pass early, it does not read as completed, and the next one completes it
// exactly.
func TestCutShortIsNoSuccess(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{})
	cut := func(wire *imaptest.Proxy) { wire.Refuse(true); wire.Cut() }
	for _, tc := range []struct {
		name  string
		cut   func(r *rig)
		mend  func(r *rig)
		state engine.PassState
		cause engine.Kind
	}{
		{"source goes away", func(r *rig) { cut(r.from) }, func(r *rig) { r.from.Refuse(false) }, engine.PassFailed, engine.Unreachable},
		{"destination goes away", func(r *rig) { cut(r.to) }, func(r *rig) { r.to.Refuse(false) }, engine.PassFailed, engine.Unreachable},
		{"stopped", func(r *rig) { r.engine.Stop(r.project) }, func(r *rig) {}, engine.PassStopped, engine.NoError},
		{"program closed", func(r *rig) { r.close(); r.open() }, func(r *rig) {}, engine.PassStopped, engine.NoError},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := p.rig(t, strings.ReplaceAll(tc.name, " ", "-"), setup{settings: engine.Settings{Lanes: 2}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 400, Median: 1000, Largest: 4000})
			r.from.Limit(40_000) // a connection: batches of 64 messages take about two seconds
			id := r.start(engine.NewItems)
			r.copying(20)
			tc.cut(r)
			short := r.wait(id)
			if short.State != tc.state || short.Cause != tc.cause || short.Number != 1 || short.Tally.Copied < 20 || short.Tally.Copied == 400 {
				t.Errorf("cut short: %+v", short)
			}
			rows, err := r.ledger.ProjectRows(t.Context())
			r.must(err)
			if s := rows[0].Status(); s != engine.StatusOf(tc.state) {
				t.Errorf("project is %s", s)
			}
			tc.mend(r)
			r.from.Limit(0)
			next := r.run(engine.NewItems)
			if next.State != engine.PassCompleted || next.Tally.Copied+short.Tally.Copied > 400 {
				t.Errorf("cut short: %+v\nnext: %+v", short, next)
			}
			r.holds(r.mail(engine.Source))
			r.complete(engine.NewItems, 0)
		})
	}
}

// TestFullDestinationStopsThePass holds that a quota ends the pass at once, and what it did is kept.
func TestFullDestinationStopsThePass(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{Messages: 150})
	r := p.rig(t, "anna", setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 300, Median: 800})
	first := r.run(engine.NewItems)
	if first.State != engine.PassFailed || first.Cause != engine.Full || first.Tally.Failed > 0 {
		t.Errorf("full: %+v", first)
	}
	there := r.mail(engine.Destination).Count()
	if int64(there) != first.Tally.Copied || there == 300 {
		t.Errorf("%d copied, %d there", first.Tally.Copied, there)
	}
	p.destination.Change(func(o *imaptest.Options) { o.Messages = 0 })
	r.complete(engine.NewItems, 300-there)
	r.holds(r.mail(engine.Source))
}

// TestStopAndResume holds promise 7: stopping is quick, what was under way is settled, and the next pass goes on from there.
func TestStopAndResume(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{rtt: 10 * time.Millisecond, settings: engine.Settings{Lanes: 2}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 800, Median: 1000, Largest: 4000})
	r.from.Limit(60_000)
	copied := 0
	for stops := 0; stops < 3 && copied < 500; stops++ {
		id := r.start(engine.NewItems)
		r.copying(20)
		began := time.Now()
		r.engine.Stop(r.project)
		r.until("stopping is shown", func(p engine.Progress) bool { return p.Stopping })
		short := r.wait(id)
		if d := time.Since(began); d > 15*time.Second {
			t.Errorf("stopping took %v", d)
		}
		copied += int(short.Tally.Copied)
		if short.State != engine.PassStopped {
			t.Fatalf("stopped pass is %+v", short)
		}
		if there := r.mail(engine.Destination).Count(); there != copied {
			t.Errorf("%d messages settled, %d there", copied, there)
		}
	}
	r.from.Limit(0)
	r.complete(engine.NewItems, 800-copied)
	r.holds(r.mail(engine.Source))
}

// TestCutConnectionsAreExact holds promise 3: connections break in every way at many places, the pass goes on by itself, and nothing
// is lost or doubled.
func TestCutConnectionsAreExact(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{})
	type fault = imaptest.Fault
	answer := "OK [APPENDUID"
	const stall = 4 * time.Second // where nothing passes any more
	for _, tc := range []struct {
		name     string
		from, to []fault
	}{
		{"greeting", []fault{{After: 5, Mode: imaptest.Reset}}, []fault{{After: 9, Mode: imaptest.Close}}},
		{"sign-in", []fault{{Up: true, After: 12, Mode: imaptest.Reset}}, []fault{{Up: true, After: 12, Mode: imaptest.Reset}}},
		{"list", []fault{{After: 2500, Mode: imaptest.Close}}, []fault{{After: 1000, Mode: imaptest.Reset}}},
		{"fetch", []fault{{After: 30_000, Mode: imaptest.Reset}, {After: 100_000, Mode: imaptest.Close}, {After: 40_000, Mode: imaptest.Close}}, nil},
		{"fetch hole", []fault{{After: 30_000, Mode: imaptest.Hole}}, nil},
		{"append", nil, []fault{{Up: true, After: 8_000, Mode: imaptest.Reset}, {Up: true, After: 90_000, Mode: imaptest.Close}}},
		{"append hole", nil, []fault{{Up: true, After: 50_000, Mode: imaptest.Hole}}},
		{"append late", nil, []fault{{Up: true, After: 60_000, Mode: imaptest.Late, Delay: time.Second}}},
		{"answer reset", nil, []fault{{Before: answer, Mode: imaptest.Reset}, {Before: answer, Mode: imaptest.Reset}}},
		{"answer closed", nil, []fault{{Before: answer, Mode: imaptest.Close}}},
		{"answer hole", nil, []fault{{Before: answer, Mode: imaptest.Hole}}},
		{"both", []fault{{After: 50_000, Mode: imaptest.Reset}}, []fault{{Before: answer, Mode: imaptest.Reset}, {Up: true, After: 20_000, Mode: imaptest.Reset}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := p.rig(t, strings.ReplaceAll(tc.name, " ", "-"), setup{stall: stall})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 150, Largest: 30_000})
			for i := range 4 { // twins, which only their number tells apart
				imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
			}
			r.from.Break(tc.from...)
			r.to.Break(tc.to...)
			first := r.complete(engine.NewItems, 154)
			if struck := r.from.Broken() + r.to.Broken(); struck != len(tc.from)+len(tc.to) {
				t.Errorf("only %d of %d faults struck", struck, len(tc.from)+len(tc.to))
			}
			r.holds(r.mail(engine.Source))
			r.from.Mend()
			r.to.Mend()
			r.complete(engine.NewItems, 0)
			t.Logf("%d faults, %s", r.from.Broken()+r.to.Broken(), first.Duration(time.Now()).Round(time.Millisecond))
		})
	}
}

// TestKilledServersAreExact kills both servers under a pass and starts them again.
func TestKilledServersAreExact(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{Lanes: 2}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 600, Median: 1000, Largest: 4000})
	r.from.Limit(20_000)
	id := r.start(engine.NewItems)
	for i, server := range []*imaptest.Server{r.pair.destination, r.pair.source, r.pair.destination} {
		r.copying(int64(20 + 60*i))
		server.Kill()
		server.Restart()
	}
	r.from.Limit(0)
	if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied != 600 {
		t.Errorf("pass over killed servers: %+v", p)
	}
	r.holds(r.mail(engine.Source))
}
