package gui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// Rescue makes the window of a start that finds the migration history damaged, while there is a copy of it that was made at a time. answer is called once,
// with whether to restore the copy, also when the window is closed. Enter restores, Esc does not.
func Rescue(a fyne.App, made time.Time, answer func(restore bool)) fyne.Window {
	a.Settings().SetTheme(Theme{})
	w := a.NewWindow(wording.T("rescue.title"))
	answered := false
	end := func(restore bool) {
		if !answered {
			answered = true
			answer(restore)
			w.Close()
		}
	}
	w.SetCloseIntercept(func() { end(false) })
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyEscape:
			end(false)
		case fyne.KeyReturn, fyne.KeyEnter:
			end(true)
		}
	})
	title := wholeText(wording.T("trouble.damaged.sentence"), theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	title.style.Bold = true
	icon := canvas.NewImageFromResource(theme.WarningIcon())
	icon.SetMinSize(fyne.NewSquareSize(20))
	words := widget.NewLabel(wording.T("rescue.words", "Time", wording.Moment(made.Local())))
	words.Wrapping = fyne.TextWrapWord
	later := newButton(wording.T("rescue.later"), func() { end(false) })
	restore := newButton(wording.T("rescue.restore"), func() { end(true) })
	restore.Importance = widget.HighImportance
	head := container(beside{room: 8}, icon, title)
	buttons := container(beside{room: 8, right: true}, container(minWidth{84}, later), container(minWidth{84}, restore))
	w.SetContent(container(layout.NewCustomPaddedLayout(14, 14, 18, 18), container(layout.NewBorderLayout(head, buttons, nil, nil), head, buttons, words)))
	w.Resize(fyne.NewSize(560, 190))
	w.CenterOnScreen()
	return w
}
