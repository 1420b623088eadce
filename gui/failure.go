package gui

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// failureColumns are the columns of what was not migrated.
var failureColumns = columns{
	{title: "column.message", width: 300},
	{title: "column.mailbox", width: 220},
	{title: "column.size", width: 76, number: true, spare: true},
	{title: "column.reason", width: 300, stretch: true, lead: 8},
}

// failureTab lists the messages that are not at the destination, and why.
type failureTab struct {
	columns columns
	page    *projectPage
	count   int
	counted question
	rows    *pages[engine.FailureRow]
	list    *keyList
	retry   *widget.Button
	save    *widget.Button
	words   *text
	empty   *text
	trouble *troublePanel
	whole   fyne.CanvasObject
}

func newFailureTab(p *projectPage) *failureTab {
	t := &failureTab{page: p, words: mainText(), columns: p.w.columnsOf("errors", failureColumns)}
	t.words.color = colorMuted
	t.rows = newPages(pageSize, func(offset, limit int, show func([]engine.FailureRow, error)) {
		ask(p.w, nil, func(ctx context.Context) ([]engine.FailureRow, error) {
			return p.w.parts.Book.FailureRows(ctx, p.project.ID, engine.Page{Offset: offset, Limit: limit})
		}, show)
	}, t.changed)
	t.list = newKeyList(func() int { return t.count }, func() fyne.CanvasObject { return newFailureRow(t.columns) }, t.update)
	t.list.key = func(i int) (int64, bool) { _, ok := t.rows.at(i); return int64(i + 1), ok }
	t.list.find = func(key int64) (int, bool) { return int(key - 1), int(key) <= t.count }
	t.list.open = func(i int) {
		if f, ok := t.rows.at(i); ok {
			t.details(f)
		}
	}
	t.list.chose = func(int) { t.showSave() }
	t.list.menu = func(i int) *fyne.Menu {
		if f, ok := t.rows.at(i); ok {
			return t.menu(f)
		}
		return nil
	}
	t.save = widget.NewButtonWithIcon(wording.T("action.save"), theme.DocumentSaveIcon(), func() {
		if f, ok := t.chosen(); ok {
			t.saveAs(f)
		}
	})
	t.retry = widget.NewButtonWithIcon(wording.T("action.retry"), theme.ViewRefreshIcon(), func() { p.command(cmdRetry) })
	t.trouble = newTroublePanel(p.reload)
	t.empty = wholeText(wording.T("errors.empty"), theme.SizeNameText, colorMuted)
	t.empty.Hide()
	head := container(layout.NewCustomPaddedVBoxLayout(0), newTools(t.words, t.save, t.retry), p.w.newHeader("errors", t.columns, t.list, nil, nil).content())
	t.whole = between(head, nil,
		container(layout.NewStackLayout(), t.list, container(layout.NewCenterLayout(), t.empty), t.trouble))
	return t
}

func (t *failureTab) content() fyne.CanvasObject { return t.whole }

func (t *failureTab) keys() *keyList { return t.list }

func (t *failureTab) reload() {
	p := t.page
	ask(p.w, &t.counted, func(ctx context.Context) (int, error) { return p.w.parts.Book.CountFailures(ctx, p.project.ID) }, func(n int, err error) {
		if err == nil {
			t.count = n
		} else {
			t.rows.failed = err
		}
		t.rows.renew()
		t.changed()
	})
}

func (t *failureTab) changed() {
	t.trouble.show(t.rows.failed)
	visible(t.list, t.rows.failed == nil)
	visible(t.empty, t.rows.failed == nil && t.count == 0)
	t.words.say("")
	if t.count > 0 {
		t.words.say(wording.T("errors.count", "Count", t.count))
	}
	t.page.showTabs()
	if _, chosen := t.list.choice(); !chosen && t.count > 0 {
		if _, read := t.rows.at(0); read {
			t.list.Select(0)
		}
	}
	t.show(t.page.w.snap)
}

func (t *failureTab) show(engine.Snapshot) {
	enable(t.retry, t.page.can(cmdRetry))
	t.list.renew()
	t.showSave()
}

func (t *failureTab) redate() {}

// failureRow is a line of what was not migrated.
type failureRow struct {
	row
	subject, sender  *text
	mailbox, folder  *text
	size             *text
	reason, sentence *text
}

func newFailureRow(c columns) *failureRow {
	r := &failureRow{subject: mainText(), sender: smallText(), mailbox: mainText(), folder: smallText(), size: numberText(), reason: mainText(), sentence: smallText()}
	r.columns, r.height = c, 42
	r.cells = []fyne.CanvasObject{twoLines(r.subject, r.sender), twoLines(r.mailbox, r.folder), r.size, twoLines(r.reason, r.sentence)}
	r.ExtendBaseWidget(r)
	return r
}

// update shows failure i in a row.
func (t *failureTab) update(i int, o fyne.CanvasObject) {
	r := o.(*failureRow)
	f, ok := t.rows.at(i)
	if !ok {
		f = engine.FailureRow{Source: "…"}
	}
	r.subject.say(subjectOf(f))
	r.sender.say(senderOf(f))
	r.mailbox.say(wording.Display(f.Source, 120))
	r.folder.say(wording.Display(f.Folder, 120))
	r.size.say("")
	if f.Size > 0 {
		r.size.say(wording.Bytes(f.Size))
	}
	trouble := wording.TroubleOfItem(t.page.project.Project, f)
	r.reason.show(trouble.Sentence(), colorBad)
	if f.State == engine.Skipped {
		r.reason.show(wording.T("errors.skipped"), colorWarn)
	}
	said := trouble.Details()
	if said == "" {
		said = trouble.Step()
	}
	r.sentence.say(said)
}

// subjectOf names the message as well as it can.
func subjectOf(f engine.FailureRow) string {
	if f.Subject != "" {
		return wording.Display(f.Subject, 200)
	}
	return wording.T("errors.nosubject", "UID", uint32(f.UID))
}

// senderOf says who sent the message and when.
func senderOf(f engine.FailureRow) string {
	switch date := wording.Moment(f.Date.Time); {
	case f.Sender == "":
		return date
	case date == "":
		return wording.Display(f.Sender, 120)
	default:
		return wording.Display(f.Sender, 120) + "  ·  " + date
	}
}

// details shows one message that was not migrated, in words that can be copied.
func (t *failureTab) details(f engine.FailureRow) {
	grid := newFacts()
	grid.add("details.subject", f.Subject)
	grid.add("details.sender", f.Sender)
	grid.add("details.date", wording.Moment(f.Date.Time))
	grid.add("details.messageid", f.MessageID)
	grid.add("column.mailbox", f.Source)
	grid.add("column.folder", f.Folder)
	grid.add("details.uid", wording.T("details.uid.value", "UID", uint32(f.UID)))
	if f.Size > 0 {
		grid.add("column.size", wording.Bytes(f.Size))
	}
	words := container(layout.NewCustomPaddedVBoxLayout(8), grid.content(), widget.NewSeparator(),
		troubleWords(wording.TroubleOfItem(t.page.project.Project, f), 520))
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	var shown *shownBox
	if savable(f) {
		save := boxButton{label: wording.T("action.save"), press: func() bool {
			shown.close() // before another dialog takes its place
			t.saveAs(f)
			return false
		}}
		buttons = append([]boxButton{save}, buttons...)
	}
	shown = t.page.w.showBox(box{title: wording.T("errors.details"), content: words, size: fyne.NewSize(580, 0), buttons: buttons})
}

// chosen returns the selected message.
func (t *failureTab) chosen() (engine.FailureRow, bool) {
	if i, ok := t.list.choice(); ok {
		return t.rows.at(i)
	}
	return engine.FailureRow{}, false
}

// menu is what can be done with a message that was not migrated.
func (t *failureTab) menu(f engine.FailureRow) *fyne.Menu {
	save := fyne.NewMenuItem(wording.T("action.save"), func() { t.saveAs(f) })
	save.Disabled = !savable(f)
	return fyne.NewMenu("", fyne.NewMenuItem(wording.T("action.details"), func() { t.details(f) }), save)
}

// showSave offers to save the selected message, where that makes sense.
func (t *failureTab) showSave() {
	f, ok := t.chosen()
	enable(t.save, ok && savable(f))
}

// savable reports whether a message may still be at the source.
func savable(f engine.FailureRow) bool {
	return f.UID != 0 && (f.Kind != engine.Gone || f.State != engine.Skipped)
}

// saveAs asks where to save a message, and saves it there.
func (t *failureTab) saveAs(f engine.FailureRow) {
	t.page.w.saveFile(wording.T("file.save.title"), wording.FileName(f)+".eml", func(file fyne.URIWriteCloser) { t.saveIn(f, file) })
}

// saveIn reads a message from the source into a file. One that cannot be read leaves no file behind.
func (t *failureTab) saveIn(f engine.FailureRow, file fyne.URIWriteCloser) {
	w, project := t.page.w, t.page.project.Project
	var secrets *engine.Secrets
	if entered, ok := w.secrets[f.Mailbox]; ok {
		secrets = &entered
	}
	t.words.say(wording.T("errors.saving", "Host", wording.Display(project.Source.Host, 80)))
	do(w, func(ctx context.Context) error {
		return fill(file, func(out io.Writer) error { return w.parts.Work.SaveMessage(ctx, project.ID, f, secrets, out) })
	}, func(err error) {
		t.changed()
		if err == nil {
			t.words.say(wording.T("errors.saved", "File", wording.Display(file.URI().Name(), 120)))
		}
		w.tell(err, f.Source)
	})
}
