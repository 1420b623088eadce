package gui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// Whatever closes the window answers, once.
func TestRescue(t *testing.T) {
	for key, restore := range map[fyne.KeyName]bool{fyne.KeyReturn: true, fyne.KeyEscape: false} {
		var answers []bool
		w := Rescue(test.NewTempApp(t), noon, func(restore bool) { answers = append(answers, restore) })
		w.Show()
		w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: key})
		w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if len(answers) != 1 || answers[0] != restore {
			t.Errorf("%s answers %v", key, answers)
		}
	}
}
