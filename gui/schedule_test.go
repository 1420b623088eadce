package gui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// planned is the sample with a schedule for the bakery.
func planned() *book {
	b := sample()
	b.schedules = map[engine.ProjectID]engine.Schedule{1: {Project: 1, Next: noon.Add(14 * time.Hour), Every: 6 * time.Hour, Until: noon.AddDate(0, 0, 3)}}
	return b
}

func TestScheduleIsKept(t *testing.T) {
	r := mustWindow(t, sample())
	r.askSchedule(r.book.projects[0].Project)
	r.mustSay("Schedule of Sonnenschein Bakery", "First pass")
	r.press(fyne.KeyReturn) // the proposal
	once := engine.Schedule{Project: 1, Next: noon.Add(14 * time.Hour)}
	want(t, r.book.schedules[1], once)
	r.mustSay("Next pass: 26 Nov, 02:00")

	b := r.askSchedule(r.book.projects[0].Project)
	b.choice.choose(2)
	b.hours.SetText("1,5")
	b.until.SetText("2026-11-30")
	r.press(fyne.KeyReturn)
	want(t, r.book.schedules[1], engine.Schedule{Project: 1, Next: once.Next, Every: 90 * time.Minute, Until: time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)})

	b = r.askSchedule(r.book.projects[0].Project)
	want(t, b.hours.Text, "1.5")
	b.choice.choose(0)
	b.shown.accept()
	want(t, len(r.book.schedules), 0)
}

func TestScheduleSaysWhatIsWrong(t *testing.T) {
	r := mustWindow(t, sample())
	b := r.askSchedule(r.book.projects[0].Project)
	b.choice.choose(2)
	for _, wrong := range []struct{ day, clock, hours, until, says string }{
		{"2026-11-25", "11:59", "6", "", "This time has passed."},
		{"tomorrow", "02:00", "6", "", "Write the day as"},
		{"2026-11-26", "26:00", "6", "", "Write the day as"},
		{"2026-11-26", "02:00", "0.1", "", "at least 15 minutes apart"},
		{"2026-11-26", "02:00", "six", "", "at least 15 minutes apart"},
		{"2026-11-26", "02:00", "6", "30.11.", "Write the day as 2026-11-27."},
		{"2026-11-26", "02:00", "6", "2026-11-25", "The end comes before"},
	} {
		b.day.SetText(wrong.day)
		b.clock.SetText(wrong.clock)
		b.hours.SetText(wrong.hours)
		b.until.SetText(wrong.until)
		b.shown.accept()
		r.mustSay(wrong.says)
		want(t, len(r.book.schedules), 0)
	}
	r.press(fyne.KeyEscape)
	want(t, r.free(), true)
}

func TestMissedPassIsTold(t *testing.T) {
	for name, run := range map[string]bool{"Run it now": true, "Not now": false} {
		t.Run(name, func(t *testing.T) {
			b := planned()
			s := b.schedules[1]
			s.Missed = noon.Add(-10 * time.Hour)
			b.schedules[1] = s
			r := mustWindow(t, b)
			r.mustSay("A planned pass did not run", "A pass of Sonnenschein Bakery was planned for 25 Nov")
			r.tapButton(name)
			want(t, r.free(), true)
			want(t, len(r.desk.requests) == 1, run)
			want(t, r.book.schedules[1].Missed.IsZero(), true)
			want(t, r.book.schedules[1].Next.Equal(s.Next), true)
			r.readSchedules()
			want(t, r.free(), true)
		})
	}
}
