package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// facts is a list of names and values in two columns. Values can be selected and copied.
type facts struct{ grid *fyne.Container }

func newFacts() *facts { return &facts{container(layout.NewFormLayout())} }

// add adds a fact; one without a value is left out.
func (f *facts) add(id, value string) {
	f.addNamed(wording.T(id), value)
}

// addNamed is add with the words of the name.
func (f *facts) addNamed(called, value string) {
	if value == "" {
		return
	}
	name := mutedWords(called)
	name.Wrapping = fyne.TextWrapOff
	words := widget.NewLabel(wording.Display(value, 400))
	words.Wrapping = fyne.TextWrapWord
	words.Selectable = true
	f.grid.Add(name)
	f.grid.Add(words)
}

// content returns the list, without its labels' own padding at the left.
func (f *facts) content() fyne.CanvasObject {
	return container(layout.NewCustomPaddedLayout(0, 0, -theme.InnerPadding(), 0), f.grid)
}
