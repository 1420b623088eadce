package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// setbackDetails shows why a mailbox or a folder was left as a whole.
func (t *failureTab) setbackDetails(s engine.Setback) {
	w := t.page.w
	trouble := wording.TroubleOfSetback(t.page.project.Project, s)
	grid := newFacts()
	grid.add("details.source", s.Source)
	grid.add("details.destination", s.Destination)
	title := wording.T("errors.details.mailbox")
	if s.Folder != nil {
		title = wording.T("errors.details.folder")
		grid.add("column.folder", s.Folder.Source)
		grid.add("column.tofolder", s.Folder.Destination)
	}
	grid.add("column.kind", wording.Kind(s.Pass.Kind))
	grid.add("details.date", wording.Moment(s.Ended))
	words := container(layout.NewCustomPaddedVBoxLayout(8), grid.content(), widget.NewSeparator(), troubleWords(trouble, 520))
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	var shown *shownBox
	if trouble.NeedsPassword() && s.Folder == nil {
		enter := boxButton{label: wording.T("action.password"), press: func() bool {
			shown.close() // before another dialog takes its place
			t.enterPasswords(s.Mailbox)
			return false
		}}
		buttons = append([]boxButton{enter}, buttons...)
	}
	if s.Folder != nil && s.Folder.Cause == engine.Replaced {
		anew := boxButton{label: wording.T("action.replaced"), press: func() bool {
			w.request(t.page.project.Project, engine.Request{Kind: engine.NewItems, Mailboxes: []engine.MailboxID{s.Mailbox}, Replaced: true})
			return true
		}}
		buttons = append([]boxButton{anew}, buttons...)
	}
	shown = w.showBox(box{title: title, content: words, size: fyne.NewSize(580, 0), buttons: buttons})
}

// enterPasswords asks for the passwords of a mailbox.
func (t *failureTab) enterPasswords(id engine.MailboxID) {
	w := t.page.w
	ask(w, nil, func(ctx context.Context) (engine.Mailbox, error) { return w.parts.Book.Mailbox(ctx, id) }, func(m engine.Mailbox, err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		w.askPasswords(t.page.project.Project, m, w.changed)
	})
}

// menu is what can be done with a message that was not migrated.
func (t *failureTab) menu(f engine.FailureRow) *fyne.Menu {
	save := fyne.NewMenuItem(wording.T("action.save"), func() { t.saveAs(f) })
	save.Disabled = !savable(f)
	return fyne.NewMenu("", fyne.NewMenuItem(wording.T("action.details"), func() { t.details(f) }), save)
}
