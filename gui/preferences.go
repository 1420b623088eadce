package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// Preferences are the user's choices for the program as a whole. The zero value is as it comes.
type Preferences struct {
	AllowSleep bool `json:"allow_sleep,omitempty"` // the computer may fall asleep while passes run
	NoTray     bool `json:"no_tray,omitempty"`     // running passes are not shown beside the clock
}

// prefer keeps the preferences and has them take effect.
func (w *Window) prefer(p Preferences) {
	w.memory.Preferences = p
	w.remember()
	w.applyPreferences()
}

func (w *Window) applyPreferences() {
	if w.parts.Prefer != nil {
		w.parts.Prefer(w.memory.Preferences)
	}
}

// askPreferences lets the user change the preferences.
func (w *Window) askPreferences() {
	p := w.memory.Preferences
	check := func(id string, no *bool) *keyCheck {
		c := newCheck(wording.T(id), func(on bool) { *no = !on })
		c.SetChecked(!*no)
		return c
	}
	awake := check("preferences.awake", &p.AllowSleep)
	content := container(layout.NewCustomPaddedVBoxLayout(4), awake, container(indent{26}, paragraph(wording.T("preferences.awake.text"), 420)))
	if w.parts.Tray != nil {
		content.Add(check("preferences.tray", &p.NoTray))
		content.Add(container(indent{26}, paragraph(wording.T("preferences.tray.text"), 420)))
	}
	w.showBox(box{title: wording.T("preferences.title"), content: content, first: awake, buttons: []boxButton{{label: wording.T("dialog.cancel")},
		{label: wording.T("preferences.save"), strong: widget.HighImportance, press: func() bool { w.prefer(p); return true }}}})
}

// indent moves its one object to the right.
type indent struct{ by float32 }

// MinSize implements fyne.Layout.
func (l indent) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(l.by, 0)
}

// Layout implements fyne.Layout.
func (l indent) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(l.by, 0))
	o[0].Resize(size.SubtractWidthHeight(l.by, 0))
}
