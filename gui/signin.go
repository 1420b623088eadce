package gui

import (
	"context"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// signIn is what became of signing in to a mailbox on one side.
type signIn struct {
	state   engine.Status // Pending, Processing, Completed or StatusFailed
	trouble wording.Trouble
}

// tried is a mailbox whose sign-ins are tried.
type tried struct {
	mailbox engine.Mailbox
	sides   [2]signIn
}

// good reports whether both sign-ins went well.
func (t *tried) good() bool {
	return t.sides[engine.Source].state == engine.Completed && t.sides[engine.Destination].state == engine.Completed
}

// bad reports whether one of them did not.
func (t *tried) bad() bool {
	return t.sides[engine.Source].state == engine.StatusFailed || t.sides[engine.Destination].state == engine.StatusFailed
}

// signInsAtOnce is how many sign-ins are tried at the same time.
const signInsAtOnce = 8

// signIns tries many sign-ins, some at a time.
type signIns struct {
	w       *Window
	project engine.Project
	waiting []func()
	running int
	round   int    // results of earlier ones count no more
	changed func() // a result came
}

// busy reports whether some are still to be tried.
func (s *signIns) busy() bool { return s.running+len(s.waiting) > 0 }

// forget makes what is still to be tried, or being tried, count no more.
func (s *signIns) forget() {
	s.round++
	s.waiting, s.running = nil, 0
}

// try signs in to a mailbox on both sides, when its turn comes.
func (s *signIns) try(t *tried) {
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		t.sides[side] = signIn{state: engine.Processing}
		s.waiting = append(s.waiting, func() { s.tryOne(t, side) })
	}
}

// pump sets as many to work as may be.
func (s *signIns) pump() {
	for s.running < signInsAtOnce && len(s.waiting) > 0 {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.running++
		next()
	}
}

func (s *signIns) tryOne(t *tried, side engine.Side) {
	round, account, project := s.round, t.mailbox.On(side), s.project
	to := project.On(side)
	secret, shared := s.w.secrets[t.mailbox.ID].On(side), s.w.shared[project.ID].On(side)
	do(s.w, func(ctx context.Context) error {
		return s.w.parts.Work.Check(ctx, engine.Credential{Side: side, To: to, Account: account, Own: secret, Shared: shared})
	}, func(err error) {
		if round != s.round {
			return
		}
		s.running--
		t.sides[side] = signIn{state: engine.Completed}
		if err != nil {
			t.sides[side] = signIn{state: engine.StatusFailed, trouble: wording.TroubleOf(err, account.Address)}
		}
		s.pump()
		s.changed()
	})
}
