package gui

import (
	"slices"
	"sort"

	"fyne.io/fyne/v2"
	scrolls "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// gridColumns are the columns of the grid in which mailboxes are typed.
var gridColumns = [cellsInRow]struct {
	title  string
	secret bool
	part   float32 // of the width
}{
	{"grid.source", false, .215}, {"grid.source.login", false, .15}, {"grid.source.password", true, .135},
	{"grid.destination", false, .215}, {"grid.destination.login", false, .15}, {"grid.destination.password", true, .135},
}

// What the grid measures.
const (
	gridLineHeight  float32 = 32 // of a row: what is typed into needs 29 of them
	gridSaidHeight  float32 = 17 // of the sentence below a row that is wrong
	gridNumberWidth float32 = 44 // of the row's number, at the left
	gridEndWidth    float32 = 34 // of what removes the row, at the right
)

// grid is a table to type in, one mailbox a row, with an empty row at the end. One cell is active: an editor lies over it. Only the rows
// that can be seen are drawn, however many there are.
type grid struct {
	widget.BaseWidget
	rows      []*gridRow
	tops      []float32 // of every row, and the foot of the last
	row, cell int       // the active cell
	shift     bool      // a shift key is down
	before    string    // what the active cell said when it became active
	stale     bool      // the row that was left has not been judged
	editor    *cellEditor
	scroll    *scrolls.Scroll
	body      *gridBody
	head      fyne.CanvasObject
	canvas    fyne.Canvas      // whose keyboard it takes
	barred    [cellsInRow]bool // cells in which nothing is typed: the mailboxes of that side need no passwords

	changed func()                  // a cell changed, rows came or went
	read    func(lines string) bool // takes a text of several lines that has a header; may be nil
	other   func(*fyne.KeyEvent)    // keys that mean nothing here
}

func newGrid(c fyne.Canvas) *grid {
	g := &grid{canvas: c, rows: []*gridRow{{}}, changed: func() {}}
	head := container(gridLayout{})
	head.Add(smallText())
	for _, c := range gridColumns {
		head.Add(wholeText(wording.T(c.title), theme.SizeNameCaptionText, colorMuted))
	}
	head.Add(smallText())
	g.head = newBar(head, 0, 5, bottomLine)
	g.measure()
	g.body = newGridBody(g)
	g.scroll = scrolls.NewVScroll(g.body)
	g.scroll.OnScrolled = func(fyne.Position) { g.body.draw() }
	g.ExtendBaseWidget(g)
	g.activate(0, 0)
	return g
}

// CreateRenderer implements fyne.Widget.
func (g *grid) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(between(g.head, nil, g.scroll))
}

// measure says anew where each row stands.
func (g *grid) measure() {
	g.tops = g.tops[:0]
	y := float32(0)
	for _, r := range g.rows {
		g.tops = append(g.tops, y)
		y += gridLineHeight
		if r.problem != "" {
			y += gridSaidHeight
		}
	}
	g.tops = append(g.tops, y)
}

// renew shows the rows after they changed.
func (g *grid) renew() {
	g.measure()
	g.scroll.Refresh() // its content may be higher or lower now
	g.body.draw()
}

// bar says for which sides nobody types passwords. What stands there is forgotten.
func (g *grid) bar(source, destination bool) {
	g.barred = [cellsInRow]bool{sourcePassword: source, destinationPassword: destination}
	g.clean()
	if g.barred[g.cell] {
		g.activate(g.row, g.cell-1)
	}
	g.renew()
}

// clean empties cells in which nothing is typed.
func (g *grid) clean() {
	for _, r := range g.rows {
		for cell, barred := range g.barred {
			if barred {
				r.cells[cell] = ""
			}
		}
	}
}

// count returns how many mailboxes there are, and how many of the rows are wrong as far as is known.
func (g *grid) count() (mailboxes, wrong int) {
	for _, r := range g.rows {
		if !r.blank() {
			mailboxes++
		}
		if r.problem != "" {
			wrong++
		}
	}
	return mailboxes, wrong
}

// entered returns the rows that are mailboxes.
func (g *grid) entered() []*gridRow {
	return slices.DeleteFunc(slices.Clone(g.rows), (*gridRow).blank)
}

// set replaces all rows.
func (g *grid) set(rows []*gridRow) {
	g.rows = append(slices.Clone(rows), &gridRow{})
	g.scroll.ScrollToTop()
	g.settle(0, 0)
}

// add puts rows behind those that are there.
func (g *grid) add(rows []*gridRow) {
	at := len(g.rows) - 1
	g.rows = slices.Insert(g.rows, at, rows...)
	g.settle(at, 0)
}

// settle shows rows that came or went, with a cell active.
func (g *grid) settle(row, cell int) {
	g.clean()
	if last := len(g.rows) - 1; last < 0 || !g.rows[last].blank() {
		g.rows = append(g.rows, &gridRow{})
	}
	g.stale = false
	g.row = min(row, len(g.rows)-1) // before anything is drawn
	g.renew()
	g.activate(g.row, cell)
	g.changed()
}

// activate makes a cell the active one: the editor moves there, and takes the keyboard if it had it before.
func (g *grid) activate(row, cell int) {
	focused := g.editor != nil && g.focused()
	if row != g.row && g.stale {
		g.stale = false
		if g.row < len(g.rows) && !g.rows[g.row].blank() {
			g.judge(nil)
		}
	}
	g.row, g.cell = row, cell
	g.before = g.rows[row].cells[cell]
	g.editor = newCellEditor(g)
	g.reveal()
	g.body.draw()
	if focused {
		g.focus()
	}
}

// judge says what is wrong with the rows and returns the index of the first that is wrong, -1 for none.
func (g *grid) judge(known map[string]engine.Mailbox) int {
	first := judgeRows(g.rows, known)
	g.renew()
	g.changed()
	return first
}

// focused reports whether the keyboard is in the grid.
func (g *grid) focused() bool { return g.canvas.Focused() == fyne.Focusable(g.editor) }

// focus gives the active cell the keyboard.
func (g *grid) focus() { g.canvas.Focus(g.editor) }

// reveal scrolls so that the active row can be seen.
func (g *grid) reveal() {
	top, foot, height := g.tops[g.row], g.tops[g.row+1], g.scroll.Size().Height
	switch y := g.scroll.Offset.Y; {
	case height <= 0:
	case top < y:
		g.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case foot > y+height:
		g.scroll.ScrollToOffset(fyne.NewPos(0, foot-height))
	}
}

// page returns how many rows PgUp and PgDn pass.
func (g *grid) page() int { return max(1, int(g.scroll.Size().Height/gridLineHeight)-1) }

// typed takes what was typed into the active cell.
func (g *grid) typed(text string) {
	r := g.rows[g.row]
	if r.cells[g.cell] == text {
		return
	}
	r.cells[g.cell] = text
	g.stale = true
	moved := r.problem != ""
	r.problem = ""
	if g.row == len(g.rows)-1 && !r.blank() {
		g.rows = append(g.rows, &gridRow{})
		moved = true
	}
	if moved {
		g.renew()
	}
	g.reveal()
	g.changed()
}

// move makes another cell active: so many rows and cells further. Past the end of a row comes the next row's beginning.
func (g *grid) move(rows, cells int) {
	row, cell := g.row+rows, g.cell+cells
	if cells != 0 && cell >= 0 && cell < cellsInRow && g.barred[cell] {
		cell += cells // there is never a barred one beside another
	}
	switch {
	case cell >= cellsInRow:
		row, cell = row+1, 0
	case cell < 0:
		row, cell = row-1, cellsInRow-1
	}
	if row < 0 || cells != 0 && row >= len(g.rows) {
		return
	}
	if row = min(row, len(g.rows)-1); row != g.row || cell != g.cell {
		g.activate(row, cell)
	}
}

// leads reports whether Tab, or Shift+Tab, leads to another cell, and not out of the grid.
func (g *grid) leads() bool {
	if g.shift {
		return g.row > 0 || g.cell > 0
	}
	return g.row < len(g.rows)-1 || !g.rows[g.row].blank()
}

// remove takes a row away.
func (g *grid) remove(row int) {
	g.rows = slices.Delete(g.rows, row, row+1)
	at := g.row
	if at > row {
		at--
	}
	g.settle(at, g.cell)
}

// paste fills cells with a table as a spreadsheet copies it, from the active one on, and reports whether it was one.
func (g *grid) paste(text string) bool {
	table := cellsOf(text)
	if table == nil {
		return false
	}
	if g.read != nil && g.read(text) {
		return true
	}
	for i, cells := range table {
		if g.row+i >= len(g.rows)-1 {
			g.rows = append(g.rows, &gridRow{})
		}
		for j, text := range cells {
			if g.cell+j < cellsInRow {
				g.rows[g.row+i].cells[g.cell+j] = text
			}
		}
	}
	judgeRows(g.rows, nil)
	g.settle(g.row+len(table), g.cell)
	return true
}

// hit returns the row and the cell at a place of the body; cell is -1 left of the cells and cellsInRow right of them.
func (g *grid) hit(at fyne.Position) (row, cell int) {
	row = max(0, sort.Search(len(g.rows), func(i int) bool { return g.tops[i] > at.Y })-1)
	for cell = -1; cell < cellsInRow; cell++ {
		if x, width := gridCell(cell+1, g.body.Size().Width); at.X < x+width+gridRoom/2 {
			return row, cell
		}
	}
	return row, cell
}

// gridRoom is the room between two cells.
const gridRoom float32 = 4

// gridCell returns where the number (0), the cells (from 1) and the end of a row stand.
func gridCell(i int, width float32) (x, w float32) {
	cells := width - gridNumberWidth - gridEndWidth
	switch i {
	case 0:
		return 0, gridNumberWidth - gridRoom
	case cellsInRow + 1:
		return width - gridEndWidth, gridEndWidth - gridRoom
	}
	x = gridNumberWidth
	for _, c := range gridColumns[:i-1] {
		x += cells * c.part
	}
	return x, cells*gridColumns[i-1].part - gridRoom
}

// gridLayout lays out a number, the cells and an end.
type gridLayout struct{}

// MinSize implements fyne.Layout.
func (gridLayout) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for _, c := range o {
		s.Height = max(s.Height, c.MinSize().Height)
	}
	s.Width = cellsInRow*110 + gridNumberWidth + gridEndWidth
	return s
}

// Layout implements fyne.Layout.
func (gridLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for i, c := range o {
		x, w := gridCell(i, size.Width)
		c.Move(fyne.NewPos(x, 0))
		c.Resize(fyne.NewSize(w, size.Height))
	}
}
