package store

import (
	"testing"
	"time"

	"mwiz/engine"
)

func TestSchedulesAreKept(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	h := mustBuild(t, l)
	at := time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)
	once := engine.Schedule{Project: h.project, Next: at}
	often := engine.Schedule{Project: h.project, Next: at, Every: 6 * time.Hour, Until: at.AddDate(0, 0, 3), Missed: at.Add(-time.Hour)}
	for _, s := range []engine.Schedule{once, often} { // the second in place of the first
		must(t, l.KeepSchedule(t.Context(), s))
		all, err := l.Schedules(t.Context())
		must(t, err)
		if len(all) != 1 || !same(all[0], s) {
			t.Errorf("kept %+v, read %+v", s, all)
		}
	}
	if err := l.KeepSchedule(t.Context(), engine.Schedule{Project: 99, Next: at}); err != engine.ErrNotFound {
		t.Errorf("of no project: %v", err)
	}
	must(t, l.DropSchedule(t.Context(), h.project))
	must(t, l.DropSchedule(t.Context(), h.project))
	all, err := l.Schedules(t.Context())
	must(t, err)
	want(t, "schedules", len(all), 0)
}

func TestScheduleGoesWithItsProject(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	id, err := l.AddProject(t.Context(), engine.Project{Name: "short"})
	must(t, err)
	must(t, l.KeepSchedule(t.Context(), engine.Schedule{Project: id, Next: time.Now()}))
	must(t, l.DeleteProject(t.Context(), id))
	all, err := l.Schedules(t.Context())
	must(t, err)
	want(t, "schedules", len(all), 0)
}

func same(a, b engine.Schedule) bool {
	return a.Project == b.Project && a.Next.Equal(b.Next) && a.Every == b.Every && a.Until.Equal(b.Until) && a.Missed.Equal(b.Missed)
}
