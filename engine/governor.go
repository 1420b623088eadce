package engine

import (
	"sync/atomic"
	"time"
)

// governor finds out how many of a kind are worth having at work at once: lanes of a pass, mailboxes of a project. It measures what they do together, has
// more of them come while there is work for those, and keeps them if they have raised the rate by a good part of what they could. Where they have not,
// for what limits the work is something else, it lets them go again, and tries once more after a good while, with fewer. Those that a service takes away, or
// does not let in, are not asked for again before that either. It decides; somebody else acts, and asks again every so often.
type governor struct {
	window   mark          // where what is measured now begins; zero: nothing is measured
	asked    int           // how many there should be
	changed  time.Time     // when that was said
	paid     int           // how many have shown that they pay; 0: none beyond the first
	rate     float64       // measured last: bytes a second, messageCost included
	before   float64       // the rate without those that came last; 0: none are on trial
	from     int           // how many there were without them
	step     int           // how many come at most at a time; 0: as many as there are
	content  time.Time     // until when it does not try
	hold     time.Duration // how long it will be content next
	troubles int64         // of those that were told, how many it knows
	calm     time.Time     // until when further troubles are the same one
}

const (
	leastWindow   = 3 * time.Second  // that is measured; twice as long where the outcome is not plain
	mostWindow    = 30 * time.Second // after which it has to do, however little was done in it
	oldWindow     = 15 * time.Second // after which what was measured is forgotten
	leastPortions = 12               // in which the work of a window is done: fewer tell nothing of its rate
	leastGain     = 0.1              // of the rate, for those that have come to stay, and a third of what they could bring
	mostWarming   = 10 * time.Second // for those that have come to do their first work
	worthComing   = 10 * time.Second // for which there must be work that nobody has begun
	leastHold     = 30 * time.Second
	mostHold      = 5 * time.Minute
)

// newGovernor returns the governor of work that is begun with so many.
func newGovernor(first int, begun mark) governor {
	return governor{asked: first, changed: begun.at, troubles: begun.troubles}
}

// mark is how far work has come at a time.
type mark struct {
	at       time.Time
	messages int64
	done     int64 // see messageCost
	portions int64 // in which it was done
	troubles int64 // how often a service has said that it is too much
}

// outlook is what the governor decides on.
type outlook struct {
	mark
	have, most int   // how many there are, and may be
	ready      bool  // all of them have done something, and nobody is coming or going
	left       int64 // work that nobody has begun
}

// decide returns how many there should be.
func (g *governor) decide(o outlook) int {
	now := o.at
	switch {
	case o.troubles > g.troubles && !now.Before(g.calm):
		g.calm, g.paid = now.Add(calm), 0
		g.rest(now)
		g.ask(max(1, o.have/2), now)
	case o.have < g.asked && o.ready: // some have gone, or have not been let in
		before := g.before
		if g.rest(now); o.have > g.from {
			g.before = before
		}
		g.ask(o.have, now)
	}
	g.troubles = o.troubles
	if warm := o.ready || now.Sub(g.changed) >= mostWarming; o.have != g.asked || g.window.at.IsZero() || !warm {
		g.window = mark{}
		if warm {
			g.window = o.mark
		}
		return g.asked
	}
	if g.measure(o.mark) {
		g.judge(o)
	}
	return g.asked
}

// measure takes the rate of the window up to now, and reports whether it is long enough to tell anything.
func (g *governor) measure(now mark) bool {
	since, portions := now.at.Sub(g.window.at), now.portions-g.window.portions
	if since < leastWindow || portions < leastPortions && (since < mostWindow || portions == 0) {
		return false
	}
	g.rate = float64(now.done-g.window.done) / since.Seconds()
	return true
}

// judge draws its conclusions from a rate.
func (g *governor) judge(o outlook) {
	since := o.at.Sub(g.window.at)
	if o.have > o.most {
		g.before = 0
		g.ask(o.most, o.at)
		return
	}
	if g.before > 0 {
		gain, could := g.rate/g.before-1, float64(o.have-g.from)/float64(g.from)
		long := since >= 2*leastWindow
		switch {
		case gain >= could*2/3 || long && gain >= max(could/3, leastGain):
			g.before, g.hold, g.paid = 0, 0, o.have
		case gain < leastGain || long:
			from := g.from
			g.step = max(1, (o.have-from)/2)
			g.rest(o.at)
			g.ask(from, o.at)
			return
		default: // it could be chance
			return
		}
	}
	if o.have == o.most || o.at.Before(g.content) || float64(o.left) < g.rate*worthComing.Seconds() {
		if since >= oldWindow {
			g.window = o.mark
		}
		return
	}
	step := o.have
	if g.step > 0 {
		step = min(step, g.step)
	}
	g.before, g.from = g.rate, o.have
	g.ask(min(o.have+step, o.most), o.at)
}

// ask notes how many there should be.
func (g *governor) ask(n int, now time.Time) {
	if n != g.asked {
		g.asked, g.changed, g.window = n, now, mark{}
	}
}

// rest ends a trial and has it be content for a while, longer each time.
func (g *governor) rest(now time.Time) {
	g.before = 0
	g.hold = min(max(2*g.hold, leastHold), mostHold)
	g.content = now.Add(g.hold)
}

// workload counts what is done. Its methods may be called by many at a time.
type workload struct{ messages, done, portions, troubles atomic.Int64 }

// messageCost is how many bytes a message is as dear as, beside its own: small ones take no less work for having few.
const messageCost = 8 << 10

// add counts a portion of work: messages that were answered, and those of their bytes that Write has not counted.
func (w *workload) add(messages int, bytes int64) {
	w.messages.Add(int64(messages))
	w.done.Add(int64(messages)*messageCost + bytes)
	w.portions.Add(1)
}

// Write counts bytes as they pass.
func (w *workload) Write(b []byte) (int, error) {
	const portion = 256 << 10
	n := int64(len(b))
	if now := w.done.Add(n); now/portion != (now-n)/portion {
		w.portions.Add(1)
	}
	return len(b), nil
}

// mark returns how far the work has come.
func (w *workload) mark(now time.Time) mark {
	return mark{now, w.messages.Load(), w.done.Load(), w.portions.Load(), w.troubles.Load()}
}
