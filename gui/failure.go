package gui

import (
	"context"
	"io"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
)

// failureColumns are the columns of what was not migrated.
var failureColumns = columns{
	{width: 16},
	{title: "column.message", width: 280},
	{title: "column.mailbox", width: 220},
	{title: "column.size", width: 76, number: true, spare: true},
	{title: "column.reason", width: 290, stretch: true, lead: 8},
}

// mostOpened is how many lines a cause has that is opened by itself.
const mostOpened = 20

// failureTab lists what is not at the destination, by cause: mailboxes and folders that their last pass could not deal with, and messages. It is read
// when it is looked at; its count is known before.
type failureTab struct {
	columns  columns
	page     *projectPage
	items    int // messages
	wholes   int // mailboxes and folders
	causes   []*cause
	numbers  map[string]int64 // of the causes that were ever listed
	read     bool
	reading  bool
	stale    bool // it changed since it was read
	failed   error
	counting question
	list     *keyList
	retry    *keyButton
	save     *keyButton
	export   *keyButton
	words    *text
	empty    *text
	trouble  *troublePanel
	whole    fyne.CanvasObject
}

func newFailureTab(p *projectPage) *failureTab {
	t := &failureTab{page: p, words: mainText(), columns: p.w.columnsOf("errors", failureColumns), numbers: map[string]int64{}}
	t.words.color = colorMuted
	t.list = newKeyList(t.length, func() fyne.CanvasObject { return newFailureRow(t.columns) }, t.update)
	t.list.key, t.list.find = t.keyOf, t.lineOf
	t.list.open = t.openLine
	t.list.mark = func(i int) {
		if c, item := t.locate(i); item < 0 {
			t.toggle(c)
		}
	}
	t.list.chose = func(int) { t.showSave() }
	t.list.menu = t.menuOf
	t.save = newIconButton(wording.T("action.save"), theme.DocumentSaveIcon(), func() {
		if f, ok := t.chosen(); ok {
			t.saveAs(f)
		}
	})
	t.export = newIconButton(wording.T("errors.export"), theme.DocumentIcon(), t.exportAs)
	t.retry = newIconButton(wording.T("action.retry"), theme.ViewRefreshIcon(), func() { p.command(cmdRetry) })
	t.trouble = newTroublePanel(p.reload)
	t.empty = wholeText(wording.T("errors.empty"), theme.SizeNameText, colorMuted)
	t.empty.Hide()
	head := container(layout.NewCustomPaddedVBoxLayout(0), newTools(t.words, t.export, t.save, t.retry), p.w.newHeader("errors", t.columns, t.list, nil, nil).content())
	t.whole = between(head, nil,
		container(layout.NewStackLayout(), t.list, container(layout.NewCenterLayout(), t.empty), t.trouble))
	return t
}

func (t *failureTab) content() fyne.CanvasObject { return t.whole }

func (t *failureTab) keys() *keyList { return t.list }

// count returns how many lines there are, the causes left aside.
func (t *failureTab) count() int { return t.items + t.wholes }

// looked reports whether the tab is on the screen.
func (t *failureTab) looked() bool { return t.page.all()[t.page.tabs.selected] == tab(t) }

// reload counts, and reads the causes again now or when they are next looked at.
func (t *failureTab) reload() {
	t.stale = true
	if t.looked() {
		t.load()
		return
	}
	w, id := t.page.w, t.page.project.ID
	type counts struct{ items, wholes int }
	ask(w, &t.counting, func(ctx context.Context) (n counts, err error) {
		if n.items, err = w.parts.Book.CountFailures(ctx, id); err != nil {
			return n, err
		}
		setbacks, err := w.parts.Book.Setbacks(ctx, id)
		n.wholes = len(setbacks)
		return n, err
	}, func(n counts, err error) {
		if err != nil {
			t.failed = err
		} else {
			t.items, t.wholes = n.items, n.wholes
		}
		t.changed()
	})
}

// load reads the causes, one reading after the other.
func (t *failureTab) load() {
	if t.reading {
		return
	}
	t.reading, t.stale = true, false
	w, id := t.page.w, t.page.project.ID
	type found struct {
		setbacks []engine.Setback
		failures []engine.FailureCause
	}
	ask(w, nil, func(ctx context.Context) (f found, err error) {
		if f.setbacks, err = w.parts.Book.Setbacks(ctx, id); err != nil {
			return f, err
		}
		f.failures, err = w.parts.Book.FailureCauses(ctx, id)
		return f, err
	}, func(f found, err error) {
		t.reading = false
		if t.failed = err; err == nil {
			t.take(f.setbacks, f.failures)
		}
		t.changed()
		if t.stale && t.looked() {
			t.load()
		}
	})
}

// take lists causes anew. Those that were listed stay open or closed, and show what was read of their items until it is read again.
func (t *failureTab) take(setbacks []engine.Setback, failures []engine.FailureCause) {
	before := t.causes
	t.read, t.items, t.wholes = true, 0, len(setbacks)
	t.causes = causesOf(t.page.project.Project, setbacks, failures)
	for i, c := range t.causes {
		if t.numbers[c.id] == 0 {
			t.numbers[c.id] = int64(len(t.numbers) + 1)
		}
		was := slices.IndexFunc(before, func(b *cause) bool { return b.id == c.id })
		c.open = was < 0 && c.count <= mostOpened || was >= 0 && before[was].open
		if c.level != ofItems {
			continue
		}
		t.items += c.count
		if was >= 0 {
			c.items = before[was].items
			c.items.renew()
		} else {
			c.read(t, failures[i-(len(t.causes)-len(failures))])
		}
	}
}

// length returns how many lines are listed.
func (t *failureTab) length() (n int) {
	for _, c := range t.causes {
		n++
		if c.open {
			n += c.count
		}
	}
	return n
}

// locate returns which cause line i is of, and which of its lines; -1: it is the cause's own.
func (t *failureTab) locate(i int) (*cause, int) {
	for _, c := range t.causes {
		if i == 0 {
			return c, -1
		}
		i--
		if c.open {
			if i < c.count {
				return c, i
			}
			i -= c.count
		}
	}
	return nil, -1
}

// keyOf returns what line i is known by.
func (t *failureTab) keyOf(i int) (int64, bool) {
	c, item := t.locate(i)
	if c == nil {
		return 0, false
	}
	return t.numbers[c.id]<<32 | int64(item+1), true
}

// lineOf returns where a line is now; where a cause was closed over it, that of the cause.
func (t *failureTab) lineOf(key int64) (int, bool) {
	at := 0
	for _, c := range t.causes {
		if item := int(key & (1<<32 - 1)); t.numbers[c.id] == key>>32 {
			if c.open && item <= c.count {
				at += item
			}
			return at, true
		}
		at++
		if c.open {
			at += c.count
		}
	}
	return 0, false
}

// openLine opens or closes a cause, or shows the details of what it has hit.
func (t *failureTab) openLine(i int) {
	c, item := t.locate(i)
	switch {
	case c == nil:
	case item < 0:
		t.toggle(c)
	case c.level != ofItems:
		t.setbackDetails(c.setbacks[item])
	default:
		if f, ok := c.items.at(item); ok {
			t.details(f)
		}
	}
}

// toggle opens or closes a cause.
func (t *failureTab) toggle(c *cause) {
	c.open = !c.open
	t.changed()
}

// typed takes the keys that the list leaves: right opens a cause, left closes it.
func (t *failureTab) typed(e *fyne.KeyEvent) {
	i, ok := t.list.choice()
	if !ok || e.Name != fyne.KeyRight && e.Name != fyne.KeyLeft {
		t.page.w.typed(e)
		return
	}
	if c, _ := t.locate(i); c != nil && c.open == (e.Name == fyne.KeyLeft) {
		t.toggle(c)
		if at, ok := t.lineOf(t.numbers[c.id] << 32); ok {
			t.list.Select(at)
		}
	}
}

// again tries again what has one cause.
func (t *failureTab) again(c *cause) {
	if t.may(c) {
		t.page.w.request(t.page.project.Project, engine.Request{Kind: c.again, Mailboxes: c.mailboxes, Cause: c.kind})
	}
}

// may reports whether what has a cause can be tried again now.
func (t *failureTab) may(c *cause) bool { return c.again != "" && !t.page.w.busy(t.page.project.ID) }

// changed shows the lines again.
func (t *failureTab) changed() {
	err := t.failed
	for _, c := range t.causes {
		if c.items != nil && c.items.failed != nil {
			err = c.items.failed
		}
	}
	t.trouble.show(err)
	visible(t.list, err == nil)
	visible(t.empty, err == nil && t.read && t.count() == 0)
	t.words.say(t.summary())
	t.page.showTabs()
	if _, chosen := t.list.choice(); !chosen && t.length() > 0 {
		t.list.Select(0)
	}
	t.show(t.page.w.snap)
}

// summary says how much is not at the destination.
func (t *failureTab) summary() string {
	var said []string
	for level, id := range []string{"errors.count.mailboxes", "errors.count.folders", "errors.count"} {
		n := 0
		for _, c := range t.causes {
			if int(c.level) == level {
				n += c.count
			}
		}
		if n > 0 {
			said = append(said, wording.T(id, "Count", n))
		}
	}
	return strings.Join(said, "  ")
}

func (t *failureTab) show(engine.Snapshot) {
	if t.stale && t.looked() {
		t.load()
	}
	enable(t.retry, t.page.can(cmdRetry))
	enable(t.export, t.count() > 0)
	t.list.renew()
	t.showSave()
}

func (t *failureTab) redate() {}

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
		if c, item := t.locate(i); c != nil && item >= 0 && c.level == ofItems {
			return c.items.at(item)
		}
	}
	return engine.FailureRow{}, false
}

// menuOf is what can be done with a line.
func (t *failureTab) menuOf(i int) *fyne.Menu {
	c, item := t.locate(i)
	if c == nil {
		return nil
	}
	if item >= 0 && c.level == ofItems {
		if f, ok := c.items.at(item); ok {
			return t.menu(f)
		}
		return nil
	}
	again := fyne.NewMenuItem(wording.T("errors.again"), func() { t.again(c) })
	again.Disabled = !t.may(c)
	if item >= 0 {
		return fyne.NewMenu("", fyne.NewMenuItem(wording.T("action.details"), func() { t.setbackDetails(c.setbacks[item]) }))
	}
	turn := map[bool]string{true: "errors.close", false: "errors.open"}[c.open]
	return fyne.NewMenu("", fyne.NewMenuItem(wording.T(turn), func() { t.toggle(c) }), again)
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
	given := engine.Given{Shared: w.shared[project.ID]}
	if entered, ok := w.secrets[f.Mailbox]; ok {
		given.Own = &entered
	}
	t.words.say(wording.T("errors.saving", "Host", wording.Display(project.Source.Host, 80)))
	do(w, func(ctx context.Context) error {
		return fill(file, func(out io.Writer) error { return w.parts.Work.SaveMessage(ctx, project.ID, f, given, out) })
	}, func(err error) {
		t.changed()
		if err == nil {
			t.words.say(wording.T("errors.saved", "File", wording.Display(file.URI().Name(), 120)))
		}
		w.tell(err, f.Source)
	})
}

// exportAs asks where to save the table of all that is not at the destination, and saves it there.
func (t *failureTab) exportAs() {
	w, p := t.page.w, t.page.project.Project
	name := wording.ReportFile(p.Name, w.now()) + "-" + wording.T("errors.file") + ".csv"
	w.saveFile(wording.T("errors.export.title"), name, func(file fyne.URIWriteCloser) { t.exportIn(p, file) })
}

// exportIn writes the table into a file.
func (t *failureTab) exportIn(p engine.Project, file fyne.URIWriteCloser) {
	w := t.page.w
	do(w, func(ctx context.Context) error {
		return fill(file, func(out io.Writer) error {
			setbacks, err := w.parts.Book.Setbacks(ctx, p.ID)
			if err != nil {
				return err
			}
			failures, err := w.parts.Book.FailureRows(ctx, p.ID, engine.Page{})
			if err != nil {
				return err
			}
			return report.WriteErrors(out, p, setbacks, failures, w.now().Location(), wording.Report{})
		})
	}, func(err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		w.notice(wording.T("errors.saved", "File", wording.Display(file.URI().Name(), 120)))
	})
}
