package gui

import (
	"context"

	"fyne.io/fyne/v2"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// mailboxStop is the wizard's second stop: the mailboxes.
type mailboxStop struct {
	z      *wizard
	editor *mailboxEditor
	there  []engine.Mailbox // as the ledger has them
	read   bool             // the grid shows what the ledger has
}

func newMailboxStop(z *wizard) *mailboxStop {
	return &mailboxStop{z: z, editor: newMailboxEditor(z.w)}
}

func (s *mailboxStop) content() fyne.CanvasObject { return s.editor.whole }

// enter fills the grid with the mailboxes of the project, unless it has them.
func (s *mailboxStop) enter() {
	s.editor.forProject(s.z.project)
	if s.read || s.z.project.ID == 0 {
		return
	}
	ask(s.z.w, nil, func(ctx context.Context) ([]engine.Mailbox, error) {
		return s.z.w.parts.Book.Mailboxes(ctx, s.z.project.ID)
	},
		func(there []engine.Mailbox, err error) {
			if err != nil {
				s.z.w.tell(err, "")
				return
			}
			s.fill(there)
		})
}

func (s *mailboxStop) fill(there []engine.Mailbox) {
	s.there, s.read = there, true
	rows := make([]*gridRow, len(there))
	for i, m := range there {
		rows[i] = newGridRow(m, engine.Secrets{})
		held := s.z.w.secrets[m.ID]
		rows[i].held[sourcePassword] = m.Source.Secret != "" || !held.Source.Empty()
		rows[i].held[destinationPassword] = m.Destination.Secret != "" || !held.Destination.Empty()
	}
	typed := s.editor.grid.entered() // before the answer came
	s.editor.grid.set(append(rows, typed...))
	if len(rows) > 0 {
		s.editor.grid.activate(len(s.editor.grid.rows)-1, 0)
	}
	if s.z.stop() == wizardStop(s) {
		s.focus()
	}
}

func (s *mailboxStop) show(engine.Snapshot) {}

func (s *mailboxStop) reload() {}

func (s *mailboxStop) focus() { s.editor.grid.focus() }

func (s *mailboxStop) label() string { return wording.T("wizard.next.mailboxes") }

func (s *mailboxStop) ready() bool { return true }

func (s *mailboxStop) next() {
	if !s.editor.valid() {
		return
	}
	rows := s.editor.grid.entered()
	if len(rows) == 0 {
		s.editor.words.show(wording.T("grid.none"), colorBad)
		s.focus()
		return
	}
	s.enrol(rows, func() { s.z.goTo(atTrial) })
}

// save keeps the rows that are right; it asks first where others would be lost.
func (s *mailboxStop) save(then func()) {
	if s.editor.grid.judge(s.editor.known) < 0 {
		s.enrol(s.editor.grid.entered(), then)
		return
	}
	_, wrong := s.editor.grid.count()
	s.z.w.confirm(inquiry{title: wording.T("form.leave.title"), text: wording.T("form.leave.rows", "Count", wrong), yes: wording.T("form.leave.yes"),
		no: wording.T("form.leave.no"), danger: true}, func() {
		var right []*gridRow
		for _, r := range s.editor.grid.entered() {
			if r.problem == "" {
				right = append(right, r)
			}
		}
		s.enrol(right, then)
	})
}

// enrol keeps rows, then goes on. The grid is read anew when it is next shown.
func (s *mailboxStop) enrol(rows []*gridRow, then func()) {
	s.z.w.enrol(newEnrolling(s.z.project.ID, rows, s.there, func() {
		s.read = false
		s.editor.grid.set(nil)
		then()
	}))
}
