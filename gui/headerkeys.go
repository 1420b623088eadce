package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// headerKeys is a list's header for the keyboard: one stop for Tab before the list. The arrows choose a column, Enter and Space sort by it, + and - make it
// wider and narrower. It is drawn only while the keyboard is there, as a line below the chosen column.
type headerKeys struct {
	widget.BaseWidget
	header  *header
	at      int
	focused bool
	other   func(*fyne.KeyEvent) // every other key
}

func newHeaderKeys(h *header, other func(*fyne.KeyEvent)) *headerKeys {
	k := &headerKeys{header: h, other: other}
	k.ExtendBaseWidget(k)
	return k
}

// FocusGained implements fyne.Focusable.
func (k *headerKeys) FocusGained() {
	k.focused = true
	if !k.shown(k.at) {
		k.at = 0
	}
	k.Refresh()
}

// FocusLost implements fyne.Focusable.
func (k *headerKeys) FocusLost() {
	k.focused = false
	k.Refresh()
}

// TypedRune implements fyne.Focusable.
func (k *headerKeys) TypedRune(c rune) {
	const step = 12
	switch c {
	case ' ':
		k.header.sortBy(k.header.columns[k.at])
	case '+':
		k.resize(step)
	case '-':
		k.resize(-step)
	}
}

// TypedKey implements fyne.Focusable.
func (k *headerKeys) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		k.move(-1)
	case fyne.KeyRight:
		k.move(1)
	case fyne.KeyHome:
		k.at = len(k.header.columns) - 1
		k.move(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		k.header.sortBy(k.header.columns[k.at])
	case fyne.KeyDown:
		if c := fyne.CurrentApp().Driver().CanvasForObject(k); c != nil {
			c.FocusNext() // the list
		}
	case fyne.KeySpace: // comes as a rune as well
	default:
		if k.other != nil {
			k.other(e)
		}
	}
}

// move chooses the next column to a side that is shown and has a title.
func (k *headerKeys) move(by int) {
	n := len(k.header.columns)
	for range n {
		k.at = (k.at + by + n) % n
		if k.shown(k.at) {
			break
		}
	}
	k.Refresh()
}

// shown reports whether a column can be seen.
func (k *headerKeys) shown(i int) bool {
	return i < len(k.header.cells) && k.header.cells[i].Visible() && k.header.columns[i].title != ""
}

// resize makes the chosen column wider.
func (k *headerKeys) resize(by float32) {
	h := k.header
	if h.resized == nil || h.row == nil {
		return
	}
	h.columns.drag(k.at, by, h.row.Size().Width)
	h.row.Refresh()
	h.resized()
	h.kept()
	k.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (k *headerKeys) CreateRenderer() fyne.WidgetRenderer {
	return &headerKeysRenderer{k: k, line: canvas.NewRectangle(nil)}
}

type headerKeysRenderer struct {
	k    *headerKeys
	line *canvas.Rectangle
}

func (r *headerKeysRenderer) Layout(size fyne.Size) {
	const thick = 2
	r.line.FillColor = theme.Color(theme.ColorNamePrimary)
	visible(r.line, r.k.focused)
	if cells := r.k.header.cells; r.k.at < len(cells) {
		cell := cells[r.k.at]
		r.line.Move(fyne.NewPos(cell.Position().X, size.Height-thick))
		r.line.Resize(fyne.NewSize(cell.Size().Width, thick))
	}
}

func (r *headerKeysRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *headerKeysRenderer) Refresh() {
	r.Layout(r.k.Size())
	canvas.Refresh(r.k)
}

func (r *headerKeysRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }

func (r *headerKeysRenderer) Destroy() {}
