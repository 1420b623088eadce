package gui

import (
	"fyne.io/fyne/v2"
	scrolls "fyne.io/fyne/v2/container"
)

// sightRoom is how far from the edge what has the keyboard is kept.
const sightRoom float32 = 24

// intoSight scrolls the page so far that what has the keyboard can be seen: Fyne's Tab goes to what is scrolled away, and leaves it there.
func intoSight(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(o)
	if c == nil {
		return
	}
	s := scrollOf(c.Content(), o, nil)
	if s == nil {
		return
	}
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s).Y
	foot := top + o.Size().Height
	switch room := s.Size().Height; {
	case top < 0:
		s.ScrollToOffset(s.Offset.AddXY(0, top-sightRoom))
	case foot > room:
		s.ScrollToOffset(s.Offset.AddXY(0, foot-room+sightRoom))
	}
}

// turnPage scrolls a page by what it shows, but for a little that stays in sight. The page is nil where nothing scrolls.
func turnPage(page *scrolls.Scroll, back bool) {
	if page == nil {
		return
	}
	by := max(sightRoom, page.Size().Height-2*sightRoom)
	if !back {
		by = -by
	}
	page.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)})
}

// scrollOf returns what scrolls o somewhere below in, nil where nothing does. around scrolls in.
func scrollOf(in, o fyne.CanvasObject, around *scrolls.Scroll) *scrolls.Scroll {
	switch x := in.(type) {
	case *fyne.Container:
		for _, child := range x.Objects {
			if s := scrollOf(child, o, around); s != nil {
				return s
			}
		}
	case *bar:
		return scrollOf(x.content, o, around)
	case *scrolls.Scroll:
		return scrollOf(x.Content, o, x)
	}
	if in == o {
		return around
	}
	return nil
}

// FocusGained implements fyne.Focusable.
func (b *keyButton) FocusGained() { b.Button.FocusGained(); intoSight(b) }

// FocusGained implements fyne.Focusable.
func (c *keyCheck) FocusGained() { c.Check.FocusGained(); intoSight(c) }

// FocusGained implements fyne.Focusable.
func (s *keySelect) FocusGained() { s.Select.FocusGained(); intoSight(s) }

// FocusGained implements fyne.Focusable.
func (f *field) FocusGained() { f.Entry.FocusGained(); intoSight(f) }

// FocusGained implements fyne.Focusable.
func (f *suggestField) FocusGained() { f.SelectEntry.FocusGained(); intoSight(f) }
