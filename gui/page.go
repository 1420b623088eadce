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

// projectPage is one project: its mailboxes, its passes and what was not migrated.
type projectPage struct {
	w        *Window
	project  engine.ProjectRow
	question question
	read     bool // the ledger has said how many mailboxes there are

	title, route *text
	status       *statusCell
	migrate      *keyButton
	preview      *keyButton
	report       *keyButton
	head         *fyne.Container
	tabs         *tabBar
	mailboxes    *mailboxTab
	passes       *passTab
	failures     *failureTab
	folders      *foldersTab
	whole        fyne.CanvasObject
}

// The tabs, in their order.
const (
	onMailboxes = iota
	onPasses
	onErrors
	onFolders
)

// tab is what stands under a tab.
type tab interface {
	content() fyne.CanvasObject
	show(engine.Snapshot)
	reload()
	redate()
	keys() *keyList
}

// openProject shows a project.
func (w *Window) openProject(r engine.ProjectRow) { w.enter(newProjectPage(w, r)) }

func newProjectPage(w *Window, r engine.ProjectRow) *projectPage {
	p := &projectPage{w: w, project: r, status: newStatusCell(), route: smallText()}
	p.status.hugs, p.status.word.whole = true, true
	p.title = newText(theme.SizeNameHeadingText, theme.ColorNameForeground)
	p.title.style.Bold = true
	p.mailboxes = newMailboxTab(p)
	p.passes = newPassTab(p)
	p.failures = newFailureTab(p)
	p.folders = newFoldersTab(p)
	for _, t := range p.all() {
		t.keys().other = w.typed
	}
	p.failures.list.other = p.failures.typed
	p.build()
	p.showHead()
	return p
}

func (p *projectPage) all() []tab { return []tab{p.mailboxes, p.passes, p.failures, p.folders} }

func (p *projectPage) build() {
	back := newIconButton("", theme.NavigateBackIcon(), p.back)
	back.Importance = widget.LowImportance
	p.migrate = newButton("", nil)
	p.migrate.Importance = widget.HighImportance
	p.preview = newButton(wording.T("action.preview"), func() { p.command(cmdPreview) })
	p.report = newIconButton(wording.T("action.report"), theme.DocumentIcon(), func() { p.command(cmdReport) })
	settings := newIconButton(wording.T("action.settings"), theme.SettingsIcon(), func() { p.command(cmdEdit) })
	more := newIconAction(theme.MoreHorizontalIcon())
	more.tapped = func() { p.w.popUp(p.w.projectMenu(p.project), more) }
	right := container(beside{room: 8}, p.status, container(minWidth{156}, p.migrate), roomy(p.preview), roomy(p.report), roomy(settings), more)
	left := container(layout.NewCenterLayout(), back)
	names := container(above{1}, p.title, p.route)
	p.head = container(layout.NewBorderLayout(nil, nil, left, right), left, right, container(layout.NewCustomPaddedLayout(0, 0, 8, 12), names))
	head := newBar(p.head, gap-4, 8, noLine)
	head.fill = theme.ColorNameBackground

	p.tabs = newTabBar(p.turned, p.mailboxes.content(), p.passes.content(), p.failures.content(), p.folders.content())
	p.whole = between(head, nil, p.tabs.whole)
	p.showTabs()
}

func (p *projectPage) content() fyne.CanvasObject { return p.whole }

func (p *projectPage) focus() {
	p.w.window.Canvas().Focus(p.all()[p.tabs.selected].keys())
}

func (p *projectPage) back() { p.w.home() }

// reload reads the project and what is listed of it again.
func (p *projectPage) reload() {
	ask(p.w, &p.question, func(ctx context.Context) (engine.ProjectRow, error) {
		rows, err := p.w.parts.Book.ProjectRows(ctx)
		if err != nil {
			return engine.ProjectRow{}, err
		}
		if i := slices.IndexFunc(rows, func(r engine.ProjectRow) bool { return r.ID == p.project.ID }); i >= 0 {
			return rows[i], nil
		}
		return engine.ProjectRow{}, engine.ErrNotFound
	}, func(r engine.ProjectRow, err error) {
		if err == nil {
			p.project, p.read = r, true
		}
		p.mailboxes.failed(err)
		p.showHead()
		p.mailboxes.reload()
	})
	p.passes.reload()
	p.failures.reload()
	p.folders.reload()
}

// show takes a new picture of the work.
func (p *projectPage) show(s engine.Snapshot) {
	p.showHead()
	p.all()[p.tabs.selected].show(s)
	p.w.setMenu()
}

func (p *projectPage) redate() {
	p.showHead()
	p.all()[p.tabs.selected].redate()
}

// turned shows the tab that was chosen as things stand now.
func (p *projectPage) turned() {
	p.all()[p.tabs.selected].show(p.w.snap)
	p.focus()
	p.w.setMenu()
}

// showHead shows the name, the status and the buttons.
func (p *projectPage) showHead() {
	r := p.project
	p.title.say(wording.Display(r.Name, 120))
	p.route.say(p.w.routeAndPlan(r.Project))
	status, job := p.w.statusOf(r), p.w.workOf(r.ID)
	word := wording.Status(status)
	if job.share() > 0 {
		word = wording.T("status.share", "Status", word, "Percent", int(job.share()*100))
	}
	p.status.show(status, word, job.share(), "", colorMuted)
	busy := p.w.busy(r.ID)
	label, act := wording.T("action.migrate"), func() { p.command(cmdMigrate) }
	if n := len(p.mailboxes.marked); n > 0 {
		label = wording.T("action.migrate.marked", "Count", n)
	}
	importance := widget.HighImportance
	if busy {
		label, act, importance = wording.T("action.stop"), func() { p.command(cmdStop) }, widget.MediumImportance
	}
	p.migrate.OnTapped = act
	if p.migrate.Text != label || p.migrate.Importance != importance {
		p.migrate.Text, p.migrate.Importance = label, importance
		p.migrate.Refresh()
		p.head.Refresh() // the button may need more room
	}
	enable(p.migrate, r.Mailboxes > 0 && status != engine.Stopping && !p.w.starting[r.ID])
	enable(p.preview, r.Mailboxes > 0 && !busy)
	enable(p.report, r.Mailboxes > 0)
}

// enable makes a button usable or not, where that changes anything.
func enable(b interface {
	fyne.Disableable
}, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// showTabs writes the counts into the tabs.
func (p *projectPage) showTabs() {
	for i, tab := range []struct {
		title string
		count int
	}{{"tab.mailboxes", p.project.Mailboxes}, {"tab.passes", p.passes.count}, {"tab.errors", p.failures.count()}, {"tab.folders", len(p.folders.all)}} {
		words := wording.T(tab.title)
		if tab.count > 0 {
			words = wording.T("tab.count", "Title", words, "Count", tab.count)
		}
		p.tabs.title(i, words)
	}
}

// command does what menu and keyboard ask.
func (p *projectPage) command(c command) {
	switch c {
	case cmdTab1, cmdTab2, cmdTab3, cmdTab4:
		p.tabs.choose(int(c - cmdTab1))
		return
	case cmdNextTab:
		p.tabs.turn(1, false)
		return
	case cmdLastTab:
		p.tabs.turn(-1, false)
		return
	}
	if !p.can(c) {
		return
	}
	switch c {
	case cmdMigrate:
		p.w.start(p.project.Project, engine.NewItems, p.mailboxes.selection()...)
	case cmdStop:
		p.w.stop(p.project.ID)
	case cmdPreview:
		p.w.start(p.project.Project, engine.Preview, p.mailboxes.selection()...)
	case cmdRetry:
		p.w.start(p.project.Project, engine.Retry, p.mailboxes.selection()...)
	case cmdFind:
		if p.tabs.selected == onFolders {
			p.w.window.Canvas().Focus(p.folders.search)
			return
		}
		p.w.window.Canvas().Focus(p.mailboxes.narrow.search)
	case cmdReport:
		p.w.askReport(p.project.Project)
	case cmdReceipt:
		p.findMessage()
	case cmdSchedule:
		p.w.askSchedule(p.project.Project)
	case cmdEdit:
		p.w.editProject(p.project.Project)
	case cmdAdd:
		p.w.addMailboxes(p.project.Project)
	case cmdOpen:
		p.open()
	case cmdDelete:
		p.delete()
	}
}

// findMessage opens the search for a message, in the selected mailbox.
func (p *projectPage) findMessage() {
	if i, ok := p.folders.list.choice(); ok && p.tabs.selected == onFolders {
		s := p.folders.all[p.folders.shown[i]]
		p.w.findMessage(p.project.Project, s.Address, s.Source)
		return
	}
	m, _ := p.mailboxes.chosen()
	p.w.findMessage(p.project.Project, m.Source.Address, "")
}

// open opens the selected row.
func (p *projectPage) open() {
	l := p.all()[p.tabs.selected].keys()
	if i, ok := l.choice(); ok && l.open != nil {
		l.open(i)
	}
}

// delete deletes the selected mailbox; elsewhere there is nothing to delete.
func (p *projectPage) delete() {
	if m, ok := p.mailboxes.chosen(); ok && p.tabs.selected == onMailboxes {
		p.mailboxes.delete(m)
	}
}

func (p *projectPage) can(c command) bool {
	busy := p.w.busy(p.project.ID)
	switch c {
	case cmdMigrate, cmdPreview:
		return !busy && p.project.Mailboxes > 0
	case cmdRetry:
		return !busy && p.failures.items > 0
	case cmdReport, cmdReceipt, cmdSchedule:
		return p.project.Mailboxes > 0
	case cmdStop:
		return busy
	case cmdDelete:
		return p.tabs.selected == onMailboxes
	case cmdFind:
		return p.tabs.selected == onMailboxes || p.tabs.selected == onFolders
	case cmdSave, cmdNext, cmdSort:
		return false
	}
	return true
}
