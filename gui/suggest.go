package gui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// mostSuggested is how many suggestions a field makes at once.
const mostSuggested = 20

// suggestField is a line to type in that knows what might be meant: the arrow, by mouse or key, lists what has the typed words in it.
type suggestField struct {
	widget.SelectEntry
	all    []string // what might be meant
	typed  func(string)
	escape func()
	enter  func()
}

func newSuggestField(placeholder string) *suggestField {
	f := &suggestField{}
	f.PlaceHolder = placeholder
	f.ExtendBaseWidget(f)
	f.OnChanged = func(s string) {
		f.renew()
		if f.typed != nil {
			f.typed(s)
		}
	}
	f.renew()
	arrow := f.ActionItem.(*widget.Button)
	passing := newIconButton("", arrow.Icon, arrow.OnTapped)
	passing.Importance = arrow.Importance
	f.ActionItem = passing
	return f
}

// suggest says what might be meant.
func (f *suggestField) suggest(all []string) {
	f.all = all
	f.renew()
}

// renew lists what has the typed words in it; everything, as far as there is room, where one of them stands there in full.
func (f *suggestField) renew() {
	words := strings.Fields(strings.ToLower(f.Text))
	var fitting []string
	for _, one := range f.all {
		if strings.EqualFold(one, strings.TrimSpace(f.Text)) {
			fitting = f.all
			break
		}
		if matches(words, one) {
			fitting = append(fitting, one)
		}
	}
	f.SetOptions(fitting[:min(len(fitting), mostSuggested)])
}

// TypedKey implements fyne.Focusable.
func (f *suggestField) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && f.escape != nil:
		f.escape()
	case (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && f.enter != nil:
		f.enter()
	case e.Name == fyne.KeyDown && len(f.all) > 0:
		f.ActionItem.(fyne.Tappable).Tapped(nil)
	default:
		f.SelectEntry.TypedKey(e)
	}
}
