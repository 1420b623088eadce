package gui

import (
	"context"

	"fyne.io/fyne/v2/layout"
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
		w.askClosing(wording.T("close.title", "Count", max(n, 1)), wording.T("close.text"), wording.T("close.no"), wording.T("close.yes"))
		return
	}
	if next, planned := w.nextPlanned(); planned && w.canHide() {
		w.askClosing(wording.T("close.planned"), wording.T("close.planned.text", "When", wording.Moment(next)), wording.T("dialog.cancel"), wording.T("close.planned.yes"))
		return
	}
	w.quit()
}

// canHide reports whether the window can go on without being seen.
func (w *Window) canHide() bool { return w.tray.there }

// askClosing asks before the window closes. Where it can be brought back from beside the clock, it may also go there.
func (w *Window) askClosing(title, text, no, yes string) {
	w.asking = true
	var shown *shownBox
	press := func(act func()) func() bool {
		return func() bool {
			shown.close()
			act()
			return false
		}
	}
	buttons := []boxButton{{label: no}}
	if w.canHide() {
		text += " " + wording.T("close.tray.text")
		buttons = append(buttons, boxButton{label: wording.T("close.tray"), press: press(w.hide)})
	}
	buttons = append(buttons, boxButton{label: yes, strong: widget.HighImportance, press: press(w.quit)})
	shown = w.showBox(box{title: title, content: paragraph(text, 420), closed: func() { w.asking = false }, buttons: buttons})
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

// unfinished reports whether a pass of the mailbox is not ended.
func (w *Window) unfinished(id engine.MailboxID) bool {
	return working(w.snap, ofMailbox(id)).passes > 0
}
