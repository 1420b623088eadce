package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tabBar shows one of several contents, with a line of titles above.
type tabBar struct {
	titles   []*tabTitle
	contents []fyne.CanvasObject
	body     *fyne.Container
	selected int
	changed  func()
	whole    fyne.CanvasObject
}

func newTabBar(changed func(), contents ...fyne.CanvasObject) *tabBar {
	b := &tabBar{contents: contents, changed: changed, body: container(layout.NewStackLayout())}
	line := container(beside{room: 4})
	for i := range contents {
		t := &tabTitle{}
		t.tapped = func() { b.choose(i) }
		t.turn = func(by int) { b.turn(by, true) }
		t.ExtendBaseWidget(t)
		b.titles = append(b.titles, t)
		line.Add(t)
	}
	head := newBar(line, gap-10, 0, bottomLine)
	head.fill = theme.ColorNameBackground
	b.whole = between(head, nil, b.body)
	b.show(0)
	return b
}

// choose shows content i.
func (b *tabBar) choose(i int) {
	if i == b.selected || i < 0 || i >= len(b.contents) {
		return
	}
	b.show(i)
	b.changed()
}

// turn shows the next tab to a side, the first after the last. The keyboard stays in the titles where it is there.
func (b *tabBar) turn(by int, stay bool) {
	n := len(b.contents)
	b.choose((b.selected + by + n) % n)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.titles[b.selected]); stay && c != nil {
		c.Focus(b.titles[b.selected])
	}
}

func (b *tabBar) show(i int) {
	b.selected = i
	b.body.Objects = []fyne.CanvasObject{b.contents[i]}
	b.body.Refresh()
	for at, t := range b.titles {
		t.mark(at == i)
	}
}

// title changes a tab's words.
func (b *tabBar) title(i int, words string) {
	if t := b.titles[i]; t.words != words {
		t.words = words
		t.Refresh()
	}
}

// tabTitle is the title of a tab, underlined while it is chosen.
type tabTitle struct {
	widget.BaseWidget
	words           string
	chosen, hovered bool
	focused         bool
	tapped          func()
	turn            func(by int)
}

// FocusGained implements fyne.Focusable.
func (t *tabTitle) FocusGained() { t.focused = true; t.Refresh() }

// FocusLost implements fyne.Focusable.
func (t *tabTitle) FocusLost() { t.focused = false; t.Refresh() }

// TypedRune implements fyne.Focusable.
func (t *tabTitle) TypedRune(rune) {}

// TypedKey implements fyne.Focusable: the arrows turn.
func (t *tabTitle) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		t.turn(-1)
	case fyne.KeyRight:
		t.turn(1)
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
			c.FocusNext()
		}
	default:
		passOn(t, e)
	}
}

// Disabled implements fyne.Disableable: Tab stops at the chosen title alone.
func (t *tabTitle) Disabled() bool { return !t.chosen }

// Enable implements fyne.Disableable.
func (t *tabTitle) Enable() {}

// Disable implements fyne.Disableable.
func (t *tabTitle) Disable() {}

func (t *tabTitle) mark(chosen bool) {
	t.chosen = chosen
	t.Refresh()
}

// Tapped implements fyne.Tappable.
func (t *tabTitle) Tapped(*fyne.PointEvent) { t.tapped() }

// MouseIn implements desktop.Hoverable.
func (t *tabTitle) MouseIn(*desktop.MouseEvent) { t.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (t *tabTitle) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *tabTitle) MouseOut() { t.hover(false) }

func (t *tabTitle) hover(over bool) {
	t.hovered = over
	t.Refresh()
}

// Cursor implements desktop.Cursorable.
func (t *tabTitle) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (t *tabTitle) CreateRenderer() fyne.WidgetRenderer {
	r := &tabTitleRenderer{t: t, line: canvas.NewText("", nil), under: canvas.NewRectangle(nil)}
	r.line.Alignment = fyne.TextAlignCenter
	r.restyle()
	return r
}

type tabTitleRenderer struct {
	t     *tabTitle
	line  *canvas.Text
	under *canvas.Rectangle
}

func (r *tabTitleRenderer) restyle() {
	words, under := colorMuted, fyne.ThemeColorName("")
	switch {
	case r.t.focused:
		words, under = theme.ColorNamePrimary, theme.ColorNamePrimary
	case r.t.chosen:
		words, under = theme.ColorNameForeground, theme.ColorNamePrimary
	case r.t.hovered:
		words, under = theme.ColorNameForeground, theme.ColorNameInputBorder
	}
	r.line.Text = r.t.words
	r.line.TextSize = theme.Size(theme.SizeNameText)
	r.line.TextStyle.Bold = true
	r.line.Color = theme.Color(words)
	r.under.FillColor = paint(under)
}

func (r *tabTitleRenderer) Layout(size fyne.Size) {
	const thick = 2
	r.line.Resize(fyne.NewSize(size.Width, size.Height-thick))
	r.under.Move(fyne.NewPos(0, size.Height-thick))
	r.under.Resize(fyne.NewSize(size.Width, thick))
}

func (r *tabTitleRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.line.MinSize().Width+20, 34)
}

func (r *tabTitleRenderer) Refresh() {
	r.restyle()
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}

func (r *tabTitleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.line, r.under}
}

func (r *tabTitleRenderer) Destroy() {}
