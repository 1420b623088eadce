package gui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// enrolling is what the rows of a grid mean for a project: mailboxes to add, to change and to delete.
type enrolling struct {
	project engine.ProjectID
	add     []*gridRow
	change  []*gridRow
	gone    []engine.MailboxID
	done    func()
}

// newEnrolling compares the rows with what the ledger has.
func newEnrolling(project engine.ProjectID, rows []*gridRow, there []engine.Mailbox, done func()) *enrolling {
	e := &enrolling{project: project, done: done}
	still := map[engine.MailboxID]bool{}
	for _, r := range rows {
		s := r.secrets()
		switch {
		case r.kept.ID == 0 || r.other(): // what was migrated from or to another account is no history of this one
			e.add = append(e.add, r)
			continue
		case r.mailbox() != r.kept || !s.Source.Empty() || !s.Destination.Empty():
			e.change = append(e.change, r)
		}
		still[r.kept.ID] = true
	}
	for _, m := range there {
		if !still[m.ID] {
			e.gone = append(e.gone, m.ID)
		}
	}
	return e
}

// enrol carries it out, showing how far it is. Where no keychain takes the passwords it offers to use them for this run only.
func (w *Window) enrol(e *enrolling) {
	secrets := 0
	for _, r := range append(e.add[:len(e.add):len(e.add)], e.change...) {
		if s := r.secrets(); !s.Source.Empty() || !s.Destination.Empty() {
			secrets++
		}
	}
	progress, end := func(int, int) {}, func() {}
	if secrets > 0 {
		bar := widget.NewProgressBar()
		shown := w.showBox(box{title: wording.T("enrol.title"), fixed: true,
			content: container(layout.NewCustomPaddedVBoxLayout(8), paragraph(wording.T("enrol.text", "Count", secrets), 380), bar)})
		progress = func(done, total int) {
			w.later(func() { bar.SetValue(float64(done) / float64(total)) })
		}
		end = shown.close
	}
	w.carryOut(e, true, progress, func(err error) {
		end()
		w.enrolled(err, e.done, func() { w.enrolForRun(e) })
	})
}

// carryOut writes to the ledger, and to the keychain if the secrets are to be kept.
func (w *Window) carryOut(e *enrolling, keep bool, progress func(done, total int), done func(error)) {
	ask(w, nil, func(ctx context.Context) (added []engine.Mailbox, err error) {
		list := make([]engine.Enrolment, len(e.add))
		for i, r := range e.add {
			if list[i], err = w.enrolment(ctx, r, keep); err != nil {
				return nil, err
			}
		}
		if len(e.gone) > 0 {
			if err := w.parts.Enroller.DeleteMailboxes(ctx, e.gone); err != nil {
				return nil, err
			}
			e.gone = nil
		}
		for _, r := range e.change {
			if err := w.change(ctx, r, keep); err != nil {
				return nil, err
			}
		}
		if len(list) == 0 {
			return nil, nil
		}
		return w.parts.Enroller.Add(ctx, e.project, list, progress)
	}, func(added []engine.Mailbox, err error) {
		for i, m := range added {
			e.add[i].kept = m
		}
		if err == nil && keep {
			for _, r := range e.change {
				w.forget(r.kept.ID, r.secrets())
				w.renewed(r.kept.ID, r.secrets())
			}
		}
		done(err)
	})
}

// enrolment returns the mailbox of a row as a new one, with the secrets that are typed, or else with those that were kept for it.
func (w *Window) enrolment(ctx context.Context, r *gridRow, keep bool) (engine.Enrolment, error) {
	m := r.mailbox()
	m.ID, m.Project = 0, 0
	if !keep {
		return engine.Enrolment{Mailbox: m}, nil
	}
	s := r.secrets()
	for _, one := range []struct {
		secret *engine.Secret
		ref    engine.SecretRef
	}{{&s.Source, m.Source.Secret}, {&s.Destination, m.Destination.Secret}} {
		if one.secret.Empty() && one.ref != "" {
			kept, err := w.parts.Enroller.Keychain.Get(ctx, one.ref)
			if err != nil && !errors.Is(err, engine.ErrNoSecret) {
				return engine.Enrolment{}, err
			}
			*one.secret = kept
		}
	}
	return engine.Enrolment{Mailbox: m, Secrets: s}, nil
}

// change writes a mailbox that was changed, and the secrets that were typed for it.
func (w *Window) change(ctx context.Context, r *gridRow, keep bool) error {
	if m := r.mailbox(); m != r.kept {
		if err := w.parts.Book.UpdateMailbox(ctx, m); err != nil {
			return err
		}
	}
	if s := r.secrets(); keep && !(s.Source.Empty() && s.Destination.Empty()) {
		return w.parts.Enroller.SetSecrets(ctx, r.kept.ID, s)
	}
	return nil
}

// enrolled goes on after secrets were to be kept: done when they are, forRun when the user wants them for this run only.
func (w *Window) enrolled(err error, done, forRun func()) {
	if err == nil {
		done()
		return
	}
	w.parts.Log.Warn("keep passwords", "error", err)
	t := wording.TroubleOf(err, "")
	if !t.KeychainClosed() {
		w.tellTrouble(t)
		return
	}
	w.confirm(inquiry{title: t.Sentence(), text: wording.T("enrol.forrun.text"), yes: wording.T("enrol.forrun.yes")}, forRun)
}

// enrolForRun adds the mailboxes without their secrets and remembers those until the program closes.
func (w *Window) enrolForRun(e *enrolling) {
	w.carryOut(e, false, nil, func(err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		for _, r := range append(e.add[:len(e.add):len(e.add)], e.change...) {
			w.useForRun(r.kept.ID, r.secrets())
		}
		e.done()
	})
}

// useForRun remembers the secrets of a mailbox that are given until the program closes.
func (w *Window) useForRun(id engine.MailboxID, s engine.Secrets) {
	w.renewed(id, s)
	old := w.secrets[id]
	if s.Source.Empty() {
		s.Source = old.Source
	}
	if s.Destination.Empty() {
		s.Destination = old.Destination
	}
	if !s.Source.Empty() || !s.Destination.Empty() {
		w.secrets[id] = s
	}
}
