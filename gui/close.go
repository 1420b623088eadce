package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// close asks when passes are running, then stops the work in order and closes the window.
func (w *Window) close() {
	if w.closing || w.asking {
		return
	}
	if n := len(w.snap.Passes); n > 0 || len(w.starting) > 0 {
		w.asking = true
		w.confirm(inquiry{title: wording.T("close.title", "Count", max(n, 1)), text: wording.T("close.text"),
			yes: wording.T("close.yes"), no: wording.T("close.no"), closed: func() { w.asking = false }}, w.quit)
		return
	}
	w.quit()
}

// quit stops the work and ends the application's loop. It goes on with everything that must be written down.
func (w *Window) quit() {
	if w.closing {
		return
	}
	w.closing = true
	remember := w.remembering()
	if w.parts.Quit == nil {
		remember()
		w.parts.App.Quit()
		return
	}
	if len(w.snap.Passes) > 0 {
		w.showStopping()
	}
	do(w, func(ctx context.Context) error {
		remember()
		w.parts.Quit(context.WithoutCancel(ctx))
		return nil
	}, func(error) { w.parts.App.Quit() })
}

// showStopping stands over the window until the work has stopped.
func (w *Window) showStopping() {
	running := widget.NewProgressBarInfinite()
	words := container(layout.NewCustomPaddedVBoxLayout(10), paragraph(wording.T("close.stopping.text"), 380), running)
	w.showBox(box{title: wording.T("close.stopping"), content: words, fixed: true})
}

// about says what this is.
func (w *Window) about() {
	icon := widget.NewIcon(fyne.NewStaticResource("icon.png", iconPNG()))
	name := wholeText("mwiz-desktop "+w.parts.Version, theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	name.style.Bold = true
	words := container(layout.NewCustomPaddedVBoxLayout(8), name, paragraph(wording.T("about.text"), 340))
	picture := container(layout.NewVBoxLayout(), container(layout.NewGridWrapLayout(fyne.NewSquareSize(56)), icon))
	w.showBox(box{title: wording.T("menu.about"), content: container(beside{room: 16}, picture, words),
		buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
}

// unfinished reports whether a pass of the mailbox is not ended.
func (w *Window) unfinished(id engine.MailboxID) bool {
	return working(w.snap, ofMailbox(id)).passes > 0
}
