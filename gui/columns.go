package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// gap is the room between two columns, and at either end of a row.
const gap float32 = 12

// column is one column of a list: what its header says, its least width, and how the list is sorted by it.
type column struct {
	title   string // id of its sentence; "" for none
	width   float32
	stretch bool    // takes the room that is left, with the others that do
	number  bool    // aligned to the right
	sort    string  // name of the order; "" where the list cannot be sorted by it
	lead    float32 // more room before it
	falls   bool    // sorted downwards first
	spare   bool    // left out where there is no room
	base    float32 // its width before the user changed it; 0: unchanged
}

// least returns the width that the column has where there is no room.
func (c column) least() float32 {
	if c.base > 0 {
		return min(c.base, c.width)
	}
	return c.width
}

// columns lays out a header and its rows by the same widths. Where they do not fit, those that can be done without go, the last
// named first.
type columns []column

// fitting returns which columns fit into a width, and the room that is left.
func (c columns) fitting(width float32) (shown []bool, slack float32) {
	shown = make([]bool, len(c))
	slack = width - gap
	for i, column := range c {
		shown[i] = true
		slack -= column.lead + column.width + gap
	}
	for i := len(c) - 1; i >= 0 && slack < 0; i-- {
		if c[i].spare {
			shown[i] = false
			slack += c[i].lead + c[i].width + gap
		}
	}
	return shown, slack
}

// widths returns how wide each column is in a width; 0: it is left out.
func (c columns) widths(width float32) []float32 {
	shown, slack := c.fitting(width)
	list := make([]float32, len(c))
	stretching := float32(0)
	for i, one := range c {
		if !shown[i] {
			continue
		}
		list[i] = one.width
		if slack < 0 {
			list[i] = one.least() // what the user has widened does not fit here
		}
		if one.stretch {
			stretching++
		}
	}
	for i, one := range c {
		if one.stretch && shown[i] && slack > 0 {
			list[i] += slack / stretching
		}
	}
	return list
}

// MinSize implements fyne.Layout.
func (c columns) MinSize(cells []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(gap, 0)
	for _, column := range c {
		if !column.spare {
			size.Width += column.lead + column.least() + gap
		}
	}
	for _, cell := range cells {
		size.Height = max(size.Height, cell.MinSize().Height)
	}
	return size
}

// Layout implements fyne.Layout.
func (c columns) Layout(cells []fyne.CanvasObject, size fyne.Size) {
	for _, over := range cells[len(c):] { // what lies over them all
		over.Resize(size)
	}
	x := gap
	for i, width := range c.widths(size.Width) {
		visible(cells[i], width > 0)
		if width <= 0 {
			continue
		}
		x += c[i].lead
		cells[i].Move(fyne.NewPos(x, 0))
		cells[i].Resize(fyne.NewSize(width, size.Height))
		x += width + gap
	}
}

// narrowest is how narrow a column can be made.
const narrowest float32 = 40

// drag moves the right edge of a column: what a column that takes the room that is left gains, the next one loses.
func (c columns) drag(i int, by, width float32) {
	if c[i].stretch && i+1 < len(c) {
		i, by = i+1, -by
	}
	_, slack := c.fitting(width)
	one := &c[i]
	if one.base == 0 {
		one.base = one.width
	}
	one.width = max(narrowest, one.width+min(by, max(0, slack)))
}

// order is how a list is sorted.
type order struct {
	by         string
	descending bool
}

// header is the line above a list, with a sort mark on the column that orders it.
type header struct {
	columns columns
	order   *order
	changed func()
	cells   []*headerCell
	row     *fyne.Container
	resized func()      // a column is being made wider or narrower; nil: none can be
	kept    func()      // it has been
	keys    *headerKeys // for the keyboard; nil: there is nothing to do by it
}

// newHeader returns the header of a list; order and changed are nil where it cannot be sorted.
func newHeader(c columns, o *order, changed func()) *header {
	h := &header{columns: c, order: o, changed: changed}
	for i, column := range c {
		cell := &headerCell{header: h, at: i, column: column, label: newText(theme.SizeNameCaptionText, colorMuted), mark: canvas.NewImageFromResource(nil)}
		cell.label.style.Bold = true
		cell.label.whole = true
		if column.title != "" {
			cell.label.value = wording.T(column.title)
		}
		cell.ExtendBaseWidget(cell)
		h.cells = append(h.cells, cell)
	}
	h.mark()
	return h
}

// content returns the header with its background and the line below.
func (h *header) content() fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, len(h.cells))
	for i, cell := range h.cells {
		objects[i] = cell
	}
	if h.keys != nil {
		objects = append(objects, h.keys)
	}
	h.row = container(h.columns, objects...)
	return newBar(h.row, 0, 4, bottomLine)
}

// mark shows which column orders the list.
func (h *header) mark() {
	for _, cell := range h.cells {
		cell.mark.Resource = nil
		if h.order != nil && cell.column.sort != "" && cell.column.sort == h.order.by {
			cell.mark.Resource = theme.NewColoredResource(theme.MenuDropUpIcon(), colorMuted)
			if h.order.descending {
				cell.mark.Resource = theme.NewColoredResource(theme.MenuDropDownIcon(), colorMuted)
			}
		}
		visible(cell.mark, cell.mark.Resource != nil) // Fyne goes on drawing an image whose resource was taken away
		cell.Refresh()
	}
}

// headerCell is a column's title; a click sorts by it, a second one the other way round.
type headerCell struct {
	widget.BaseWidget
	header  *header
	at      int
	column  column
	label   *text
	mark    *canvas.Image
	dragged int     // the column that is being resized, -1 for none
	moving  bool    // something is being dragged
	mouse   float32 // where the mouse is
}

// Tapped implements fyne.Tappable.
func (c *headerCell) Tapped(*fyne.PointEvent) { c.header.sortBy(c.column) }

// sortBy sorts the list by a column, or the other way round if it is already.
func (h *header) sortBy(c column) {
	o := h.order
	if o == nil || c.sort == "" {
		return
	}
	if o.by == c.sort {
		o.descending = !o.descending
	} else {
		o.by, o.descending = c.sort, c.falls
	}
	h.mark()
	h.changed()
}

// edgeRoom is how near to a column's edge the mouse must be to drag it.
const edgeRoom float32 = 7

// edge returns the column whose right edge is at x, -1 for none.
func (c *headerCell) edge(x float32) int {
	switch {
	case c.header.resized == nil:
		return -1
	case x > c.Size().Width-edgeRoom && c.at < len(c.header.cells)-1:
		return c.at
	case x < edgeRoom && c.at > 0:
		return c.at - 1
	}
	return -1
}

// Dragged implements fyne.Draggable: a column's edge can be moved.
func (c *headerCell) Dragged(e *fyne.DragEvent) {
	h := c.header
	if !c.moving {
		c.moving, c.dragged = true, c.edge(e.Position.X-e.Dragged.DX)
	}
	if c.dragged >= 0 {
		h.columns.drag(c.dragged, e.Dragged.DX, h.row.Size().Width)
		h.row.Refresh()
		h.resized()
	}
}

// DragEnd implements fyne.Draggable.
func (c *headerCell) DragEnd() {
	if c.dragged >= 0 && c.moving {
		c.header.kept()
	}
	c.moving, c.dragged = false, -1
}

// MouseIn implements desktop.Hoverable.
func (c *headerCell) MouseIn(e *desktop.MouseEvent) { c.mouse = e.Position.X }

// MouseMoved implements desktop.Hoverable.
func (c *headerCell) MouseMoved(e *desktop.MouseEvent) { c.mouse = e.Position.X }

// MouseOut implements desktop.Hoverable.
func (c *headerCell) MouseOut() { c.mouse = c.Size().Width / 2 }

// Cursor implements desktop.Cursorable.
func (c *headerCell) Cursor() desktop.Cursor {
	if c.edge(c.mouse) >= 0 {
		return desktop.HResizeCursor
	}
	if c.header.order != nil && c.column.sort != "" {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (c *headerCell) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{Layout: headerCellLayout{c}, Objects: []fyne.CanvasObject{c.label, c.mark}})
}

// headerCellLayout puts the sort mark behind the title, or before it where numbers stand at the right.
type headerCellLayout struct{ c *headerCell }

func (l headerCellLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, l.c.label.MinSize().Height+4)
}

func (l headerCellLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	const mark = 16
	w := min(l.c.label.MinSize().Width, size.Width)
	x := float32(0)
	at := w
	if l.c.column.number {
		x = size.Width - w
		at = x - mark
	}
	l.c.label.Move(fyne.NewPos(x, 0))
	l.c.label.Resize(fyne.NewSize(w, size.Height))
	l.c.mark.Move(fyne.NewPos(at, (size.Height-mark)/2))
	l.c.mark.Resize(fyne.NewSize(mark, mark))
}
