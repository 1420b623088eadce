package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// lane is a pair of sessions that copies chunks. Its two halves run side by side: fetch reads from the source, deliver
// claims, appends and settles at the destination.
type lane struct {
	p                   *activePass
	source, destination Session
	maxSize             int64 // largest message that the destination takes; 0 when it does not say
	window              int   // most messages that should be on their way there; 0: any number
	queue               *queue
	retired             atomic.Bool   // its connections do not come back, and other lanes do the work
	leaving             atomic.Bool   // it begins nothing more: it was let go
	proved              atomic.Bool   // something that it has sent was answered
	over                bool          // its work is over. Guarded by the pass's mu
	settling            chan struct{} // holds a token for each batch whose outcome is being written
}

// on returns the lane's session of a side, to be replaced when it is lost.
func (l *lane) on(side Side) *Session {
	if side == Source {
		return &l.source
	}
	return &l.destination
}

func (l *lane) learn(limits Limits) { l.maxSize, l.window = limits.MaxSize, limits.Window }

// readAhead is how many batches may wait between the halves of a lane.
const readAhead = 2

// run copies until the queue is empty, it is let go, or the pass ends. The sessions are its own while it runs.
func (l *lane) run() {
	batches := make(chan *batch, readAhead)
	var fetching sync.WaitGroup
	fetching.Go(func() {
		defer close(batches)
		if err := l.fetch(batches); err != nil {
			l.p.stop(err)
		}
	})
	l.deliver(batches)
	fetching.Wait()
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if l.over = true; !l.retired.Load() && !l.leaving.Load() {
		l.p.active--
	}
}

func (l *lane) close() {
	for _, s := range []Session{l.source, l.destination} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// retire takes a lane whose connection does not come back out of the pass, and reports whether it did: the service may allow fewer connections
// than there are lanes. The last lane never retires: its trouble is the pass's. What the lane had read and not delivered is found by
// reconciling.
func (p *activePass) retire(l *lane, err error) bool {
	if p.ctx.Err() != nil || !Answers[KindOf(err)].Waiting {
		return l.retired.Load()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case l.retired.Load():
		return true
	case l.leaving.Load(): // it is not counted any more
	case p.active <= 1:
		return false
	default:
		p.active--
	}
	l.retired.Store(true)
	p.log.Info("a lane retires", "lanes", p.active, "err", err)
	return true
}

// chunkFetched shows the folder as done when its last chunk was fetched.
func (p *activePass) chunkFetched(f *folderWork) {
	f.mu.Lock()
	f.chunks--
	last := f.chunks == 0
	f.mu.Unlock()
	if last {
		p.progress.write(func(g *Progress) { g.FoldersDone++ })
	}
}

// lost reports whether err leaves the outcome of an append unknown.
func lost(err error) bool {
	k := KindOf(err)
	return k == Unreachable || k == Unreadable || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
