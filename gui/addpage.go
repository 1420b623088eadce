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
		p.save(project.ID, rows, back)
	}, back, p.mailboxes.whole)
	ask(w, nil, func(ctx context.Context) ([]engine.Mailbox, error) { return w.parts.Book.Mailboxes(ctx, project.ID) },
		func(there []engine.Mailbox, err error) {
			w.tell(err, "")
			p.mailboxes.known = map[string]engine.Mailbox{}
			for _, m := range there {
				p.mailboxes.known[strings.ToLower(m.Source.User)] = m
			}
		})
	w.enter(p)
}

// save adds the mailboxes that are new, and replaces the passwords of those that the project has, after a question: a list that was corrected may be read
// again.
func (p *addPage) save(project engine.ProjectID, rows []*gridRow, done func()) {
	w := p.mailboxes.w
	var entered []*gridRow
	same := 0
	for _, r := range rows {
		m, known := p.mailboxes.known[strings.ToLower(r.account(engine.Source).User)]
		s := r.secrets()
		switch {
		case !known:
			entered = append(entered, r)
		case s.Source.Empty() && s.Destination.Empty():
			same++
		default:
			entered = append(entered, newGridRow(m, s))
		}
	}
	e := newEnrolling(project, entered, nil, done)
	if len(e.change)+same == 0 {
		w.enrol(e)
		return
	}
	if len(e.add)+len(e.change) == 0 {
		p.mailboxes.words.show(wording.T("add.nothing"), colorBad)
		return
	}
	var words []string
	for _, one := range []struct {
		id    string
		count int
	}{{"add.new", len(e.add)}, {"add.renew", len(e.change)}, {"add.same", same}} {
		if one.count > 0 {
			words = append(words, wording.T(one.id, "Count", one.count))
		}
	}
	w.confirm(inquiry{title: wording.T("add.known.title"), text: strings.Join(words, "\n"), yes: wording.T("add.known.yes")}, func() { w.enrol(e) })
}

func (p *addPage) focus() { p.mailboxes.grid.focus() }

func (p *addPage) drop(files []fyne.URI) { p.mailboxes.drop(files) }
