package gui

import (
	"strings"

	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// statusBar is the line at the window's foot: how many mailboxes are active, how fast it goes, how long it will take.
type statusBar struct {
	bar     *bar
	doing   *text
	notice  string // what came of the last passes, said while none is running
	version *text
}

func newStatusBar(version string) *statusBar {
	s := &statusBar{doing: smallText(), version: wholeText(version, theme.SizeNameCaptionText, colorMuted)}
	s.doing.value = wording.T("statusbar.idle")
	s.bar = newBar(container(layout.NewBorderLayout(nil, nil, nil, s.version), s.version, s.doing), gap, 4, topLine)
	return s
}

func (s *statusBar) show(p engine.Snapshot) {
	s.doing.say(strings.Join(s.words(p), "   ·   "))
}

// notice says at the foot of the window what has come of something, until other things have.
func (w *Window) notice(words string) {
	w.status.notice = words
	w.status.show(w.snap)
}

func (s *statusBar) words(p engine.Snapshot) []string {
	running, queued := 0, 0
	for _, one := range p.Passes {
		if one.State == engine.Queued {
			queued++
		} else {
			running++
		}
	}
	if running+queued == 0 && s.notice != "" {
		return []string{s.notice}
	}
	if running+queued == 0 {
		return []string{wording.T("statusbar.idle")}
	}
	messages, bytes := wording.Rate(p.Messages, p.Bytes)
	words := []string{wording.T("statusbar.active", "Count", running)}
	if queued > 0 {
		words = append(words, wording.T("statusbar.queued", "Count", queued))
	}
	words = append(words, messages, bytes)
	if left := wording.Left(p.Left); left != "" {
		words = append(words, left)
	}
	return words
}
