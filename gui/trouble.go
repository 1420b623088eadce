package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// tell shows an error: what happened, the next step, and the details for whoever wants them. It shows nothing for nil.
func (w *Window) tell(err error, address string) {
	if err == nil {
		return
	}
	w.parts.Log.Warn("shown to the user", "error", err)
	w.tellTrouble(wording.TroubleOf(err, address))
}

func (w *Window) tellTrouble(t wording.Trouble) {
	w.showBox(box{title: wording.T("trouble.title"), icon: theme.NewColoredResource(theme.WarningIcon(), colorWarn),
		content: troubleWords(t, 460), buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
}

// troubleWords is an error in words: sentence, step and details below each other.
func troubleWords(t wording.Trouble, width float32) fyne.CanvasObject {
	sentence := widget.NewLabel(t.Sentence())
	sentence.TextStyle.Bold = true
	sentence.Wrapping = fyne.TextWrapWord
	words := container(layout.NewVBoxLayout(), container(setWidth{width}, sentence), paragraph(t.Step(), width))
	if d := t.Details(); d != "" {
		details := widget.NewLabel(wording.T("trouble.details", "Text", d))
		details.Wrapping = fyne.TextWrapWord
		details.Selectable = true
		words.Add(container(setWidth{width}, details))
	}
	return words
}

// troublePanel stands in place of a list that could not be read.
type troublePanel struct {
	widget.BaseWidget
	words *fyne.Container
	again *keyButton
}

func newTroublePanel(again func()) *troublePanel {
	p := &troublePanel{words: container(layout.NewVBoxLayout()), again: newButton(wording.T("trouble.again"), again)}
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// show says what is wrong, and hides the panel for nil.
func (p *troublePanel) show(err error) {
	if err == nil {
		visible(p, false)
		return
	}
	p.words.Objects = []fyne.CanvasObject{troubleWords(wording.TroubleOf(err, ""), 460)}
	p.words.Refresh()
	visible(p, true)
}

// CreateRenderer implements fyne.Widget.
func (p *troublePanel) CreateRenderer() fyne.WidgetRenderer {
	again := container(layout.NewHBoxLayout(), roomy(p.again))
	return widget.NewSimpleRenderer(container(layout.NewCenterLayout(), container(layout.NewCustomPaddedVBoxLayout(10), p.words, again)))
}
