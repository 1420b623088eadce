package gui

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// start begins a pass of a project's mailboxes, all of them unless some are named. The project reads Processing at once.
func (w *Window) start(p engine.Project, kind engine.PassKind, mailboxes ...engine.MailboxID) {
	w.request(p, engine.Request{Kind: kind, Mailboxes: mailboxes})
}

// request begins the passes of a project that are asked for, with the secrets that were entered for this run.
func (w *Window) request(p engine.Project, request engine.Request) {
	if w.starting[p.ID] {
		return
	}
	w.starting[p.ID] = true
	w.view.show(w.snap)
	request.Project, request.Secrets, request.Shared = p.ID, maps.Clone(w.secrets), w.shared[p.ID]
	ask(w, nil, func(ctx context.Context) (answer startAnswer, err error) {
		if answer.started, err = w.parts.Work.Start(ctx, request); err != nil {
			return answer, fmt.Errorf("start passes: %w", err)
		}
		answer.refused, err = w.refusals(ctx, answer.started.Refused)
		return answer, err
	}, func(answer startAnswer, err error) {
		delete(w.starting, p.ID)
		w.view.show(w.snap)
		w.changed()
		w.tell(err, "")
		w.tellRefused(answer.refused, len(answer.started.Passes))
	})
}

// stop stops passes of a project in order.
func (w *Window) stop(id engine.ProjectID, mailboxes ...engine.MailboxID) {
	do(w, func(context.Context) error { w.parts.Work.Stop(id, mailboxes...); return nil }, func(error) {})
}

// startAnswer is what became of a start.
type startAnswer struct {
	started engine.Started
	refused []wording.Trouble
}

// refusals puts refusals into words, in the order of the mailboxes. It asks the ledger for their addresses.
func (w *Window) refusals(ctx context.Context, refused map[engine.MailboxID]error) ([]wording.Trouble, error) {
	var told []wording.Trouble
	for _, id := range slices.Sorted(maps.Keys(refused)) {
		m, err := w.parts.Book.Mailbox(ctx, id)
		if err != nil {
			return told, err
		}
		told = append(told, wording.TroubleOf(refused[id], m.Source.Address))
	}
	return told, nil
}

// refusedShown is how many refusals a dialog lists.
const refusedShown = 8

// tellRefused says in one dialog which mailboxes were not started, and why.
func (w *Window) tellRefused(refused []wording.Trouble, started int) {
	if len(refused) == 0 {
		return
	}
	list := container(layout.NewVBoxLayout())
	for i, t := range refused {
		if i == refusedShown {
			list.Add(widget.NewLabel(wording.T("start.more", "Count", len(refused)-i)))
			break
		}
		list.Add(paragraph("•  "+t.Sentence(), 480))
	}
	list.Add(paragraph(refused[0].Step(), 480))
	text := wording.T("start.refused", "Count", len(refused))
	if started > 0 {
		text = wording.T("start.partly", "Count", len(refused), "Started", wording.Number(started))
	}
	w.showBox(box{title: text, icon: theme.NewColoredResource(theme.InfoIcon(), colorBusy), content: list,
		buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
}

// popUp shows a menu below an object.
func (w *Window) popUp(m *fyne.Menu, below fyne.CanvasObject) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below).Add(fyne.NewPos(0, below.Size().Height))
	widget.ShowPopUpMenuAtPosition(m, w.window.Canvas(), at)
}
