package gui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	tabs "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// mostReceipts is how many messages are listed.
const mostReceipts = 100

// receiptColumns are the columns of what became of messages.
var receiptColumns = columns{
	{title: "receipt.column.date", width: 140},
	{title: "column.folder", width: 190},
	{title: "column.size", width: 76, number: true, spare: true},
	{title: "column.status", width: 170, lead: 8},
	{title: "receipt.column.became", width: 260, stretch: true},
}

// receiptPage finds messages and says what became of them.
type receiptPage struct {
	w        *Window
	project  engine.Project
	from     view // where one came from
	question question
	listed   question // what the mailbox's folders are
	all      []engine.Mailbox

	mailbox, folder   *suggestField
	id, day, subject  *field
	mailboxEntry      *entry
	dayEntry, idEntry *entry
	folderEntry       *entry
	readBack          *keyCheck
	find              *keyButton
	asking            bool
	said              *widget.Label // in place of the list
	found             []engine.Receipt
	list              *keyList
	told              *fyne.Container // about the selected message
	notes             []string        // about the search as a whole
	copied            *keyButton
	whole             fyne.CanvasObject
}

// findMessage opens the search for a message of a project; address and folder are the mailbox and the folder to begin with, "" for none.
func (w *Window) findMessage(p engine.Project, address, folder string) {
	page := newReceiptPage(w, p, address)
	page.folder.SetText(folder)
	w.enter(page)
}

func newReceiptPage(w *Window, project engine.Project, address string) *receiptPage {
	p := &receiptPage{w: w, project: project, from: w.view, mailbox: newSuggestField(wording.T("receipt.mailbox.example")), folder: newSuggestField(wording.T("receipt.folder.all")),
		id: newField(wording.T("receipt.id.example")), day: newField(wording.T("receipt.day.example")), subject: newField(wording.T("receipt.subject.hint"))}
	for _, f := range []*suggestField{p.mailbox, p.folder} {
		f.enter, f.escape = p.look, p.back
	}
	for _, f := range []*field{p.id, p.day, p.subject} {
		f.enter, f.escape = p.look, p.back
	}
	p.mailbox.SetText(address)
	p.mailbox.typed = func(string) { p.mailboxEntry.say(""); p.readFolders() }
	p.folder.typed = func(string) { p.folderEntry.say("") }
	p.day.OnChanged = func(string) { p.dayEntry.say("") }
	p.id.OnChanged = func(string) { p.idEntry.say("") }
	p.list = newKeyList(func() int { return len(p.found) }, func() fyne.CanvasObject { return newReceiptRow(w.columnsOf("receipts", receiptColumns)) },
		func(i int, o fyne.CanvasObject) { o.(*receiptRow).show(p.project, p.found[i]) })
	p.list.key = func(i int) (int64, bool) { return int64(i + 1), true }
	p.list.find = func(key int64) (int, bool) { return int(key - 1), int(key) <= len(p.found) }
	p.list.chose = func(int) { p.tell() }
	p.list.other = w.typed
	p.build()
	return p
}

func (p *receiptPage) build() {
	back := newIconButton("", theme.NavigateBackIcon(), p.back)
	back.Importance = widget.LowImportance
	title := newText(theme.SizeNameHeadingText, theme.ColorNameForeground)
	title.style.Bold, title.value = true, wording.T("receipt.title")
	of := smallText()
	of.value = wording.Display(p.project.Name, 120)
	left := container(layout.NewCenterLayout(), back)
	head := newBar(container(layout.NewBorderLayout(nil, nil, left, nil), left, container(layout.NewCustomPaddedLayout(0, 0, 8, 12), container(above{1}, title, of))), gap-4, 8, bottomLine)
	head.fill = theme.ColorNameBackground

	p.mailboxEntry = newEntry(wording.T("column.mailbox"), p.mailbox)
	p.folderEntry = newEntry(wording.T("column.folder"), p.folder)
	p.dayEntry = newEntry(wording.T("receipt.day"), p.day)
	p.idEntry = newEntry(wording.T("details.messageid"), p.id)
	p.readBack = newCheck(wording.T("receipt.readback"), nil)
	hint := mutedWords(wording.T("receipt.hint"))
	p.find = newIconButton(wording.T("receipt.find"), theme.SearchIcon(), p.look)
	p.find.Importance = widget.HighImportance
	find := roomy(p.find)
	one := container(layout.NewCustomPaddedVBoxLayout(6), p.mailboxEntry.whole, p.idEntry.whole, p.folderEntry.whole)
	two := container(layout.NewCustomPaddedVBoxLayout(6), p.dayEntry.whole, newEntry(wording.T("details.subject"), p.subject).whole, newEntry("", p.readBack).whole)
	right := container(layout.NewVBoxLayout(), find)
	foot := container(layout.NewBorderLayout(nil, nil, nil, right), right, container(layout.NewCustomPaddedLayout(-5, -5, -5, 20), hint))
	form := container(layout.NewCustomPaddedLayout(10, 10, gap, gap), container(layout.NewCustomPaddedVBoxLayout(8), container(halves{20}, one, two), foot))

	p.said = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{})
	p.said.Wrapping = fyne.TextWrapWord
	p.told = container(layout.NewCustomPaddedVBoxLayout(2))
	p.copied = newIconButton(wording.T("receipt.copy"), theme.ContentCopyIcon(), p.copy)
	p.copied.Hide()
	words := tabs.NewVScroll(container(layout.NewCustomPaddedLayout(8, 8, gap-5, gap), p.told))
	side := container(layout.NewCustomPaddedLayout(10, 0, 0, gap), container(layout.NewVBoxLayout(), roomy(p.copied)))
	below := container(layout.NewBorderLayout(nil, nil, nil, side), side, words)
	results := between(newHeader(receiptColumns, nil, nil).content(), nil, container(layout.NewStackLayout(), p.list, container(layout.NewCenterLayout(), container(setWidth{620}, p.said))))
	split := tabs.NewVSplit(results, below)
	split.SetOffset(.55)
	p.whole = between(between(head, nil, form), nil, split)
}

func (p *receiptPage) content() fyne.CanvasObject { return p.whole }

func (p *receiptPage) show(engine.Snapshot) {}

func (p *receiptPage) redate() {}

func (p *receiptPage) focus() {
	if p.mailbox.Text == "" {
		p.w.window.Canvas().Focus(p.mailbox)
		return
	}
	p.w.window.Canvas().Focus(p.id)
}

func (p *receiptPage) back() { p.w.enter(p.from) }

func (p *receiptPage) can(c command) bool { return c == cmdFind }

func (p *receiptPage) command(c command) {
	if c == cmdFind {
		p.focus()
	}
}

// reload reads which mailboxes there are.
func (p *receiptPage) reload() {
	ask(p.w, &p.question, func(ctx context.Context) ([]engine.Mailbox, error) {
		return p.w.parts.Book.Mailboxes(ctx, p.project.ID)
	}, func(all []engine.Mailbox, err error) {
		if err != nil {
			p.w.tell(err, "")
			return
		}
		addresses := make([]string, len(all))
		for i, m := range all {
			addresses[i] = m.Source.Address
		}
		p.all = all
		p.mailbox.suggest(addresses)
		if len(all) == 1 && p.mailbox.Text == "" {
			p.mailbox.SetText(addresses[0])
		}
		p.readFolders()
	})
}

// chosen returns the mailbox whose address, on either side, stands in its field.
func (p *receiptPage) chosen() (engine.Mailbox, bool) {
	address := strings.TrimSpace(p.mailbox.Text)
	i := slices.IndexFunc(p.all, func(m engine.Mailbox) bool { return strings.EqualFold(m.Source.Address, address) })
	if i < 0 {
		i = slices.IndexFunc(p.all, func(m engine.Mailbox) bool { return strings.EqualFold(m.Destination.Address, address) })
	}
	if i < 0 || address == "" {
		return engine.Mailbox{}, false
	}
	return p.all[i], true
}

// readFolders reads which folders of the mailbox a pass has seen.
func (p *receiptPage) readFolders() {
	m, ok := p.chosen()
	if !ok {
		p.listed.asked.Add(1) // an answer on its way is for another mailbox
		p.folder.suggest(nil)
		return
	}
	ask(p.w, &p.listed, func(ctx context.Context) ([]engine.KeptFolder, error) { return p.w.parts.Book.KeptFolders(ctx, m.ID) }, func(kept []engine.KeptFolder, err error) {
		var names []string
		for _, k := range kept {
			if !slices.Contains(names, k.Display) {
				names = append(names, k.Display)
			}
		}
		slices.SortFunc(names, byFolder)
		p.folder.suggest(names)
		if err != nil {
			p.w.tell(err, "")
		}
	})
}

// byFolder orders names of folders: the inbox first, then by the alphabet.
func byFolder(a, b string) int {
	place := func(name string) (int, string) {
		name = strings.ToLower(name)
		if name == "inbox" {
			return 0, name
		}
		return 1, name
	}
	i, x := place(a)
	j, y := place(b)
	return cmp.Or(cmp.Compare(i, j), cmp.Compare(x, y))
}

// query turns what is entered into a query, and reports whether it is one.
func (p *receiptPage) query() (engine.ReceiptQuery, bool) {
	q := engine.ReceiptQuery{Project: p.project.ID, MessageID: strings.TrimSpace(p.id.Text), Folder: strings.TrimSpace(p.folder.Text), ReadBack: p.readBack.Checked,
		Records: engine.RecordQuery{Subject: strings.TrimSpace(p.subject.Text), Limit: mostReceipts + 1}}
	m, ok := p.chosen()
	problem := ""
	if !ok {
		problem = wording.T("receipt.mailbox.unknown")
	}
	p.mailboxEntry.say(problem)
	q.Mailbox = m.ID
	q.Given.Shared = p.w.shared[p.project.ID]
	if entered, given := p.w.secrets[m.ID]; given {
		q.Given.Own = &entered
	}
	day, known := dayOf(p.day.Text)
	problem = ""
	switch {
	case !known:
		problem = wording.T("receipt.day.wrong")
	case !day.IsZero():
		q.Records.From, q.Records.Until = day, day.AddDate(0, 0, 1)
	}
	ok = p.dayEntry.say(problem) && ok
	problem = ""
	if q.MessageID == "" && q.Folder == "" && q.Records.Subject == "" && day.IsZero() && known {
		problem = wording.T("receipt.what")
	}
	ok = p.idEntry.say(problem) && ok
	problem = ""
	if q.Folder != "" && q.MessageID == "" && !slices.ContainsFunc(p.folder.all, func(f string) bool { return strings.EqualFold(f, q.Folder) }) {
		problem = wording.T("receipt.folder.unknown")
	}
	return q, p.folderEntry.say(problem) && ok
}

// dayOf reads a day as it is written: 2026-03-14 or 14.3.2026. It returns the zero time for nothing, and false for what is no day.
func dayOf(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, form := range []string{"2006-1-2", "2.1.2006"} {
		if day, err := time.ParseInLocation(form, s, time.Local); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// answer is what was found; offline says why the source could not be asked, nil where it was or need not be.
type answer struct {
	found   []engine.Receipt
	offline error
}

// look finds what is searched for.
func (p *receiptPage) look() {
	if p.asking {
		return
	}
	q, ok := p.query()
	if !ok {
		p.notes = nil
		p.fill(nil, "") // what was found before is no answer to this
		return
	}
	p.asking = true
	p.find.Disable()
	p.fill(nil, wording.T("receipt.looking"))
	ask(p.w, nil, func(ctx context.Context) (answer, error) { return receipts(ctx, p.w.parts.Work, q) }, func(a answer, err error) {
		p.asking = false
		p.find.Enable()
		p.answered(q, a, err)
	})
}

// receipts answers a query. Where the source cannot be asked for a Message-ID, what the history knows of it is the answer: it keeps that of
// messages that failed.
func receipts(ctx context.Context, work Work, q engine.ReceiptQuery) (answer, error) {
	found, err := work.Receipts(ctx, q)
	if err == nil || q.MessageID == "" || ctx.Err() != nil || engine.KindOf(err) == engine.Broken || errors.Is(err, engine.ErrNotFound) {
		return answer{found: found}, err
	}
	a := answer{offline: err}
	q.Records.MessageID = "<" + strings.Trim(q.MessageID, "<>") + ">"
	q.MessageID, q.ReadBack = "", false
	a.found, err = work.Receipts(ctx, q)
	return a, err
}

// answered shows what was found.
func (p *receiptPage) answered(q engine.ReceiptQuery, a answer, err error) {
	if err != nil {
		p.fill(nil, "")
		p.w.tell(err, p.mailbox.Text)
		return
	}
	p.notes = nil
	if len(a.found) > mostReceipts {
		a.found = a.found[:mostReceipts]
		p.notes = append(p.notes, wording.T("receipt.more", "Most", mostReceipts))
	}
	none := ""
	switch {
	case a.offline != nil:
		note := wording.T("receipt.offline", "Why", wording.TroubleOf(a.offline, p.mailbox.Text).Sentence())
		if p.notes = append(p.notes, note); len(a.found) == 0 {
			none = note
		}
	case len(a.found) > 0:
	case q.MessageID != "":
		none = wording.T("cli.receipt.none.id", "Address", wording.Display(p.mailbox.Text, 80))
	default:
		none = wording.T("receipt.none", "Address", wording.Display(p.mailbox.Text, 80))
	}
	p.fill(a.found, none)
}

// fill lists messages, and says something in their place where there are none.
func (p *receiptPage) fill(found []engine.Receipt, said string) {
	p.found = found
	p.said.SetText(said)
	p.list.chosen = 0
	p.list.UnselectAll()
	p.list.renew()
	if len(found) > 0 {
		p.list.Select(0)
		p.w.window.Canvas().Focus(p.list)
	}
	p.tell()
}

// tell says in full what became of the selected message.
func (p *receiptPage) tell() {
	p.told.Objects = nil
	for i, line := range p.words() {
		label := widget.NewLabel(line)
		label.Wrapping, label.Selectable, label.TextStyle.Bold = fyne.TextWrapWord, true, i == 0
		p.told.Add(label)
	}
	if len(p.told.Objects) > 0 {
		for _, note := range p.notes {
			p.told.Add(mutedWords(note))
		}
	}
	visible(p.copied, len(p.told.Objects) > 0)
	p.told.Refresh()
}

// words returns the sentences about the selected message.
func (p *receiptPage) words() []string {
	if i, ok := p.list.choice(); ok && i < len(p.found) {
		return wording.Receipt(p.project, p.found[i])
	}
	return nil
}

// copy puts them onto the clipboard.
func (p *receiptPage) copy() {
	p.w.parts.App.Clipboard().SetContent(strings.Join(p.words(), "\n"))
}

// receiptRow is a line of what became of messages.
type receiptRow struct {
	row
	date, folder, size *text
	status             *statusCell
	became             *text
}

func newReceiptRow(c columns) *receiptRow {
	r := &receiptRow{date: mainText(), folder: mainText(), size: numberText(), status: newStatusCell(), became: mainText()}
	r.columns, r.height = c, 30
	r.cells = []fyne.CanvasObject{r.date, r.folder, r.size, r.status, r.became}
	r.ExtendBaseWidget(r)
	return r
}

func (r *receiptRow) show(p engine.Project, one engine.Receipt) {
	r.date.say(wording.Moment(one.Date.Time.Local()))
	r.folder.say(wording.Display(one.Folder, 120))
	r.size.say("")
	if one.Size >= 0 {
		r.size.say(wording.Bytes(one.Size))
	}
	status, word := outcomeOf(one)
	r.status.show(status, wording.T(word), -1, "", colorMuted)
	r.became.show(strings.Join(wording.Receipt(p, one)[1:], " "), colorMuted)
}

// outcomeOf returns how to show what became of a message, and the sentence that names it.
func outcomeOf(r engine.Receipt) (engine.Status, string) {
	switch {
	case r.Migrated():
		return engine.Completed, "receipt.is.migrated"
	case r.Proof == engine.Different:
		return engine.StatusFailed, "receipt.is.different"
	case r.State == engine.Copied, r.State == engine.Adopted:
		return engine.CompletedWithErrors, "receipt.is.removed"
	case r.State == engine.Claimed:
		return engine.CompletedWithErrors, "receipt.is.doubt"
	case r.State == engine.ItemFailed:
		return engine.StatusFailed, "receipt.is.failed"
	case r.State == engine.Skipped:
		return engine.StatusStopped, "receipt.is.skipped"
	}
	return engine.Pending, "receipt.is.unseen"
}
