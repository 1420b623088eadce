package engine

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestScheduleAfter(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	was := time.Local
	time.Local = berlin
	defer func() { time.Local = was }()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, berlin) }
	none := time.Time{}
	for _, test := range []struct {
		name       string
		s          Schedule
		now        time.Time
		next, last time.Time
	}{
		{"not due", Schedule{Next: at(24, 2, 0)}, at(24, 1, 59), at(24, 2, 0), none},
		{"once", Schedule{Next: at(24, 2, 0)}, at(24, 2, 0), none, at(24, 2, 0)},
		{"every six hours, late by one", Schedule{Next: at(23, 2, 0), Every: 6 * time.Hour}, at(23, 3, 0), at(23, 8, 0), at(23, 2, 0)},
		{"many at once", Schedule{Next: at(1, 2, 0), Every: time.Hour}, at(20, 2, 30), at(20, 3, 0), at(20, 2, 0)},
		{"years at once", Schedule{Next: at(1, 2, 0).AddDate(-20, 0, 0), Every: 15 * time.Minute}, at(20, 2, 1), at(20, 2, 15), at(20, 2, 0)},
		{"to the end", Schedule{Next: at(23, 2, 0), Every: 6 * time.Hour, Until: at(23, 8, 0)}, at(23, 3, 0), at(23, 8, 0), at(23, 2, 0)},
		{"past the end", Schedule{Next: at(23, 8, 0), Every: 6 * time.Hour, Until: at(23, 8, 0)}, at(24, 3, 0), none, at(23, 8, 0)},
		{"a day when the clocks change", Schedule{Next: at(24, 2, 0), Every: 24 * time.Hour}, at(24, 2, 0), at(25, 2, 0), at(24, 2, 0)},
		{"the day after", Schedule{Next: at(25, 4, 0), Every: 24 * time.Hour}, at(25, 4, 0), at(26, 4, 0), at(25, 4, 0)},
	} {
		got, last := test.s.After(test.now)
		if !got.Next.Equal(test.next) || !last.Equal(test.last) {
			t.Errorf("%s: next %v, want %v; last %v, want %v", test.name, got.Next, test.next, last, test.last)
		}
	}
}

func TestScheduleValidate(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		s    Schedule
		want error
	}{
		{Schedule{Next: now.Add(time.Minute)}, nil},
		{Schedule{Next: now}, ErrPast},
		{Schedule{}, ErrPast},
		{Schedule{Next: now.Add(time.Minute), Every: time.Minute}, ErrTooOften},
		{Schedule{Next: now.Add(time.Minute), Every: time.Hour, Until: now}, ErrNoEnd},
		{Schedule{Next: now.Add(time.Minute), Every: time.Hour, Until: now.Add(time.Hour)}, nil},
	} {
		if err := test.s.Validate(now); !errors.Is(err, test.want) {
			t.Errorf("%+v: %v, want %v", test.s, err, test.want)
		}
	}
}

// plan is schedules in memory, and an engine that notes what it is asked to start.
type plan struct {
	mu      sync.Mutex
	kept    map[ProjectID]Schedule
	busy    map[ProjectID]bool
	refused error
	broken  error
	started []time.Time
}

func (p *plan) Schedules(context.Context) (all []Schedule, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.kept {
		all = append(all, s)
	}
	return all, nil
}

func (p *plan) KeepSchedule(_ context.Context, s Schedule) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken == nil {
		p.kept[s.Project] = s
	}
	return p.broken
}

func (p *plan) DropSchedule(_ context.Context, id ProjectID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, id)
	return nil
}

func (p *plan) Busy(id ProjectID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy[id]
}

func (p *plan) Start(_ context.Context, r Request) (Started, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started = append(p.started, time.Now())
	if p.refused != nil {
		return Started{Refused: map[MailboxID]error{1: p.refused}}, nil
	}
	return Started{Passes: []Pass{{ID: 1}}}, nil
}

func (p *plan) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// running has a scheduler at work over a plan, and do is called with the time standing still.
func running(t *testing.T, first Schedule, do func(p *plan, due time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		p := &plan{kept: map[ProjectID]Schedule{}, busy: map[ProjectID]bool{}}
		first.Project = 7
		first.Next = time.Now().Add(time.Hour)
		p.kept[7] = first
		s := &Scheduler{Schedules: p, Engine: p, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Run(ctx); close(ended) }()
		do(p, first.Next)
		cancel()
		<-ended
	})
}

func TestSchedulerRunsOnceAndOnTime(t *testing.T) {
	running(t, Schedule{}, func(p *plan, due time.Time) {
		time.Sleep(48 * time.Hour)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.started) != 1 || p.started[0].Sub(due) < 0 || p.started[0].Sub(due) > 2*looking || len(p.kept) != 0 {
			t.Errorf("due %v, started %v, kept %v", due, p.started, p.kept)
		}
	})
}

func TestSchedulerDoesNotDrift(t *testing.T) {
	running(t, Schedule{Every: 6 * time.Hour}, func(p *plan, due time.Time) {
		time.Sleep(10*24*time.Hour + 30*time.Minute)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.started) != 40 {
			t.Fatalf("%d starts in ten days", len(p.started))
		}
		for i, at := range p.started {
			if late := at.Sub(due.Add(time.Duration(i) * 6 * time.Hour)); late < 0 || late > 2*looking {
				t.Errorf("start %d is late by %v", i, late)
			}
		}
	})
}

func TestSchedulerWaitsForTheProject(t *testing.T) {
	running(t, Schedule{Every: 6 * time.Hour}, func(p *plan, due time.Time) {
		p.change(func() { p.busy[7] = true })
		time.Sleep(15 * time.Hour) // two are due by now
		p.change(func() { p.busy[7] = false })
		time.Sleep(time.Minute)
		p.change(func() {
			if len(p.started) != 1 || !p.kept[7].Next.Equal(due.Add(18*time.Hour)) {
				t.Errorf("started %v, next %v", p.started, p.kept[7].Next)
			}
		})
	})
}

func TestSchedulerEndsWithThePasses(t *testing.T) {
	running(t, Schedule{Every: 6 * time.Hour}, func(p *plan, _ time.Time) {
		p.change(func() { p.refused = ErrPassLimit })
		time.Sleep(48 * time.Hour)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.started) != 1 || len(p.kept) != 0 {
			t.Errorf("started %v, kept %v", p.started, p.kept)
		}
	})
}

func TestSchedulerStartsNothingThatItCannotNote(t *testing.T) {
	running(t, Schedule{Every: 6 * time.Hour}, func(p *plan, _ time.Time) {
		p.change(func() { p.broken = errors.New("disk full") })
		time.Sleep(2 * time.Hour)
		p.change(func() {
			if len(p.started) != 0 {
				t.Errorf("started %v", p.started)
			}
			p.broken = nil
		})
		time.Sleep(time.Minute)
		p.change(func() {
			if len(p.started) != 1 {
				t.Errorf("started %v", p.started)
			}
		})
	})
}

func TestCatchTellsWhatWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		p := &plan{kept: map[ProjectID]Schedule{
			1: {Project: 1, Next: now.Add(-5 * time.Hour)},
			2: {Project: 2, Next: now.Add(-5 * time.Hour), Every: 2 * time.Hour},
			3: {Project: 3, Next: now.Add(time.Hour)},
		}}
		s := &Scheduler{Schedules: p, Engine: p, Log: slog.New(slog.DiscardHandler)}
		if err := s.Catch(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := []time.Duration{p.kept[1].Missed.Sub(now), p.kept[2].Missed.Sub(now), p.kept[2].Next.Sub(now)}
		if want := []time.Duration{-5 * time.Hour, -time.Hour, time.Hour}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if !p.kept[1].Next.IsZero() || !p.kept[3].Missed.IsZero() || len(p.started) != 0 {
			t.Errorf("%+v, started %v", p.kept, p.started)
		}
	})
}
