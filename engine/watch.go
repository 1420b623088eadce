package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Watch returns pictures of the work until ctx ends; the latest wins, at most four a second, a change of state at once.
// The channel is never closed: the reader stops by ctx.
func (e *Engine) Watch(ctx context.Context) <-chan Snapshot {
	c := make(chan Snapshot, 1)
	e.mu.Lock()
	c <- e.snapshotLocked() // before anybody publishes to it: it has room for one
	e.watchers[c] = struct{}{}
	e.mu.Unlock()
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.watchers, c)
	})
	return c
}

// publish hands a new picture to every watcher, in place of one that it has not taken. Where nothing moves nothing is published.
func (e *Engine) publish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.snapshotLocked()
	if len(s.Passes) == 0 && s.Messages == 0 && e.shown == s.Revision {
		return
	}
	e.shown = s.Revision
	for c := range e.watchers {
		select {
		case <-c:
		default:
		}
		c <- Snapshot{s.At, s.Revision, slices.Clone(s.Passes), s.Messages, s.Bytes, s.Left}
	}
}

func (e *Engine) snapshotLocked() Snapshot {
	now := time.Now()
	s := Snapshot{At: now, Revision: e.revision}
	s.Messages, s.Bytes = e.rate.sample(now)
	var left int64
	for _, p := range e.passes {
		g := p.progress.read()
		g.Stopping = p.ctx.Err() != nil
		s.Passes = append(s.Passes, g)
		left += max(0, g.Total-g.Done)
	}
	if s.Messages > 0 && left > 0 {
		s.Left = time.Duration(float64(left) / s.Messages * float64(time.Second))
	}
	return s
}

// meter counts what is copied; sample turns the counts into rates over the last few seconds.
type meter struct {
	messages, bytes atomic.Int64

	mu   sync.Mutex
	seen []reading // oldest first, at most rateWindow old but for the first
}

type reading struct {
	at              time.Time
	messages, bytes int64
}

const rateWindow = 5 * time.Second

func (m *meter) add(bytes int64) {
	m.messages.Add(1)
	m.bytes.Add(bytes)
}

func (m *meter) sample(now time.Time) (messages, bytes float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := reading{now, m.messages.Load(), m.bytes.Load()}
	for len(m.seen) > 1 && now.Sub(m.seen[1].at) >= rateWindow {
		m.seen = m.seen[1:]
	}
	if n := len(m.seen); n == 0 || now.Sub(m.seen[n-1].at) >= 200*time.Millisecond {
		m.seen = append(m.seen, r)
	}
	first := m.seen[0]
	s := now.Sub(first.at).Seconds()
	if s < 0.2 {
		return 0, 0
	}
	return float64(r.messages-first.messages) / s, float64(r.bytes-first.bytes) / s
}

// board is a pass's progress, written by its goroutines and read by the sampler.
type board struct {
	mu sync.Mutex
	g  Progress
}

func (b *board) read() Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.g
}

func (b *board) write(f func(*Progress)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(&b.g)
}

// phase shows what the pass is doing now, and what for when it waits.
func (b *board) phase(ph Phase, until time.Time, reason Kind) {
	b.write(func(g *Progress) { g.Phase, g.Until, g.Reason = ph, until, reason })
}
