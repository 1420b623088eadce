package engine

import (
	"context"
	"math"
	"time"
)

// pace is how many mailboxes of a project are in flight, within the limit that the user has set. It begins low and grows by every mailbox that both
// services have let in, so that it doubles with each round of sign-ins, up to quickPace. Beyond that it grows while the project as a whole becomes faster by it. A
// service that says it is too much halves it; from then on it grows by one for a whole round.
type pace struct {
	limit    int
	let      int       // sign-ins since it grew last, once it was halved
	careful  bool      // it was halved
	slowed   time.Time // when
	load     workload  // of the project's passes
	governor governor  // beyond quickPace
}

const (
	firstPace = 8  // how many mailboxes a project begins with
	quickPace = 32 // up to how many it grows by sign-ins alone
)

// warming is how long mailboxes that have come to be in flight are about to sign in and to plan.
const warming = 5 * time.Second

// calm is how long a pace stays after it was halved: what is under way by then still meets the same trouble.
const calm = 10 * time.Second

// faster takes note of a mailbox that was let in.
func (c *pace) faster(now time.Time) {
	if c.limit >= quickPace {
		return
	}
	switch c.let++; {
	case !c.careful, c.let >= c.limit && now.Sub(c.slowed) >= calm:
		c.limit++
		c.let = 0
	}
}

// measure takes note of how far the work has come, with so many mailboxes in flight and as many as there may be, and whether more are queued.
func (c *pace) measure(now time.Time, running, most int, queued bool) {
	if c.limit < quickPace || most <= quickPace {
		c.governor = governor{}
		return
	}
	if c.governor.asked == 0 {
		c.governor = newGovernor(c.limit, c.load.mark(now))
	}
	o := outlook{mark: c.load.mark(now), have: c.limit, most: max(most, c.limit), ready: running >= c.limit && now.Sub(c.governor.changed) >= warming}
	if queued {
		o.left = math.MaxInt64
	}
	c.limit = c.governor.decide(o)
}

// slower takes note that a service wants less, with so many mailboxes in flight.
func (c *pace) slower(now time.Time, running int) {
	if c.careful && now.Sub(c.slowed) < calm {
		return
	}
	c.limit = max(1, min(c.limit, running)/2)
	c.governor = governor{}
	c.let, c.careful, c.slowed = 0, true, now
}

// pace returns a project's. Engine.mu is held.
func (e *Engine) pace(project ProjectID) *pace {
	c := e.paces[project]
	if c == nil {
		c = &pace{limit: firstPace}
		e.paces[project] = c
	}
	return c
}

// faster lets one more mailbox of a project be in flight.
func (e *Engine) faster(project ProjectID) {
	e.mu.Lock()
	e.pace(project).faster(time.Now())
	e.mu.Unlock()
	e.poke()
}

// slower lets fewer mailboxes of a project be in flight.
func (e *Engine) slower(project ProjectID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	running := 0
	for _, p := range e.passes {
		if p.project.ID == project && p.dispatched && !p.parked.Load() {
			running++
		}
	}
	e.pace(project).slower(time.Now(), running)
}

// measure lets more mailboxes of projects be in flight where that has made them faster, and fewer where it has not.
func (e *Engine) measure(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	type count struct{ running, queued, most int }
	counts := map[ProjectID]count{}
	for _, p := range e.passes {
		n := counts[p.project.ID]
		switch {
		case !p.dispatched:
			n.queued++
			n.most = p.limits.Mailboxes
		case !p.parked.Load():
			n.running++
		}
		counts[p.project.ID] = n
	}
	for project, n := range counts {
		e.pace(project).measure(now, n.running, n.most, n.queued > 0)
	}
}

// poke has the engine look again what there is to dispatch.
func (e *Engine) poke() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// readLimits reads the limits of projects again for passes that are still queued: the user may have changed them.
func (e *Engine) readLimits(ctx context.Context) {
	queued := map[ProjectID]Settings{}
	e.mu.Lock()
	for _, p := range e.passes {
		if !p.dispatched {
			queued[p.project.ID] = p.limits
		}
	}
	e.mu.Unlock()
	for id := range queued {
		project, err := e.o.Ledger.Project(ctx, id)
		if err != nil {
			delete(queued, id) // the pass itself will tell
			continue
		}
		queued[id] = project.Settings.Limits()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.passes {
		if limits, ok := queued[p.project.ID]; ok && !p.dispatched {
			p.limits = limits
		}
	}
}
