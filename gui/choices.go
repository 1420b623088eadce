package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// choices are radio buttons for the keyboard: one stop for Tab, the arrows choose, and other keys go on to the dialog.
type choices struct {
	widget.BaseWidget
	titles  []string
	across  bool // side by side
	chosen  int
	focused bool
	changed func(i int)
}

func newChoices(titles []string, across bool, changed func(i int)) *choices {
	c := &choices{titles: titles, across: across, changed: changed}
	c.ExtendBaseWidget(c)
	return c
}

// choose chooses one.
func (c *choices) choose(i int) {
	if i < 0 || i >= len(c.titles) || i == c.chosen {
		return
	}
	c.chosen = i
	c.Refresh()
	if c.changed != nil {
		c.changed(i)
	}
}

// FocusGained implements fyne.Focusable.
func (c *choices) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost implements fyne.Focusable.
func (c *choices) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune implements fyne.Focusable.
func (c *choices) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (c *choices) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyUp:
		c.choose(c.chosen - 1)
	case fyne.KeyRight, fyne.KeyDown:
		c.choose(c.chosen + 1)
	case fyne.KeyHome:
		c.choose(0)
	case fyne.KeyEnd:
		c.choose(len(c.titles) - 1)
	default:
		passOn(c, e)
	}
}

// Tapped implements fyne.Tappable.
func (c *choices) Tapped(e *fyne.PointEvent) {
	if on := fyne.CurrentApp().Driver().CanvasForObject(c); on != nil {
		on.Focus(c)
	}
	for i, at := range c.places() {
		if e.Position.X >= at.X && e.Position.Y >= at.Y && e.Position.X < at.X+c.width(i) && e.Position.Y < at.Y+choiceHeight {
			c.choose(i)
		}
	}
}

// Cursor implements desktop.Cursorable.
func (c *choices) Cursor() desktop.Cursor { return desktop.PointerCursor }

// How the choices are drawn.
const (
	choiceHeight float32 = 28
	choiceMark   float32 = 20
	choiceRoom   float32 = 22 // between two of them
)

// width returns how wide a choice is.
func (c *choices) width(i int) float32 {
	return choiceMark + 6 + fyne.MeasureText(c.titles[i], theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width
}

// places returns where each choice stands.
func (c *choices) places() []fyne.Position {
	list := make([]fyne.Position, len(c.titles))
	var at fyne.Position
	for i := range c.titles {
		list[i] = at
		if c.across {
			at.X += c.width(i) + choiceRoom
		} else {
			at.Y += choiceHeight
		}
	}
	return list
}

// CreateRenderer implements fyne.Widget.
func (c *choices) CreateRenderer() fyne.WidgetRenderer {
	r := &choicesRenderer{c: c, halo: canvas.NewCircle(nil)}
	for _, title := range c.titles {
		r.marks = append(r.marks, canvas.NewImageFromResource(nil))
		r.words = append(r.words, canvas.NewText(title, nil))
	}
	r.restyle()
	return r
}

type choicesRenderer struct {
	c     *choices
	halo  *canvas.Circle // behind the chosen one, while the keyboard is here
	marks []*canvas.Image
	words []*canvas.Text
}

func (r *choicesRenderer) restyle() {
	for i := range r.marks {
		icon, tint := theme.RadioButtonIcon(), theme.ColorNameInputBorder
		if i == r.c.chosen {
			icon, tint = theme.RadioButtonCheckedIcon(), theme.ColorNamePrimary
		}
		r.marks[i].Resource = theme.NewColoredResource(icon, tint)
		r.words[i].Color = theme.Color(theme.ColorNameForeground)
		r.words[i].TextSize = theme.Size(theme.SizeNameText)
	}
	r.halo.FillColor = theme.Color(theme.ColorNameFocus)
	visible(r.halo, r.c.focused)
}

func (r *choicesRenderer) Layout(fyne.Size) {
	for i, at := range r.c.places() {
		r.marks[i].Move(at.AddXY(0, (choiceHeight-choiceMark)/2))
		r.marks[i].Resize(fyne.NewSquareSize(choiceMark))
		size := r.words[i].MinSize()
		r.words[i].Move(at.AddXY(choiceMark+6, (choiceHeight-size.Height)/2))
		r.words[i].Resize(size)
		if i == r.c.chosen {
			r.halo.Move(at.AddXY((choiceMark-choiceHeight)/2, 0))
			r.halo.Resize(fyne.NewSquareSize(choiceHeight))
		}
	}
}

func (r *choicesRenderer) MinSize() (size fyne.Size) {
	for i, at := range r.c.places() {
		size = size.Max(fyne.NewSize(at.X+r.c.width(i), at.Y+choiceHeight))
	}
	return size
}

func (r *choicesRenderer) Refresh() {
	r.restyle()
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}

func (r *choicesRenderer) Objects() []fyne.CanvasObject {
	list := []fyne.CanvasObject{r.halo}
	for i := range r.marks {
		list = append(list, r.marks[i], r.words[i])
	}
	return list
}

func (r *choicesRenderer) Destroy() {}
