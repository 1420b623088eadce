package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mwiz/engine"
)

// page is a report in words, laid out but not drawn: HTML and PDF draw the same one.
type page struct {
	Lang     string // BCP 47
	Kicker   string // above the title
	Title    string
	Route    string // from which service to which
	Facts    []fact
	Tiles    []tile
	Sections []section
	Footer   string
	Made     time.Time

	// What the drawing itself says.
	Contents string // heading of the list of sections
	Lacking  string // on characters that the font does not have
	PageOf   func(n int, of string) string
}

// fact is a line of the head: what, and its value.
type fact struct{ Name, Value string }

// tone says whether something is good news.
type tone string

const (
	plain tone = ""
	good  tone = "good"
	warn  tone = "warn"
	bad   tone = "bad"
)

// tile is one of the large numbers.
type tile struct {
	Value, Name string
	Tone        tone
}

// section is a heading and what stands below it. Sub-sections are those of mailboxes.
type section struct {
	ID     string
	Title  string
	Sub    bool
	Notes  []note // above the tables
	Charts []chart
	Tables []table
}

// note is a sentence.
type note struct {
	Text string
	Tone tone
}

// table has one row of heads, then cells. The last row may be a sum.
type table struct {
	Title   string
	Columns []column
	Rows    []row
	Sum     []string
}

// column is a table's column: Number columns are set to the right. Share is how much of the width it wants.
type column struct {
	Head   string
	Number bool
	Share  float64
}

// row is a table's row.
type row struct {
	Cells []string
	Below string // a sentence across the row, below it
	Link  string // ID of the section that its first cell leads to
	Tone  tone
}

// chart is bars, the longest of which is 1 long.
type chart struct {
	ID, Title, Text string // Text says the same to those who do not see it
	Bars            []bar
	Panes           []pane // in place of bars
}

// pane is a rate over time, beside others.
type pane struct {
	Title, Note string
	Top, Length string    // what the axes end with
	Values      []float64 // one a step, the upper edge is 1
}

// bar is one value.
type bar struct {
	Name, Value string
	Length      float64
}

// mostBars is how many mailboxes a chart shows.
const mostBars = 20

// writer turns a report into a page.
type writer struct {
	Words
	r    *Report
	said map[string]string // sentences without gaps: the same heads stand above every mailbox's tables
}

// T is Words.T.
func (w *writer) T(id string, data ...any) string {
	if len(data) > 0 {
		return w.Words.T(id, data...)
	}
	said, known := w.said[id]
	if !known {
		said = w.Words.T(id)
		w.said[id] = said
	}
	return said
}

func newPage(r *Report, words Words) *page {
	w := &writer{words, r, map[string]string{}}
	p := &page{
		Lang:     w.T("report.lang"),
		Kicker:   w.T("report.kicker"),
		Title:    w.Display(r.Project.Name, 200),
		Route:    w.T("report.route", "Source", w.Display(r.Project.Source.Host, 100), "Destination", w.Display(r.Project.Destination.Host, 100)),
		Facts:    w.facts(),
		Tiles:    w.tiles(),
		Footer:   w.T("report.footer", "Time", w.moment(r.Made)),
		Made:     r.Made,
		Contents: w.T("report.contents"),
		Lacking:  w.T("report.lacking"),
		PageOf:   func(n int, of string) string { return w.T("report.page", "Page", n, "Of", of) },
	}
	p.Sections = append(p.Sections, w.reconciliation(), w.passes(), w.mailboxes(), w.causes())
	if r.Totals.Checked > 0 {
		p.Sections = append(p.Sections, w.checks())
	}
	for i, m := range r.Mailboxes {
		p.Sections = append(p.Sections, w.mailbox(i, m))
	}
	return p
}

// moment writes a time in the report's zone; "–" for the zero one.
func (w *writer) moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.Moment(t.In(w.r.Made.Location()))
}

func (w *writer) facts() []fact {
	t := w.r.Totals
	return []fact{
		{w.T("report.fact.status"), w.status(t.Status)},
		{w.T("report.fact.first"), w.moment(t.First)},
		{w.T("report.fact.last"), w.moment(t.Last)},
		{w.T("report.fact.made"), w.T("report.zone", "Time", w.moment(w.r.Made), "Zone", "UTC"+w.r.Made.Format("-07:00"))},
	}
}

func (w *writer) tiles() []tile {
	t := w.r.Totals
	failed := tile{w.Number(t.Items.Failed), w.T("report.tile.failed"), good}
	if t.Items.Failed > 0 {
		failed.Tone = bad
	}
	all := []tile{
		{w.Number(int64(len(w.r.Mailboxes))), w.T("report.tile.mailboxes"), plain},
		{w.Number(Migrated(t.Items)), w.T("report.tile.migrated"), plain},
		{w.Bytes(t.Bytes), w.T("report.tile.bytes"), plain},
		failed,
	}
	if t.Items.Claimed > 0 {
		all = append(all, tile{w.Number(t.Items.Claimed), w.T("report.tile.doubt"), warn})
	}
	return all
}

// status says a status in words.
func (w *writer) status(s engine.Status) string { return w.T("status." + key(string(s))) }

// key turns a word of the engine into the end of a sentence's id.
func key(s string) string { return strings.ReplaceAll(s, " ", "_") }

// toneOf says whether a status is good news.
func toneOf(s engine.Status) tone {
	switch s {
	case engine.Completed:
		return good
	case engine.StatusFailed:
		return bad
	case engine.CompletedWithErrors, engine.StatusStopped:
		return warn
	}
	return plain
}

// balanceColumns are the columns of a reconciliation: the first is what the lines are of.
func (w *writer) balanceColumns(first string) []column {
	columns := []column{{first, false, 4.2}}
	for _, id := range []string{"source", "before", "copied", "adopted", "skipped", "failed", "left", "off"} {
		columns = append(columns, column{w.T("report.balance." + id), true, 1.6})
	}
	return columns
}

// balanceCells are the cells of a reconciliation's line behind the first.
func (w *writer) balanceCells(t engine.FolderTally, off int64) []string {
	var cells []string
	for _, n := range []int64{t.Messages, t.Before, t.Copied, t.Adopted, t.Skipped, t.Failed, t.Left, off} {
		cells = append(cells, w.Number(n))
	}
	return cells
}

// reconciliation is the section that sums to zero.
func (w *writer) reconciliation() section {
	t := w.r.Totals
	s := section{ID: "reconciliation", Title: w.T("report.reconciliation")}
	if t.Balanced == 0 {
		s.Notes = []note{{w.T("report.reconciliation.none"), plain}}
		return s
	}
	s.Notes = []note{{w.T("report.reconciliation.text"), plain}}
	switch {
	case t.Off != 0:
		s.Notes = append(s.Notes, note{w.T("report.reconciliation.off", "Count", t.Off), bad})
	case t.Balance.Left > 0:
		s.Notes = append(s.Notes, note{w.T("report.reconciliation.left", "Count", t.Balance.Left), warn})
	case t.Balance.Failed > 0:
		s.Notes = append(s.Notes, note{w.T("report.reconciliation.failed", "Count", t.Balance.Failed), warn})
	default:
		s.Notes = append(s.Notes, note{w.T("report.reconciliation.zero"), good})
	}
	if t.Retried > 0 {
		s.Notes = append(s.Notes, note{w.T("report.mailbox.retried", "Count", t.Retried), plain})
	}
	if n := len(w.r.Mailboxes) - t.Balanced; n > 0 {
		s.Notes = append(s.Notes, note{w.T("report.reconciliation.without", "Count", n), warn})
	}
	lines := table{Columns: w.balanceColumns(w.T("report.mailbox"))}
	for i, m := range w.r.Mailboxes {
		if m.Balance == nil {
			continue
		}
		one := row{Cells: append([]string{w.address(m)}, w.balanceCells(m.Balance.Sum, m.Balance.Off)...), Link: mailboxID(i)}
		if m.Balance.Off != 0 {
			one.Tone = bad
		}
		lines.Rows = append(lines.Rows, one)
	}
	lines.Sum = append([]string{w.T("report.sum")}, w.balanceCells(t.Balance, t.Off)...)
	s.Tables = []table{lines}
	return s
}

// address is what a mailbox is called.
func (w *writer) address(m Mailbox) string { return w.Display(m.Source.Address, 120) }

// mailboxID is the ID of a mailbox's section.
func mailboxID(i int) string { return fmt.Sprintf("mailbox-%d", i+1) }

// passes is the section on what was migrated when.
func (w *writer) passes() section {
	s := section{ID: "passes", Title: w.T("report.passes")}
	if len(w.r.Totals.PerPass) == 0 {
		s.Notes = []note{{w.T("report.passes.none"), plain}}
		return s
	}
	lines := table{Columns: []column{{w.T("report.pass"), false, 3}, {w.T("report.began"), false, 3.2}, {w.T("report.ended"), false, 3.2},
		{w.T("report.runs"), true, 1.6}, {w.T("report.migrated"), true, 2}, {w.T("report.bytes"), true, 1.6}, {w.T("report.failed"), true, 1.4}}}
	picture := chart{ID: "chart-passes", Title: w.T("report.chart.passes")}
	for _, p := range w.r.Totals.PerPass {
		name := w.passName(p.Kind, p.Number)
		lines.Rows = append(lines.Rows, row{Cells: []string{name, w.moment(p.Began), w.moment(p.Ended), w.Number(int64(p.Passes)), w.Number(p.Copied),
			w.Bytes(p.Bytes), w.Number(p.Failed)}})
		if p.Copied > 0 || p.Number > 0 {
			picture.add(name, w.Number(p.Copied), p.Copied)
		}
	}
	s.Charts, s.Tables = append([]chart{picture.done()}, w.speeds()...), []table{lines}
	return s
}

// mostSpeeds is how many passes are shown with how fast they went: those that copied most.
const mostSpeeds = 3

// speeds is the pictures of how fast passes went, in the order they began.
func (w *writer) speeds() []chart {
	var known []PassTotal
	for _, p := range w.r.Totals.PerPass {
		if len(p.Speed.Messages) > 1 && p.Copied > 0 {
			known = append(known, p)
		}
	}
	largest := slices.Clone(known)
	slices.SortStableFunc(largest, func(a, b PassTotal) int { return cmp.Compare(b.Copied, a.Copied) })
	largest = largest[:min(mostSpeeds, len(largest))]
	var all []chart
	for i, p := range known {
		if !slices.ContainsFunc(largest, func(l PassTotal) bool { return l.Kind == p.Kind && l.Number == p.Number }) {
			continue
		}
		c := chart{ID: fmt.Sprintf("chart-speed-%d", i+1), Title: w.T("report.chart.speed", "Pass", w.passName(p.Kind, p.Number)), Panes: w.panes(p)}
		for _, one := range c.Panes {
			c.Text += one.Title + ": " + one.Note + "; "
		}
		c.Text = strings.TrimSuffix(c.Text, "; ")
		all = append(all, c)
	}
	return all
}

// panes is how fast passes went: messages, and bytes.
func (w *writer) panes(p PassTotal) []pane {
	took := p.Ended.Sub(p.Began)
	rate := func(v float64) string { return w.T("rate.bytes", "Bytes", w.Bytes(int64(v))) }
	one := func(id string, values []float64, peak float64, sum int64, say func(float64) string) pane {
		top := Scale(peak)
		out := pane{Title: w.T(id), Note: w.T("chart.note", "Peak", say(peak), "Mean", say(float64(sum)/took.Seconds())), Top: say(top), Length: w.Duration(took)}
		for _, v := range values {
			out.Values = append(out.Values, v/top)
		}
		return out
	}
	messages, bytes := p.Speed.Peak()
	return []pane{one("chart.messages", p.Speed.Messages, messages, p.Copied, w.Decimal), one("chart.bytes", p.Speed.Bytes, bytes, p.Bytes, rate)}
}

// passName says which of a mailbox's passes one is, or what for.
func (w *writer) passName(k engine.PassKind, number int) string {
	switch {
	case number > 0:
		return w.T("report.pass.number", "Number", number)
	case k == engine.NewItems:
		return w.T("report.pass.uncounted")
	}
	return w.T("kind." + key(string(k)))
}

// add adds a bar; lengths are made comparable by done.
func (c *chart) add(name, value string, length int64) {
	c.Bars = append(c.Bars, bar{name, value, float64(length)})
}

func (c chart) done() chart {
	longest := 0.0
	texts := make([]string, len(c.Bars))
	for i, b := range c.Bars {
		longest = max(longest, b.Length)
		texts[i] = b.Name + ": " + b.Value
	}
	for i := range c.Bars {
		if longest > 0 {
			c.Bars[i].Length /= longest
		}
	}
	c.Text = strings.Join(texts, "; ")
	return c
}

// mailboxes is the section with a line a mailbox.
func (w *writer) mailboxes() section {
	s := section{ID: "mailboxes", Title: w.T("report.mailboxes")}
	if len(w.r.Mailboxes) == 0 {
		s.Notes = []note{{w.T("report.mailboxes.none"), plain}}
		return s
	}
	t := w.r.Totals
	lines := table{Columns: []column{{w.T("report.source"), false, 4}, {w.T("report.destination"), false, 4}, {w.T("report.status"), false, 2.6},
		{w.T("report.used"), true, 1.3}, {w.T("report.migrated"), true, 1.8}, {w.T("report.bytes"), true, 1.5}, {w.T("report.failed"), true, 1.4}}}
	picture := chart{ID: "chart-mailboxes", Title: w.T("report.chart.mailboxes")}
	for i, m := range w.r.Mailboxes {
		lines.Rows = append(lines.Rows, row{Cells: []string{w.address(m), w.Display(m.Destination.Address, 120), w.status(m.Status), w.Number(int64(m.Used)),
			w.Number(Migrated(m.Items)), w.Bytes(m.Bytes), w.Number(m.Items.Failed)}, Link: mailboxID(i), Tone: toneOf(m.Status)})
	}
	for _, m := range largest(w.r.Mailboxes, mostBars) {
		picture.add(w.address(m), w.Number(Migrated(m.Items)), Migrated(m.Items))
	}
	if len(w.r.Mailboxes) > mostBars {
		picture.Title = w.T("report.chart.largest", "Count", mostBars)
	}
	lines.Sum = []string{w.T("report.sum"), "", "", w.Number(int64(t.Passes)), w.Number(Migrated(t.Items)), w.Bytes(t.Bytes), w.Number(t.Items.Failed)}
	s.Tables = []table{lines}
	if Migrated(t.Items) > 0 {
		s.Charts = []chart{picture.done()}
	}
	return s
}

// causes is the section on what is not at the destination.
func (w *writer) causes() section {
	s := section{ID: "causes", Title: w.T("report.causes")}
	if len(w.r.Causes) == 0 {
		s.Notes = []note{{w.T("report.causes.none"), good}}
		return s
	}
	s.Notes = []note{{w.T("report.causes.text"), plain}}
	lines := table{Columns: []column{{w.T("report.cause"), false, 5}, {w.T("report.messages"), true, 1.6}, {w.T("report.where"), false, 4}, {w.T("report.step"), false, 5}}}
	for _, c := range w.r.Causes {
		sentence, step := w.cause(c)
		one := row{Cells: []string{sentence, w.Number(c.Count), w.where(c), step}}
		if c.State == engine.ItemFailed {
			one.Tone = bad
		}
		lines.Rows = append(lines.Rows, one)
	}
	s.Tables = []table{lines}
	return s
}

func (w *writer) cause(c Cause) (sentence, step string) { return causeWords(w, w.r.Project, c) }

// causeWords says why messages are not at the destination. A message that is left out without an error is left out by rule.
func causeWords(words Words, p engine.Project, c Cause) (sentence, step string) {
	if c.State == engine.Skipped && c.Kind == engine.NoError {
		return words.T("report.cause.rule"), words.T("report.cause.rule.step")
	}
	return words.Cause(p, engine.FailureRow{State: c.State, Failure: engine.Failure{Kind: c.Kind}})
}

// where lists the mailboxes that a cause has hit most.
func (w *writer) where(c Cause) string {
	const most = 5
	var all []string
	for i, m := range c.Mailboxes {
		if i == most {
			all = append(all, w.T("report.more", "Count", len(c.Mailboxes)-most))
			break
		}
		all = append(all, fmt.Sprintf("%s (%s)", w.Display(m.Address, 80), w.Number(m.Count)))
	}
	return strings.Join(all, ", ")
}

// checks is the section on what verifying passes have found.
func (w *writer) checks() section {
	t := w.r.Totals
	s := section{ID: "verified", Title: w.T("report.checks"), Notes: []note{{w.T("report.checks.text"), plain}}}
	if t.Check.Different+t.Check.Removed == 0 {
		s.Notes = append(s.Notes, note{w.T("report.checks.good", "Count", t.Check.Verified), good})
	}
	lines := table{Columns: w.checkColumns(w.T("report.mailbox"), column{w.T("report.when"), false, 3})}
	for i, m := range w.r.Mailboxes {
		if m.Check == nil {
			continue
		}
		c := *m.Check
		one := row{Cells: append([]string{w.address(m), w.moment(c.Pass.Started)}, w.checkCells(c)...), Link: mailboxID(i)}
		if c.Different > 0 {
			one.Tone = bad
		}
		lines.Rows = append(lines.Rows, one)
	}
	lines.Sum = append([]string{w.T("report.sum"), ""}, w.checkCells(t.Check)...)
	s.Tables = []table{lines}
	return s
}

func (w *writer) checkColumns(first string, second ...column) []column {
	return append(append([]column{{first, false, 4.6}}, second...), column{w.T("report.verified"), true, 2}, column{w.T("report.different"), true, 2},
		column{w.T("report.removed"), true, 2})
}

func (w *writer) checkCells(c Check) []string {
	return []string{w.Number(c.Verified), w.Number(c.Different), w.Number(c.Removed)}
}
