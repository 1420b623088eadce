package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// The stops of the wizard.
const (
	atConnector = iota
	atMailboxes
	atTrial
	atSummary
	atMigration
	atFinished
)

// stopTitles are the titles of the stops. The first four are also what Settings.Draft says of a project that is being set up.
var stopTitles = []string{"connector", "mailboxes", "trial", "summary", "migration", "finished"}

// wizard leads from nothing to a migration, stop by stop. The project is in the ledger from the first stop on, so that the wizard can be
// left at any time and taken up again.
type wizard struct {
	w       *Window
	project engine.Project // ID 0 until it is kept
	at      int
	reached int  // the furthest stop
	entered bool // the first stop has been
	stops   []wizardStop
	rail    *rail
	title   *text
	body    *fyne.Container
	close   *keyButton
	prev    *keyButton
	next    *keyButton
	prevBox fyne.CanvasObject
	foot    *fyne.Container
	whole   fyne.CanvasObject
}

// wizardStop is one stop of the wizard.
type wizardStop interface {
	content() fyne.CanvasObject
	enter()               // it is shown from now on
	show(engine.Snapshot) // a new picture of the work
	reload()              // the ledger changed
	focus()               // takes the keyboard
	save(then func())     // keeps what is entered, then goes on; or says why not
	label() string        // of the button that leads on
	ready() bool          // whether it can be pressed
	next()                // what it does
}

// startForm opens the wizard on a new project.
func (w *Window) startForm() { w.resume(engine.Project{}) }

// resume opens the wizard where a project was left.
func (w *Window) resume(p engine.Project) {
	z := newWizard(w, p)
	w.enter(z)
	z.entered = true
	z.stop().enter()
}

// drafted reports whether a project is still being set up.
func drafted(r engine.ProjectRow) bool { return r.Settings.Draft != "" && r.Passes == 0 }

func newWizard(w *Window, p engine.Project) *wizard {
	z := &wizard{w: w, project: p}
	titles := make([]string, len(stopTitles))
	for i, t := range stopTitles {
		titles[i] = wording.T("wizard." + t)
	}
	z.rail = newRail(titles, z.jump)
	z.title = newText(theme.SizeNameHeadingText, theme.ColorNameForeground)
	z.title.style.Bold = true
	mailboxes := newMailboxStop(z)
	z.stops = []wizardStop{newConnectorStop(z, mailboxes.editor), mailboxes, newTrialStop(z), newSummaryStop(z), newMigrationStop(z), newFinishedStop(z)}
	z.build()
	z.at = max(0, slices.Index(stopTitles, p.Settings.Draft))
	z.reached = z.at
	z.turn()
	return z
}

func (z *wizard) build() {
	z.close = newButton("", z.leave)
	z.prev = newIconButton(wording.T("wizard.back"), theme.NavigateBackIcon(), z.previous)
	z.next = newButton("", z.onward)
	z.next.Importance = widget.HighImportance
	z.prevBox = roomy(z.prev)
	left, right := roomy(z.close), container(beside{room: 8}, z.prevBox, container(minWidth{150}, z.next))
	z.foot = container(layout.NewBorderLayout(nil, nil, left, right), left, right)
	head := newBar(z.title, gap, 8, noLine)
	head.fill = theme.ColorNameBackground
	z.body = container(layout.NewStackLayout())
	z.whole = between(container(layout.NewCustomPaddedVBoxLayout(0), head, z.rail.whole), newBar(z.foot, gap, 8, topLine), z.body)
}

// stop returns where one is.
func (z *wizard) stop() wizardStop { return z.stops[z.at] }

// goTo goes to a stop, and remembers it.
func (z *wizard) goTo(at int) {
	z.at, z.reached = at, max(z.reached, at)
	draft := ""
	if at < atMigration {
		draft = stopTitles[at]
	}
	if z.project.ID != 0 && z.project.Settings.Draft != draft {
		z.project.Settings.Draft = draft
		z.keep(func() {})
	}
	z.turn()
	z.stop().enter()
	z.focus()
	z.w.setMenu()
}

// turn shows the stop where one is.
func (z *wizard) turn() {
	z.body.Objects = []fyne.CanvasObject{z.stop().content()}
	z.body.Refresh()
	z.update()
}

// update shows the frame as things stand now.
func (z *wizard) update() {
	title := wording.T("projects.start")
	if z.project.ID != 0 {
		title = wording.Display(z.project.Name, 120)
	}
	z.title.say(title)
	z.rail.show(z.at, z.open)
	importance := widget.HighImportance
	if z.at == atMigration { // what it does there is to stop
		importance = widget.MediumImportance
	}
	if z.next.Importance != importance {
		z.next.Importance = importance
		z.next.Refresh()
	}
	setLabel(z.next, z.stop().label(), z.foot)
	enable(z.next, z.stop().ready())
	if back := z.at > atConnector && z.at < atMigration; z.prevBox.Visible() != back {
		visible(z.prevBox, back)
		z.foot.Refresh()
	}
	if z.at < atMigration {
		setLabel(z.close, wording.T("wizard.close"), z.foot)
	} else {
		setLabel(z.close, wording.T("projects.title"), z.foot)
	}
}

// setLabel changes what a button says, where that changes anything. around is laid out anew then: the button may need more room.
func setLabel(b *keyButton, label string, around fyne.CanvasObject) {
	if b.Text != label {
		b.SetText(label)
		if around != nil {
			around.Refresh()
		}
	}
}

// open reports whether one can go to a stop from here.
func (z *wizard) open(at int) bool { return z.at < atMigration && at <= z.reached && at < atMigration }

// jump goes to a stop that was clicked.
func (z *wizard) jump(at int) {
	if z.open(at) {
		z.stop().save(func() { z.goTo(at) })
	}
}

// keep writes the project to the ledger, then goes on. A name that is taken is said at the first stop.
func (z *wizard) keep(then func()) {
	project := z.project
	ask(z.w, nil, func(ctx context.Context) (engine.ProjectID, error) {
		if project.ID != 0 {
			return project.ID, z.w.parts.Book.UpdateProject(ctx, project)
		}
		return z.w.parts.Book.AddProject(ctx, project)
	}, func(id engine.ProjectID, err error) {
		if err != nil {
			z.w.tell(err, "")
			return
		}
		z.project.ID = id
		then()
	})
}

func (z *wizard) content() fyne.CanvasObject { return z.whole }

func (z *wizard) show(s engine.Snapshot) {
	z.stop().show(s)
	z.update()
	z.w.setMenu()
}

func (z *wizard) reload() {
	if z.entered {
		z.stop().reload()
		z.update()
	}
}

func (z *wizard) redate() {}

func (z *wizard) focus() { z.stop().focus() }

// back goes to the stop before, and leaves from the first.
func (z *wizard) back() {
	if z.at == atConnector || z.at >= atMigration {
		z.leave()
		return
	}
	z.previous()
}

func (z *wizard) previous() {
	if z.at > atConnector && z.at < atMigration {
		z.jump(z.at - 1)
	}
}

func (z *wizard) onward() {
	if z.stop().ready() {
		z.stop().next()
	}
}

// leave keeps what is entered and goes to My Migrations.
func (z *wizard) leave() { z.stop().save(z.w.home) }

func (z *wizard) command(c command) {
	switch c {
	case cmdNext:
		z.onward()
	case cmdSave:
		z.stop().save(func() {})
	case cmdStop:
		z.w.stop(z.project.ID)
	case cmdDelete:
		if m, ok := z.stop().(*mailboxStop); ok {
			m.editor.removeRow()
		}
	}
}

func (z *wizard) can(c command) bool {
	switch c {
	case cmdNext:
		return z.stop().ready()
	case cmdSave:
		return z.at < atMigration
	case cmdStop:
		return z.w.busy(z.project.ID)
	case cmdDelete:
		return z.at == atMailboxes
	}
	return false
}

// drop takes files that were dropped onto the window.
func (z *wizard) drop(files []fyne.URI) {
	if m, ok := z.stop().(*mailboxStop); ok {
		m.editor.drop(files)
	}
}
