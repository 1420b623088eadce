package gui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/gui/wording"
)

// censusColumns are the columns of the mailboxes that are counted, mapColumns those of their folders.
var (
	censusColumns = columns{
		{title: "column.mailbox", width: 150, stretch: true},
		{title: "summary.folders", width: 60, number: true, spare: true},
		{title: "summary.messages", width: 84, number: true},
		{title: "summary.size", width: 76, number: true},
	}
	mapColumns = columns{
		{title: "column.folder", width: 120, stretch: true},
		{title: "column.tofolder", width: 160},
		{title: "column.why", width: 112, spare: true},
		{title: "column.mailboxes", width: 76, number: true, spare: true},
		{title: "summary.messages", width: 84, number: true},
	}
)

// summaryStop is the wizard's fourth stop: what will be migrated, and what to know before.
type summaryStop struct {
	z         *wizard
	question  question
	census    census
	asked     bool // counting was begun by itself
	tiles     [4]*tile
	status    *statusCell
	again     *keyButton
	change    *keyButton // of the folder that is chosen
	rules     *keyButton
	recount   bool         // rules have changed
	placing   *placeEditor // of the folder that was opened last
	warnings  *fyne.Container
	folders   *keyList
	mailboxes *keyList
	whole     fyne.CanvasObject
}

func newSummaryStop(z *wizard) *summaryStop {
	s := &summaryStop{z: z, status: newStatusCell(), warnings: container(layout.NewCustomPaddedVBoxLayout(3))}
	row := container(layout.NewGridLayoutWithColumns(len(s.tiles)))
	for i, title := range []string{"summary.mailboxes", "summary.tocopy", "summary.bytes", "summary.time"} {
		s.tiles[i] = newTile(wording.T(title))
		row.Add(s.tiles[i].whole)
	}
	s.folders = newKeyList(func() int { return len(s.census.folders) }, func() fyne.CanvasObject { return newMapRow() },
		func(i int, o fyne.CanvasObject) { o.(*mapRow).show(s.census.folders[i]) })
	s.mailboxes = newKeyList(func() int { return len(s.census.mailboxes) }, func() fyne.CanvasObject { return newCensusRow() },
		func(i int, o fyne.CanvasObject) { o.(*censusRow).show(s.census.mailboxes[i]) })
	for _, l := range []*keyList{s.folders, s.mailboxes} {
		l.key = func(i int) (int64, bool) { return int64(i + 1), true }
		l.find = func(key int64) (int, bool) { return int(key - 1), int(key) <= l.Length() }
		l.other = z.w.typed
	}
	s.folders.open = func(i int) { s.placeFolder(s.census.folders[i]) }
	s.again = newIconButton(wording.T("summary.again"), theme.ViewRefreshIcon(), s.countAll)
	s.rules = newIconButton(wording.T("summary.rules"), theme.ListIcon(), s.editRules)
	s.change = newIconButton(wording.T("summary.change"), theme.DocumentCreateIcon(), func() {
		if i, ok := s.folders.choice(); ok {
			s.placeFolder(s.census.folders[i])
		}
	})
	s.folders.chose = func(int) { enable(s.change, !z.w.busy(z.project.ID)) }
	again := container(beside{room: 8}, roomy(s.change), roomy(s.rules), roomy(s.again))
	state := container(layout.NewBorderLayout(nil, nil, nil, again), again, s.status)
	top := container(layout.NewCustomPaddedLayout(10, 8, gap, gap), container(layout.NewCustomPaddedVBoxLayout(8), row, state, s.warnings))
	lists := container(halves{gap}, listed(mapColumns, s.folders), listed(censusColumns, s.mailboxes))
	s.whole = between(top, nil, container(layout.NewCustomPaddedLayout(0, gap, gap, gap), lists))
	return s
}

// listed is a list with its header in a box.
func listed(c columns, l *keyList) fyne.CanvasObject {
	b := newBar(between(newHeader(c, nil, nil).content(), nil, l), 1, 1, boxLine)
	b.fill = theme.ColorNameBackground
	return b
}

func (s *summaryStop) content() fyne.CanvasObject { return s.whole }

// enter has the mailboxes counted that were not yet.
func (s *summaryStop) enter() {
	s.asked = false
	s.reload()
}

// reload reads what was counted. Where something was not, and nothing was asked yet, it is counted now.
func (s *summaryStop) reload() {
	id := s.z.project.ID
	ask(s.z.w, &s.question, func(ctx context.Context) (census, error) { return s.z.w.takeCensus(ctx, id) }, func(c census, err error) {
		if err != nil {
			s.z.w.tell(err, "")
			return
		}
		s.census = c
		if s.recount && !s.z.w.busy(id) {
			s.recount = false
			s.countAll()
		}
		if c.uncounted > 0 && !s.asked && !s.z.w.busy(id) {
			s.count(slices.DeleteFunc(slices.Clone(c.mailboxes), counted.good))
		}
		s.changed()
	})
}

// countAll counts every mailbox again.
func (s *summaryStop) countAll() { s.count(s.census.mailboxes) }

func (s *summaryStop) count(mailboxes []counted) {
	s.asked = true
	ids := make([]engine.MailboxID, len(mailboxes))
	for i, m := range mailboxes {
		ids[i] = m.mailbox.ID
	}
	s.z.w.start(s.z.project, engine.Preview, ids...)
}

func (s *summaryStop) show(engine.Snapshot) { s.changed() }

func (s *summaryStop) focus() { s.z.w.window.Canvas().Focus(s.folders) }

func (s *summaryStop) save(then func()) { then() }

func (s *summaryStop) label() string { return wording.T("wizard.next.summary") }

func (s *summaryStop) ready() bool {
	return len(s.census.mailboxes) > 0 && !s.z.w.busy(s.z.project.ID)
}

// next starts the migration.
func (s *summaryStop) next() {
	s.z.project.Settings.Draft = ""
	s.z.keep(func() {
		s.z.w.start(s.z.project, engine.NewItems)
		s.z.goTo(atMigration)
	})
}

// presetsOf returns what is known of the two providers.
func (w *Window) presetsOf(p engine.Project) (source, destination assets.Preset) {
	return assets.PresetOf(w.presets, p.Source.Preset), assets.PresetOf(w.presets, p.Destination.Preset)
}

// changed shows everything anew.
func (s *summaryStop) changed() {
	c, w := &s.census, s.z.w
	s.tiles[0].show(wording.Number(len(c.mailboxes)))
	s.tiles[1].show(wording.Number(c.left))
	s.tiles[2].show(wording.Bytes(c.bytes))
	source, destination := w.presetsOf(s.z.project)
	first, days := c.estimate(s.z.project.Settings, source, destination)
	busy := w.busy(s.z.project.ID)
	if busy {
		first, days = 0, 0 // not before all is counted
	}
	s.tiles[3].show(aboutTime(first, days))
	job := w.workOf(s.z.project.ID)
	switch {
	case busy:
		s.status.show(engine.Processing, wording.T("summary.counting"), max(0, job.share()), "", colorMuted)
	case c.uncounted > 0:
		s.status.show(engine.CompletedWithErrors, wording.T("summary.partly", "Count", len(c.mailboxes)-c.uncounted, "Total", wording.Number(len(c.mailboxes))), -1, "", colorMuted)
	default:
		s.status.show(engine.Completed, wording.T("summary.counted", "Count", c.messages), -1, "", colorMuted)
	}
	enable(s.again, !busy && len(c.mailboxes) > 0)
	enable(s.rules, !busy)
	_, chosen := s.folders.choice()
	enable(s.change, !busy && chosen)
	s.warn(c.warnings(s.z.project, source, destination, assets.PresetOf(w.presets, source.Export)), busy)
	s.folders.renew()
	s.mailboxes.renew()
	s.z.update()
}

// aboutTime says roughly how long something takes.
func aboutTime(d time.Duration, days int) string {
	switch {
	case days > 0:
		return wording.T("summary.days", "Count", days+1)
	case d <= 0:
		return "–"
	}
	return wording.About(d)
}

// warningsShown is how many warnings there is room for.
const warningsShown = 4

// warn lists warnings; while counting there are none yet.
func (s *summaryStop) warn(said []string, busy bool) {
	if busy {
		said = nil
	}
	if more := len(said) - warningsShown; more > 0 {
		said = append(said[:warningsShown:warningsShown], wording.T("start.more", "Count", more))
	}
	var lines []fyne.CanvasObject
	for _, words := range said {
		icon := canvas.NewImageFromResource(theme.NewColoredResource(theme.WarningIcon(), colorWarn))
		icon.SetMinSize(fyne.NewSquareSize(16))
		line := newText(theme.SizeNameText, theme.ColorNameForeground)
		line.value = words
		lines = append(lines, container(layout.NewBorderLayout(nil, nil, icon, nil), icon, container(layout.NewCustomPaddedLayout(0, 0, 7, 0), line)))
	}
	if len(lines) == 0 && len(s.warnings.Objects) == 0 {
		return
	}
	s.warnings.Objects = lines
	s.whole.Refresh()
}

// tile is a number with what it counts.
type tile struct {
	value *text
	whole fyne.CanvasObject
}

func newTile(title string) *tile {
	t := &tile{value: newText(theme.SizeNameHeadingText, theme.ColorNameForeground)}
	t.value.style.Bold = true
	t.value.value = "–"
	b := newBar(twoLines(t.value, wholeText(title, theme.SizeNameCaptionText, colorMuted)), 12, 8, boxLine)
	b.fill = colorSurface
	t.whole = b
	return t
}

func (t *tile) show(value string) { t.value.say(value) }

// mapRow is a line of the folder map.
type mapRow struct {
	row
	source, destination *text
	why                 *text
	mailboxes, messages *text
}

func newMapRow() *mapRow {
	r := &mapRow{source: mainText(), destination: mainText(), why: mainText(), mailboxes: numberText(), messages: numberText()}
	r.columns, r.height = mapColumns, 30
	r.cells = []fyne.CanvasObject{r.source, r.destination, r.why, r.mailboxes, r.messages}
	r.ExtendBaseWidget(r)
	return r
}

func (r *mapRow) show(f mapped) {
	r.source.say(wording.Display(f.source, 120))
	color := theme.ColorNameForeground
	if f.source == f.destination {
		color = colorMuted
	}
	to := wording.Display(f.destination, 120)
	if f.why.LeavesOut() {
		to = "–"
	}
	r.destination.show(to, color)
	whyColor := fyne.ThemeColorName(colorMuted)
	if f.why == engine.Renamed || f.why == engine.Excluded {
		whyColor = colorWarn
	}
	r.why.show(wording.Placing(f.why), whyColor)
	r.mailboxes.show(wording.Number(f.mailboxes), colorMuted)
	r.messages.say(wording.Number(f.messages))
}

// censusRow is a line of the mailboxes that are counted.
type censusRow struct {
	row
	address                 *text
	folders, messages, size *text
}

func newCensusRow() *censusRow {
	r := &censusRow{address: mainText(), folders: numberText(), messages: numberText(), size: numberText()}
	r.columns, r.height = censusColumns, 30
	r.cells = []fyne.CanvasObject{r.address, r.folders, r.messages, r.size}
	r.ExtendBaseWidget(r)
	return r
}

func (r *censusRow) show(c counted) {
	r.address.say(wording.Display(c.mailbox.Source.Address, 120))
	if !c.good() {
		for _, one := range []*text{r.folders, r.messages, r.size} {
			one.show("–", colorMuted)
		}
		return
	}
	r.folders.show(wording.Number(len(c.folders)), colorMuted)
	r.messages.show(wording.Number(c.messages()), theme.ColorNameForeground)
	r.size.show(wording.Bytes(c.preview.Tally.Bytes), theme.ColorNameForeground)
}
