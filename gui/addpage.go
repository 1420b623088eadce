package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// addPage is the page on which mailboxes are added to a project.
type addPage struct {
	*formPage
	mailboxes *mailboxEditor
}

// addMailboxes opens the page on which mailboxes are added to a project.
func (w *Window) addMailboxes(project engine.Project) {
	p := &addPage{mailboxes: newMailboxEditor(w)}
	p.mailboxes.forProject(project)
	back := func() { w.openProject(engine.ProjectRow{Project: project}) }
	p.formPage = newFilledPage(w, wording.T("add.title", "Name", wording.Display(project.Name, 60)), wording.T("add.save"), func() {
		if !p.mailboxes.valid() {
			return
		}
		rows := p.mailboxes.grid.entered()
		if len(rows) == 0 {
			p.mailboxes.words.show(wording.T("grid.none"), colorBad)
			return
		}
		w.enrol(newEnrolling(project.ID, rows, nil, back))
	}, back, p.mailboxes.whole)
	ask(w, nil, func(ctx context.Context) ([]engine.Mailbox, error) { return w.parts.Book.Mailboxes(ctx, project.ID) },
		func(there []engine.Mailbox, err error) {
			w.tell(err, "")
			p.mailboxes.taken = map[string]bool{}
			for _, m := range there {
				p.mailboxes.taken[strings.ToLower(m.Source.User)] = true
			}
		})
	w.enter(p)
}

func (p *addPage) focus() { p.mailboxes.grid.focus() }

func (p *addPage) drop(files []fyne.URI) { p.mailboxes.drop(files) }
