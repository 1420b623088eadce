package gui

import (
	"context"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// readSchedules reads what is planned, shows it, and tells what was missed.
func (w *Window) readSchedules() {
	ask(w, &w.plans, w.parts.Book.Schedules, func(list []engine.Schedule, err error) {
		if err != nil {
			return // what is shown tells of the ledger's trouble
		}
		w.schedules = map[engine.ProjectID]engine.Schedule{}
		for _, s := range list {
			w.schedules[s.Project] = s
		}
		w.view.redate()
		w.tellMissed()
	})
}

// plan returns when a project's next pass begins by itself, in words; "" where none does.
func (w *Window) plan(id engine.ProjectID) string {
	if s := w.schedules[id]; !s.Next.IsZero() {
		return wording.T("schedule.next", "When", wording.When(s.Next, w.now()))
	}
	return ""
}

// nextPlanned returns when the next pass of any project begins by itself, and whether one does.
func (w *Window) nextPlanned() (next time.Time, planned bool) {
	for _, s := range w.schedules {
		if !s.Next.IsZero() && (next.IsZero() || s.Next.Before(next)) {
			next = s.Next
		}
	}
	return next, !next.IsZero()
}

// routeAndPlan says from where to where a project moves mail, and when it does so next by itself.
func (w *Window) routeAndPlan(p engine.Project) string {
	if plan := w.plan(p.ID); plan != "" {
		return route(p) + "   ·   " + plan
	}
	return route(p)
}

// tellMissed asks, project by project, what is to become of a pass that was due while the program was not open.
func (w *Window) tellMissed() {
	if w.asking || !w.free() {
		return
	}
	for _, s := range w.schedules {
		if !s.Missed.IsZero() && !w.answered[s.Project].Equal(s.Missed) {
			w.asking = true
			ask(w, nil, func(ctx context.Context) (engine.Project, error) { return w.parts.Book.Project(ctx, s.Project) },
				func(p engine.Project, err error) {
					w.asking = false
					if err == nil {
						w.askMissed(p, s)
					}
				})
			return
		}
	}
}

// askMissed asks whether a missed pass is to be run now.
func (w *Window) askMissed(p engine.Project, s engine.Schedule) {
	answer := func() {
		if w.answered == nil {
			w.answered = map[engine.ProjectID]time.Time{}
		}
		w.answered[s.Project] = s.Missed // not asked again, even if that cannot be written
		s.Missed = time.Time{}
		w.keepSchedule(s)
	}
	text := wording.T("missed.text", "Name", wording.Display(p.Name, 60), "When", wording.Moment(s.Missed))
	w.confirm(inquiry{title: wording.T("missed.title"), text: text, yes: wording.T("missed.yes"), no: wording.T("missed.no"), closed: answer},
		func() { w.start(p, engine.NewItems) })
}

// keepSchedule writes a schedule; one of which nothing will come is deleted.
func (w *Window) keepSchedule(s engine.Schedule) {
	do(w, func(ctx context.Context) error {
		if s.Idle() {
			return w.parts.Book.DropSchedule(ctx, s.Project)
		}
		return w.parts.Book.KeepSchedule(ctx, s)
	}, func(err error) {
		w.tell(err, "")
		w.readSchedules()
	})
}

// The choices of the schedule's dialog, in their order.
var scheduleChoices = []string{"schedule.choice.none", "schedule.choice.once", "schedule.choice.every"}

// scheduleBox is the dialog that plans passes.
type scheduleBox struct {
	w                        *Window
	project                  engine.Project
	before                   engine.Schedule
	choice                   *choices
	day, clock, hours, until *field
	first, every, last       *entry
	parts                    *fyne.Container
	shown                    *shownBox
}

// askSchedule opens the dialog for a project.
func (w *Window) askSchedule(p engine.Project) *scheduleBox {
	b := &scheduleBox{w: w, project: p, before: w.schedules[p.ID], day: newField("2026-11-27"), clock: newField("02:00"), hours: newField("6"), until: newField("2026-11-30")}
	for _, f := range []*field{b.day, b.clock, b.hours, b.until} {
		f.enter, f.escape = func() { b.shown.accept() }, func() { b.shown.cancel() }
		f.OnChanged = func(string) { b.say(nil, "") }
	}
	moment := container(beside{room: 8, width: map[int]float32{0: 130, 1: 80}}, b.day, b.clock)
	hours := container(beside{room: 8, width: map[int]float32{0: 60}}, b.hours, vague(wording.T("schedule.hours.unit")))
	until := container(beside{room: 8, width: map[int]float32{0: 130}}, b.until, vague(wording.T("schedule.until.optional")))
	b.first = newEntry(wording.T("schedule.first"), moment)
	b.every = newEntry(wording.T("schedule.repeat"), hours)
	b.last = newEntry(wording.T("schedule.last"), until)
	b.parts = container(layout.NewCustomPaddedVBoxLayout(8), b.first.whole, b.every.whole, b.last.whole)
	var titles []string
	for _, id := range scheduleChoices {
		titles = append(titles, wording.T(id))
	}
	b.choice = newChoices(titles, true, func(int) { b.fit() })
	b.fill()
	content := container(layout.NewCustomPaddedVBoxLayout(10), b.choice, b.parts, paragraph(wording.T("schedule.note"), 460))
	b.shown = w.showBox(box{title: wording.T("schedule.title", "Name", wording.Display(p.Name, 50)), content: content, size: fyne.NewSize(510, 330), first: b.day,
		buttons: []boxButton{{label: wording.T("dialog.cancel")}, {label: wording.T("schedule.save"), strong: widget.HighImportance, press: b.save}}})
	return b
}

// fill shows the schedule that there is, or else a proposal: tonight, and every six hours for three days.
func (b *scheduleBox) fill() {
	s, now := b.before, b.w.now()
	chosen := 2
	switch {
	case s.Next.IsZero():
		s.Next = time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, now.Location()).AddDate(0, 0, 1)
		s.Every, s.Until = 6*time.Hour, s.Next.AddDate(0, 0, 3)
		chosen = 1
	case s.Every == 0:
		s.Every = 6 * time.Hour
		chosen = 1
	}
	next := s.Next.In(now.Location())
	b.day.SetText(next.Format(time.DateOnly))
	b.clock.SetText(next.Format("15:04"))
	b.hours.SetText(strconv.FormatFloat(s.Every.Hours(), 'f', -1, 64))
	if !s.Until.IsZero() {
		b.until.SetText(s.Until.In(now.Location()).Format(time.DateOnly))
	}
	b.choice.choose(chosen)
	b.fit()
}

// fit has only those fields usable that the choice needs.
func (b *scheduleBox) fit() {
	b.say(nil, "")
	chosen := b.choice.chosen
	for f, on := range map[*field]bool{b.day: chosen > 0, b.clock: chosen > 0, b.hours: chosen > 1, b.until: chosen > 1} {
		enable(f, on)
	}
}

// say shows what is wrong at one entry, and nothing at the others. It returns false.
func (b *scheduleBox) say(at *entry, problem string) bool {
	for _, e := range []*entry{b.first, b.every, b.last} {
		if e == at {
			e.say(problem)
		} else if e != nil {
			e.say("")
		}
	}
	if b.parts != nil {
		b.parts.Refresh()
	}
	return false
}

// save keeps what is entered, and reports whether it makes sense.
func (b *scheduleBox) save() bool {
	s := engine.Schedule{Project: b.project.ID}
	if b.choice.chosen > 0 {
		var at *entry
		if s, at = b.read(); at != nil {
			return false
		}
	}
	b.w.keepSchedule(s)
	return true
}

// read returns the schedule that is entered, or the entry that is wrong and says why.
func (b *scheduleBox) read() (s engine.Schedule, wrong *entry) {
	s.Project = b.project.ID
	now := b.w.now()
	var err error
	if s.Next, err = time.ParseInLocation("2006-01-02 15:04", strings.TrimSpace(b.day.Text)+" "+strings.TrimSpace(b.clock.Text), now.Location()); err != nil {
		b.say(b.first, wording.T("schedule.format"))
		return s, b.first
	}
	if b.choice.chosen > 1 {
		hours, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(b.hours.Text), ",", "."), 64)
		if err != nil || hours < engine.ShortestEvery.Hours() || hours > 24*366 {
			b.say(b.every, wording.T("schedule.often"))
			return s, b.every
		}
		s.Every = time.Duration(hours * float64(time.Hour)).Round(time.Minute)
		if text := strings.TrimSpace(b.until.Text); text != "" {
			if s.Until, err = time.ParseInLocation(time.DateOnly, text, now.Location()); err != nil {
				b.say(b.last, wording.T("schedule.format.day"))
				return s, b.last
			}
			s.Until = s.Until.AddDate(0, 0, 1).Add(-time.Second) // the whole day
		}
	}
	switch err := s.Validate(now); err {
	case nil:
		return s, nil
	case engine.ErrNoEnd:
		wrong = b.last
	case engine.ErrTooOften:
		wrong = b.every
	default:
		wrong = b.first
	}
	b.say(wrong, wording.Unplanned(s.Validate(now)))
	return s, wrong
}

// vague is a word that belongs to the field before it.
func vague(words string) fyne.CanvasObject {
	t := mainText()
	t.value, t.color, t.whole = words, colorMuted, true
	return t
}
