package gui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// labels are the lines of a menu.
func labels(m *fyne.Menu) (all []string) {
	for _, i := range m.Items {
		all = append(all, i.Label)
	}
	return all
}

// withTray opens a window that has a place beside the clock, and returns what is shown there.
func withTray(t *testing.T, b *book) (r *rig, shown *[]*fyne.Menu) {
	t.Helper()
	r, shown = mustWindow(t, b), new([]*fyne.Menu)
	r.parts.Tray = func(m *fyne.Menu) { *shown = append(*shown, m) }
	r.startTray()
	return r, shown
}

func TestTrayShowsWhatIsAtWork(t *testing.T) {
	r, shown := withTray(t, sample())
	now := noon
	r.parts.Now = func() time.Time { return now }
	r.show(engine.Snapshot{})
	want(t, len(*shown), 1)
	want(t, (*shown)[0].Items[0].Label, "No pass is running")

	s := atWork()
	r.show(s)
	want(t, len(*shown), 2)
	menu := (*shown)[1]
	bakery := menu.Items[0]
	if l := labels(menu); !slices.ContainsFunc(l, func(s string) bool { return s == bakery.Label }) || len(l) < 4 || l[len(l)-1] != "Quit" {
		t.Errorf("the menu is %q", l)
	}
	want(t, bakery.Label[:len("Sonnenschein Bakery – Processing")], "Sonnenschein Bakery – Processing")
	want(t, menu.Items[len(menu.Items)-1].IsQuit, true)

	for i := range s.Passes {
		s.Passes[i].Done = s.Passes[i].Total
	}
	r.show(s)
	want(t, len(*shown), 2) // only numbers have changed, and just now
	now = now.Add(trayPause)
	r.show(s)
	want(t, len(*shown), 3)

	bakery.ChildMenu.Items[1].Action()
	want(t, r.desk.stops, 1)
	bakery.ChildMenu.Items[0].Action()
	if p, is := r.view.(*projectPage); !is || p.project.ID != 1 {
		t.Errorf("Open shows %T", r.view)
	}
	r.show(engine.Snapshot{Revision: 7})
	want(t, (*shown)[len(*shown)-1].Items[0].Label, "No pass is running")
}

func TestWindowHidesWhileTheWorkGoesOn(t *testing.T) {
	r, _ := withTray(t, sample())
	r.show(atWork())
	r.close()
	r.mustSay("Hide the window", "Stop and close", "Keep running")
	r.tapButton("Hide the window")
	want(t, r.hidden, true)
	want(t, r.quits, 0)
	want(t, r.free(), true)
	r.comeBack()
	want(t, r.hidden, false)

	r.close()
	r.press(fyne.KeyReturn)
	want(t, r.quits, 1)
}

func TestClosingTellsWhatIsPlanned(t *testing.T) {
	r, _ := withTray(t, planned())
	r.close()
	r.mustSay("A pass is planned", "26 Nov 2026, 02:00")
	r.press(fyne.KeyEscape)
	want(t, r.quits, 0)
	r.close()
	r.tapButton("Hide the window")
	r.comeBack()
	r.close()
	r.tapButton("Close")
	want(t, r.quits, 1)

	plain := mustWindow(t, planned()) // without a place beside the clock there is no other choice
	plain.close()
	want(t, plain.quits, 1)
}

func TestPreferencesAreKept(t *testing.T) {
	r := mustWindow(t, sample())
	var applied []Preferences
	var kept Memory
	r.parts.Prefer = func(p Preferences) { applied = append(applied, p) }
	r.parts.Remember = func(m Memory) error { kept = m; return nil }
	r.askPreferences()
	r.window.Canvas().Focused().TypedRune(' ')
	r.tapButton("Cancel")
	want(t, len(applied), 0)

	r.askPreferences()
	r.window.Canvas().Focused().TypedRune(' ')
	r.tapButton("Save")
	want(t, len(applied), 1)
	want(t, applied[0], Preferences{AllowSleep: true})
	want(t, kept.Preferences, Preferences{AllowSleep: true})
}

func TestTourIsShownOnce(t *testing.T) {
	var kept Memory
	r := mustWindow(t, &book{})
	want(t, r.free(), true) // nothing can be remembered: no tour
	r.parts.Remember = func(m Memory) error { kept = m; return nil }
	r.projects.reload()
	r.mustSay("How a migration goes", "The first pass copies everything", "Then only what is new", "All of it on this computer")
	r.press(fyne.KeyReturn)
	want(t, r.free(), true)
	want(t, kept.Toured, true)
	r.projects.reload()
	want(t, r.free(), true)
	r.command("Tour again")
	want(t, r.free(), false)
}
