package gui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// tray is what the window shows beside the clock: its menu holds the projects that have passes at work. It is there from the start or never, for the toolkit
// begins it with its loop.
type tray struct {
	there    bool
	labels   []string // as last shown
	projects []engine.ProjectID
	at       time.Time
	names    map[engine.ProjectID]string
	asked    question
}

// trayPause is how long the menu stays as it is while only numbers change: some systems close an open menu that changes.
const trayPause = 3 * time.Second

// startTray puts the program beside the clock, if there is a place and the user wants it.
func (w *Window) startTray() {
	w.tray.there = w.parts.Tray != nil && !w.memory.Preferences.NoTray
	w.showTray()
}

// showTray shows what is at work beside the clock.
func (w *Window) showTray() {
	if !w.tray.there {
		return
	}
	projects := busyProjects(w.snap)
	if slices.ContainsFunc(projects, func(id engine.ProjectID) bool { return w.tray.names[id] == "" }) {
		w.nameProjects()
		return
	}
	menu := w.trayMenu(projects)
	labels := make([]string, len(menu.Items))
	for i, item := range menu.Items {
		labels[i] = item.Label
	}
	now := w.now()
	if slices.Equal(labels, w.tray.labels) || slices.Equal(projects, w.tray.projects) && now.Sub(w.tray.at) < trayPause {
		return
	}
	w.tray.labels, w.tray.projects, w.tray.at = labels, projects, now
	w.parts.Tray(menu)
}

// busyProjects returns the projects that have unfinished passes, in the order in which they began.
func busyProjects(s engine.Snapshot) (ids []engine.ProjectID) {
	for _, p := range s.Passes {
		if !slices.Contains(ids, p.Project) {
			ids = append(ids, p.Project)
		}
	}
	return ids
}

// nameProjects reads what the projects are called.
func (w *Window) nameProjects() {
	ask(w, &w.tray.asked, w.parts.Book.ProjectRows, func(rows []engine.ProjectRow, err error) {
		if err != nil {
			return
		}
		w.tray.names = map[engine.ProjectID]string{}
		for _, r := range rows {
			w.tray.names[r.ID] = wording.Display(r.Name, 40)
		}
		if !slices.ContainsFunc(busyProjects(w.snap), func(id engine.ProjectID) bool { return w.tray.names[id] == "" }) {
			w.showTray()
		}
	})
}

// trayMenu is the menu: a project a line, with how far it is, and below it what can be done.
func (w *Window) trayMenu(projects []engine.ProjectID) *fyne.Menu {
	menu := fyne.NewMenu("mwiz-desktop")
	for _, id := range projects {
		job := w.workOf(id)
		words := []string{w.tray.names[id], wording.Status(job.status(engine.Processing))}
		if share := job.share(); share > 0 {
			words[1] = wording.T("status.share", "Status", words[1], "Percent", int(share*100))
		}
		item := fyne.NewMenuItem(strings.Join(words, " – "), nil)
		stop := fyne.NewMenuItem(wording.T("action.stop"), func() { w.stop(id) })
		stop.Disabled = job.stopping == job.passes
		item.ChildMenu = fyne.NewMenu("", fyne.NewMenuItem(wording.T("action.open"), func() { w.showProject(id) }), stop)
		menu.Items = append(menu.Items, item)
	}
	if len(projects) == 0 {
		idle := fyne.NewMenuItem(wording.T("statusbar.idle"), nil)
		idle.Disabled = true
		menu.Items = append(menu.Items, idle)
	}
	quit := fyne.NewMenuItem(wording.T("menu.quit"), func() { w.comeBack(); w.close() })
	quit.IsQuit = true
	menu.Items = append(menu.Items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(wording.T("tray.open"), w.comeBack), quit)
	return menu
}

// comeBack brings the window to the front, from wherever it is.
func (w *Window) comeBack() {
	w.hidden = false
	w.window.Show()
	w.window.RequestFocus()
}

// hide takes the window off the screen while the work goes on. It comes back from beside the clock, or when the program is started once more.
func (w *Window) hide() {
	w.hidden = true
	w.remember()
	w.window.Hide()
}

// showProject brings the window to the front with a project in it.
func (w *Window) showProject(id engine.ProjectID) {
	w.comeBack()
	if !w.free() {
		return
	}
	ask(w, nil, w.parts.Book.ProjectRows, func(rows []engine.ProjectRow, err error) {
		if i := slices.IndexFunc(rows, func(r engine.ProjectRow) bool { return r.ID == id }); err == nil && i >= 0 {
			w.open(rows[i])
		}
	})
}
