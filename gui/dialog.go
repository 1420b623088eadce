package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// box is a dialog: a title, something to read or fill in, and buttons. Enter presses the last button, Esc closes.
type box struct {
	title   string
	icon    fyne.Resource // beside the title; nil: none
	content fyne.CanvasObject
	size    fyne.Size // least size
	buttons []boxButton
	first   fyne.Focusable // takes the keyboard; nil: nothing
	closed  func()         // after it was closed, whatever closed it; may be nil
	fixed   bool           // neither Esc nor a click closes it
}

// boxButton is a button of a dialog.
type boxButton struct {
	label  string
	press  func() bool // reports whether the dialog may close; nil: it closes
	strong widget.Importance
}

// shownBox is a dialog on the screen.
type shownBox struct {
	w     *Window
	box   box
	popup *widget.PopUp
	keys  func(*fyne.KeyEvent)
	gone  bool
}

// showBox is the one way by which dialogs come: it gives them Esc and Enter.
func (w *Window) showBox(b box) *shownBox {
	s := &shownBox{w: w, box: b}
	title := wholeText(b.title, theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	title.style.Bold = true
	head := container(beside{room: 8})
	if b.icon != nil {
		image := canvas.NewImageFromResource(b.icon)
		image.SetMinSize(fyne.NewSquareSize(20))
		head.Add(image)
	}
	head.Add(title)
	buttons := container(beside{room: 8, right: true})
	for _, button := range b.buttons {
		press := button.press
		one := newBoxButton(button.label, func() { s.press(press) }, s.typed)
		one.Importance = button.strong
		buttons.Add(container(minWidth{84}, one))
	}
	whole := container(layout.NewBorderLayout(head, buttons, nil, nil), head, buttons,
		container(layout.NewCustomPaddedLayout(14, 16, 0, 0), b.content))
	s.popup = widget.NewModalPopUp(container(layout.NewCustomPaddedLayout(14, 14, 18, 18), whole), w.window.Canvas())
	s.keys = w.window.Canvas().OnTypedKey()
	w.window.Canvas().SetOnTypedKey(s.typed)
	s.popup.Resize(b.size.Max(s.popup.MinSize()))
	s.popup.Show()
	if b.first != nil {
		w.window.Canvas().Focus(b.first)
	}
	return s
}

func (s *shownBox) typed(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		s.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		s.accept()
	}
}

// accept presses the last button.
func (s *shownBox) accept() {
	if n := len(s.box.buttons); n > 0 {
		s.press(s.box.buttons[n-1].press)
	}
}

// cancel closes the dialog if it may be.
func (s *shownBox) cancel() {
	if !s.box.fixed {
		s.close()
	}
}

func (s *shownBox) press(act func() bool) {
	if act == nil || act() {
		s.close()
	}
}

// close takes the dialog off the screen.
func (s *shownBox) close() {
	if s.gone {
		return
	}
	s.gone = true
	s.popup.Hide()
	s.w.window.Canvas().SetOnTypedKey(s.keys)
	if s.box.closed != nil {
		s.box.closed()
	}
}

// inquiry is a question that is answered by yes or no.
type inquiry struct {
	title, text string
	yes, no     string // no: "Cancel" unless given
	danger      bool
	closed      func() // answered, either way; may be nil
}

// confirm asks, and acts on a yes.
func (w *Window) confirm(q inquiry, act func()) {
	if q.no == "" {
		q.no = wording.T("dialog.cancel")
	}
	yes := boxButton{label: q.yes, strong: widget.HighImportance, press: nil}
	if q.danger {
		yes.strong = widget.DangerImportance
	}
	var shown *shownBox
	yes.press = func() bool {
		shown.close()
		act()
		return false
	}
	shown = w.showBox(box{title: q.title, content: paragraph(q.text, 420), closed: q.closed, buttons: []boxButton{{label: q.no}, yes}})
}

// paragraph is text that wraps at a width.
func paragraph(words string, width float32) fyne.CanvasObject {
	label := widget.NewLabel(words)
	label.Wrapping = fyne.TextWrapWord
	return container(setWidth{width}, label)
}

// setWidth gives its one object a width, and the height that it needs then. It is for labels: their own padding at the sides is taken
// away, so that they line up with what has none.
type setWidth struct{ width float32 }

// MinSize implements fyne.Layout.
func (l setWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	o[0].Resize(fyne.NewSize(l.width+2*theme.InnerPadding(), o[0].Size().Height))
	return fyne.NewSize(l.width, o[0].MinSize().Height)
}

// Layout implements fyne.Layout.
func (l setWidth) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(-theme.InnerPadding(), 0))
	o[0].Resize(size.AddWidthHeight(2*theme.InnerPadding(), 0))
}

// minWidth gives its one button at least a width, and room beside its words.
type minWidth struct{ width float32 }

// MinSize implements fyne.Layout.
func (l minWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(14, 0).Max(fyne.NewSize(l.width, 0))
}

// roomy gives a button room beside its words.
func roomy(b fyne.CanvasObject) fyne.CanvasObject { return container(minWidth{}, b) }

// Layout implements fyne.Layout.
func (l minWidth) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }
