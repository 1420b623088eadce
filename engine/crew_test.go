package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// narrowDialer lets so many sessions be open at once at the destination, 0 any number, and refuses a batch for being too much when it is told to. If both sides
// refused some, it would be chance how many lanes get both their sessions.
type narrowDialer struct {
	engine.Dialer
	most int32
	open atomic.Int32
	full atomic.Bool
}

func (d *narrowDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, s engine.Secret) (engine.Session, error) {
	if side == engine.Source {
		return d.Dialer.Dial(ctx, side, e, user, s)
	}
	if d.open.Add(1) > d.most && d.most > 0 {
		d.open.Add(-1)
		return nil, &engine.Error{Op: "sign in", Kind: engine.Throttled, Side: side, Text: "too many connections"}
	}
	session, err := d.Dialer.Dial(ctx, side, e, user, s)
	if err != nil {
		d.open.Add(-1)
		return nil, err
	}
	return &narrowSession{Session: session, dialer: d}, nil
}

type narrowSession struct {
	engine.Session
	dialer *narrowDialer
	once   atomic.Bool
}

func (s *narrowSession) Append(ctx context.Context, folder engine.FolderName, batch []engine.Message) (wait func() []engine.Appended) {
	if len(batch) < 2 || !s.dialer.full.Swap(false) {
		return s.Session.Append(ctx, folder, batch)
	}
	return func() []engine.Appended {
		answers := make([]engine.Appended, len(batch))
		for i := range answers {
			answers[i].Err = &engine.Error{Op: "append", Kind: engine.Throttled, Side: engine.Destination, Text: "too much"}
		}
		return answers
	}
}

func (s *narrowSession) Close() error {
	if !s.once.Swap(true) {
		s.dialer.open.Add(-1)
	}
	return s.Session.Close()
}

// slowPass is a pass over lines that let so much through.
type slowPass struct {
	*rig
	id     engine.PassID
	dialer *narrowDialer
}

// lanes waits until the pass has so many, and as large a part of its work is done. It reports false where that does not come before the pass ends.
func (p slowPass) lanes(least, most int, part float64) bool {
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
			from, to := p.from.Open(), p.to.Open()
			for _, g := range s.Passes {
				if g.Done > int64(part*float64(g.Total)) && least <= min(from, to) && max(from, to) <= most {
					return true
				}
			}
		case <-ctx.Done():
			return false
		}
	}
}

// TestLanesComeAndGo: where a line lets so much through for each connection, further lanes come and stay, as many as are let in; where it does for all of them
// together, they go again. What they have begun is copied once, whatever happens meanwhile. The lanes are real, and so are the lines; what is measured is what
// the lines let through, for what else the machine does would disturb that.
func TestLanesComeAndGo(t *testing.T) {
	t.Parallel()
	const messages = 2200
	pair := newPair(t, imaptest.Options{}, imaptest.Options{})
	each := setup{each: 100_000, measured: func(lanes int) float64 { return float64(lanes) * 1e6 }}
	together := setup{together: 400_000, measured: func(int) float64 { return 4e6 }}
	for _, tc := range []struct {
		name  string
		o     setup
		most  int32 // sessions that are let in; 0: any number
		lanes func(p slowPass) bool
	}{
		{"come and stay", each, 0, func(p slowPass) bool { return p.lanes(8, 8, 0) && p.lanes(8, 8, 0.85) }},
		{"come and go", together, 0, func(p slowPass) bool { return p.lanes(8, 8, 0) && p.lanes(4, 7, 0) }},
		{"some are let in", each, 6, func(p slowPass) bool { return p.lanes(6, 6, 0) && p.lanes(6, 6, 0.8) }},
		{"too much", each, 0, func(p slowPass) bool {
			ok := p.lanes(8, 8, 0)
			p.dialer.full.Store(true)
			return ok && p.lanes(4, 7, 0)
		}},
		{"cut while all work", each, 0, func(p slowPass) bool {
			ok := p.lanes(8, 8, 0)
			p.from.Cut()
			p.to.Cut()
			return ok
		}},
		{"cut while some leave", together, 0, func(p slowPass) bool {
			ok := p.lanes(8, 8, 0) && p.lanes(4, 7, 0)
			p.from.Cut()
			p.to.Cut()
			return ok
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.o.rtt = 20 * time.Millisecond
			dialer := &narrowDialer{most: tc.most}
			tc.o.dialer = func(d engine.Dialer) engine.Dialer { dialer.Dialer = d; return dialer }
			p := slowPass{dialer: dialer, rig: pair.rig(t, strings.ReplaceAll(tc.name, " ", "-"), tc.o)}
			imaptest.WriteCorpus(t, p.root(engine.Source), imaptest.CorpusOptions{Messages: messages, Median: 2500, Largest: 100_000})
			mail := p.mail(engine.Source)
			p.id = p.start(engine.NewItems)
			if !p.lanes(4, 4, 0) || !tc.lanes(p) {
				t.Error("the lanes do not come and go")
			}
			if p := p.wait(p.id); p.State != engine.PassCompleted || p.Tally.Copied != messages {
				t.Errorf("the pass is %s with %d copied", p.State, p.Tally.Copied)
			}
			p.holds(mail)
			p.complete(engine.NewItems, 0)
			if t.Failed() {
				t.Log(p.log.String())
			}
		})
	}
}

// vainDialer counts the dials at the destination and lets the further ones fail.
type vainDialer struct {
	engine.Dialer
	dials   atomic.Int32
	further func(ctx context.Context, n int32) bool // whether dial n, of 2 and more, goes on
}

func (d *vainDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, s engine.Secret) (engine.Session, error) {
	if side == engine.Destination {
		if n := d.dials.Add(1); n > 1 && !d.further(ctx, n) {
			return nil, &engine.Error{Op: "connect", Kind: engine.Unreachable, Side: side, Text: "nobody answers"}
		}
	}
	return d.Dialer.Dial(ctx, side, e, user, s)
}

// TestLastLaneDoesNotRetire: a lane whose connection does not come back leaves its work to others that are there, not to one that may come. That one does not, and
// the pass has failed.
func TestLastLaneDoesNotRetire(t *testing.T) {
	t.Parallel()
	const redials = 5
	dialer := &vainDialer{}
	dialer.further = func(ctx context.Context, n int32) bool {
		if n > 2 {
			return true // and finds nobody
		}
		for dialer.dials.Load() < 2+redials && ctx.Err() == nil {
			<-time.After(10 * time.Millisecond)
		}
		select { // until the other one has given up
		case <-ctx.Done():
		case <-time.After(3 * time.Second):
		}
		return false
	}
	r := newRig(t, setup{settings: engine.Settings{Lanes: 2}, dialer: func(d engine.Dialer) engine.Dialer { dialer.Dialer = d; return dialer }})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 400, Median: 1000, Largest: 4000})
	r.from.Limit(40_000)
	id := r.start(engine.NewItems)
	r.copying(20)
	r.to.Refuse(true)
	r.to.Cut()
	if p := r.wait(id); p.State != engine.PassFailed || p.Cause != engine.Unreachable {
		t.Errorf("the pass is %s (%s), %d dials", p.State, p.Cause, dialer.dials.Load())
	}
	if strings.Contains(r.log.String(), "a lane retires") {
		t.Error("the last lane has retired")
	}
	r.to.Refuse(false)
	r.from.Limit(0)
	if p := r.run(engine.NewItems); p.State != engine.PassCompleted {
		t.Errorf("then it is %s (%s)", p.State, p.Cause)
	}
	r.holds(r.mail(engine.Source))
}

// TestLanesThatAreNotLetIn: where none is let in beyond the first lane, they are asked for a few times, and not for as long as that one does its first work.
func TestLanesThatAreNotLetIn(t *testing.T) {
	t.Parallel()
	dialer := &vainDialer{further: func(context.Context, int32) bool { return false }}
	r := newRig(t, setup{settings: engine.Settings{Lanes: 4}, dialer: func(d engine.Dialer) engine.Dialer { dialer.Dialer = d; return dialer }})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 800, Median: 1000, Largest: 4000})
	r.from.Limit(8_000)
	id := r.start(engine.NewItems)
	r.copying(20)
	if n := dialer.dials.Load(); n < 2 || n > 8 {
		t.Errorf("%d dials", n)
	}
	r.from.Limit(0)
	if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied != 800 {
		t.Errorf("the pass is %s with %d copied", p.State, p.Tally.Copied)
	}
	r.holds(r.mail(engine.Source))
}
