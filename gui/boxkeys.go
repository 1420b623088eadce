package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// What has the keyboard in Fyne keeps the keys that it does not know: a dialog whose button or check has it would hear neither Esc nor Enter. These
// pass on what they do not use.

// boxKey is a button of a dialog: Enter presses it, as Space does.
type boxKey struct {
	widget.Button
	keys func(*fyne.KeyEvent)
}

func newBoxKey(label string, tapped func(), keys func(*fyne.KeyEvent)) *boxKey {
	b := &boxKey{keys: keys}
	b.Text, b.OnTapped = label, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements fyne.Focusable.
func (b *boxKey) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	default:
		b.keys(e)
	}
}

// boxCheck is a check in a dialog.
type boxCheck struct{ widget.Check }

func newBoxCheck(label string, changed func(bool)) *boxCheck {
	c := &boxCheck{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *boxCheck) TypedKey(e *fyne.KeyEvent) { passOn(c, e) }

// passOn gives a key to whoever hears those that nothing with the keyboard takes.
func passOn(from fyne.CanvasObject, e *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(from); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
}
