package engine

import (
	"context"
	"slices"
	"sync"
	"time"
)

// crew is the lanes of a pass that are at work. One goroutine has it.
type crew struct {
	p        *activePass
	governor governor
	begun    mark
	first    int // lanes that it begins with

	working []*lane    // those that are leaving too
	hired   chan *lane // that have signed in; nil: one that was not let in
	ended   chan *lane // whose work is over
	coming  int        // being signed in
	alone   time.Time  // until when nobody is asked to come, for one was not let in
}

// deciding is how often a crew thinks of how many lanes it should have.
const deciding = 250 * time.Millisecond

// notLetIn is how long nobody is asked to come after one was not let in: the service may be gone. The governor hears of it once all others have done something.
const notLetIn = 15 * time.Second

// runLanes runs so many lanes, and then as many as pay, until the queue is empty, an account has used up its day's volume, or the pass ends.
func (p *activePass) runLanes(wanted int) {
	p.lanes = slices.DeleteFunc(p.lanes, func(l *lane) bool {
		if l == p.home() || !l.retired.Load() {
			return false
		}
		l.close()
		return true
	})
	p.home().retired.Store(false)
	c := &crew{p: p, begun: p.load.mark(time.Now()), first: max(wanted, 1), hired: make(chan *lane), ended: make(chan *lane)}
	c.governor = newGovernor(c.first, c.begun)
	ctx, dismiss := context.WithCancel(p.ctx)
	defer dismiss()
	for _, l := range p.lanes[:min(len(p.lanes), c.first)] {
		c.begin(l)
	}
	for range wanted - len(p.lanes) {
		c.hire(p.session(Source), p.session(Destination))
	}
	tick := time.NewTicker(deciding)
	defer tick.Stop()
	for len(c.working) > 0 || c.coming > 0 {
		select {
		case l := <-c.hired:
			c.come(l)
		case l := <-c.ended:
			if c.end(l); len(c.working) == 0 {
				dismiss()
			}
		case <-tick.C:
			c.govern(ctx)
		}
	}
	p.paid.Store(int64(c.governor.paid))
}

// begin sets a lane to work.
func (c *crew) begin(l *lane) {
	c.p.mu.Lock()
	l.over = false
	c.p.active++
	c.p.mu.Unlock()
	l.proved.Store(false)
	c.working = append(c.working, l)
	c.p.e.lanes.Add(1)
	go func() {
		l.run()
		if l.leaving.Load() {
			l.close()
		}
		c.p.e.lanes.Add(-1)
		c.ended <- l
	}()
}

// hire makes a further lane of two sessions that are being made.
func (c *crew) hire(source, destination <-chan signedIn) {
	c.coming++
	go func() { c.hired <- c.p.hire(source, destination) }()
}

// come sets a lane to work that was hired.
func (c *crew) come(l *lane) {
	if c.coming--; l == nil {
		c.alone = time.Now().Add(notLetIn)
		return
	}
	c.p.lanes = append(c.p.lanes, l)
	c.begin(l)
}

// end takes a lane out of the crew whose work is over. One that was let go is gone; the others stay signed in.
func (c *crew) end(l *lane) {
	same := func(other *lane) bool { return other == l }
	c.working = slices.DeleteFunc(c.working, same)
	if l.leaving.Load() {
		c.p.lanes = slices.DeleteFunc(c.p.lanes, same)
	}
}

// govern has lanes come or go, as the governor decides.
func (c *crew) govern(ctx context.Context) {
	p := c.p
	if p.ctx.Err() != nil {
		return
	}
	o := outlook{mark: p.load.mark(time.Now()), ready: c.coming == 0}
	for _, l := range c.working {
		if l.leaving.Load() || l.retired.Load() {
			o.ready = false
			continue
		}
		o.have++
		o.ready = o.ready && l.proved.Load()
	}
	if measured := p.e.o.measured; measured != nil {
		o.mark = measured(o.have, o.mark)
	}
	o.most = max(c.first, min(int(p.mostLanes()), o.have+lanesAtOnce-int(p.e.lanes.Load())))
	if done := o.messages - c.begun.messages; done > 0 {
		o.left = p.queue.messages() * (o.done - c.begun.done) / done
	}
	c.portion(o)
	n := c.governor.decide(o)
	more := n - o.have - c.coming
	if time.Now().Before(c.alone) {
		more = 0
	}
	if more > 0 || n < o.have {
		p.log.Info("lanes", "have", o.have, "coming", c.coming, "wanted", n, "rate", int(c.governor.rate))
	}
	for range o.have - n {
		c.letGo()
	}
	for range more {
		c.hire(p.order(ctx, Source), p.order(ctx, Destination))
	}
}

// portion has the queue hand out no more at a time than keeps a lane busy for a few seconds, once it is known how much that is: one that comes late finds something
// to do, and one that is let go is gone soon.
func (c *crew) portion(o outlook) {
	const busy = 5 * time.Second
	since := o.at.Sub(c.begun.at)
	if since < leastWindow || o.have == 0 {
		return
	}
	c.p.queue.limit(max(8, (o.messages-c.begun.messages)*int64(busy)/int64(since)/int64(o.have)))
}

// letGo has the lane that came last leave when it has done what it has begun. The first one stays.
func (c *crew) letGo() {
	p := c.p
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range slices.Backward(c.working) {
		if l != p.home() && !l.leaving.Load() && !l.retired.Load() && !l.over {
			l.leaving.Store(true)
			p.active--
			return
		}
	}
}

// signedIn is the outcome of a sign-in.
type signedIn struct {
	session Session
	err     error
}

// session returns where a session for a further lane will come out: one that was ordered early, or else a new one.
func (p *activePass) session(side Side) <-chan signedIn {
	if ready := p.ordered[side]; len(ready) > 0 {
		p.ordered[side] = ready[1:]
		return ready[0]
	}
	return p.order(p.ctx, side)
}

// order begins to make a session and returns where it will come out.
func (p *activePass) order(ctx context.Context, side Side) <-chan signedIn {
	c := make(chan signedIn, 1)
	go func() {
		s, err := p.dial(ctx, side)
		c <- signedIn{s, err}
	}()
	return c
}

// hire makes a further lane of two sessions that are being made, nil when they do not come: the service may allow no more, and the
// lanes that there are do the work.
func (p *activePass) hire(source, destination <-chan signedIn) *lane {
	from, to := <-source, <-destination
	l := &lane{p: p, source: from.session, destination: to.session, queue: &p.queue}
	if from.err != nil || to.err != nil {
		p.log.Info("no further lane", "source", from.err, "destination", to.err)
		l.close()
		return nil
	}
	l.learn(to.session.Limits())
	return l
}

// dismiss closes all lanes, and the sessions that none has taken.
func (p *activePass) dismiss() {
	var closing sync.WaitGroup
	for _, ready := range p.ordered {
		for _, c := range ready {
			closing.Go(func() {
				if s := <-c; s.session != nil {
					_ = s.session.Close()
				}
			})
		}
	}
	for _, l := range p.lanes {
		closing.Go(l.close)
	}
	closing.Wait()
}
