// Package guitest helps tests to look at a window.
package guitest

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// Walk visits what is visible below o, o first, in the order in which it is drawn.
func Walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	visit(o)
	var below []fyne.CanvasObject
	switch x := o.(type) {
	case *fyne.Container:
		below = x.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(x).Objects()
	}
	for _, child := range below {
		Walk(child, visit)
	}
}

// Texts returns every text that can be seen on a canvas, what lies on top last.
func Texts(c fyne.Canvas) []string {
	var said []string
	for _, root := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		Walk(root, func(o fyne.CanvasObject) {
			if t, ok := o.(*canvas.Text); ok && strings.TrimSpace(t.Text) != "" {
				said = append(said, t.Text)
			}
		})
	}
	return said
}

// Find returns what is visible on a canvas and wanted, in the order in which it is drawn.
func Find[T fyne.CanvasObject](c fyne.Canvas, wanted func(T) bool) []T {
	var found []T
	for _, root := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		Walk(root, func(o fyne.CanvasObject) {
			if t, ok := o.(T); ok && wanted(t) {
				found = append(found, t)
			}
		})
	}
	return found
}
