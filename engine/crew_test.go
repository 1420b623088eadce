package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// narrowDialer lets so many sessions a side be open at once.
type narrowDialer struct {
	engine.Dialer
	most int32
	open [2]atomic.Int32
}

func (d *narrowDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, s engine.Secret) (engine.Session, error) {
	if d.open[side].Add(1) > d.most {
		d.open[side].Add(-1)
		return nil, &engine.Error{Op: "sign in", Kind: engine.Throttled, Side: side, Text: "too many connections"}
	}
	session, err := d.Dialer.Dial(ctx, side, e, user, s)
	if err != nil {
		d.open[side].Add(-1)
		return nil, err
	}
	return &narrowSession{Session: session, open: &d.open[side]}, nil
}

type narrowSession struct {
	engine.Session
	open *atomic.Int32
	once atomic.Bool
}

func (s *narrowSession) Close() error {
	if !s.once.Swap(true) {
		s.open.Add(-1)
	}
	return s.Session.Close()
}

// slowPass is a pass over lines that let so much through.
type slowPass struct {
	*rig
	id engine.PassID
}

// lanes waits until the pass has so many, and as large a part of its work is done. It reports false where that does not come before the pass ends.
func (p slowPass) lanes(n int, part float64) bool {
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	go func() {
		_ = p.engine.Wait(ctx, p.id)
		cancel()
	}()
	pictures := p.engine.Watch(ctx)
	for {
		select {
		case s := <-pictures:
			for _, g := range s.Passes {
				if g.Done > int64(part*float64(g.Total)) && p.from.Open() == n && p.to.Open() == n {
					return true
				}
			}
		case <-ctx.Done():
			return false
		}
	}
}

// TestLanesComeAndGo: where a line lets so much through for each connection, further lanes come and stay, as many as are let in; where it does for all of them
// together, they go again. What they have begun is copied once, whatever happens meanwhile. What else the machine does disturbs what is measured, so that each
// may try three times; every copy must be exact.
func TestLanesComeAndGo(t *testing.T) {
	t.Parallel()
	const messages, each, together = 2200, 100_000, 400_000
	pair := newPair(t, imaptest.Options{}, imaptest.Options{})
	narrow := func(d engine.Dialer) engine.Dialer { return &narrowDialer{Dialer: d, most: 6} }
	for _, tc := range []struct {
		name  string
		o     setup
		lanes func(p slowPass) bool
	}{
		{"come and stay", setup{each: each}, func(p slowPass) bool { return p.lanes(8, 0) && p.lanes(8, 0.85) }},
		{"come and go", setup{together: together}, func(p slowPass) bool { return p.lanes(8, 0) && p.lanes(4, 0) }},
		{"some are let in", setup{each: each, dialer: narrow}, func(p slowPass) bool { return p.lanes(6, 0) && p.lanes(6, 0.8) }},
		{"cut while all work", setup{each: each}, func(p slowPass) bool {
			ok := p.lanes(8, 0)
			p.from.Cut()
			p.to.Cut()
			return ok
		}},
		{"cut while some leave", setup{together: together}, func(p slowPass) bool {
			ok := p.lanes(8, 0) && p.lanes(7, 0)
			p.from.Cut()
			p.to.Cut()
			return ok
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for try := 1; ; try++ {
				tc.o.rtt = 20 * time.Millisecond
				p := slowPass{rig: pair.rig(t, fmt.Sprint(strings.ReplaceAll(tc.name, " ", "-"), try), tc.o)}
				imaptest.WriteCorpus(t, p.root(engine.Source), imaptest.CorpusOptions{Messages: messages, Median: 2500, Largest: 100_000})
				mail := p.mail(engine.Source)
				p.id = p.start(engine.NewItems)
				ok := p.lanes(4, 0) && tc.lanes(p)
				if p := p.wait(p.id); p.State != engine.PassCompleted || p.Tally.Copied != messages {
					t.Errorf("the pass is %s with %d copied", p.State, p.Tally.Copied)
				}
				p.holds(mail)
				p.complete(engine.NewItems, 0)
				p.close()
				if ok || t.Failed() {
					return
				}
				if try == 3 {
					t.Fatalf("the lanes do not come and go:\n%s", p.log.String())
				}
			}
		})
	}
}
