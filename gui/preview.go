package gui

import (
	"context"
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// forecast is what the next pass of a project will do, by what previews have found.
type forecast struct {
	project   engine.ProjectRow
	tally     engine.Tally
	mailboxes int // of these,
	some      int // with something new
	failed    int // that could not be looked at
	previews  []counted
}

func newForecast(p engine.ProjectRow, rows []engine.PassRow) forecast {
	f := forecast{project: p, mailboxes: len(rows)}
	for _, r := range rows {
		f.tally.Add(r.Tally)
		f.previews = append(f.previews, counted{mailbox: engine.Mailbox{Destination: engine.Account{Address: r.Destination}}, preview: r.Pass})
		switch {
		case r.State != engine.PassCompleted && r.State != engine.PassCompletedWithErrors:
			f.failed++
		case r.Tally.New > 0:
			f.some++
		}
	}
	return f
}

// words says it in exact numbers, a sentence each.
func (f forecast) words() []string {
	limit := f.project.Settings.Limits().PassLimit
	id := "preview.sentence"
	switch {
	case f.project.Passes >= limit:
		id = "preview.used"
	case f.tally.New == 0:
		id = "preview.nothing"
	}
	said := []string{wording.T(id, "Count", f.tally.New-f.tally.Failed, "Bytes", wording.Bytes(f.tally.Bytes), "Pass", min(f.project.Passes+1, limit), "Limit", limit)}
	if f.mailboxes > 1 && f.some > 0 {
		said = append(said, wording.T("preview.mailboxes", "Count", f.some, "Total", wording.Number(f.mailboxes)))
	}
	if f.tally.Failed > 0 {
		said = append(said, wording.T("summary.toolarge", "Count", f.tally.Failed, "Host", wording.Display(f.project.Destination.Host, 60)))
	}
	if f.failed > 0 {
		said = append(said, wording.T("preview.failed", "Count", f.failed))
	}
	if f.tally.Skipped > 0 {
		said = append(said, wording.T("summary.excluded", "Count", f.tally.Skipped))
	}
	c := census{mailboxes: f.previews}
	said = append(said, c.crowded(f.project.Destination.Host)...)
	return said
}

// tellPreview says what the next pass of a project will do, where somebody is waiting for it.
func (w *Window) tellPreview(id engine.ProjectID, rows []engine.PassRow) {
	ask(w, nil, func(ctx context.Context) (engine.ProjectRow, error) {
		projects, err := w.parts.Book.ProjectRows(ctx)
		if err != nil {
			return engine.ProjectRow{}, err
		}
		if i := slices.IndexFunc(projects, func(r engine.ProjectRow) bool { return r.ID == id }); i >= 0 {
			return projects[i], nil
		}
		return engine.ProjectRow{}, engine.ErrNotFound
	}, func(p engine.ProjectRow, err error) {
		switch _, setting := w.view.(*wizard); {
		case errors.Is(err, engine.ErrNotFound), setting, !w.free(), w.closing:
			return // deleted meanwhile; or what is on the screen says it, or must not be covered
		case err != nil:
			w.tell(err, "")
			return
		}
		w.showForecast(newForecast(p, rows))
	})
}

// showForecast says what the next pass will do, and offers to start it.
func (w *Window) showForecast(f forecast) {
	words := container(layout.NewCustomPaddedVBoxLayout(6))
	for i, sentence := range f.words() {
		line := widget.NewLabel(sentence)
		line.Wrapping, line.TextStyle.Bold = fyne.TextWrapWord, i == 0
		words.Add(container(setWidth{460}, line))
	}
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	if f.tally.New > 0 && f.project.Passes < f.project.Settings.Limits().PassLimit && !w.busy(f.project.ID) {
		start := boxButton{label: wording.T("action.migrate"), press: func() bool {
			w.start(f.project.Project, engine.NewItems)
			return true
		}}
		buttons = append([]boxButton{start}, buttons...) // Enter closes: it may have been meant for what the dialog covers
	}
	w.showBox(box{title: wording.T("preview.title", "Name", wording.Display(f.project.Name, 60)), content: words, buttons: buttons})
}
