package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	scrolls "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// wheelRenderer is that of an entry, with something above it that hears the mouse wheel alone. Fyne's entry keeps the wheel to itself even where it has
// nothing to scroll, so that a page full of entries hardly scrolled.
type wheelRenderer struct {
	fyne.WidgetRenderer
	wheel *wheel
}

// withWheel gives the wheel over an entry to the page that the entry is on, where the entry has no use for it.
func withWheel(entry fyne.CanvasObject, r fyne.WidgetRenderer) fyne.WidgetRenderer {
	w := &wheel{entry: entry}
	for _, o := range r.Objects() {
		if s, is := o.(*scrolls.Scroll); is {
			w.within = s
		}
	}
	w.ExtendBaseWidget(w)
	return &wheelRenderer{r, w}
}

// Layout implements fyne.WidgetRenderer.
func (r *wheelRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.wheel.Resize(size)
}

// Objects implements fyne.WidgetRenderer.
func (r *wheelRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.wheel)
}

// wheel hears the mouse wheel over an entry.
type wheel struct {
	widget.BaseWidget
	entry  fyne.CanvasObject
	within *scrolls.Scroll // the entry's own; nil: it has none
}

// CreateRenderer implements fyne.Widget.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(container(nil)) }

// Scrolled implements fyne.Scrollable.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	if s := w.within; s != nil && s.Content != nil && s.Content.MinSize().Height > s.Size().Height+1 {
		s.Scrolled(e)
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(w.entry); c != nil {
		if page := scrollOf(c.Content(), w.entry, nil); page != nil {
			page.Scrolled(e)
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (f *field) CreateRenderer() fyne.WidgetRenderer {
	f.ExtendBaseWidget(f)
	return withWheel(f, f.Entry.CreateRenderer())
}

// CreateRenderer implements fyne.Widget.
func (f *suggestField) CreateRenderer() fyne.WidgetRenderer {
	f.ExtendBaseWidget(f)
	return withWheel(f, f.SelectEntry.CreateRenderer())
}
