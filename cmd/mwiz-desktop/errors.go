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
	Project string `arg:"" help:"Name of the project."`
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
}

func (c errorsCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		rows, err := every(func(page engine.Page) ([]engine.FailureRow, error) { return ledger.FailureRows(ctx, project.ID, page) })
		if err != nil {
			return err
		}
		if p.json {
			return p.writeErrors(project, rows)
		}
		if len(rows) == 0 {
			return p.say("cli.no_errors", "Name", wording.Display(project.Name, 80))
		}
		t := newTable("mailbox", "folder", "date", "#size", "subject", "sender", "why")
		for _, r := range rows {
			trouble := wording.Trouble{Kind: r.Kind, Address: r.Source, Folder: r.Folder, Text: r.Text, Side: engine.Destination, Host: project.Destination.Host}
			why := trouble.Sentence()
			if details := trouble.Details(); details != "" {
				why = details
			}
			t.add(r.Source, r.Folder, wording.Moment(r.Date.Time), wording.Bytes(r.Size), r.Subject, r.Sender, why)
		}
		return p.print(t)
	})
}

func (p *program) writeErrors(project engine.Project, rows []engine.FailureRow) error {
	lines := make([]errorLine, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, errorLine{r.Source, r.Folder, r.UID, r.State.String(), r.Kind.String(), r.Text, r.Subject, r.Sender, r.MessageID,
			r.Size, known(r.Date.Time)})
	}
	return p.writeJSON(struct {
		Project string      `json:"project"`
		Errors  []errorLine `json:"errors"`
	}{project.Name, lines})
}
