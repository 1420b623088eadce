package wording

import (
	"errors"
	"strconv"
	"time"

	"mwiz/engine"
)

// Planned says when the next pass of a schedule begins, and how it goes on.
func Planned(s engine.Schedule, now time.Time) string {
	when := When(s.Next, now)
	switch {
	case s.Next.IsZero():
		return T("schedule.none")
	case s.Every == 0:
		return T("schedule.once", "When", when)
	case s.Until.IsZero():
		return T("schedule.every", "When", when, "Every", every(s.Every))
	}
	return T("schedule.until", "When", when, "Every", every(s.Every), "Until", When(s.Until, now))
}

// every writes the time from one pass to the next.
func every(d time.Duration) string {
	if d%time.Hour == 0 {
		return T("schedule.hours", "Count", int(d/time.Hour))
	}
	return T("schedule.minutes", "N", strconv.FormatInt(int64(d/time.Minute), 10))
}

// Unplanned says why a schedule cannot be made.
func Unplanned(err error) string {
	for id, cause := range map[string]error{"schedule.past": engine.ErrPast, "schedule.often": engine.ErrTooOften, "schedule.end": engine.ErrNoEnd} {
		if errors.Is(err, cause) {
			return T(id)
		}
	}
	return Display(err.Error(), 200)
}
