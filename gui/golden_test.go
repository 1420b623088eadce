package gui

import (
	"testing"

	"fyne.io/fyne/v2/test"
)

// markups are the scenes that are held as markup.
var markups = []string{"welcome", "projects", "projects-working", "mailboxes", "mailboxes-working", "passes", "errors", "connector-wrong", "grid-wrong", "trial", "summary", "migration", "finished", "settings", "closing", "receipts", "folders", "passes-working", "used"}

// The views as markup: a difference reads as text. When one is meant, look at testdata/failed and move the file over.
func TestMarkup(t *testing.T) {
	for _, name := range markups {
		t.Run(name, func(t *testing.T) {
			r := mustScene(t, name, Light)
			test.AssertRendersToMarkup(t, name+".xml", r.window.Canvas())
		})
	}
}

// The looks of the views that are seen most, light and dark.
func TestImages(t *testing.T) {
	for _, one := range []struct {
		scene string
		look  Appearance
		file  string
	}{
		{"projects-working", Light, "projects-light.png"},
		{"projects-working", Dark, "projects-dark.png"},
		{"mailboxes-working", Dark, "mailboxes-dark.png"},
		{"mailboxes-selected", Light, "mailboxes-selected-light.png"},
		{"passes", Light, "passes-light.png"},
		{"passes-working", Dark, "passes-working-dark.png"},
		{"folders", Light, "folders-light.png"},
		{"errors", Dark, "errors-dark.png"},
		{"receipts", Dark, "receipts-dark.png"},
		{"grid-wrong", Light, "grid-light.png"},
		{"trial", Dark, "trial-dark.png"},
		{"summary", Light, "summary-light.png"},
	} {
		t.Run(one.file, func(t *testing.T) {
			r := mustScene(t, one.scene, one.look)
			test.AssertRendersToImage(t, one.file, r.window.Canvas())
		})
	}
}
