package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// What has the keyboard in Fyne keeps the keys that it does not know: where a button, a check or a choice has it, neither Esc nor F5 would be heard, nor
// Enter in a dialog. These pass on what they do not use.

// keyButton is a button: Enter presses it, as Space does.
type keyButton struct {
	widget.Button
	keys func(*fyne.KeyEvent) // takes the others; nil: whoever hears those that nothing takes
}

func newButton(label string, tapped func()) *keyButton { return newIconButton(label, nil, tapped) }

func newIconButton(label string, icon fyne.Resource, tapped func()) *keyButton {
	b := &keyButton{}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// newBoxButton returns a button of a dialog, which hears the keys that the button does not use.
func newBoxButton(label string, tapped func(), keys func(*fyne.KeyEvent)) *keyButton {
	b := newButton(label, tapped)
	b.keys = keys
	return b
}

// TypedKey implements fyne.Focusable.
func (b *keyButton) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	default:
		if b.keys != nil {
			b.keys(e)
			return
		}
		passOn(b, e)
	}
}

// keyCheck is a box to tick: Space ticks it.
type keyCheck struct{ widget.Check }

func newCheck(label string, changed func(bool)) *keyCheck {
	c := &keyCheck{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *keyCheck) TypedKey(e *fyne.KeyEvent) { passOn(c, e) }

// keySelect is a choice: Left and Right choose, Space, Up, Down and Enter show what there is.
type keySelect struct{ widget.Select }

func newSelect(options []string, changed func(string)) *keySelect {
	s := &keySelect{}
	s.Options, s.OnChanged, s.PlaceHolder = options, changed, widget.NewSelect(nil, nil).PlaceHolder
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *keySelect) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight:
		s.Select.TypedKey(e)
	case fyne.KeyReturn, fyne.KeyEnter:
		s.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		passOn(s, e)
	}
}

// passOn gives a key to whoever hears those that nothing with the keyboard takes: PgUp and PgDn scroll the page.
func passOn(from fyne.CanvasObject, e *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(from)
	if c == nil {
		return
	}
	if e.Name == fyne.KeyPageUp || e.Name == fyne.KeyPageDown {
		turnPage(scrollOf(c.Content(), from, nil), e.Name == fyne.KeyPageUp)
	} else if c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}
