package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
	"mwiz/store"
)

// reportCmd writes a project's report, the customer's page.
type reportCmd struct {
	Project string        `arg:"" help:"Name of the project."`
	Format  report.Format `enum:"html,pdf,csv,json" default:"html" help:"html (a page to print), pdf, csv (for spreadsheets), json (for programs)."`
	Output  string        `short:"o" placeholder:"FILE" help:"Where to write it; - is standard output, which csv and json go to by default. Without it html and pdf get a name of project and day in this folder. Nothing is overwritten."`
}

func (c reportCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		if _, err := ledger.InterruptPasses(ctx); err != nil { // none is at work: this program has the ledger for itself
			return err
		}
		made := time.Now()
		r, err := report.Read(ctx, ledger, project.ID, made)
		if err != nil {
			return err
		}
		format, file := c.target(p.json, project, made)
		var text bytes.Buffer
		if err := report.Write(&text, format, r, wording.Report{}); err != nil {
			return err
		}
		if file == "-" {
			_, err := p.stdout.Write(text.Bytes())
			return err
		}
		if err := writeNew(file, text.Bytes()); err != nil {
			return err
		}
		if p.json {
			return p.writeJSON(struct {
				Project string        `json:"project"`
				Format  report.Format `json:"format"`
				File    string        `json:"file"`
			}{project.Name, format, file})
		}
		return p.say("cli.report.saved", "File", wording.Display(file, 300))
	})
}

// target returns the form of the report and the file that it goes to. With --json and no file it is JSON on standard output.
func (c reportCmd) target(asJSON bool, project engine.Project, made time.Time) (report.Format, string) {
	format := c.Format
	if asJSON && (c.Output == "" || c.Output == "-") {
		return report.JSON, "-"
	}
	switch {
	case c.Output != "":
		return format, c.Output
	case format == report.CSV || format == report.JSON:
		return format, "-"
	}
	return format, wording.ReportFile(project.Name, made) + "." + string(format)
}

// writeNew writes a file that must not be there yet, for the user's eyes only. One that cannot be written to its end is taken away.
func writeNew(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usage(errors.New(wording.T("cli.report.exists", "File", wording.Display(file, 300))))
	}
	if err != nil {
		return usage(err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(file)
	}
	return err
}
