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

// MinSize implements fyne.Layout.
func (c columns) MinSize(cells []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(gap, 0)
	for _, column := range c {
		if !column.spare {
			size.Width += column.lead + column.width + gap
		}
	}
	for _, cell := range cells {
		size.Height = max(size.Height, cell.MinSize().Height)
	}
	return size
}

// Layout implements fyne.Layout.
func (c columns) Layout(cells []fyne.CanvasObject, size fyne.Size) {
	shown, slack := c.fitting(size.Width)
	stretching := 0
	for i, one := range c {
		if one.stretch && shown[i] {
			stretching++
		}
	}
	x := gap
	for i, cell := range cells {
		visible(cell, shown[i])
		if !shown[i] {
			continue
		}
		width := c[i].width
		if c[i].stretch {
			width += max(0, slack) / float32(stretching)
		}
		x += c[i].lead
		cell.Move(fyne.NewPos(x, 0))
		cell.Resize(fyne.NewSize(width, size.Height))
		x += width + gap
	}
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
}

// newHeader returns the header of a list; order and changed are nil where it cannot be sorted.
func newHeader(c columns, o *order, changed func()) *header {
	h := &header{columns: c, order: o, changed: changed}
	for _, column := range c {
		cell := &headerCell{header: h, column: column, label: newText(theme.SizeNameCaptionText, colorMuted), mark: canvas.NewImageFromResource(nil)}
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
	return newBar(&fyne.Container{Layout: h.columns, Objects: objects}, 0, 4, bottomLine)
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
		cell.Refresh()
	}
}

// headerCell is a column's title; a click sorts by it, a second one the other way round.
type headerCell struct {
	widget.BaseWidget
	header *header
	column column
	label  *text
	mark   *canvas.Image
}

// Tapped implements fyne.Tappable.
func (c *headerCell) Tapped(*fyne.PointEvent) {
	o := c.header.order
	if o == nil || c.column.sort == "" {
		return
	}
	if o.by == c.column.sort {
		o.descending = !o.descending
	} else {
		o.by, o.descending = c.column.sort, c.column.falls
	}
	c.header.mark()
	c.header.changed()
}

// Cursor implements desktop.Cursorable.
func (c *headerCell) Cursor() desktop.Cursor {
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
