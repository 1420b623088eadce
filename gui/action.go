package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// weight says how much an action stands out.
type weight uint8

const (
	plain   weight = iota // a word that acts
	primary               // the one thing to do with this row
	stop                  // what ends the primary one
)

// action is a row's button. Tab skips it, or leaving a list would take three steps a row: what it does is also on a key of the list
// and in its menu.
type action struct {
	widget.BaseWidget
	label    string
	icon     fyne.Resource       // instead of a label
	tint     fyne.ThemeColorName // of the icon
	weight   weight
	disabled bool
	hovered  bool
	tapped   func()
	choose   func() // selects the row first, so that the keys go where the mouse went; nil: it stays as it is
}

func newAction(label string, w weight) *action {
	a := &action{label: label, weight: w}
	a.ExtendBaseWidget(a)
	return a
}

func newIconAction(icon fyne.Resource) *action {
	a := &action{icon: icon, tint: colorMuted}
	a.ExtendBaseWidget(a)
	return a
}

// show changes the action. tapped is bound anew each time, since rows are used again for other things.
func (a *action) show(label string, w weight, disabled bool, tapped func()) {
	a.tapped = tapped
	if a.label == label && a.weight == w && a.disabled == disabled {
		return
	}
	a.label, a.weight, a.disabled = label, w, disabled
	a.Refresh()
}

// tick shows a box with a tick in it, or an empty one.
func (a *action) tick(on bool) {
	icon, tint := theme.CheckButtonIcon(), colorMuted
	if on {
		icon, tint = theme.CheckButtonCheckedIcon(), colorLink
	}
	if a.tint != tint {
		a.icon, a.tint = icon, tint
		a.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (a *action) Tapped(*fyne.PointEvent) {
	if tapped := a.tapped; tapped != nil && !a.disabled {
		if a.choose != nil {
			a.choose() // the list may use this row for another thing then
		}
		tapped()
	}
}

// MouseIn implements desktop.Hoverable.
func (a *action) MouseIn(*desktop.MouseEvent) { a.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (a *action) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (a *action) MouseOut() { a.hover(false) }

func (a *action) hover(over bool) {
	a.hovered = over
	a.Refresh()
}

// Cursor implements desktop.Cursorable.
func (a *action) Cursor() desktop.Cursor {
	if a.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// CreateRenderer implements fyne.Widget.
func (a *action) CreateRenderer() fyne.WidgetRenderer {
	r := &actionRenderer{a: a, back: canvas.NewRectangle(nil), line: canvas.NewText("", nil), image: canvas.NewImageFromResource(nil)}
	r.line.Alignment = fyne.TextAlignCenter
	r.restyle()
	return r
}

type actionRenderer struct {
	a     *action
	back  *canvas.Rectangle
	line  *canvas.Text
	image *canvas.Image
}

func (r *actionRenderer) restyle() {
	fill, words := fyne.ThemeColorName(""), colorLink
	switch {
	case r.a.weight == primary && r.a.hovered && !r.a.disabled:
		fill = colorTintHot
	case r.a.weight == primary:
		fill = colorTint
	case r.a.weight == stop:
		fill, words = theme.ColorNameButton, theme.ColorNameForeground
	case r.a.hovered && !r.a.disabled:
		fill = colorTint
	}
	if r.a.disabled {
		words = theme.ColorNameDisabled
		if fill != "" {
			fill = theme.ColorNameDisabledButton
		}
	}
	r.back.CornerRadius = theme.Size(theme.SizeNameButtonRadius)
	r.back.FillColor = paint(fill)
	r.line.Text = r.a.label
	r.line.TextSize = theme.Size(theme.SizeNameText)
	r.line.TextStyle.Bold = r.a.weight != plain
	r.line.Color = theme.Color(words)
	r.image.Hide()
	if r.a.icon != nil {
		r.image.Resource = theme.NewColoredResource(r.a.icon, r.a.tint)
		r.image.Show()
		r.image.Refresh()
	}
}

func (r *actionRenderer) Layout(size fyne.Size) {
	h := min(size.Height, r.MinSize().Height)
	y := (size.Height - h) / 2
	r.back.Move(fyne.NewPos(0, y))
	r.back.Resize(fyne.NewSize(size.Width, h))
	r.line.Move(fyne.NewPos(0, y))
	r.line.Resize(fyne.NewSize(size.Width, h))
	icon := theme.Size(theme.SizeNameInlineIcon)
	r.image.Move(fyne.NewPos((size.Width-icon)/2, (size.Height-icon)/2))
	r.image.Resize(fyne.NewSquareSize(icon))
}

func (r *actionRenderer) MinSize() fyne.Size {
	if r.a.icon != nil {
		return fyne.NewSize(26, 24)
	}
	return fyne.NewSize(r.line.MinSize().Width+14, 24)
}

func (r *actionRenderer) Refresh() {
	r.restyle()
	r.Layout(r.a.Size())
	canvas.Refresh(r.a)
}

func (r *actionRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.line, r.image}
}

func (r *actionRenderer) Destroy() {}

// beside lays its objects out in a line, each as wide as it needs or as its width says, in the middle of the height.
type beside struct {
	room  float32
	width map[int]float32 // by index; absent: the object's least width
	right bool            // against the right edge
	keep  bool            // what is hidden keeps its place
}

func (l beside) widthOf(i int, o fyne.CanvasObject) float32 {
	if w, fixed := l.width[i]; fixed {
		return w
	}
	return o.MinSize().Width
}

// MinSize implements fyne.Layout.
func (l beside) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for i, o := range objects {
		if !o.Visible() && !l.keep {
			continue
		}
		if size.Width > 0 {
			size.Width += l.room
		}
		size.Width += l.widthOf(i, o)
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Layout implements fyne.Layout.
func (l beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	if l.right {
		x = size.Width - l.MinSize(objects).Width
	}
	for i, o := range objects {
		if !o.Visible() && !l.keep {
			continue
		}
		w, h := l.widthOf(i, o), o.MinSize().Height
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(w, h))
		x += w + l.room
	}
}

// above lays its objects out one below the other at their own height, in the middle of the height as a whole.
type above struct{ room float32 }

// MinSize implements fyne.Layout.
func (l above) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if size.Height > 0 {
			size.Height += l.room
		}
		m := o.MinSize()
		size.Width, size.Height = max(size.Width, m.Width), size.Height+m.Height
	}
	return size
}

// Layout implements fyne.Layout.
func (l above) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := (size.Height - l.MinSize(objects).Height) / 2
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + l.room
	}
}

// twoLines is a cell of a line and a smaller one below.
func twoLines(first, second fyne.CanvasObject) fyne.CanvasObject {
	return container(above{1}, first, second)
}
