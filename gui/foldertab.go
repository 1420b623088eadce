package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// sideColumns are the columns of a project's folders, with the source at the left and the destination at the right.
var sideColumns = columns{
	{title: "column.mailbox", width: 160, stretch: true},
	{title: "column.folder", width: 150, stretch: true},
	{title: "column.tofolder", width: 120, spare: true},
	{title: "folders.source", width: 64, number: true},
	{title: "column.copied", width: 64, number: true},
	{title: "column.adopted", width: 86, number: true, spare: true},
	{title: "column.skipped", width: 64, number: true, spare: true},
	{title: "column.failed", width: 56, number: true},
	{title: "column.vanished", width: 68, number: true, spare: true},
	{title: "folders.destination", width: 84, number: true},
	{title: "folders.differs", width: 206, lead: 8},
}

// side is a line of the Folders tab.
type side struct {
	engine.FolderRow
	text string // what can be searched for, in lower case
	ours int64  // messages in the destination folder that were migrated, from this folder and others that go there too
	lost int64  // how many of these are not there any more, at least
}

// open returns how many messages at the source are not at the destination.
func (s side) open() int64 { return max(0, s.Left-s.later()) + s.Items.Claimed }

// later returns how many of the messages a pass has copied, or was about to, that came after the one which has looked.
func (s side) later() int64 {
	if !s.Outdated {
		return 0
	}
	return max(0, s.Items.Copied+s.Items.Adopted+s.Items.Claimed-s.Before-s.FolderTally.Copied-s.FolderTally.Adopted)
}

// skipped returns how many messages are left out: those that are items, and those that rules leave out, which are none.
func (s side) skipped() int64 { return s.Items.Skipped + s.Skipped }

// differs reports whether the two sides are not alike: something is open, failed or missing.
func (s side) differs() bool {
	return s.Error != "" || s.open()+s.Items.Failed+s.lost > 0 || s.Unexplained() != 0 && s.Kind == engine.NewItems && !s.Outdated
}

// verdict says what differs, and in which colour.
func (s side) verdict() (string, fyne.ThemeColorName) {
	var said []string
	add := func(id string, n int64) {
		if n > 0 {
			said = append(said, wording.T(id, "Count", n))
		}
	}
	if s.Error != "" {
		said = append(said, wording.T("folders.differs.error"))
	}
	add("folders.differs.failed", s.Items.Failed)
	add("folders.differs.open", s.open())
	add("folders.differs.missing", s.lost)
	switch {
	case len(said) > 0 && (s.Error != "" || s.Items.Failed > 0):
		return strings.Join(said, " · "), colorBad
	case len(said) > 0:
		return strings.Join(said, " · "), colorWarn
	case s.differs():
		return wording.T("folders.difference", "Count", s.Unexplained()), colorBad
	case s.Why.LeavesOut():
		return wording.T("folders.differs.excluded"), colorMuted
	case s.Gone:
		return wording.T("folders.differs.gone"), colorMuted
	case s.There > s.ours:
		return wording.T("folders.differs.others", "Count", s.There-s.ours), colorDone
	}
	return wording.T("folders.differs.nothing"), colorDone
}

// sidesOf judges the folders of a project.
func sidesOf(rows []engine.FolderRow) []side {
	type place struct {
		mailbox engine.MailboxID
		folder  string
	}
	ours := map[place]int64{}
	for _, r := range rows {
		ours[place{r.Mailbox, r.Destination}] += r.Items.Copied + r.Items.Adopted
	}
	all := make([]side, len(rows))
	for i, r := range rows {
		s := side{FolderRow: r, text: strings.ToLower(r.Address + "\n" + r.Source + "\n" + r.Destination), ours: ours[place{r.Mailbox, r.Destination}]}
		switch {
		case s.Outdated:
			s.There = -1 // as it was before
		case s.There >= 0:
			s.lost = max(0, s.ours-s.There)
		}
		all[i] = s
	}
	return all
}

// foldersTab shows what the folders of all mailboxes hold, the source beside the destination. It is read when it is looked at.
type foldersTab struct {
	columns columns
	page    *projectPage
	all     []side
	shown   []int // indices into all, of those that are wanted
	read    bool
	reading bool
	stale   bool // it changed since it was read
	search  *field
	only    *keyCheck
	count   *keyButton
	words   *text
	list    *keyList
	sum     *sideRow
	foot    fyne.CanvasObject
	empty   *text
	trouble *troublePanel
	whole   fyne.CanvasObject
}

func newFoldersTab(p *projectPage) *foldersTab {
	t := &foldersTab{page: p, columns: p.w.columnsOf("sides", sideColumns), search: newField(wording.T("folders.search")), words: mainText()}
	t.words.color = colorMuted
	t.list = newKeyList(func() int { return len(t.shown) }, func() fyne.CanvasObject { return newSideRow(t.columns) },
		func(i int, o fyne.CanvasObject) { o.(*sideRow).show(t.all[t.shown[i]], t.leads(i)) })
	t.list.key = func(i int) (int64, bool) { return int64(t.shown[i] + 1), true }
	t.list.find = func(key int64) (int, bool) { i := slices.Index(t.shown, int(key-1)); return i, i >= 0 }
	t.list.open = func(i int) { t.details(t.all[t.shown[i]]) }
	t.list.menu = func(i int) *fyne.Menu { return t.menu(t.all[t.shown[i]]) }
	t.search.OnChanged = func(string) { t.arrange() }
	t.search.escape = func() { t.search.SetText(""); p.w.window.Canvas().Focus(t.list) }
	t.search.enter = func() { p.w.window.Canvas().Focus(t.list) }
	t.only = newCheck(wording.T("folders.only"), func(bool) { t.arrange() })
	t.count = newIconButton(wording.T("folders.count.now"), theme.ViewRefreshIcon(), func() { p.command(cmdPreview) })
	t.trouble = newTroublePanel(t.load)
	t.empty = wholeText("", theme.SizeNameText, colorMuted)
	t.sum = newSideRow(t.columns)
	t.sum.mailbox.style.Bold = true
	foot := newBar(t.sum, 0, 0, topLine)
	t.foot = foot
	left := container(beside{room: 12, width: map[int]float32{0: 190}}, t.search, t.only)
	words := container(layout.NewBorderLayout(nil, nil, left, nil), left, container(layout.NewCustomPaddedLayout(0, 0, 12, 12), t.words))
	head := p.w.newHeader("sides", t.columns, t.list, nil, nil)
	resized := head.resized
	head.resized = func() {
		resized()
		t.sum.Refresh()
	}
	top := container(layout.NewCustomPaddedVBoxLayout(0), newTools(words, t.count), head.content())
	t.whole = between(top, foot, container(layout.NewStackLayout(), t.list, container(layout.NewCenterLayout(), t.empty), t.trouble))
	return t
}

func (t *foldersTab) content() fyne.CanvasObject { return t.whole }

func (t *foldersTab) keys() *keyList { return t.list }

// looked reports whether the tab is on the screen.
func (t *foldersTab) looked() bool { return t.page.all()[t.page.tabs.selected] == tab(t) }

// reload reads the folders again, now or when they are next looked at.
func (t *foldersTab) reload() {
	t.stale = true
	if t.looked() {
		t.load()
	}
}

// load reads the folders, one reading after the other.
func (t *foldersTab) load() {
	if t.reading {
		return
	}
	t.reading, t.stale = true, false
	w, id := t.page.w, t.page.project.ID
	ask(w, nil, func(ctx context.Context) ([]side, error) {
		rows, err := w.parts.Book.FolderRows(ctx, id)
		return sidesOf(rows), err
	}, func(all []side, err error) {
		t.reading = false
		t.trouble.show(err)
		visible(t.list, err == nil)
		if err == nil {
			t.all, t.read = all, true
		}
		t.arrange()
		if t.stale && t.looked() {
			t.load()
		}
	})
}

func (t *foldersTab) show(engine.Snapshot) {
	if t.stale {
		t.load()
	}
	enable(t.count, t.page.can(cmdPreview))
}

func (t *foldersTab) redate() { t.words.say(t.summary()) }

// arrange finds the folders that are wanted, adds them up and shows them.
func (t *foldersTab) arrange() {
	words := strings.Fields(strings.ToLower(t.search.Text))
	t.shown = t.shown[:0]
	sum := side{FolderRow: engine.FolderRow{FolderTally: engine.FolderTally{There: -1}}}
	counted := map[string]bool{} // destinations: folders may share one
	for i, s := range t.all {
		if t.only.Checked && !s.differs() || slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(s.text, word) }) {
			continue
		}
		t.shown = append(t.shown, i)
		sum.add(s, counted)
	}
	t.sum.showSum(sum, len(t.shown))
	visible(t.foot, len(t.shown) > 0)
	t.words.say(t.summary())
	none := ""
	switch {
	case !t.read || len(t.shown) > 0:
	case len(t.all) == 0:
		none = wording.T("folders.none")
	case t.only.Checked && len(words) == 0:
		none = wording.T("folders.alike")
	default:
		none = wording.T("folders.nothing")
	}
	t.empty.say(none)
	t.page.showTabs()
	if _, chosen := t.list.choice(); !chosen && len(t.shown) > 0 {
		t.list.Select(0)
	}
	t.list.renew()
}

// add adds a line to a sum. counted holds the destinations that are in it.
func (s *side) add(o side, counted map[string]bool) {
	s.Messages += o.Messages
	s.Vanished += o.Vanished
	s.Left += max(0, o.Left-o.later())
	s.Items.Claimed += o.Items.Claimed
	s.Items.Copied += o.Items.Copied
	s.Items.Adopted += o.Items.Adopted
	s.Items.Skipped += o.skipped()
	s.Elsewhere += o.Elsewhere
	s.Items.Failed += o.Items.Failed
	place := fmt.Sprintf("%d/%s", o.Mailbox, o.Destination)
	if o.There < 0 || counted[place] {
		return
	}
	counted[place] = true
	s.There = max(0, s.There) + o.There
	s.ours += o.ours
	s.lost += o.lost
}

// summary says how many folders there are, how many differ, and when they were looked at.
func (t *foldersTab) summary() string {
	if len(t.all) == 0 {
		return ""
	}
	differ, first, last := 0, t.all[0].Seen, t.all[0].Seen
	for _, s := range t.all {
		if s.differs() {
			differ++
		}
		if s.Seen.Before(first) {
			first = s.Seen
		}
		if s.Seen.After(last) {
			last = s.Seen
		}
	}
	said := []string{wording.T("folders.count", "Count", len(t.all)), wording.T("folders.differ", "Count", differ)}
	now := t.page.w.now()
	when := wording.T("folders.seen", "When", wording.When(last, now))
	if a, b := wording.When(first, now), wording.When(last, now); a != b {
		when = wording.T("folders.seen.between", "First", a, "Last", b)
	}
	return strings.Join(append(said, when), "   ·   ")
}

// leads reports whether line i is the first of its mailbox.
func (t *foldersTab) leads(i int) bool {
	return i == 0 || t.all[t.shown[i-1]].Mailbox != t.all[t.shown[i]].Mailbox
}

// menu is what can be done with a folder.
func (t *foldersTab) menu(s side) *fyne.Menu {
	return fyne.NewMenu("",
		fyne.NewMenuItem(wording.T("action.details"), func() { t.details(s) }),
		fyne.NewMenuItem(wording.T("action.receipt"), func() { t.page.w.findMessage(t.page.project.Project, s.Address, s.Source) }))
}

// details shows all that is known of a folder, and why it was left if it was.
func (t *foldersTab) details(s side) {
	grid := newFacts()
	grid.add("column.mailbox", s.Address)
	grid.add("column.folder", s.Source)
	grid.add("column.tofolder", s.Destination)
	number := func(id string, n int64) { grid.add(id, wording.Number(n)) }
	if !s.Gone {
		number("details.atsource", s.Messages)
	}
	number("column.copied", s.Items.Copied+s.Elsewhere)
	number("column.adopted", s.Items.Adopted)
	number("column.skipped", s.skipped())
	number("column.failed", s.Items.Failed)
	number("column.vanished", s.Vanished)
	if s.There >= 0 {
		number("details.atdestination", s.There)
	}
	said, _ := s.verdict()
	grid.add("folders.differs", said)
	grid.add("folders.looked", wording.T("folders.looked.value", "Kind", wording.Kind(s.Kind), "Time", wording.Moment(s.Seen)))
	words := container(layout.NewCustomPaddedVBoxLayout(10), grid.content())
	if s.Error != "" {
		words.Add(widget.NewSeparator())
		words.Add(troubleWords(wording.TroubleOfFolder(t.page.project.Project, s.Address, s.FolderTally), 460))
	}
	t.page.w.showBox(box{title: wording.Display(s.Source, 60), content: words, size: fyne.NewSize(520, 0),
		buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
}

// sideRow is a line of the Folders tab.
type sideRow struct {
	row
	mailbox, source, destination *text
	numbers                      []*text // in the order of the columns
	differs                      *text
}

func newSideRow(c columns) *sideRow {
	r := &sideRow{mailbox: mainText(), source: mainText(), destination: mainText(), differs: mainText()}
	r.destination.color = colorMuted
	r.columns, r.height = c, 28
	r.cells = []fyne.CanvasObject{r.mailbox, r.source, r.destination}
	for range 7 {
		n := numberText()
		r.numbers = append(r.numbers, n)
		r.cells = append(r.cells, n)
	}
	r.cells = append(r.cells, r.differs)
	r.ExtendBaseWidget(r)
	return r
}

// show shows a folder; leads says that it is the first of its mailbox.
func (r *sideRow) show(s side, leads bool) {
	color := fyne.ThemeColorName(colorMuted)
	if leads {
		color = theme.ColorNameForeground
	}
	r.mailbox.show(wording.Display(s.Address, 120), color)
	r.source.say(wording.Display(s.Source, 120))
	r.destination.say(wording.Display(s.Destination, 120))
	r.showNumbers(s)
	r.differs.show(s.verdict())
}

// showSum shows a sum of folders.
func (r *sideRow) showSum(s side, folders int) {
	r.mailbox.show(wording.T("folders.total"), theme.ColorNameForeground)
	r.source.show(wording.T("folders.count", "Count", folders), colorMuted)
	r.showNumbers(s)
	r.differs.show(s.verdict())
}

func (r *sideRow) showNumbers(s side) {
	for i, n := range []int64{s.Messages, s.Items.Copied + s.Elsewhere, s.Items.Adopted, s.skipped(), s.Items.Failed, s.Vanished, s.There} {
		said, color := wording.Number(n), theme.ColorNameForeground
		switch {
		case n < 0, i == 0 && s.Gone:
			said, color = "?", colorMuted
			if s.Gone {
				said = "–"
			}
		case n == 0 && i > 0 && i < 6:
			said, color = "–", colorMuted // zeros step back, so that what happened stands out
		case i == 4:
			color = colorBad
		}
		r.numbers[i].show(said, color)
	}
}
