package main

import (
	"bytes"
	"context"
	"io"
	"time"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
	"mwiz/store"
)

// errorsCmd lists what of a project is not at the destination: mailboxes and folders that their last pass could not deal with, and items.
type errorsCmd struct {
	Project     string `arg:"" help:"Name of the project."`
	CSV         string `name:"csv" type:"path" placeholder:"FILE" help:"Write the list into this file, as a table for spreadsheets. Nothing is overwritten."`
	Save        string `type:"path" placeholder:"DIR" help:"Save each of these messages from the source as an .eml file in this folder. Nothing there is overwritten."`
	Credentials string `placeholder:"FILE.csv" help:"With --save: take the passwords from this file (- for standard input) for this run only."`
	sharedFiles
}

// errorLine is an item as JSON shows it.
type errorLine struct {
	Mailbox   string     `json:"mailbox"`
	Folder    string     `json:"folder"`
	UID       engine.UID `json:"uid"`
	State     string     `json:"state"`
	Kind      string     `json:"kind"`
	Text      string     `json:"text"`
	Subject   string     `json:"subject"`
	Sender    string     `json:"sender"`
	MessageID string     `json:"message_id"`
	Size      int64      `json:"size"`
	Date      *time.Time `json:"date"`
	File      string     `json:"file,omitempty"`      // with --save: its name in the folder
	NotSaved  string     `json:"not_saved,omitempty"` // with --save: why it has none
}

// setbackLine is a mailbox or a folder as JSON shows it.
type setbackLine struct {
	Mailbox     string          `json:"mailbox"`
	Destination string          `json:"destination"`
	Folder      string          `json:"folder"` // "": the mailbox as a whole
	Pass        engine.PassID   `json:"pass"`
	PassKind    engine.PassKind `json:"pass_kind"`
	Ended       *time.Time      `json:"ended"`
	Kind        string          `json:"kind"`
	Text        string          `json:"text"` // the service's words, or ours
	Sentence    string          `json:"sentence"`
	Step        string          `json:"step"`
}

func (c errorsCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		if _, err := ledger.InterruptPasses(ctx); err != nil { // none is at work: this program has the ledger for itself
			return err
		}
		rows, err := every(func(page engine.Page) ([]engine.FailureRow, error) { return ledger.FailureRows(ctx, project.ID, page) })
		if err != nil {
			return err
		}
		setbacks, err := ledger.Setbacks(ctx, project.ID)
		if err != nil {
			return err
		}
		if c.CSV != "" {
			var text bytes.Buffer
			if err := report.WriteErrors(&text, project, setbacks, rows, time.Local, wording.Report{}); err != nil {
				return err
			}
			if err := writeNew(c.CSV, text.Bytes()); err != nil {
				return err
			}
			p.note("cli.errors.saved", "File", wording.Display(c.CSV, 300))
		}
		var list []saved
		if c.Save != "" && len(rows) > 0 {
			if list, err = p.saveErrors(ctx, ledger, project.ID, c, rows); err != nil {
				return err
			}
		}
		if err := c.show(p, project, setbacks, rows, list); err != nil {
			return err
		}
		for _, one := range list {
			if one.why != nil {
				return &ending{code: exitItemErrors}
			}
		}
		return nil
	})
}

// show lists what went wrong, or says what was saved of the items.
func (c errorsCmd) show(p *program, project engine.Project, setbacks []engine.Setback, rows []engine.FailureRow, list []saved) error {
	if p.json {
		return p.writeErrors(project, setbacks, rows, list)
	}
	if len(list) > 0 {
		return p.showSaved(c, rows, list)
	}
	if len(rows)+len(setbacks) == 0 {
		return p.say("cli.no_errors", "Name", wording.Display(project.Name, 80))
	}
	if len(setbacks) > 0 {
		if err := p.showSetbacks(project, setbacks); err != nil || len(rows) == 0 {
			return err
		}
		if _, err := io.WriteString(p.stdout, "\n"); err != nil {
			return err
		}
	}
	t := newTable("mailbox", "folder", "date", "#size", "subject", "sender", "why")
	for _, r := range rows {
		trouble := wording.TroubleOfItem(project, r)
		why := trouble.Sentence()
		if details := trouble.Details(); details != "" {
			why = details
		}
		t.add(r.Source, r.Folder, wording.Moment(r.Date.Time), wording.Bytes(r.Size), r.Subject, r.Sender, why)
	}
	return p.print(t)
}

// showSetbacks lists mailboxes and folders as a whole.
func (p *program) showSetbacks(project engine.Project, setbacks []engine.Setback) error {
	t := newTable("mailbox", "folder", "ended", "why")
	for _, s := range setbacks {
		trouble, folder := wording.TroubleOfSetback(project, s), "–"
		if s.Folder != nil {
			folder = s.Folder.Source
		}
		why := trouble.Sentence() + " " + trouble.Step()
		if details := trouble.Details(); details != "" {
			why += " (" + details + ")"
		}
		t.add(s.Source, folder, wording.Moment(s.Ended), why)
	}
	return p.print(t)
}

func (p *program) writeErrors(project engine.Project, setbacks []engine.Setback, rows []engine.FailureRow, list []saved) error {
	wholes := make([]setbackLine, 0, len(setbacks))
	for _, s := range setbacks {
		trouble := wording.TroubleOfSetback(project, s)
		line := setbackLine{Mailbox: s.Source, Destination: s.Destination, Pass: s.ID, PassKind: s.Pass.Kind, Ended: known(s.Ended),
			Kind: s.Cause.String(), Text: s.Error, Sentence: trouble.Sentence(), Step: trouble.Step()}
		if s.Folder != nil {
			line.Folder, line.Kind, line.Text = s.Folder.Source, s.Folder.Cause.String(), s.Folder.Error
		}
		wholes = append(wholes, line)
	}
	lines := make([]errorLine, 0, len(rows))
	for i, r := range rows {
		line := errorLine{Mailbox: r.Source, Folder: r.Folder, UID: r.UID, State: r.State.String(), Kind: r.Kind.String(), Text: r.Text,
			Subject: r.Subject, Sender: r.Sender, MessageID: r.MessageID, Size: r.Size, Date: known(r.Date.Time)}
		if i < len(list) {
			line.File = list[i].file
			if list[i].why != nil {
				line.NotSaved = sentence(list[i].why)
			}
		}
		lines = append(lines, line)
	}
	return p.writeJSON(struct {
		Project  string        `json:"project"`
		Setbacks []setbackLine `json:"setbacks"` // mailboxes and folders that their last pass could not deal with
		Errors   []errorLine   `json:"errors"`
	}{project.Name, wholes, lines})
}
