package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Scheduler begins passes when their schedules say so. It works while the program is open; for what was due before, see Catch.
type Scheduler struct {
	Schedules Schedules
	Engine    interface {
		Start(ctx context.Context, r Request) (Started, error)
		Busy(project ProjectID) bool
	}
	Log *slog.Logger
}

// looking is how often the scheduler looks at the clock on the wall, which may jump: when the computer has slept, or when it is set.
const looking = 5 * time.Second

// Catch notes what was due while the program was not open as missed, for the window to tell. It begins nothing. Call it once, before Run.
func (s *Scheduler) Catch(ctx context.Context) error {
	list, err := s.Schedules.Schedules(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		next, last := one.After(time.Now())
		if last.IsZero() {
			continue
		}
		next.Missed = last
		if err := s.Schedules.KeepSchedule(ctx, next); err != nil {
			return err
		}
		s.Log.Info("a planned pass did not run: the program was not open", "project", one.Project, "planned", last)
	}
	return nil
}

// Run begins what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	tick := time.NewTicker(looking)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		list, err := s.Schedules.Schedules(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("schedules could not be read", "err", err)
		}
		for _, one := range list {
			if one.Due(time.Now()) && !s.Engine.Busy(one.Project) { // or else when it is free
				s.begin(ctx, one)
			}
		}
	}
}

// begin begins the passes of a schedule. The next time is written first: what is begun twice by a mistake costs the user two of his passes.
func (s *Scheduler) begin(ctx context.Context, one Schedule) {
	log := s.Log.With("project", one.Project)
	next, last := one.After(time.Now())
	if err := s.keep(ctx, next); err != nil {
		log.Warn("schedule could not be written; its pass waits", "err", err)
		return
	}
	started, err := s.Engine.Start(ctx, Request{Project: one.Project, Kind: NewItems})
	switch {
	case err != nil:
		log.Error("a planned pass could not be started", "planned", last, "err", err)
	case len(started.Passes) == 0 && used(started.Refused):
		log.Info("the schedule has ended: all passes are used")
		if err := s.Schedules.DropSchedule(ctx, one.Project); err != nil {
			log.Warn("schedule could not be deleted", "err", err)
		}
	default:
		log.Info("planned passes started", "planned", last, "passes", len(started.Passes), "refused", len(started.Refused))
	}
}

// keep writes a schedule, or drops one of which nothing will come any more.
func (s *Scheduler) keep(ctx context.Context, one Schedule) error {
	if one.Idle() {
		return s.Schedules.DropSchedule(ctx, one.Project)
	}
	return s.Schedules.KeepSchedule(ctx, one)
}

// used reports whether mailboxes were refused, and all for having used their passes.
func used(refused map[MailboxID]error) bool {
	for _, err := range refused {
		if !errors.Is(err, ErrPassLimit) {
			return false
		}
	}
	return len(refused) > 0
}
