package gui

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"
)

// Memory is what the window remembers of how the user has arranged it. The zero value is as it comes.
type Memory struct {
	Width   float32              `json:"width,omitempty"` // of the window
	Height  float32              `json:"height,omitempty"`
	Columns map[string][]float32 `json:"columns,omitempty"` // widths, by list
	Orders  map[string]Order     `json:"orders,omitempty"`  // by list
	Toured  bool                 `json:"toured,omitempty"`  // the user has seen the tour

	Preferences Preferences `json:"preferences,omitzero"`
}

// Order is how a list is sorted.
type Order struct {
	By         string `json:"by"`
	Descending bool   `json:"descending,omitempty"`
}

// The sizes that the window can begin with.
var (
	firstSize    = fyne.NewSize(1280, 800)
	smallestSize = fyne.NewSize(640, 400)
	largestSize  = fyne.NewSize(7680, 4320)
)

// sizeOf returns the size that the window had, or the first one where it had none that can be.
func (m Memory) sizeOf() fyne.Size {
	s := fyne.NewSize(m.Width, m.Height)
	if s.Max(smallestSize) != s || s.Min(largestSize) != s {
		return firstSize
	}
	return s
}

// remember writes down how the window is arranged now.
func (w *Window) remember() { w.spawn(w.remembering()) }

// remembering returns what writes it down, for any goroutine.
func (w *Window) remembering() func() {
	if w.parts.Remember == nil {
		return func() {}
	}
	size := w.window.Canvas().Size()
	w.memory.Width, w.memory.Height = size.Width, size.Height
	kept := w.memory
	kept.Columns, kept.Orders = maps.Clone(kept.Columns), maps.Clone(kept.Orders)
	return func() {
		if err := w.parts.Remember(kept); err != nil {
			w.parts.Log.Warn("remember the window", "error", err)
		}
	}
}

// columnsOf returns a list's columns as the user has made them.
func (w *Window) columnsOf(list string, base columns) columns {
	c := slices.Clone(base)
	kept := w.memory.Columns[list]
	if len(kept) != len(c) {
		return c // none, or of a version with other columns
	}
	for i := range c {
		if width := kept[i]; width >= narrowest && width <= largestSize.Width && width != c[i].width {
			c[i].base, c[i].width = c[i].width, width
		}
	}
	return c
}

// orderOf returns how the user has sorted a list, or else as it is sorted first.
func (w *Window) orderOf(list string, first order) order {
	if o, ok := w.memory.Orders[list]; ok {
		return order{o.By, o.Descending}
	}
	return first
}

// newHeader returns the header of a list, whose columns can be made wider and narrower, and are so again the next time; order and
// changed are nil where it cannot be sorted.
func (w *Window) newHeader(name string, c columns, l *keyList, o *order, changed func()) *header {
	h := newHeader(c, o, nil)
	h.changed = func() {
		if w.memory.Orders == nil {
			w.memory.Orders = map[string]Order{}
		}
		w.memory.Orders[name] = Order{o.by, o.descending}
		w.remember()
		changed()
	}
	h.resized = l.resized
	h.keys = newHeaderKeys(h, w.typed)
	h.kept = func() {
		widths := make([]float32, len(c))
		for i := range c {
			widths[i] = c[i].width
		}
		if w.memory.Columns == nil {
			w.memory.Columns = map[string][]float32{}
		}
		w.memory.Columns[name] = widths
		w.remember()
	}
	return h
}
