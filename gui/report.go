package gui

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
)

// askReport asks in which form a project's report is wanted, then where to save it.
func (w *Window) askReport(p engine.Project) {
	var titles []string
	for _, f := range report.Formats {
		titles = append(titles, wording.T("report.form."+string(f)))
	}
	open := newCheck(wording.T("report.open"), nil)
	open.SetChecked(true)
	forms := newChoices(titles, false, func(i int) { // a page is there to be looked at
		f := report.Formats[i]
		open.SetChecked(f == report.HTML || f == report.PDF)
	})
	words := container(layout.NewCustomPaddedVBoxLayout(12), paragraph(wording.T("report.ask.text"), 440), forms, open)
	var shown *shownBox
	save := boxButton{label: wording.T("report.save"), strong: widget.HighImportance, press: func() bool {
		format := report.Formats[forms.chosen]
		shown.close() // before another dialog takes its place
		w.saveReport(p, format, open.Checked)
		return false
	}}
	shown = w.showBox(box{title: wording.T("report.ask", "Name", wording.Display(p.Name, 60)), content: words,
		buttons: []boxButton{{label: wording.T("dialog.cancel")}, save}})
}

// saveReport asks where to save a project's report, and saves it there.
func (w *Window) saveReport(p engine.Project, format report.Format, open bool) {
	name := wording.ReportFile(p.Name, w.now()) + "." + string(format)
	w.saveFile(wording.T("report.save.title"), name, func(file fyne.URIWriteCloser) { w.saveReportIn(p.ID, format, open, file) })
}

// saveReportIn writes a project's report into a file and opens it, if that is wanted.
func (w *Window) saveReportIn(p engine.ProjectID, format report.Format, open bool, file fyne.URIWriteCloser) {
	do(w, func(ctx context.Context) error {
		return fill(file, func(out io.Writer) error { return w.writeReport(ctx, p, format, out) })
	}, func(err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		w.notice(wording.T("report.saved", "File", wording.Display(file.URI().Name(), 120)))
		if open {
			w.tell(w.openSaved(file.URI()), "")
		}
	})
}

// writeReport writes a project's report as the ledger tells it now. Nothing is written of one that cannot be read.
func (w *Window) writeReport(ctx context.Context, p engine.ProjectID, format report.Format, out io.Writer) error {
	r, err := report.Read(ctx, w.parts.Book, p, w.now())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := report.Write(&text, format, r, wording.Report{}); err != nil {
		return err
	}
	_, err = text.WriteTo(out)
	return err
}

// openSaved opens a file in the program that the system has for its kind.
func (w *Window) openSaved(file fyne.URI) error {
	path := file.Path()
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return w.parts.App.OpenURL(&url.URL{Scheme: "file", Path: path})
}
