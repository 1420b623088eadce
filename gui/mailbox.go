package gui

import (
	"context"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// pageSize is how many rows are read at once of a list without bound.
const pageSize = 100

// mailboxColumns are the columns of a project's mailboxes.
var mailboxColumns = columns{
	{width: 18},
	{title: "column.mailbox", width: 236},
	{title: "column.status", width: 234, stretch: true},
	{title: "column.copied", width: 80, number: true},
	{title: "column.failed", width: 60, number: true, spare: true},
	{title: "column.passes", width: 66, number: true, spare: true},
	{title: "column.last", width: 116, lead: 8, spare: true},
	{title: "column.actions", width: 226, lead: 8},
}

// mailboxTab lists a project's mailboxes.
type mailboxTab struct {
	columns columns
	page    *projectPage
	rows    *pages[engine.MailboxRow]
	narrow  *narrowed
	marked  map[engine.MailboxID]bool
	list    *keyList
	trouble *troublePanel
	words   *text
	marking *keyButton
	tools   fyne.CanvasObject
	empty   fyne.CanvasObject
	whole   fyne.CanvasObject
}

func newMailboxTab(p *projectPage) *mailboxTab {
	t := &mailboxTab{page: p, columns: p.w.columnsOf("mailboxes", mailboxColumns), marked: map[engine.MailboxID]bool{}}
	t.narrow = newNarrowed(t)
	t.rows = newPages(pageSize, func(offset, limit int, show func([]engine.MailboxRow, error)) {
		ask(p.w, nil, func(ctx context.Context) ([]engine.MailboxRow, error) {
			return p.w.parts.Book.MailboxRows(ctx, p.project.ID, engine.Page{Offset: offset, Limit: limit})
		}, show)
	}, t.changed)
	t.list = newKeyList(t.length, func() fyne.CanvasObject { return newMailboxRow(t.columns) }, t.update)
	t.list.key = func(i int) (int64, bool) { m, ok := t.at(i); return int64(m.ID), ok }
	t.list.find = t.find
	t.list.menu = func(i int) *fyne.Menu {
		if m, ok := t.at(i); ok {
			return t.menu(m)
		}
		return nil
	}
	t.list.open = func(i int) {
		if m, ok := t.at(i); ok {
			t.details(m)
		}
	}
	t.list.mark = func(i int) {
		if m, ok := t.at(i); ok {
			t.mark(m.ID)
		}
	}
	t.list.all = t.markAll
	t.trouble = newTroublePanel(p.reload)
	t.build()
	return t
}

func (t *mailboxTab) build() {
	add := newIconButton(wording.T("action.add"), theme.ContentAddIcon(), func() { t.page.command(cmdAdd) })
	add.Importance = widget.HighImportance
	none := wholeText(wording.T("mailboxes.empty"), theme.SizeNameText, colorMuted)
	t.empty = container(layout.NewCenterLayout(), container(layout.NewCustomPaddedVBoxLayout(10), none, container(layout.NewCenterLayout(), roomy(add))))
	t.empty.Hide()
	small := newIconButton(wording.T("action.add"), theme.ContentAddIcon(), func() { t.page.command(cmdAdd) })
	t.words = mainText()
	t.words.color = colorMuted
	t.marking = newButton("", t.markOrClear)
	t.marking.Importance = widget.LowImportance
	left := container(beside{room: 8, width: map[int]float32{0: 190, 1: 170}}, t.narrow.search, framed(t.narrow.status))
	words := container(layout.NewBorderLayout(nil, nil, left, nil), left, container(layout.NewCustomPaddedLayout(0, 0, 12, 12), t.words))
	t.tools = newTools(words, t.marking, small)
	head := container(layout.NewCustomPaddedVBoxLayout(0), t.tools, t.page.w.newHeader("mailboxes", t.columns, t.list, nil, nil).content())
	t.whole = between(head, nil, container(layout.NewStackLayout(), t.list, t.empty, t.trouble))
}

// newTools is the line above a list: words at the left, buttons at the right.
func newTools(words fyne.CanvasObject, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	right := container(beside{room: 8})
	for _, b := range buttons {
		right.Add(roomy(b))
	}
	return container(layout.NewCustomPaddedLayout(6, 6, gap, gap), container(layout.NewBorderLayout(nil, nil, nil, right), right, words))
}

func (t *mailboxTab) content() fyne.CanvasObject { return t.whole }

func (t *mailboxTab) keys() *keyList { return t.list }

// failed shows that the project itself could not be read.
func (t *mailboxTab) failed(err error) {
	if err == nil {
		err = t.rows.failed
	}
	t.trouble.show(err)
	visible(t.list, err == nil)
}

// reload reads the mailboxes again, after the project's count of them is known.
func (t *mailboxTab) reload() {
	t.rows.renew()
	t.narrow.reload()
	t.changed()
}

// length returns how many rows are listed.
func (t *mailboxTab) length() int {
	if t.narrow.on() {
		return len(t.narrow.shown)
	}
	return t.page.project.Mailboxes
}

// at returns row i, and false while it is not read.
func (t *mailboxTab) at(i int) (engine.MailboxRow, bool) {
	switch {
	case !t.narrow.on():
		return t.rows.at(i)
	case i < len(t.narrow.shown):
		return t.narrow.shown[i], true
	}
	return engine.MailboxRow{}, false
}

// find returns where a mailbox is listed.
func (t *mailboxTab) find(key int64) (int, bool) {
	is := func(m engine.MailboxRow) bool { return int64(m.ID) == key }
	if t.narrow.on() {
		i := slices.IndexFunc(t.narrow.shown, is)
		return i, i >= 0
	}
	return t.rows.find(is)
}

// mark marks a mailbox, or takes its mark away.
func (t *mailboxTab) mark(id engine.MailboxID) {
	if t.marked[id] {
		delete(t.marked, id)
	} else {
		t.marked[id] = true
	}
	t.changed()
	t.page.showHead()
}

// markOrClear marks all, or takes all marks away where there are some.
func (t *mailboxTab) markOrClear() {
	if len(t.marked) == 0 {
		t.markAll()
		return
	}
	clear(t.marked)
	t.changed()
	t.page.showHead()
}

// markAll marks every mailbox that is listed.
func (t *mailboxTab) markAll() {
	marked := func(ids []engine.MailboxID) {
		for _, id := range ids {
			t.marked[id] = true
		}
		t.changed()
		t.page.showHead()
	}
	if t.narrow.on() {
		ids := make([]engine.MailboxID, len(t.narrow.shown))
		for i, m := range t.narrow.shown {
			ids[i] = m.ID
		}
		marked(ids)
		return
	}
	ask(t.page.w, nil, func(ctx context.Context) ([]engine.Mailbox, error) {
		return t.page.w.parts.Book.Mailboxes(ctx, t.page.project.ID)
	}, func(all []engine.Mailbox, err error) {
		t.page.w.tell(err, "")
		ids := make([]engine.MailboxID, len(all))
		for i, m := range all {
			ids[i] = m.ID
		}
		marked(ids)
	})
}

// selection returns the mailboxes that are marked; nil for none, which means all.
func (t *mailboxTab) selection() []engine.MailboxID {
	return slices.Sorted(maps.Keys(t.marked))
}

// changed shows the rows again.
func (t *mailboxTab) changed() {
	t.trouble.show(t.rows.failed)
	visible(t.list, t.rows.failed == nil)
	visible(t.empty, t.rows.failed == nil && t.page.read && t.page.project.Mailboxes == 0)
	t.words.say(t.summary())
	visible(t.marking, t.length() > 0)
	setLabel(t.marking, wording.T(map[bool]string{true: "mailboxes.mark", false: "mailboxes.clear"}[len(t.marked) == 0]), t.tools)
	t.page.showTabs()
	if _, chosen := t.list.choice(); !chosen {
		t.list.Select(0)
	}
	t.list.renew()
}

// summary says how many mailboxes are in which status.
func (t *mailboxTab) summary() string {
	r := t.page.project
	if r.Mailboxes == 0 {
		return ""
	}
	if len(t.marked) > 0 {
		return wording.T("mailboxes.marked", "Count", len(t.marked), "Total", wording.Number(r.Mailboxes))
	}
	if t.narrow.on() {
		return wording.T("mailboxes.found", "Count", len(t.narrow.shown), "Total", wording.Number(r.Mailboxes))
	}
	words := []string{wording.T("mailboxes.count", "Count", r.Mailboxes)}
	for _, s := range statusOrder {
		if n := r.Statuses[s]; n > 0 {
			words = append(words, wording.Number(n)+" "+strings.ToLower(wording.Status(s)))
		}
	}
	return strings.Join(words, "   ·   ")
}

func (t *mailboxTab) show(engine.Snapshot) {
	if t.narrow.byStatus() {
		t.narrow.arrange()
		t.list.renew()
		return
	}
	t.list.again()
}

func (t *mailboxTab) redate() { t.list.Refresh() }

func (t *mailboxTab) chosen() (engine.MailboxRow, bool) {
	if i, ok := t.list.choice(); ok {
		return t.at(i)
	}
	return engine.MailboxRow{}, false
}

// mailboxRow is a line of a project's mailboxes.
type mailboxRow struct {
	row
	mark                *action
	source, destination *text
	status              *statusCell
	copied, failed      *text
	passes, last        *text
	migrate, password   *action
	more                *action
}

func newMailboxRow(c columns) *mailboxRow {
	r := &mailboxRow{mark: newIconAction(theme.CheckButtonIcon()), source: mainText(), destination: smallText(), status: newStatusCell(), copied: numberText(), failed: numberText(),
		passes: numberText(), last: mainText(), migrate: newAction("", primary), password: newAction("", plain), more: newIconAction(theme.MoreHorizontalIcon())}
	r.last.color = colorMuted
	actions := container(beside{room: 2, width: map[int]float32{0: 84, 1: 108}, keep: true}, r.migrate, r.password, r.more)
	r.columns, r.height = c, 42
	r.cells = []fyne.CanvasObject{r.mark, twoLines(r.source, r.destination), r.status, r.copied, r.failed, r.passes, r.last, actions}
	r.ExtendBaseWidget(r)
	return r
}

// update shows mailbox i in a row.
func (t *mailboxTab) update(i int, o fyne.CanvasObject) {
	r := o.(*mailboxRow)
	choose := func() { t.list.choose(i) }
	for _, a := range []*action{r.migrate, r.password, r.more} {
		a.choose = choose
	}
	m, ok := t.at(i)
	if !ok {
		m = engine.MailboxRow{Mailbox: engine.Mailbox{Source: engine.Account{Address: "…"}}}
	}
	r.show(t, m)
}

func (r *mailboxRow) show(t *mailboxTab, m engine.MailboxRow) {
	w := t.page.w
	r.mark.tick(t.marked[m.ID])
	r.mark.tapped = func() {
		if m.ID != 0 {
			t.mark(m.ID)
		}
	}
	r.source.say(wording.Display(m.Source.Address, 120))
	r.destination.say("")
	if m.Destination.Address != "" {
		r.destination.say(wording.T("mailboxes.to", "Address", wording.Display(m.Destination.Address, 120)))
	}
	job := working(w.snap, ofMailbox(m.ID))
	r.copied.say(wording.Number(m.Items.Copied + m.Items.Adopted))
	failed := m.Items.Failed
	color := theme.ColorNameForeground
	if failed > 0 {
		color = colorBad
	}
	r.failed.show(wording.Number(failed), color)
	r.passes.show(wording.Passes(m.Passes, t.page.project.Settings.Limits().PassLimit), colorMuted)
	r.last.say("")
	if m.Last != nil {
		r.last.say(wording.When(ended(*m.Last), w.now()))
	}
	trouble, troubled := r.showStatus(t, m, job)
	busy := job.passes > 0 || w.starting[m.Project]
	if busy {
		r.migrate.show(wording.T("action.stop"), stop, job.stopping > 0 || job.passes == 0, func() { w.stop(m.Project, m.ID) })
	} else {
		r.migrate.show(wording.T("action.migrate.one"), primary, m.ID == 0, func() { w.start(t.page.project.Project, engine.NewItems, m.ID) })
	}
	project := t.page.project.Project
	side, awaited := w.awaited(m.ID)
	if !awaited && troubled && trouble.NeedsSignIn() && !busy {
		side, awaited = trouble.Side, true
	}
	untrusted := troubled && trouble.Kind == engine.Untrusted && trouble.Host != "" && !w.pinnedSince(m.Project, *m.Last)
	visible(r.password, awaited || troubled && (trouble.NeedsPassword() || untrusted) && !busy)
	switch {
	case awaited:
		r.password.show(wording.T("action.signin"), primary, false, func() { w.signInTo(project, m.Mailbox, side, w.changed) })
	case untrusted:
		r.password.show(wording.T("action.certificate"), plain, busy, func() { w.lookAtCertificate(project, m.Mailbox, trouble.Side, w.changed) })
	default:
		r.password.show(wording.T("action.password"), plain, busy, func() { w.askPasswords(project, m.Mailbox, w.changed) })
	}
	r.more.tapped = func() {
		if m.ID != 0 {
			w.popUp(t.menu(m), r.more)
		}
	}
}

// showStatus shows what the mailbox is doing, or how its last pass ended.
func (r *mailboxRow) showStatus(t *mailboxTab, m engine.MailboxRow, job work) (wording.Trouble, bool) {
	w := t.page.w
	if job.passes > 0 {
		word := job.words(w.snap, m.ID)
		r.status.show(job.status(engine.Processing), word, job.share(), "", colorMuted)
		return wording.Trouble{}, false
	}
	if m.Last == nil {
		r.status.show(engine.Pending, wording.Status(engine.Pending), -1, "", colorMuted)
		return wording.Trouble{}, false
	}
	status := engine.StatusOf(m.Last.State)
	trouble, troubled := wording.TroubleOfPass(*m.Last, "", "") // the row says whose it is
	note, color := "", fyne.ThemeColorName(colorMuted)
	switch {
	case troubled && trouble.NeedsPassword() && w.renewedSince(*m.Last):
		note = wording.T("mailboxes.renewed")
		if trouble.NeedsSignIn() {
			note = wording.T("mailboxes.signedin")
		}
	case w.pinnedSince(m.Project, *m.Last):
		note = wording.T("mailboxes.pinned")
	case troubled:
		note = trouble.Sentence()
	case m.Last.Kind == engine.Preview:
		note = wording.T("mailboxes.preview", "Count", m.Last.Tally.New, "Bytes", wording.Bytes(m.Last.Tally.Bytes))
	case m.Last.Kind == engine.Verify:
		note = wording.T("mailboxes.verified", "Count", m.Last.Tally.Verified, "Different", wording.Number(m.Last.Tally.Different), "Removed", wording.Number(m.Last.Tally.Removed))
	case m.Last.State.Ended():
		note = wording.T("mailboxes.lastnew", "Count", m.Last.Tally.Copied)
	}
	r.status.show(status, wording.Status(status), -1, note, color)
	return trouble, troubled
}

// words says what the mailbox's pass is doing and how far it is.
func (job work) words(s engine.Snapshot, id engine.MailboxID) string {
	word := ""
	for _, p := range s.Passes {
		if p.Mailbox == id {
			word = wording.Doing(p)
		}
	}
	if job.total.Total > 0 {
		return wording.T("mailboxes.progress", "Doing", word, "Done", wording.Number(job.total.Done), "Total", wording.Number(job.total.Total))
	}
	return word
}

// troubleOf says why a mailbox's last pass ended as it did.
func (t *mailboxTab) troubleOf(m engine.MailboxRow) (wording.Trouble, bool) {
	if m.Last == nil {
		return wording.Trouble{}, false
	}
	trouble, told := wording.TroubleOfPass(*m.Last, m.Source.Address, m.Destination.Address)
	return trouble, told
}

// awaited returns at which side a pass of a mailbox waits until somebody signs in again, and false if none does.
func (w *Window) awaited(id engine.MailboxID) (engine.Side, bool) {
	for _, p := range w.snap.Passes {
		if p.Mailbox == id && p.Phase == engine.AwaitingSignIn {
			return p.Awaited, true
		}
	}
	return 0, false
}

// menu is what can be done with a mailbox.
func (t *mailboxTab) menu(m engine.MailboxRow) *fyne.Menu {
	w, p := t.page.w, t.page.project.Project
	busy := w.unfinished(m.ID) || w.starting[m.Project]
	item := func(id string, can bool, act func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(wording.T(id), act)
		i.Disabled = !can
		return i
	}
	return fyne.NewMenu("",
		item("action.details", true, func() { t.details(m) }),
		item("action.migrate", !busy, func() { w.start(p, engine.NewItems, m.ID) }),
		item("action.preview", !busy, func() { w.start(p, engine.Preview, m.ID) }),
		item("action.verify", !busy, func() { w.start(p, engine.Verify, m.ID) }),
		item("action.retry", !busy && m.Items.Failed > 0, func() { w.start(p, engine.Retry, m.ID) }),
		item("action.stop", busy, func() { w.stop(m.Project, m.ID) }),
		fyne.NewMenuItemSeparator(),
		item("action.receipt", true, func() { w.findMessage(p, m.Source.Address, "") }),
		item("action.passwords", true, func() { w.askPasswords(p, m.Mailbox, w.changed) }),
		item("action.delete", !busy, func() { t.delete(m) }))
}

// delete asks, then deletes a mailbox with its history and its passwords.
func (t *mailboxTab) delete(m engine.MailboxRow) {
	w := t.page.w
	if w.unfinished(m.ID) {
		w.tell(engine.ErrUnfinished, m.Source.Address)
		return
	}
	w.confirm(inquiry{title: wording.T("delete.mailbox.title", "Address", wording.Display(m.Source.Address, 60)),
		text: wording.T("delete.mailbox.text"), yes: wording.T("delete.yes"), danger: true}, func() {
		do(w, func(ctx context.Context) error {
			return w.parts.Enroller.DeleteMailboxes(ctx, []engine.MailboxID{m.ID})
		}, func(err error) {
			if err == nil {
				delete(w.secrets, m.ID)
				delete(w.renewals, m.ID)
				delete(t.marked, m.ID)
			}
			w.tell(err, m.Source.Address)
			w.changed()
		})
	})
}

// details shows a mailbox's accounts and, in full, what the last pass had to say.
func (t *mailboxTab) details(m engine.MailboxRow) {
	grid := newFacts()
	grid.add("details.source", m.Source.Address)
	if m.Source.User != m.Source.Address {
		grid.add("details.source.login", m.Source.User)
	}
	grid.add("details.destination", m.Destination.Address)
	if m.Destination.User != m.Destination.Address {
		grid.add("details.destination.login", m.Destination.User)
	}
	grid.add("column.copied", wording.Number(m.Items.Copied))
	grid.add("column.adopted", wording.Number(m.Items.Adopted))
	grid.add("column.skipped", wording.Number(m.Items.Skipped))
	grid.add("column.failed", wording.Number(m.Items.Failed))
	words := container(layout.NewCustomPaddedVBoxLayout(10), grid.content())
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	if trouble, told := t.troubleOf(m); told {
		words.Add(widget.NewSeparator())
		words.Add(troubleWords(trouble, 460))
		if trouble.NeedsPassword() && t.page.w.renewedSince(*m.Last) {
			words.Add(paragraph(wording.T("mailboxes.renewed.details"), 460))
		}
	}
	t.page.w.showBox(box{title: wording.Display(m.Source.Address, 60), content: words, size: fyne.NewSize(520, 0), buttons: buttons})
}
