package engine

import (
	"context"
	"errors"
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
}

// put gives back what is left of a chunk.
func (q *queue) put(c chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(c.set) > 0 {
		q.chunks = append(q.chunks, c)
	}
}

func (q *queue) take() (chunk, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.chunks) > 0 {
		c := q.chunks[0]
		q.chunks = q.chunks[1:]
		if c.folder.failed() == nil {
			return c, true
		}
	}
	return chunk{}, false
}

// lane is a pair of sessions that copies chunks. Its two halves run side by side: fetch reads from the source, deliver
// claims, appends and settles at the destination.
type lane struct {
	p                   *activePass
	source, destination Session
	maxSize             int64 // largest message that the destination takes; 0 when it does not say
	queue               *queue
	retired             atomic.Bool // its connections do not come back, and other lanes do the work
}

// run copies until the queue is empty or the pass ends. The sessions are its own while it runs.
func (l *lane) run() {
	batches := make(chan *batch, 1)
	var fetching sync.WaitGroup
	fetching.Go(func() {
		defer close(batches)
		if err := l.fetch(batches); err != nil {
			l.p.stop(err)
		}
	})
	l.deliver(batches)
	fetching.Wait()
	if !l.retired.Load() {
		l.p.mu.Lock()
		l.p.active--
		l.p.mu.Unlock()
	}
}

func (l *lane) close() {
	for _, s := range []Session{l.source, l.destination} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// fetch reads chunk after chunk. The error it returns ends the pass.
func (l *lane) fetch(batches chan<- *batch) error {
	for l.p.ctx.Err() == nil && !l.retired.Load() {
		c, ok := l.queue.take()
		if !ok {
			return nil
		}
		l.p.progress.write(func(g *Progress) { g.Phase, g.Folder = Copying, c.folder.source.Display })
		if left, err := l.fetchChunk(c, batches); err != nil {
			if l.p.retire(l, err) {
				l.queue.put(chunk{c.folder, left})
				return nil
			}
			if spoils(l.p.ctx, err) {
				return err
			}
			l.p.log.Warn("folder left", "folder", c.folder.kept.ID, "err", err)
			c.folder.fail(err)
		}
		l.p.chunkFetched(c.folder)
	}
	return nil
}

// fetchChunk reads the messages of a chunk, over a new connection as often as the old one is lost. With an error it returns what it has not
// reached.
func (l *lane) fetchChunk(c chunk, batches chan<- *batch) (left UIDSet, err error) {
	p, f := l.p, c.folder
	g := &gatherer{p: p, folder: f, out: batches, digest: NewDigester(p.e.o.Ledger.DigestKey())}
	defer func() {
		if g.now != nil {
			p.e.drop(g.now)
		}
	}()
	left = c.set
	for tried, throttled := 0, 0; ; {
		var got UIDSet
		_, err := l.source.Fetch(p.ctx, Opening{f.source.Name, f.source.Status.Validity}, left, func(m Message, lost error) error {
			if got.Contains(m.UID) {
				return nil
			}
			f.write(func(t *FolderTally) { t.New++; t.Left++ })
			if lost != nil {
				got = got.Add(m.UID)
				return p.failItem(f, m, nil, lost)
			}
			var err error
			if err = l.takeOn(g, m); err == nil {
				got = got.Add(m.UID)
			} else {
				f.write(func(t *FolderTally) { t.New--; t.Left-- })
			}
			return err
		})
		if len(got) > 0 {
			tried, throttled = 0, 0
		}
		left = left.Without(got)
		switch {
		case err == nil:
			return nil, g.flush(p.ctx)
		case p.ctx.Err() != nil:
			return left, context.Cause(p.ctx)
		case l.retired.Load():
			return left, err
		}
		if l.source.Alive() {
			if throttled++; KindOf(err) != Throttled || throttled > maxTroubled {
				return left, err
			}
			if err := p.pause(p.ctx, Waiting, backOff(throttled, err), Throttled); err != nil {
				return left, err
			}
			continue
		}
		// What was read before the connection went is whole: it goes on its way.
		if err := g.flush(p.ctx); err != nil {
			return left, err
		}
		_ = l.source.Close()
		s, err := p.redial(p.ctx, Source, &tried, err)
		if err != nil {
			return left, err
		}
		l.source = s
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
	if l.retired.Load() || p.active <= 1 {
		return l.retired.Load()
	}
	p.active--
	l.retired.Store(true)
	p.log.Info("a lane retires", "lanes", p.active, "err", err)
	return true
}

// takeOn hands a message to the gatherer, unless the destination has said that it is too large.
func (l *lane) takeOn(g *gatherer, m Message) error {
	limit := l.maxSize
	if limit <= 0 || m.Size <= limit {
		return g.add(l.p.ctx, m)
	}
	header := make([]byte, min(m.Size, maxHeader))
	n, err := readSome(m, header)
	if err != nil {
		return err
	}
	return l.p.failItem(g.folder, m, header[:n], &Error{
		Op: "append", Kind: Refused, Side: Destination, Host: l.p.project.Destination.Host,
		Text: tooLarge(m.Size, limit),
	})
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
