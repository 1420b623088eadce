package gui

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// gridBody draws the rows of a grid that can be seen.
type gridBody struct {
	widget.BaseWidget
	grid  *grid
	lines []*gridLine // of the rows that can be seen, and a few to spare
}

func newGridBody(g *grid) *gridBody {
	b := &gridBody{grid: g}
	b.ExtendBaseWidget(b)
	return b
}

// draw shows what can be seen now.
func (b *gridBody) draw() { b.Refresh() }

// Tapped implements fyne.Tappable.
func (b *gridBody) Tapped(e *fyne.PointEvent) {
	row, cell := b.grid.hit(e.Position)
	if cell == cellsInRow && !b.grid.rows[row].blank() {
		b.grid.remove(row)
	} else {
		cell = min(max(cell, 0), cellsInRow-1)
		if b.grid.barred[cell] {
			cell--
		}
		b.grid.activate(row, cell)
	}
	b.grid.focus()
}

// Cursor implements desktop.Cursorable.
func (b *gridBody) Cursor() desktop.Cursor { return desktop.TextCursor }

// MinSize is the height of all rows. It is not kept, as BaseWidget would: rows come and go.
func (b *gridBody) MinSize() fyne.Size {
	return fyne.NewSize(gridLayout{}.MinSize(nil).Width, b.grid.tops[len(b.grid.rows)]+4)
}

// CreateRenderer implements fyne.Widget.
func (b *gridBody) CreateRenderer() fyne.WidgetRenderer {
	r := &gridBodyRenderer{b: b}
	r.Refresh()
	return r
}

type gridBodyRenderer struct {
	b       *gridBody
	objects []fyne.CanvasObject
}

func (r *gridBodyRenderer) Layout(fyne.Size) { r.place() }

func (r *gridBodyRenderer) MinSize() fyne.Size { return r.b.MinSize() }

func (r *gridBodyRenderer) Refresh() {
	r.place()
	canvas.Refresh(r.b)
}

// place binds lines to the rows in sight, and lays the editor over the active cell.
func (r *gridBodyRenderer) place() {
	g := r.b.grid
	top, width := g.scroll.Offset.Y, r.b.Size().Width
	foot := top + max(g.scroll.Size().Height, gridLineHeight)
	r.objects = r.objects[:0]
	used := 0
	for row := max(0, rowAt(g.tops, top)); row < len(g.rows) && g.tops[row] < foot; row++ {
		if used == len(r.b.lines) {
			r.b.lines = append(r.b.lines, newGridLine())
		}
		line := r.b.lines[used]
		used++
		line.show(g, row)
		line.Move(fyne.NewPos(0, g.tops[row]))
		line.Resize(fyne.NewSize(width, g.tops[row+1]-g.tops[row]))
		r.objects = append(r.objects, line)
	}
	x, w := gridCell(g.cell+1, width)
	g.editor.Move(fyne.NewPos(x, g.tops[g.row]+2))
	g.editor.Resize(fyne.NewSize(w, gridLineHeight-3))
	r.objects = append(r.objects, g.editor)
}

// rowAt returns the last row that begins at or above y.
func rowAt(tops []float32, y float32) int {
	low, high := 0, len(tops)-1
	for low < high {
		if mid := (low + high + 1) / 2; tops[mid] <= y {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

func (r *gridBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *gridBodyRenderer) Destroy() {}

// gridLine draws one row: its number, its cells, what removes it, and below them what is wrong.
type gridLine struct {
	widget.BaseWidget
	number *text
	cells  [cellsInRow]*text
	boxes  [cellsInRow]*canvas.Rectangle
	lines  [cellsInRow]fyne.ThemeColorName // of the boxes
	barred [cellsInRow]bool                // boxes that are filled: nothing is typed there
	cross  *canvas.Image
	said   *text
}

func newGridLine() *gridLine {
	l := &gridLine{number: smallText(), cross: canvas.NewImageFromResource(theme.NewColoredResource(theme.CancelIcon(), colorMuted)),
		said: newText(theme.SizeNameCaptionText, colorBad)}
	l.number.align = fyne.TextAlignTrailing
	for i := range l.cells {
		l.cells[i], l.boxes[i] = mainText(), canvas.NewRectangle(color.Transparent)
	}
	l.ExtendBaseWidget(l)
	return l
}

// show makes the line say what a row says.
func (l *gridLine) show(g *grid, row int) {
	r := g.rows[row]
	l.number.say(strconv.Itoa(row + 1))
	if r.blank() {
		l.number.say("")
	}
	visible(l.cross, !r.blank())
	l.said.say(r.problem)
	visible(l.said, r.problem != "")
	changed := false
	for i, cell := range l.cells {
		value, tint := gridSays(r, i), fyne.ThemeColorName(theme.ColorNameForeground)
		line := fyne.ThemeColorName(theme.ColorNameSeparator)
		if g.barred[i] && !r.blank() {
			value = wording.T("grid.notneeded")
		}
		if r.cells[i] == "" {
			tint = theme.ColorNamePlaceHolder
		}
		if r.problem != "" && r.bad == i {
			line = colorBad
		}
		cell.show(value, tint)
		if line != l.lines[i] || g.barred[i] != l.barred[i] {
			l.lines[i], l.barred[i], changed = line, g.barred[i], true
		}
	}
	if changed {
		l.Refresh()
	}
}

// gridSays returns what a cell shows while it is not being typed in.
func gridSays(r *gridRow, cell int) string {
	value := r.cells[cell]
	switch {
	case value != "" && gridColumns[cell].secret:
		return strings.Repeat("•", min(len([]rune(value)), 12))
	case value != "":
		return wording.Display(value, 120)
	case r.held[cell]:
		return wording.T("grid.kept")
	case r.blank():
		return ""
	case cell == sourceLogin || cell == destinationLogin:
		return wording.T("grid.login.hint")
	}
	return ""
}

// CreateRenderer implements fyne.Widget.
func (l *gridLine) CreateRenderer() fyne.WidgetRenderer {
	r := &gridLineRenderer{l: l}
	for i := range l.cells {
		r.objects = append(r.objects, l.boxes[i], l.cells[i])
	}
	r.objects = append(r.objects, l.number, l.cross, l.said)
	r.colour()
	return r
}

type gridLineRenderer struct {
	l       *gridLine
	objects []fyne.CanvasObject
}

func (r *gridLineRenderer) colour() {
	for i, box := range r.l.boxes {
		box.StrokeColor, box.StrokeWidth, box.CornerRadius = paint(r.l.lines[i]), 1, 3
		box.FillColor = color.Transparent
		if r.l.barred[i] {
			box.FillColor = paint(theme.ColorNameDisabledButton)
		}
	}
}

func (r *gridLineRenderer) Layout(size fyne.Size) {
	const inset, icon = 6, 14
	l := r.l
	for i := range l.cells {
		x, w := gridCell(i+1, size.Width)
		l.boxes[i].Move(fyne.NewPos(x, 2))
		l.boxes[i].Resize(fyne.NewSize(w, gridLineHeight-3))
		l.cells[i].Move(fyne.NewPos(x+inset, 2))
		l.cells[i].Resize(fyne.NewSize(max(0, w-2*inset), gridLineHeight-3))
	}
	_, w := gridCell(0, size.Width)
	l.number.Move(fyne.NewPos(0, 2))
	l.number.Resize(fyne.NewSize(w-4, gridLineHeight-3))
	x, w := gridCell(cellsInRow+1, size.Width)
	l.cross.Move(fyne.NewPos(x+(w-icon)/2, (gridLineHeight-icon)/2))
	l.cross.Resize(fyne.NewSquareSize(icon))
	l.said.Move(fyne.NewPos(gridNumberWidth+2, gridLineHeight-2))
	l.said.Resize(fyne.NewSize(max(0, size.Width-gridNumberWidth-gridEndWidth), gridSaidHeight))
}

func (r *gridLineRenderer) MinSize() fyne.Size { return fyne.NewSize(0, gridLineHeight) }

func (r *gridLineRenderer) Refresh() {
	r.colour()
	r.Layout(r.l.Size())
	canvas.Refresh(r.l)
}

func (r *gridLineRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *gridLineRenderer) Destroy() {}

// cellEditor is where the active cell of a grid is typed. A new one comes with every cell: none can bring back, by undoing, what was typed
// in another.
type cellEditor struct {
	field
	grid *grid
}

func newCellEditor(g *grid) *cellEditor {
	e := &cellEditor{grid: g}
	r := g.rows[g.row]
	e.Text, e.Password = r.cells[g.cell], gridColumns[g.cell].secret
	switch {
	case r.held[g.cell]:
		e.PlaceHolder = wording.T("grid.kept")
	case g.cell == sourceLogin || g.cell == destinationLogin:
		e.PlaceHolder = wording.T("grid.login.hint")
	}
	e.CursorColumn = len([]rune(e.Text))
	e.OnChanged = g.typed
	e.paste = g.paste
	e.ExtendBaseWidget(e)
	return e
}

// AcceptsTab implements fyne.Tabbable: Tab goes from cell to cell, and out of the grid where there is none.
func (e *cellEditor) AcceptsTab() bool { return e.grid.leads() }

// KeyDown implements desktop.Keyable.
func (e *cellEditor) KeyDown(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.grid.shift = true
	}
	e.Entry.KeyDown(k)
}

// KeyUp implements desktop.Keyable.
func (e *cellEditor) KeyUp(k *fyne.KeyEvent) {
	if k.Name == desktop.KeyShiftLeft || k.Name == desktop.KeyShiftRight {
		e.grid.shift = false
	}
	e.Entry.KeyUp(k)
}

// TypedKey implements fyne.Focusable.
func (e *cellEditor) TypedKey(k *fyne.KeyEvent) {
	g := e.grid
	switch {
	case k.Name == fyne.KeyTab && g.shift:
		g.move(0, -1)
	case k.Name == fyne.KeyTab:
		g.move(0, 1)
	case k.Name == fyne.KeyReturn, k.Name == fyne.KeyEnter, k.Name == fyne.KeyDown:
		g.move(1, 0)
	case k.Name == fyne.KeyUp:
		g.move(-1, 0)
	case k.Name == fyne.KeyPageDown:
		g.move(min(g.page(), len(g.rows)-1-g.row), 0)
	case k.Name == fyne.KeyPageUp:
		g.move(-min(g.page(), g.row), 0)
	case k.Name == fyne.KeyLeft && e.CursorColumn == 0 && !g.shift && e.SelectedText() == "":
		g.move(0, -1)
	case k.Name == fyne.KeyRight && e.CursorColumn == len([]rune(e.Text)) && !g.shift && e.SelectedText() == "":
		g.move(0, 1)
	case k.Name == fyne.KeyEscape && e.Text != g.before:
		e.SetText(g.before)
	case k.Name == fyne.KeyEscape && g.other != nil:
		g.other(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements fyne.Shortcutable: Ctrl+Delete takes the row away.
func (e *cellEditor) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == fyne.KeyDelete && c.Modifier == fyne.KeyModifierShortcutDefault {
		if !e.grid.rows[e.grid.row].blank() {
			e.grid.remove(e.grid.row)
		}
		return
	}
	e.field.TypedShortcut(s)
}
