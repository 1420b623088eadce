package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// field is a line to type in. It hears Esc and the function keys, which Fyne's entry keeps to itself, or leaves them to the page.
type field struct {
	widget.Entry
	escape func()
	enter  func()
	paste  func(lines string) bool // takes a text of several lines; nil: not asked
}

func newField(placeholder string) *field {
	f := &field{}
	f.PlaceHolder = placeholder
	f.ExtendBaseWidget(f)
	return f
}

// newSecretField returns a field that hides what is typed.
func newSecretField(placeholder string) *field {
	f := newField(placeholder)
	f.Password = true
	return f
}

// AcceptsTab implements fyne.Tabbable: Tab goes on, also from a field of several lines.
func (f *field) AcceptsTab() bool { return false }

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && f.escape != nil:
		f.escape()
	case e.Name == fyne.KeyEscape, e.Name == fyne.KeyF1, e.Name == fyne.KeyF5, !f.MultiLine && (e.Name == fyne.KeyPageUp || e.Name == fyne.KeyPageDown):
		passOn(f, e)
	case (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && f.enter != nil:
		f.enter()
	default:
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if p, ok := s.(*fyne.ShortcutPaste); ok && f.paste != nil && f.paste(p.Clipboard.Content()) {
		return
	}
	f.Entry.TypedShortcut(s)
}
