package main

import (
	"context"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// errorsCmd lists the items of a project that are not at the destination.
type errorsCmd struct {
	Project     string `arg:"" help:"Name of the project."`
	Save        string `type:"path" placeholder:"DIR" help:"Save each of these messages from the source as an .eml file in this folder. Nothing there is overwritten."`
	Credentials string `placeholder:"FILE.csv" help:"With --save: take the passwords from this file (- for standard input) for this run only."`
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

func (c errorsCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		rows, err := every(func(page engine.Page) ([]engine.FailureRow, error) { return ledger.FailureRows(ctx, project.ID, page) })
		if err != nil {
			return err
		}
		var list []saved
		if c.Save != "" && len(rows) > 0 {
			if list, err = p.saveErrors(ctx, ledger, project.ID, c, rows); err != nil {
				return err
			}
		}
		if err := c.show(p, project, rows, list); err != nil {
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

// show lists the items, or says what was saved of them.
func (c errorsCmd) show(p *program, project engine.Project, rows []engine.FailureRow, list []saved) error {
	if p.json {
		return p.writeErrors(project, rows, list)
	}
	if len(list) > 0 {
		return p.showSaved(c, rows, list)
	}
	if len(rows) == 0 {
		return p.say("cli.no_errors", "Name", wording.Display(project.Name, 80))
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

func (p *program) writeErrors(project engine.Project, rows []engine.FailureRow, list []saved) error {
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
		Project string      `json:"project"`
		Errors  []errorLine `json:"errors"`
	}{project.Name, lines})
}
