package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// showCertificate shows what the service at host has shown, and lets the user trust its key, after one more question. trust hears of it; nil where
// nothing can be trusted.
func (w *Window) showCertificate(c engine.Certificate, host string, trust func(pin []byte)) {
	said := widget.NewLabel(wording.CertificateProblem(c, host))
	said.TextStyle.Bold = true
	said.Wrapping = fyne.TextWrapWord
	facts := newFacts()
	facts.add("certificate.names", wording.CertificateNames(c))
	facts.add("certificate.issuer", wording.CertificateIssuer(c))
	facts.add("certificate.valid", wording.CertificateTime(c))
	facts.add("certificate.key", wording.Fingerprint(c.Key))
	facts.add("certificate.whole", wording.Fingerprint(c.Whole))
	words := container(layout.NewVBoxLayout(), container(setWidth{600}, said), paragraph(wording.CertificateStep(c), 600), facts.content())
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	var shown *shownBox
	if trust != nil {
		buttons = slices.Insert(buttons, 0, boxButton{label: wording.T("certificate.trust"), press: func() bool {
			shown.close()
			w.confirm(inquiry{title: wording.T("certificate.sure.title"), text: wording.T("certificate.sure.text", "Host", wording.Display(host, 80), "Key", wording.Fingerprint(c.Key)),
				yes: wording.T("certificate.sure.yes"), danger: true}, func() { trust(slices.Clone(c.Key[:])) })
			return false
		}})
	}
	shown = w.showBox(box{title: wording.T("certificate.title", "Host", wording.Display(host, 60)), icon: theme.NewColoredResource(theme.WarningIcon(), colorWarn),
		content: words, size: fyne.NewSize(640, 0), buttons: buttons})
}

// lookAtCertificate signs in to a mailbox once, to see what its service shows, and lets the user trust that for the whole project.
func (w *Window) lookAtCertificate(p engine.Project, m engine.Mailbox, side engine.Side, then func()) {
	c := engine.Credential{Side: side, To: p.On(side), Account: m.On(side), Own: w.secrets[m.ID].On(side), Shared: w.shared[p.ID].On(side)}
	do(w, func(ctx context.Context) error { return w.parts.Work.Check(ctx, c) }, func(err error) {
		shown := engine.CertificateOf(err)
		switch {
		case err == nil:
			w.notice(wording.T("certificate.good", "Host", wording.Display(c.To.Host, 80)))
		case shown == nil:
			w.tell(err, m.On(side).Address)
		default:
			w.showCertificate(*shown, c.To.Host, func(pin []byte) { w.pinKey(p.ID, side, pin, then) })
		}
	})
}

// pinKey makes a project trust one key at a side, and nothing else, then goes on.
func (w *Window) pinKey(id engine.ProjectID, side engine.Side, pin []byte, then func()) {
	do(w, func(ctx context.Context) error {
		p, err := w.parts.Book.Project(ctx, id)
		if err != nil {
			return err
		}
		to := &p.Source
		if side == engine.Destination {
			to = &p.Destination
		}
		to.Pin, to.CA = pin, nil
		return w.parts.Book.UpdateProject(ctx, p)
	}, func(err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		r := w.pinned[id]
		r[side] = w.now()
		w.pinned[id] = r
		then()
	})
}
