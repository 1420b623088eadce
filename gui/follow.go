package gui

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// Only Follow and ask call into the window's goroutine from another one.

// redating is how often the window says anew how long ago things were.
const redating = 20 * time.Second

// Follow shows the pictures of the work until ctx ends, the latest wins: what changes at once, mere numbers in their pace. It is for a
// goroutine of its own, and must not be waited for after the application's loop has ended.
func (w *Window) Follow(ctx context.Context) {
	pictures := w.parts.Work.Watch(ctx)
	tick := time.NewTicker(redating)
	defer tick.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	var pace pace
	var held *engine.Snapshot // the latest, not shown yet
	for {
		select {
		case <-ctx.Done():
			return
		case s, open := <-pictures:
			if !open {
				return
			}
			held = &s
			next.Reset(time.Until(pace.due(s, time.Now())))
		case <-next.C:
			if held == nil {
				continue
			}
			s := *held
			fyne.DoAndWait(func() { w.show(s) }) // waiting lets Watch drop what is stale
			held = nil
			pace.note(s, time.Now())
		case <-tick.C:
			fyne.DoAndWait(w.redate)
		}
	}
}

// question numbers the queries of one part of a view, so that a slow answer never replaces a newer one.
type question struct{ asked atomic.Int64 }

// ask runs a query off the window's goroutine, then shows its answer on it, unless q was asked again meanwhile. q is nil where every
// answer counts.
func ask[T any](w *Window, q *question, query func(context.Context) (T, error), show func(T, error)) {
	var number int64
	if q != nil {
		number = q.asked.Add(1)
	}
	w.spawn(func() {
		answer, err := query(w.ctx)
		w.later(func() {
			if q == nil || q.asked.Load() == number {
				show(answer, err)
			}
		})
	})
}

// later runs f on the window's goroutine, for what ask has set to work.
func (w *Window) later(f func()) { fyne.Do(f) }

// do is ask for what only succeeds or fails.
func do(w *Window, act func(context.Context) error, done func(error)) {
	ask(w, nil, func(ctx context.Context) (struct{}, error) { return struct{}{}, act(ctx) },
		func(_ struct{}, err error) { done(err) })
}

// work is what the latest picture says of a project or a mailbox.
type work struct {
	passes   int // unfinished
	stopping int // of these
	ended    int // passes of the same start that have ended
	total    engine.Progress
	planned  int     // unfinished passes that know how many messages they have
	weight   float64 // of these and of the ended ones
	done     float64 // of that weight
}

// lookWeight is what it weighs to sign in and to look, in messages.
const lookWeight = 20

// working adds up the unfinished passes of a picture that are wanted.
func working(s engine.Snapshot, wanted func(engine.Progress) bool) work {
	var w work
	for _, p := range s.Passes {
		if wanted(p) {
			w.add(p)
		}
	}
	return w
}

func (w *work) add(p engine.Progress) {
	w.passes++
	if p.Stopping {
		w.stopping++
	}
	w.total.Done += p.Done
	w.total.Total += p.Total
	w.total.Tally.Add(p.Tally)
	if f, ok := p.Fraction(); ok {
		weight := float64(p.Total + lookWeight)
		w.planned++
		w.weight += weight
		w.done += f * weight
	}
}

// byMailbox is working for every mailbox that has unfinished passes.
func byMailbox(s engine.Snapshot) map[engine.MailboxID]work {
	all := map[engine.MailboxID]work{}
	for _, p := range s.Passes {
		job := all[p.Mailbox]
		job.add(p)
		all[p.Mailbox] = job
	}
	return all
}

// share returns the part that is done of what was started together, by messages, and -1 when nothing is at work. A pass that does not know yet how
// many it has counts like the others on average.
func (w work) share() float64 {
	if w.passes == 0 {
		return -1
	}
	known := w.planned + w.ended
	if known == 0 {
		return 0
	}
	return w.done / (w.weight / float64(known) * float64(w.passes+w.ended))
}

// status returns what the work makes of a status that the ledger gave.
func (w work) status(kept engine.Status) engine.Status {
	switch {
	case w.passes > 0 && w.stopping == w.passes:
		return engine.Stopping
	case w.passes > 0:
		return engine.Processing
	}
	return kept
}

func ofProject(id engine.ProjectID) func(engine.Progress) bool {
	return func(p engine.Progress) bool { return p.Project == id }
}

func ofMailbox(id engine.MailboxID) func(engine.Progress) bool {
	return func(p engine.Progress) bool { return p.Mailbox == id }
}
