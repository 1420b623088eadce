package main

import (
	"context"
	"errors"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// scheduleCmd says when passes of a project begin by themselves, or shows it.
type scheduleCmd struct {
	Project string        `arg:"" help:"Name of the project."`
	At      string        `placeholder:"TIME" help:"When the first pass begins: 02:00 (the next time that it is), 2026-11-27 02:00, or with a zone 2026-11-27T02:00:00+01:00."`
	Every   time.Duration `placeholder:"TIME" help:"Begin another one every so often: 6h, 24h. Without --at the first begins after that time."`
	Until   string        `placeholder:"TIME" help:"Begin none after this. A day alone counts as a whole."`
	Off     bool          `help:"Begin none any more."`
}

func (c scheduleCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		switch {
		case c.Off:
			if err := ledger.DropSchedule(ctx, project.ID); err != nil {
				return err
			}
		case c.At != "" || c.Every != 0:
			s, err := c.schedule(project.ID, time.Now())
			if err != nil {
				return usage(err)
			}
			if err := ledger.KeepSchedule(ctx, s); err != nil {
				return err
			}
		case c.Until != "":
			return usage(errors.New(wording.T("schedule.no_start")))
		}
		return p.showSchedule(ctx, ledger, project)
	})
}

// schedule makes a schedule of what is written.
func (c scheduleCmd) schedule(project engine.ProjectID, now time.Time) (engine.Schedule, error) {
	s := engine.Schedule{Project: project, Next: now.Add(c.Every), Every: c.Every}
	var err error
	if c.At != "" {
		if s.Next, _, err = moment(c.At, now); err != nil {
			return s, err
		}
	}
	if c.Until != "" {
		var whole bool
		if s.Until, whole, err = moment(c.Until, now); err != nil {
			return s, err
		}
		if whole {
			s.Until = s.Until.AddDate(0, 0, 1).Add(-time.Second)
		}
	}
	if err := s.Validate(now); err != nil {
		return s, errors.New(wording.Unplanned(err))
	}
	return s, nil
}

// moment reads a time; whole is true where a day alone is written.
func moment(text string, now time.Time) (at time.Time, whole bool, err error) {
	if clock, err := time.ParseInLocation("15:04", text, now.Location()); err == nil {
		at = time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, false, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if at, err = time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, false, nil
		}
	}
	if at, err = time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return at, true, nil
	}
	return at, false, errors.New(wording.T("schedule.no_time", "Text", wording.Display(text, 40)))
}

// scheduleLine is a schedule as JSON shows it; times are null where there are none.
type scheduleLine struct {
	Project string     `json:"project"`
	Next    *time.Time `json:"next"`
	Every   float64    `json:"every"` // seconds; 0: once
	Until   *time.Time `json:"until"`
	Missed  *time.Time `json:"missed"` // while the program was not open
}

// showSchedule tells when the next pass of a project begins by itself.
func (p *program) showSchedule(ctx context.Context, ledger *store.Ledger, project engine.Project) error {
	list, err := ledger.Schedules(ctx)
	if err != nil {
		return err
	}
	s := engine.Schedule{}
	for _, one := range list {
		if one.Project == project.ID {
			s = one
		}
	}
	if p.json {
		return p.writeJSON(scheduleLine{project.Name, known(s.Next), s.Every.Seconds(), known(s.Until), known(s.Missed)})
	}
	return p.say("cli.schedule", "Name", wording.Display(project.Name, 80), "Plan", wording.Planned(s, time.Now()))
}
