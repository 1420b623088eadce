package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// migrationStop is the wizard's fifth stop: the migration at work. It shows the project's own list of mailboxes.
type migrationStop struct {
	z        *wizard
	page     *projectPage
	question question
	began    bool // the passes have been seen at work
	words    *text
	line     *progressLine
	whole    fyne.CanvasObject
}

func newMigrationStop(z *wizard) *migrationStop {
	s := &migrationStop{z: z, words: newText(theme.SizeNameSubHeadingText, theme.ColorNameForeground), line: newProgressLine()}
	s.words.style.Bold = true
	return s
}

// content is made when it is first needed: the project has no id before.
func (s *migrationStop) content() fyne.CanvasObject {
	if s.whole == nil {
		s.page = newProjectPage(s.z.w, engine.ProjectRow{Project: s.z.project})
		top := newBar(container(layout.NewCustomPaddedVBoxLayout(8), s.words, container(minHeight{8}, s.line)), gap, 12, bottomLine)
		top.fill = theme.ColorNameBackground
		s.whole = between(top, nil, s.page.mailboxes.content())
	}
	return s.whole
}

func (s *migrationStop) enter() {
	s.began = s.z.w.busy(s.z.project.ID)
	s.page.project.Project = s.z.project
	s.page.reload()
	s.changed()
}

// show goes on to the end when the work has ended.
func (s *migrationStop) show(snap engine.Snapshot) {
	s.page.show(snap)
	s.changed()
}

func (s *migrationStop) reload() { s.page.reload() }

func (s *migrationStop) changed() {
	w, id := s.z.w, s.z.project.ID
	busy := w.busy(id)
	if busy {
		s.began = true
	} else if s.began {
		s.settle()
	}
	job := w.workOf(id)
	words := []string{wording.T("migration.copied", "Count", job.total.Tally.Copied)}
	if job.share() > 0 {
		words = append(words, wording.T("migration.percent", "Percent", int(job.share()*100)))
	}
	if left := wording.Left(w.snap.Left); left != "" {
		words = append(words, left)
	}
	s.words.say(strings.Join(words, "   ·   "))
	s.line.show(max(0, job.share()))
}

// settle goes on to the last stop when the ledger agrees that nothing is at work: between a start and the first picture of it, nothing seems to be.
func (s *migrationStop) settle() {
	id := s.z.project.ID
	ask(s.z.w, &s.question, s.z.w.parts.Book.ProjectRows, func(rows []engine.ProjectRow, err error) {
		i := slices.IndexFunc(rows, func(r engine.ProjectRow) bool { return r.ID == id })
		if err == nil && i >= 0 && rows[i].Statuses[engine.Processing] == 0 && !s.z.w.busy(id) && s.z.stop() == wizardStop(s) {
			s.began = false
			s.z.goTo(atFinished)
		}
	})
}

func (s *migrationStop) focus() { s.z.w.window.Canvas().Focus(s.page.mailboxes.list) }

func (s *migrationStop) save(then func()) { then() }

func (s *migrationStop) label() string { return wording.T("action.stop") }

func (s *migrationStop) ready() bool {
	job := s.z.w.workOf(s.z.project.ID)
	return job.passes > job.stopping
}

func (s *migrationStop) next() { s.z.w.stop(s.z.project.ID) }

// finishedStop is the wizard's last stop: what came of it, and what comes next.
type finishedStop struct {
	z      *wizard
	row    engine.ProjectRow
	icon   *canvas.Image
	title  *text
	said   *text
	advice *fyne.Container
	open   *keyButton
	whole  fyne.CanvasObject
}

func newFinishedStop(z *wizard) *finishedStop {
	s := &finishedStop{z: z, icon: canvas.NewImageFromResource(nil), title: newText(theme.SizeNameHeadingText, theme.ColorNameForeground),
		said: newText(theme.SizeNameText, theme.ColorNameForeground), advice: container(layout.NewCustomPaddedVBoxLayout(0))}
	s.title.style.Bold = true
	for _, t := range []*text{s.title, s.said} {
		t.whole, t.align = true, fyne.TextAlignCenter
	}
	s.icon.SetMinSize(fyne.NewSquareSize(56))
	s.open = newButton(wording.T("finished.open"), func() { z.w.openProject(s.row) })
	s.whole = container(layout.NewCenterLayout(), container(layout.NewCustomPaddedVBoxLayout(12), container(layout.NewCenterLayout(), s.icon), s.title, s.said,
		newPanel(s.advice), container(layout.NewCenterLayout(), roomy(s.open))))
	return s
}

func (s *finishedStop) content() fyne.CanvasObject { return s.whole }

func (s *finishedStop) enter() { s.reload() }

func (s *finishedStop) show(engine.Snapshot) {
	if s.z.w.busy(s.z.project.ID) {
		s.z.goTo(atMigration)
	}
}

func (s *finishedStop) reload() {
	s.row.Project = s.z.project
	ask(s.z.w, nil, s.z.w.parts.Book.ProjectRows, func(rows []engine.ProjectRow, err error) {
		if err != nil {
			s.z.w.tell(err, "")
			return
		}
		for _, r := range rows {
			if r.ID == s.z.project.ID {
				s.row = r
			}
		}
		s.changed()
	})
}

func (s *finishedStop) changed() {
	status := s.row.Status()
	if l, known := looks[status]; known {
		s.icon.Resource = theme.NewColoredResource(l.icon(), l.color)
		s.icon.Refresh()
	}
	s.title.say(wording.T("finished.title." + strings.ReplaceAll(string(status), " ", "_")))
	said := wording.T("migration.copied", "Count", s.row.LastNew)
	if s.row.Failed > 0 {
		said += "   ·   " + wording.T("projects.failed", "Count", s.row.Failed)
	}
	s.said.say(said)
	advice := []string{"finished.goon"}
	if status == engine.Completed || status == engine.CompletedWithErrors {
		advice = []string{"finished.mx", "finished.again", "finished.rules"}
	}
	s.advice.Objects = nil
	for _, id := range advice {
		s.advice.Add(paragraph(wording.T(id, "Limit", s.row.Settings.Limits().PassLimit), 560))
	}
	s.whole.Refresh()
}

func (s *finishedStop) focus() { s.z.w.window.Canvas().Focus(s.open) }

func (s *finishedStop) save(then func()) { then() }

func (s *finishedStop) label() string { return wording.T("action.migrate") }

func (s *finishedStop) ready() bool { return !s.z.w.busy(s.z.project.ID) }

func (s *finishedStop) next() { s.z.w.start(s.z.project, engine.NewItems) }
