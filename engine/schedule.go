package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Schedule is when passes of all mailboxes of a project begin without anybody pressing a button, while the program is open.
type Schedule struct {
	Project ProjectID
	Next    time.Time     // when the next pass is due; zero: none is any more
	Every   time.Duration // from one to the next; 0: there is one only
	Until   time.Time     // none is due after it; zero: no end
	Missed  time.Time     // the last that was due while the program was not open, until the user has been told; zero: none
}

// Schedules keeps the schedules of projects, at most one each.
type Schedules interface {
	Schedules(ctx context.Context) ([]Schedule, error)
	// KeepSchedule writes the schedule of s.Project in place of the one that there is. ErrNotFound where there is no such project.
	KeepSchedule(ctx context.Context, s Schedule) error
	// DropSchedule deletes a project's schedule; where there is none it does nothing.
	DropSchedule(ctx context.Context, project ProjectID) error
}

// ShortestEvery is the least time from one pass of a schedule to the next.
const ShortestEvery = 15 * time.Minute

// Why a schedule cannot be.
var (
	ErrPast     = errors.New("this time has passed")
	ErrTooOften = fmt.Errorf("passes must be at least %v apart", ShortestEvery)
	ErrNoEnd    = errors.New("the end comes before the first pass")
)

// Validate reports why a schedule cannot be made now: ErrPast, ErrTooOften or ErrNoEnd.
func (s Schedule) Validate(now time.Time) error {
	switch {
	case !s.Next.After(now):
		return ErrPast
	case s.Every != 0 && s.Every < ShortestEvery:
		return ErrTooOften
	case !s.Until.IsZero() && s.Until.Before(s.Next):
		return ErrNoEnd
	}
	return nil
}

// Due reports whether a pass is due.
func (s Schedule) Due(now time.Time) bool { return !s.Next.IsZero() && !now.Before(s.Next) }

// Idle reports whether nothing will come of the schedule any more, and there is nothing to tell.
func (s Schedule) Idle() bool { return s.Next.IsZero() && s.Missed.IsZero() }

// After returns the schedule with all that is due up to now behind it, and when the last of that was due, zero if nothing is. Passes stay on the times that the
// first one has set, however late one of them began: whole days keep to the hour of the day, also when the clocks change.
func (s Schedule) After(now time.Time) (next Schedule, last time.Time) {
	for s.Due(now) {
		last = s.Next
		s.Next = s.following(now)
		if !s.Until.IsZero() && s.Next.After(s.Until) {
			s.Next = time.Time{}
		}
	}
	return s, last
}

// following returns the time after Next; zero: none. It leaves out what is long over.
func (s Schedule) following(now time.Time) time.Time {
	const day = 24 * time.Hour
	steps := max(1, int64(now.Sub(s.Next)/max(s.Every, 1))-2)
	switch {
	case s.Every <= 0:
		return time.Time{}
	case s.Every%day == 0:
		return s.Next.Local().AddDate(0, 0, int(steps*int64(s.Every/day)))
	}
	return s.Next.Add(time.Duration(steps) * s.Every)
}
