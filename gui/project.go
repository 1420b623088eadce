package gui

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// projectColumns are the columns of My Migrations.
var projectColumns = columns{
	{title: "column.name", width: 190, stretch: true, sort: "name"},
	{title: "column.updated", width: 108, sort: "updated", falls: true, spare: true},
	{title: "column.status", width: 172, sort: "status"},
	{title: "column.mailboxes", width: 166, sort: "mailboxes", falls: true, spare: true},
	{title: "column.lastnew", width: 100, number: true, sort: "new", falls: true},
	{title: "column.passes", width: 56, number: true, sort: "passes", falls: true, spare: true},
	{title: "column.actions", width: 288, lead: 12},
}

// projectsView is My Migrations: every project, with the one button that matters.
type projectsView struct {
	w        *Window
	question question
	rows     []engine.ProjectRow // as the ledger gave them
	shown    []engine.ProjectRow // of these, those that are searched for, in the order wanted
	loaded   bool
	order    order
	columns  columns
	search   *field
	list     *keyList
	header   *header
	table    fyne.CanvasObject
	empty    *fyne.Container
	nothing  *text
	trouble  *troublePanel
	whole    fyne.CanvasObject
}

func newProjectsView(w *Window) *projectsView {
	v := &projectsView{w: w, order: w.orderOf("projects", order{by: "updated", descending: true}), columns: w.columnsOf("projects", projectColumns)}
	v.list = newKeyList(func() int { return len(v.shown) }, func() fyne.CanvasObject { return newProjectRow(v.columns) }, v.update)
	v.list.key = func(i int) (int64, bool) { return int64(v.shown[i].ID), true }
	v.list.find = func(key int64) (int, bool) {
		i := slices.IndexFunc(v.shown, func(r engine.ProjectRow) bool { return int64(r.ID) == key })
		return i, i >= 0
	}
	v.list.open = func(i int) { w.open(v.shown[i]) }
	v.list.menu = func(i int) *fyne.Menu { return w.projectMenu(v.shown[i]) }
	v.list.other = w.typed
	v.header = w.newHeader("projects", v.columns, v.list, &v.order, v.arrange)
	v.search = newField(wording.T("projects.search"))
	v.search.OnChanged = func(string) { v.arrange() }
	v.search.escape = func() { v.search.SetText(""); v.focus() }
	v.nothing = newText(theme.SizeNameText, colorMuted)
	v.nothing.align, v.nothing.whole = fyne.TextAlignCenter, true
	v.trouble = newTroublePanel(func() { v.reload() })
	v.build()
	return v
}

func (v *projectsView) build() {
	title := wholeText(wording.T("projects.title"), theme.SizeNameHeadingText, theme.ColorNameForeground)
	title.style.Bold = true
	start := newIconButton(wording.T("projects.start"), theme.ContentAddIcon(), v.w.startForm)
	start.Importance = widget.HighImportance
	search := container(layout.NewGridWrapLayout(fyne.NewSize(240, v.search.MinSize().Height)), v.search)
	right := container(beside{room: 10}, search, roomy(start))
	top := newBar(container(layout.NewBorderLayout(nil, nil, title, right), title, right), gap, 10, noLine)
	top.fill = theme.ColorNameBackground
	head := v.header.content()
	v.table = between(head, nil, container(layout.NewStackLayout(), v.list, container(layout.NewCenterLayout(), v.nothing)))
	v.empty = container(layout.NewStackLayout()) // filled when it is shown: its picture takes long to read
	v.table.Hide()
	v.empty.Hide()
	v.whole = between(top, nil, container(layout.NewStackLayout(), v.table, v.empty, v.trouble))
}

// welcome is what stands in place of the table while there is no project.
func (v *projectsView) welcome() fyne.CanvasObject {
	icon := widget.NewIcon(fyne.NewStaticResource("icon.png", iconPNG()))
	title := wholeText(wording.T("welcome.title"), theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	title.style.Bold, title.align = true, fyne.TextAlignCenter
	words := wholeText(wording.T("welcome.text"), theme.SizeNameText, colorMuted)
	words.align = fyne.TextAlignCenter
	start := newIconButton(wording.T("projects.start"), theme.ContentAddIcon(), v.w.startForm)
	start.Importance = widget.HighImportance
	buttons := container(beside{room: 8}, roomy(start))
	if v.w.parts.Sandbox != nil {
		buttons.Add(roomy(newButton(wording.T("welcome.sandbox"), v.w.openSandbox)))
	}
	picture := container(layout.NewCenterLayout(), container(layout.NewGridWrapLayout(fyne.NewSquareSize(72)), icon))
	return container(layout.NewCenterLayout(), container(layout.NewCustomPaddedVBoxLayout(10), picture, title, words, container(layout.NewCenterLayout(), buttons)))
}

func (v *projectsView) content() fyne.CanvasObject { return v.whole }

func (v *projectsView) focus() {
	if c := v.w.window.Canvas(); v.table.Visible() {
		c.Focus(v.list)
	}
}

func (v *projectsView) back() {
	if v.search.Text != "" {
		v.search.SetText("")
	}
}

// reload reads the projects again.
func (v *projectsView) reload() {
	ask(v.w, &v.question, v.w.parts.Book.ProjectRows, func(rows []engine.ProjectRow, err error) {
		v.trouble.show(err)
		if err == nil {
			v.rows, v.loaded = rows, true
		}
		if len(rows) == 0 && len(v.empty.Objects) == 0 {
			v.empty.Add(v.welcome())
		}
		visible(v.empty, err == nil && len(rows) == 0)
		visible(v.table, err == nil && len(rows) > 0)
		if err == nil && len(rows) == 0 {
			v.w.firstTour()
		}
		if first := len(v.shown) == 0; first && len(rows) > 0 {
			defer v.focus()
		}
		v.arrange()
	})
}

// arrange searches and sorts the rows and shows them.
func (v *projectsView) arrange() {
	words := strings.Fields(strings.ToLower(v.search.Text))
	v.shown = v.shown[:0:0]
	for _, r := range v.rows {
		if matches(words, r.Name, r.Source.Host, r.Destination.Host) {
			v.shown = append(v.shown, r)
		}
	}
	slices.SortStableFunc(v.shown, v.compare)
	v.nothing.say("")
	if len(v.shown) == 0 && len(v.rows) > 0 {
		v.nothing.say(wording.T("projects.nothing"))
	}
	if _, chosen := v.list.choice(); !chosen && len(v.shown) > 0 {
		v.list.Select(0)
	}
	v.list.renew()
	v.w.setMenu()
}

// matches reports whether each of the words stands in one of the texts.
func matches(words []string, texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, "\n"))
	for _, word := range words {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

func (v *projectsView) compare(a, b engine.ProjectRow) int {
	var c int
	switch v.order.by {
	case "name":
		c = cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case "updated":
		c = a.Updated.Compare(b.Updated)
	case "status":
		c = cmp.Compare(slices.Index(statusOrder, v.w.statusOf(a)), slices.Index(statusOrder, v.w.statusOf(b)))
	case "mailboxes":
		c = cmp.Compare(a.Mailboxes, b.Mailboxes)
	case "new":
		c = cmp.Compare(a.LastNew, b.LastNew)
	case "passes":
		c = cmp.Compare(a.Passes, b.Passes)
	}
	if v.order.descending {
		return -c
	}
	return c
}

// show takes a new picture of the work.
func (v *projectsView) show(engine.Snapshot) {
	v.list.again()
	v.w.setMenu()
}

func (v *projectsView) redate() { v.list.Refresh() }

// workOf returns what is being done in a project.
func (w *Window) workOf(id engine.ProjectID) work {
	job := working(w.snap, ofProject(id))
	if b := w.endings[id]; b != nil {
		job.ended = len(b.passes)
		job.weight += b.weight
		job.done += b.weight
		job.total.Tally.Add(b.tally)
	}
	return job
}

// statusOf returns what a project is doing now.
func (w *Window) statusOf(r engine.ProjectRow) engine.Status {
	if w.starting[r.ID] {
		return engine.Processing
	}
	return working(w.snap, ofProject(r.ID)).status(r.Status())
}

// chosen returns the selected project.
func (v *projectsView) chosen() (engine.ProjectRow, bool) {
	if i, ok := v.list.choice(); ok {
		return v.shown[i], true
	}
	return engine.ProjectRow{}, false
}

// command does what menu and keyboard ask.
func (v *projectsView) command(c command) {
	if c == cmdFind {
		v.w.window.Canvas().Focus(v.search)
		return
	}
	r, ok := v.chosen()
	if !ok || !v.can(c) {
		return
	}
	switch c {
	case cmdMigrate:
		v.w.start(r.Project, engine.NewItems)
	case cmdStop:
		v.w.stop(r.ID)
	case cmdPreview:
		v.w.start(r.Project, engine.Preview)
	case cmdRetry:
		v.w.start(r.Project, engine.Retry)
	case cmdOpen:
		v.w.open(r)
	case cmdReport:
		v.w.askReport(r.Project)
	case cmdReceipt:
		v.w.findMessage(r.Project, "", "")
	case cmdSchedule:
		v.w.askSchedule(r.Project)
	case cmdEdit:
		v.w.editProject(r.Project)
	case cmdDelete:
		v.w.deleteProject(r)
	}
}

func (v *projectsView) can(c command) bool {
	r, ok := v.chosen()
	if !ok || c == cmdSort {
		return c == cmdFind || c == cmdSort
	}
	busy := v.w.busy(r.ID)
	switch c {
	case cmdMigrate, cmdPreview:
		return !busy && r.Mailboxes > 0 && !drafted(r)
	case cmdSchedule:
		return r.Mailboxes > 0 && !drafted(r)
	case cmdRetry:
		return !busy && r.Failed > 0
	case cmdReport, cmdReceipt:
		return r.Mailboxes > 0 && !drafted(r)
	case cmdStop:
		return busy
	case cmdDelete:
		return !busy
	case cmdOpen, cmdEdit, cmdFind:
		return true
	}
	return false
}

// projectRow is a line of My Migrations.
type projectRow struct {
	row
	name, route   *text
	updated       *text
	status        *statusCell
	counts        *countsCell
	new, passes   *text
	migrate, open *action
	preview, more *action
}

func newProjectRow(c columns) *projectRow {
	r := &projectRow{name: boldText(), route: smallText(), updated: mainText(), status: newStatusCell(), counts: newCountsCell(),
		new: numberText(), passes: numberText(), migrate: newAction("", primary),
		preview: newAction("", plain), open: newAction("", plain), more: newIconAction(theme.MoreHorizontalIcon())}
	r.updated.color = colorMuted
	actions := container(beside{room: 2, width: map[int]float32{0: 138, 1: 66, 2: 52}}, r.migrate, r.preview, r.open, r.more)
	r.columns, r.height = c, 46
	r.cells = []fyne.CanvasObject{twoLines(r.name, r.route), r.updated, r.status, r.counts, r.new, r.passes, actions}
	r.ExtendBaseWidget(r)
	return r
}

// update shows project i in a row.
func (v *projectsView) update(i int, o fyne.CanvasObject) {
	r := o.(*projectRow)
	choose := func() { v.list.choose(i) }
	for _, a := range []*action{r.migrate, r.preview, r.open, r.more} {
		a.choose = choose
	}
	r.show(v.w, v.shown[i])
}

func (r *projectRow) show(w *Window, p engine.ProjectRow) {
	r.name.say(wording.Display(p.Name, 120))
	r.route.say(route(p.Project))
	r.updated.say(wording.When(p.Updated, w.now()))
	r.counts.show(p.Mailboxes, p.Statuses)
	r.passes.show(wording.Passes(p.Passes, p.Settings.Limits().PassLimit), colorMuted)
	status, job := w.statusOf(p), w.workOf(p.ID)
	word, note := wording.Status(status), ""
	if job.share() > 0 {
		word = wording.T("status.share", "Status", word, "Percent", int(job.share()*100))
	}
	if p.Failed > 0 {
		note = wording.T("projects.failed", "Count", p.Failed)
	}
	if drafted(p) && job.passes == 0 {
		word, note = wording.T("projects.draft"), wording.T("projects.draft.stop", "Stop", wording.T("wizard."+p.Settings.Draft))
	}
	if note == "" && job.passes == 0 {
		note = w.plan(p.ID)
	}
	noteColor := fyne.ThemeColorName(colorMuted)
	if p.Failed > 0 {
		noteColor = colorBad
	}
	r.status.show(status, word, job.share(), note, noteColor)
	switch {
	case job.passes > 0:
		r.new.say(wording.Number(job.total.Tally.Copied))
	case p.Passes == 0 && p.LastNew == 0:
		r.new.say("–")
	default:
		r.new.say(wording.Number(p.LastNew))
	}
	r.showActions(w, p, status)
}

func (r *projectRow) showActions(w *Window, p engine.ProjectRow, status engine.Status) {
	busy := w.busy(p.ID)
	switch {
	case busy:
		r.migrate.show(wording.T("action.stop"), stop, status == engine.Stopping || w.starting[p.ID], func() { w.stop(p.ID) })
	case drafted(p):
		r.migrate.show(wording.T("projects.continue"), primary, false, func() { w.resume(p.Project) })
	default:
		r.migrate.show(wording.T("action.migrate"), primary, p.Mailboxes == 0, func() { w.start(p.Project, engine.NewItems) })
	}
	r.preview.show(wording.T("action.preview"), plain, busy || p.Mailboxes == 0 || drafted(p), func() { w.start(p.Project, engine.Preview) })
	r.open.show(wording.T("action.open"), plain, false, func() { w.open(p) })
	r.more.tapped = func() { w.popUp(w.projectMenu(p), r.more) }
}

// busy reports whether a project has passes that are not ended, or is about to.
func (w *Window) busy(id engine.ProjectID) bool {
	return w.starting[id] || slices.ContainsFunc(w.snap.Passes, ofProject(id))
}

// route says from where to where a project moves mail.
func route(p engine.Project) string {
	from, to := p.Source.Host, p.Destination.Host
	if from == "" && to == "" {
		return wording.T("projects.route.none")
	}
	if from == to {
		from, to = p.Source.Address(), p.Destination.Address()
	}
	shown := func(host string) string { return cmp.Or(wording.Display(host, 60), "…") }
	return wording.T("projects.route", "Source", shown(from), "Destination", shown(to))
}

// projectMenu is what can be done with a project.
func (w *Window) projectMenu(r engine.ProjectRow) *fyne.Menu {
	item := func(id string, can bool, act func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(wording.T(id), act)
		i.Disabled = !can
		return i
	}
	busy := w.busy(r.ID)
	if drafted(r) {
		return fyne.NewMenu("",
			item("projects.continue", true, func() { w.resume(r.Project) }),
			fyne.NewMenuItemSeparator(),
			item("action.edit", true, func() { w.editProject(r.Project) }),
			item("action.delete", !busy, func() { w.deleteProject(r) }))
	}
	return fyne.NewMenu("",
		item("action.open", true, func() { w.openProject(r) }),
		item("action.migrate", !busy && r.Mailboxes > 0, func() { w.start(r.Project, engine.NewItems) }),
		item("action.preview", !busy && r.Mailboxes > 0, func() { w.start(r.Project, engine.Preview) }),
		item("action.verify", !busy && r.Mailboxes > 0, func() { w.start(r.Project, engine.Verify) }),
		item("action.retry", !busy && r.Failed > 0, func() { w.start(r.Project, engine.Retry) }),
		item("action.stop", busy, func() { w.stop(r.ID) }),
		fyne.NewMenuItemSeparator(),
		item("action.receipt", r.Mailboxes > 0, func() { w.findMessage(r.Project, "", "") }),
		item("action.report", r.Mailboxes > 0, func() { w.askReport(r.Project) }),
		item("action.rebuild", !busy && r.Mailboxes > 0, func() { w.rebuild(r) }),
		item("action.schedule", r.Mailboxes > 0, func() { w.askSchedule(r.Project) }),
		item("action.edit", true, func() { w.editProject(r.Project) }),
		item("action.delete", !busy, func() { w.deleteProject(r) }))
}

// rebuild asks, then has what is at the destination recognised.
func (w *Window) rebuild(r engine.ProjectRow) {
	w.confirm(inquiry{title: wording.T("rebuild.title", "Name", wording.Display(r.Name, 60)), text: wording.T("rebuild.text"), yes: wording.T("rebuild.yes")},
		func() { w.start(r.Project, engine.Rebuild) })
}

// deleteProject asks, then deletes a project with its history and its passwords.
func (w *Window) deleteProject(r engine.ProjectRow) {
	w.confirm(inquiry{title: wording.T("delete.project.title", "Name", wording.Display(r.Name, 60)),
		text: wording.T("delete.project.text", "Count", r.Mailboxes), yes: wording.T("delete.yes"), danger: true}, func() {
		do(w, func(ctx context.Context) error { return w.parts.Enroller.DeleteProject(ctx, r.ID) }, func(err error) {
			w.tell(err, "")
			if w.view != view(w.projects) {
				w.home()
			}
			w.changed()
		})
	})
}

// open shows a project, or the wizard while it is being set up.
func (w *Window) open(r engine.ProjectRow) {
	if drafted(r) {
		w.resume(r.Project)
		return
	}
	w.openProject(r)
}

// openSandbox opens the sandbox beside this window.
func (w *Window) openSandbox() {
	do(w, w.parts.Sandbox, func(err error) { w.tell(err, "") })
}

// ended returns when a pass was last heard of.
func ended(p engine.Pass) time.Time {
	for _, t := range []time.Time{p.Ended, p.Started, p.Queued} {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
