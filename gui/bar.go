package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// edge says where a bar has its line.
type edge uint8

const (
	noLine edge = iota
	topLine
	bottomLine
	boxLine
)

// bar is a surface with something on it: a header, the status bar, a panel.
type bar struct {
	widget.BaseWidget
	content          fyne.CanvasObject
	across, vertical float32 // room around the content
	line             edge
	fill             fyne.ThemeColorName
}

func newBar(content fyne.CanvasObject, across, vertical float32, line edge) *bar {
	b := &bar{content: content, across: across, vertical: vertical, line: line, fill: colorSurface}
	b.ExtendBaseWidget(b)
	return b
}

// newPanel is a box with a line around it, for a part of a page.
func newPanel(content fyne.CanvasObject) *bar {
	b := newBar(content, 14, 12, boxLine)
	b.fill = theme.ColorNameBackground
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{b: b, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil),
		inner: container(layout.NewCustomPaddedLayout(b.vertical, b.vertical, b.across, b.across), b.content)}
	r.colour()
	return r
}

// container is fyne.Container with a layout, without Fyne's package of that name.
func container(l fyne.Layout, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: l, Objects: objects}
}

// between puts a middle between what stands at the top and at the foot, without a gap; either may be nil. Tab goes through them
// from top to foot.
func between(top, foot, middle fyne.CanvasObject) *fyne.Container {
	var parts []fyne.CanvasObject
	for _, o := range []fyne.CanvasObject{top, middle, foot} {
		if o != nil {
			parts = append(parts, o)
		}
	}
	return container(betweenLayout{top != nil, foot != nil}, parts...)
}

type betweenLayout struct{ top, foot bool }

// parts returns the three objects; those that are not there are nil.
func (l betweenLayout) parts(o []fyne.CanvasObject) (top, foot, middle fyne.CanvasObject) {
	if l.top {
		top, o = o[0], o[1:]
	}
	if l.foot {
		foot = o[1]
	}
	return top, foot, o[0]
}

// MinSize implements fyne.Layout.
func (l betweenLayout) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for _, one := range o {
		m := one.MinSize()
		s = fyne.NewSize(max(s.Width, m.Width), s.Height+m.Height)
	}
	return s
}

// Layout implements fyne.Layout.
func (l betweenLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top, foot, middle := l.parts(o)
	above, below := float32(0), size.Height
	if top != nil {
		above = top.MinSize().Height
		top.Move(fyne.NewPos(0, 0))
		top.Resize(fyne.NewSize(size.Width, above))
	}
	if foot != nil {
		h := foot.MinSize().Height
		below -= h
		foot.Move(fyne.NewPos(0, below))
		foot.Resize(fyne.NewSize(size.Width, h))
	}
	middle.Move(fyne.NewPos(0, above))
	middle.Resize(fyne.NewSize(size.Width, max(0, below-above)))
}

type barRenderer struct {
	b          *bar
	back, line *canvas.Rectangle
	inner      *fyne.Container
}

func (r *barRenderer) colour() {
	r.back.FillColor = theme.Color(r.b.fill)
	r.line.FillColor = theme.Color(theme.ColorNameSeparator)
	if r.b.line == boxLine {
		r.back.StrokeColor = theme.Color(theme.ColorNameSeparator)
		r.back.StrokeWidth = 1
		r.back.CornerRadius = 5
	}
}

func (r *barRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.inner.Resize(size)
	r.line.Resize(fyne.NewSize(size.Width, 1))
	switch r.b.line {
	case bottomLine:
		r.line.Move(fyne.NewPos(0, size.Height-1))
	case topLine:
		r.line.Move(fyne.NewPos(0, 0))
	default:
		r.line.Hide()
	}
}

func (r *barRenderer) MinSize() fyne.Size { return r.inner.MinSize() }

func (r *barRenderer) Refresh() {
	r.colour()
	r.back.Refresh()
	r.line.Refresh()
	r.inner.Refresh()
}

func (r *barRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.inner, r.line}
}

func (r *barRenderer) Destroy() {}
