package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// chunk is part of a folder's pending UIDs: what one lane fetches at a time.
type chunk struct {
	folder *folderWork
	set    UIDSet
}

// queue hands out chunks, in order.
type queue struct {
	mu     sync.Mutex
	chunks []chunk
	most   int64 // messages that are handed out at a time, about; 0: as many as a chunk has
}

// limit says how many messages are handed out at a time, about; the rest of a chunk is the next one's.
func (q *queue) limit(most int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.most = most
}

// messages returns about how many messages nobody has taken.
func (q *queue) messages() (n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.chunks {
		n += c.messages()
	}
	return n
}

// messages returns about how many messages of the chunk there are.
func (c chunk) messages() int64 {
	c.folder.mu.Lock()
	defer c.folder.mu.Unlock()
	return int64(math.Ceil(c.folder.density * float64(c.set.Count())))
}

// cut returns about as many messages of the chunk as there may be at a time, and the rest of it, unless that would be too few to be worth the round trip
// that each chunk takes.
func (c chunk) cut(most int64) (first, rest chunk) {
	n := c.messages()
	if most == 0 || n < 2*most {
		return c, chunk{}
	}
	uids := max(1, c.set.Count()*most/n)
	set := c.set.Split(uids)[0]
	c.folder.mu.Lock()
	c.folder.chunks++
	c.folder.mu.Unlock()
	return chunk{c.folder, set}, chunk{c.folder, c.set.Without(set)}
}

// put gives back what is left of chunks.
func (q *queue) put(left ...chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.chunks = append(q.chunks, slices.DeleteFunc(left, func(c chunk) bool { return len(c.set) == 0 })...)
}

func (q *queue) take() (chunk, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.chunks) > 0 {
		c := q.chunks[0]
		if c.folder.failed() != nil {
			q.chunks = q.chunks[1:]
			continue
		}
		c, rest := c.cut(q.most)
		if q.chunks[0] = rest; len(rest.set) == 0 {
			q.chunks = q.chunks[1:]
		}
		return c, true
	}
	return chunk{}, false
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.chunks)
}

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
