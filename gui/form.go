package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	scrolls "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// formPage is the frame of a page that is filled in: a title, sections that scroll, and buttons at the foot.
type formPage struct {
	w     *Window
	first fyne.Focusable // takes the keyboard
	leave func()         // goes back without saving
	save  *keyButton
	whole fyne.CanvasObject
}

// newFormPage frames sections. save is what the button does, leave what Cancel and Esc do.
func newFormPage(w *Window, title, saveLabel string, save, leave func(), sections ...fyne.CanvasObject) *formPage {
	scroll := scrolls.NewVScroll(container(layout.NewCustomPaddedLayout(14, 14, gap+2, gap+6), container(layout.NewCustomPaddedVBoxLayout(14), sections...)))
	return newFilledPage(w, title, saveLabel, save, leave, scroll)
}

// newFilledPage frames one thing that takes all the room.
func newFilledPage(w *Window, title, saveLabel string, save, leave func(), body fyne.CanvasObject) *formPage {
	p := &formPage{w: w, leave: leave}
	back := newIconButton("", theme.NavigateBackIcon(), leave)
	back.Importance = widget.LowImportance
	words := wholeText(title, theme.SizeNameHeadingText, theme.ColorNameForeground)
	words.style.Bold = true
	head := newBar(container(beside{room: 8}, back, words), gap-4, 8, bottomLine)
	head.fill = theme.ColorNameBackground
	p.save = newButton(saveLabel, save)
	p.save.Importance = widget.HighImportance
	cancel := newButton(wording.T("dialog.cancel"), leave)
	buttons := container(beside{room: 8, right: true}, container(minWidth{90}, cancel), container(minWidth{140}, p.save))
	p.whole = between(head, newBar(buttons, gap, 8, topLine), body)
	return p
}

func (p *formPage) content() fyne.CanvasObject { return p.whole }

func (p *formPage) show(engine.Snapshot) {}

func (p *formPage) reload() {}

func (p *formPage) redate() {}

func (p *formPage) focus() {
	if p.first != nil {
		p.w.window.Canvas().Focus(p.first)
	}
}

func (p *formPage) back() { p.leave() }

func (p *formPage) command(c command) {
	if c == cmdSave && !p.save.Disabled() {
		p.save.OnTapped()
	}
}

func (p *formPage) can(c command) bool { return c == cmdSave }

// section is a titled part of a form.
func section(title string, content ...fyne.CanvasObject) fyne.CanvasObject {
	words := wholeText(title, theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	words.style.Bold = true
	return newPanel(container(layout.NewCustomPaddedVBoxLayout(8), append([]fyne.CanvasObject{words}, content...)...))
}

// twoSections puts two sections side by side, alike in size.
func twoSections(left, right fyne.CanvasObject) fyne.CanvasObject {
	return container(halves{14}, left, right)
}

// halves gives two objects half the width each.
type halves struct{ room float32 }

// MinSize implements fyne.Layout.
func (l halves) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(2*max(a.Width, b.Width)+l.room, max(a.Height, b.Height))
}

// Layout implements fyne.Layout.
func (l halves) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - l.room) / 2
	for i, one := range o {
		one.Move(fyne.NewPos(float32(i)*(w+l.room), 0))
		one.Resize(fyne.NewSize(w, size.Height))
	}
}

// entry is a labelled input with room for what is wrong with it.
type entry struct {
	whole   *fyne.Container
	problem *text
}

// labelWidth is the width of the labels beside a form's inputs.
const labelWidth float32 = 104

func newEntry(label string, input fyne.CanvasObject) *entry {
	e := &entry{problem: newText(theme.SizeNameCaptionText, colorBad)}
	e.problem.Hide()
	name := mainText()
	name.value, name.color = label, colorMuted
	e.whole = container(entryLayout{labelWidth}, name, input, e.problem)
	return e
}

// say shows what is wrong, or nothing for "", and reports whether all is well.
func (e *entry) say(problem string) bool {
	e.problem.say(problem)
	visible(e.problem, problem != "")
	e.whole.Refresh()
	return problem == ""
}

// entryLayout puts the label at the left of its input, and the problem below the input.
type entryLayout struct{ label float32 }

// MinSize implements fyne.Layout.
func (l entryLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[1].MinSize()
	s.Width += l.label
	if o[2].Visible() {
		s.Height += o[2].MinSize().Height + 2
	}
	return s
}

// Layout implements fyne.Layout.
func (l entryLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[1].MinSize().Height
	o[0].Resize(fyne.NewSize(max(0, l.label-10), h))
	o[1].Move(fyne.NewPos(l.label, 0))
	o[1].Resize(fyne.NewSize(size.Width-l.label, h))
	o[2].Move(fyne.NewPos(l.label, h+2))
	o[2].Resize(fyne.NewSize(size.Width-l.label, o[2].MinSize().Height))
}

// frame is the line around an input that has none of its own.
type frame struct {
	widget.BaseWidget
	inner fyne.CanvasObject
}

func framed(inner fyne.CanvasObject) fyne.CanvasObject {
	f := &frame{inner: inner}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *frame) CreateRenderer() fyne.WidgetRenderer {
	r := &frameRenderer{f: f, line: canvas.NewRectangle(color.Transparent)}
	r.colour()
	return r
}

type frameRenderer struct {
	f    *frame
	line *canvas.Rectangle
}

func (r *frameRenderer) colour() {
	r.line.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.line.StrokeWidth = theme.Size(theme.SizeNameInputBorder)
	r.line.CornerRadius = theme.Size(theme.SizeNameInputRadius)
}

func (r *frameRenderer) Layout(size fyne.Size) {
	r.f.inner.Resize(size)
	r.line.Resize(size)
}

func (r *frameRenderer) MinSize() fyne.Size { return r.f.inner.MinSize() }

func (r *frameRenderer) Refresh() {
	r.colour()
	r.line.Refresh()
}

func (r *frameRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.f.inner, r.line}
}

func (r *frameRenderer) Destroy() {}
