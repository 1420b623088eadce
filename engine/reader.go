package engine

import (
	"context"
	"errors"
)

var errRationed = errors.New("the day's volume is used up")

// reader is the half of a lane that reads chunk after chunk from the source and gathers batches of them.
type reader struct {
	l         *lane
	g         *gatherer
	asked     []*portion // of the fetch under way, by number
	again     []chunk    // to be asked for before the queue's
	refusal   error      // the service wants to be left alone for a while: no more is asked for until then
	tried     int        // how often the connection was made since a message came
	fallen    int        // how often it was lost since then
	alone     *Meta      // the message that is asked for alone: see isolate
	throttled int        // how often the service has refused since then
}

// portion is a chunk that is being fetched.
type portion struct {
	chunk
	got  UIDSet
	over bool
}

// left returns what of the chunk has not come.
func (c *portion) left() chunk { return chunk{c.folder, c.set.Without(c.got)} }

// fetch reads until the queue is empty, over a new connection as often as the old one is lost. The error it returns ends the pass.
func (l *lane) fetch(batches chan<- *batch) error {
	p := l.p
	r := &reader{l: l, g: &gatherer{p: p, window: l.window, out: batches, digest: NewDigester(p.e.o.Ledger.DigestKey())}}
	defer func() {
		if r.g.now != nil {
			p.drop(r.g.now)
		}
		l.queue.put(r.again...)
	}()
	for p.ctx.Err() == nil && !l.retired.Load() {
		r.asked, r.refusal = nil, nil
		err := l.source.FetchEach(p.ctx, r.next, r.each, r.over)
		r.putBack()
		if p.ctx.Err() != nil {
			return context.Cause(p.ctx)
		}
		if _, spent, _ := p.rationed(); spent && (err == nil || errors.Is(err, errRationed)) && r.refusal == nil {
			return r.g.flush(p.ctx) // the rest is the queue's again
		}
		if err == nil && l.source.Worn() {
			if err := r.freshen(); err != nil {
				return err
			}
		}
		switch {
		case err == nil && r.alone != nil && r.refusal == nil: // it was not to blame, or has gone
			r.alone, r.fallen = nil, 0
		case err == nil && len(r.again) == 0:
			return r.g.flush(p.ctx)
		case l.retired.Load():
		case l.source.Alive():
			err = r.rest(err)
		default:
			err = r.reconnect(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// next returns what to ask for next.
func (r *reader) next() (Wanted, bool) {
	if r.l.p.ctx.Err() != nil || r.l.retired.Load() || r.refusal != nil || r.alone != nil && len(r.asked) > 0 {
		return Wanted{}, false
	}
	if _, spent, _ := r.l.p.rationed(); spent {
		return Wanted{}, false
	}
	c, ok := r.take()
	if !ok {
		return Wanted{}, false
	}
	r.asked = append(r.asked, &portion{chunk: c})
	f := c.folder
	return Wanted{Opening{f.source.Name, f.source.Status.Validity}, c.set}, true
}

func (r *reader) take() (chunk, bool) {
	for len(r.again) > 0 {
		c := r.again[0]
		r.again = r.again[1:]
		if c.folder.failed() == nil && len(c.set) > 0 {
			return c, true
		}
		r.l.p.chunkFetched(c.folder)
	}
	if r.l.leaving.Load() {
		return chunk{}, false
	}
	return r.l.queue.take()
}

// each takes a message that was asked for.
func (r *reader) each(which int, m Message, lost error) error {
	p, c := r.l.p, r.asked[which]
	if c.got.Contains(m.UID) {
		return nil
	}
	if _, _, overdrawn := p.rationed(); overdrawn {
		return errRationed
	}
	p.download.add(m.Size)
	p.upload.add(m.Size)
	f := c.folder
	if r.g.folder != f {
		if err := r.g.flush(p.ctx); err != nil {
			return err
		}
		r.g.folder = f
		p.progress.write(func(g *Progress) { g.Phase, g.Folder = Copying, f.source.Display })
	}
	f.write(func(t *FolderTally) { t.New++; t.Left++ })
	if lost != nil {
		c.got = c.got.Add(m.UID)
		return p.failItem(f, m, nil, lost)
	}
	if err := r.takeOn(m); err != nil {
		f.write(func(t *FolderTally) { t.New--; t.Left-- })
		return err
	}
	c.got = c.got.Add(m.UID)
	r.tried, r.fallen, r.throttled = 0, 0, 0
	return nil
}

// over ends a chunk. The error that it returns ends the pass.
func (r *reader) over(which int, err error) error {
	p, c := r.l.p, r.asked[which]
	c.over = true
	if r.g.folder == c.folder {
		if err := r.g.flush(p.ctx); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
	case KindOf(err) == Throttled && r.throttled < maxTroubled:
		p.trouble()
		r.refusal = err
		r.again = append(r.again, c.left())
		return nil
	case p.retire(r.l, err):
		r.again = append(r.again, c.left())
		return nil
	case spoils(p.ctx, err):
		return err
	default:
		r.leave(c.folder, err)
	}
	p.chunkFetched(c.folder)
	return nil
}

// leave gives a folder up for this pass.
func (r *reader) leave(f *folderWork, err error) {
	r.l.p.log.Warn("folder left", "folder", f.kept.ID, "err", err)
	f.fail(err)
}

// putBack keeps what was asked for and has not come.
func (r *reader) putBack() {
	var left []chunk
	for _, c := range r.asked {
		if !c.over {
			left = append(left, c.left())
		}
	}
	r.again = append(left, r.again...)
}

// rest waits as long as the service wants to be left alone. err is why the fetch ended otherwise.
func (r *reader) rest(err error) error {
	p := r.l.p
	if err != nil && r.refusal == nil {
		return r.giveUp(err)
	}
	r.throttled++
	return p.pause(p.ctx, Waiting, backOff(r.throttled, r.refusal), Throttled)
}

// freshen makes a new connection in the place of one that is worn out.
func (r *reader) freshen() error {
	l, tried := r.l, 0
	_ = l.source.Close()
	s, err := l.p.redial(l.p.ctx, Source, &tried, &Error{Op: "fetch", Kind: Unreachable, Side: Source, Host: l.p.project.Source.Host})
	if err != nil {
		return r.giveUp(err)
	}
	l.source = s
	return nil
}

// reconnect makes the lost connection again. What was read before it went is whole: it goes on its way.
func (r *reader) reconnect(lost error) error {
	l, p := r.l, r.l.p
	if err := r.g.flush(p.ctx); err != nil {
		return err
	}
	_ = l.source.Close()
	if lost == nil {
		lost = &Error{Op: "fetch", Kind: Unreachable, Side: Source, Host: p.project.Source.Host}
	}
	s, err := p.redial(p.ctx, Source, &r.tried, lost)
	if err != nil {
		return r.giveUp(err)
	}
	l.source = s
	if r.fallen++; r.alone != nil {
		return r.giveUpAlone(lost)
	}
	if r.fallen >= maxFalls-1 {
		r.isolate(p.ctx)
	}
	return nil
}

// giveUp takes the lane out of the pass, or the folder that is next, or returns the error that ends the pass.
func (r *reader) giveUp(err error) error {
	p := r.l.p
	switch {
	case p.retire(r.l, err):
	case spoils(p.ctx, err) || len(r.again) == 0:
		return err
	default:
		r.leave(r.again[0].folder, err)
		r.tried = 0
	}
	return nil
}

// takeOn hands a message to the gatherer, unless the destination has said that it is too large.
func (r *reader) takeOn(m Message) error {
	l, g := r.l, r.g
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
