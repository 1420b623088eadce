package gui

import (
	"context"

	"fyne.io/fyne/v2"
	tabs "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// passColumns are the columns of a project's history.
var passColumns = columns{
	{title: "column.started", width: 140},
	{title: "column.kind", width: 96, spare: true},
	{title: "column.mailbox", width: 200, stretch: true},
	{title: "column.status", width: 196},
	{title: "column.duration", width: 96, number: true},
	{title: "column.new", width: 80, number: true, spare: true},
	{title: "column.copied", width: 80, number: true},
	{title: "column.bytes", width: 84, number: true, spare: true},
	{title: "column.failed", width: 60, number: true},
}

// passTab is a project's history, with the folders of the selected pass below.
type passTab struct {
	columns columns
	page    *projectPage
	count   int
	counted question
	rows    *pages[engine.PassRow]
	list    *keyList
	trouble *troublePanel
	empty   *text
	folders *folderPanel
	whole   fyne.CanvasObject
}

func newPassTab(p *projectPage) *passTab {
	t := &passTab{page: p, folders: newFolderPanel(p), columns: p.w.columnsOf("passes", passColumns)}
	t.rows = newPages(pageSize, func(offset, limit int, show func([]engine.PassRow, error)) {
		ask(p.w, nil, func(ctx context.Context) ([]engine.PassRow, error) {
			return p.w.parts.Book.PassRows(ctx, p.project.ID, engine.Page{Offset: offset, Limit: limit})
		}, show)
	}, t.changed)
	t.list = newKeyList(func() int { return t.count }, func() fyne.CanvasObject { return newPassRow(t.columns) }, t.update)
	t.list.key = func(i int) (int64, bool) { r, ok := t.rows.at(i); return int64(r.ID), ok }
	t.list.find = func(key int64) (int, bool) {
		return t.rows.find(func(r engine.PassRow) bool { return int64(r.ID) == key })
	}
	t.list.chose = func(i int) {
		if r, ok := t.rows.at(i); ok {
			t.folders.open(r)
		}
	}
	t.list.open = func(i int) { t.list.choose(i); p.w.window.Canvas().Focus(t.folders.list) }
	t.trouble = newTroublePanel(p.reload)
	t.empty = newText(theme.SizeNameText, colorMuted)
	t.empty.align = fyne.TextAlignCenter
	t.empty.value, t.empty.whole = wording.T("passes.empty"), true
	t.empty.Hide()
	head := p.w.newHeader("passes", t.columns, t.list, nil, nil).content()
	upper := between(head, nil,
		container(layout.NewStackLayout(), t.list, container(layout.NewCenterLayout(), t.empty), t.trouble))
	split := tabs.NewVSplit(upper, t.folders.content())
	split.SetOffset(.52)
	t.whole = split
	return t
}

func (t *passTab) content() fyne.CanvasObject { return t.whole }

func (t *passTab) keys() *keyList { return t.list }

// reload counts the passes and reads them again.
func (t *passTab) reload() {
	p := t.page
	ask(p.w, &t.counted, func(ctx context.Context) (int, error) { return p.w.parts.Book.CountPasses(ctx, p.project.ID) }, func(n int, err error) {
		if err == nil {
			t.count = n
		} else {
			t.rows.failed = err
		}
		t.rows.renew()
		t.changed()
	})
}

func (t *passTab) changed() {
	t.trouble.show(t.rows.failed)
	visible(t.list, t.rows.failed == nil)
	visible(t.empty, t.rows.failed == nil && t.count == 0)
	t.page.showTabs()
	if _, chosen := t.list.choice(); !chosen && t.count > 0 {
		if _, read := t.rows.at(0); read {
			t.list.Select(0)
		}
	}
	t.list.renew()
	if i, ok := t.list.choice(); ok {
		if r, ok := t.rows.at(i); ok {
			t.folders.open(r)
		}
	}
}

func (t *passTab) show(engine.Snapshot) {
	t.list.again()
	t.folders.showAgain()
	t.folders.record.live()
}

func (t *passTab) redate() { t.list.Refresh() }

// passRow is a line of the history.
type passRow struct {
	row
	started, kind, mailbox *text
	status                 *statusCell
	duration, new, copied  *text
	bytes, failed          *text
}

func newPassRow(c columns) *passRow {
	r := &passRow{started: mainText(), kind: mainText(), mailbox: mainText(), status: newStatusCell(), duration: numberText(), new: numberText(),
		copied: numberText(), bytes: numberText(), failed: numberText()}
	r.kind.color = colorMuted
	r.columns, r.height = c, 30
	r.cells = []fyne.CanvasObject{r.started, r.kind, r.mailbox, r.status, r.duration, r.new, r.copied, r.bytes, r.failed}
	r.ExtendBaseWidget(r)
	return r
}

// update shows pass i in a row.
func (t *passTab) update(i int, o fyne.CanvasObject) {
	r := o.(*passRow)
	p, ok := t.rows.at(i)
	if !ok {
		p = engine.PassRow{Source: "…"}
	}
	r.show(t.page.w, p)
}

func (r *passRow) show(w *Window, p engine.PassRow) {
	tally := p.Tally
	for _, live := range w.snap.Passes {
		if live.Pass == p.ID {
			tally = live.Tally
		}
	}
	r.started.say(wording.Moment(p.Queued))
	r.kind.say("")
	if p.Kind != "" {
		r.kind.say(wording.Kind(p.Kind))
	}
	r.mailbox.say(wording.Display(p.Source, 120))
	status, word := engine.StatusOf(p.State), ""
	if p.State != "" {
		word = wording.State(p.State)
	}
	r.status.show(status, word, -1, "", colorMuted)
	r.duration.say("")
	if d := p.Duration(w.now()); d > 0 {
		r.duration.say(wording.Duration(d))
	}
	r.new.say(wording.Number(tally.New))
	r.copied.say(wording.Number(tally.Copied))
	r.bytes.say(wording.Bytes(tally.Bytes))
	color := theme.ColorNameForeground
	if tally.Failed > 0 {
		color = colorBad
	}
	r.failed.show(wording.Number(tally.Failed), color)
}
