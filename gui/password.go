package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// askPasswords asks for new passwords of a mailbox and keeps them, then goes on; a field that is left empty changes nothing. Where a side takes none, its
// owner can sign in instead, or nothing is asked.
func (w *Window) askPasswords(p engine.Project, m engine.Mailbox, then func()) {
	source, destination := newSecretField(""), newSecretField("")
	var shown *shownBox
	problem := newText(theme.SizeNameCaptionText, colorBad)
	account := func(id string, side engine.Side, f *field) *entry {
		label := wholeText(wording.T(id, "Address", wording.Display(m.On(side).User, 60)), theme.SizeNameText, theme.ColorNameForeground)
		var input fyne.CanvasObject = f
		switch method := p.On(side).Access.Method; {
		case method.Asks():
			input = newButton(wording.T("signin.start"), func() { shown.close(); w.signInTo(p, m, side, then) })
		case !method.TakesPassword():
			input = paragraph(wording.T("passwords.shared"), 400)
		}
		return &entry{whole: container(layout.NewCustomPaddedVBoxLayout(3), label, input)}
	}
	var first fyne.Focusable
	for _, one := range []struct {
		side engine.Side
		f    *field
	}{{engine.Destination, destination}, {engine.Source, source}} {
		if p.On(one.side).Access.Method.TakesPassword() {
			first = one.f
		}
	}
	words := container(layout.NewCustomPaddedVBoxLayout(8), paragraph(wording.T("passwords.text"), 400),
		account("passwords.source", engine.Source, source).whole, account("passwords.destination", engine.Destination, destination).whole, problem)
	save := func() bool {
		secrets := engine.Secrets{Source: engine.NewSecret(source.Text), Destination: engine.NewSecret(destination.Text)}
		if secrets.Source.Empty() && secrets.Destination.Empty() {
			problem.say(wording.T("passwords.none"))
			if first != nil {
				w.window.Canvas().Focus(first)
			}
			return false
		}
		shown.close()
		w.keepPasswords(m, secrets, then)
		return false
	}
	shown = w.showBox(box{title: wording.T("passwords.title"), content: words, first: first, buttons: []boxButton{
		{label: wording.T("dialog.cancel")}, {label: wording.T("passwords.save"), press: save, strong: widget.HighImportance}}})
	for _, f := range []*field{source, destination} {
		f.enter, f.escape = shown.accept, shown.cancel
	}
}

// keepPasswords replaces the passwords of a mailbox that are given, then goes on.
func (w *Window) keepPasswords(m engine.Mailbox, s engine.Secrets, then func()) {
	do(w, func(ctx context.Context) error { return w.parts.Enroller.SetSecrets(ctx, m.ID, s) }, func(err error) {
		w.enrolled(err, func() {
			w.forget(m.ID, s) // what is kept is newer than what was for this run only
			w.renewed(m.ID, s)
			then()
		}, func() { w.useForRun(m.ID, s); then() })
	})
}

// forget drops those secrets of this run only in whose place others are kept now.
func (w *Window) forget(id engine.MailboxID, kept engine.Secrets) {
	old := w.secrets[id]
	if !kept.Source.Empty() {
		old.Source = engine.Secret{}
	}
	if !kept.Destination.Empty() {
		old.Destination = engine.Secret{}
	}
	w.secrets[id] = old
	if old.Source.Empty() && old.Destination.Empty() {
		delete(w.secrets, id)
	}
}
