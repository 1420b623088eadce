package main

import (
	"context"
	"strconv"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// projectsCmd lists the projects.
type projectsCmd struct{}

// projectLine is a project as JSON shows it.
type projectLine struct {
	Project     string                `json:"project"`
	Source      string                `json:"source"`
	Destination string                `json:"destination"`
	Status      engine.Status         `json:"status"`
	Updated     time.Time             `json:"updated"`
	Mailboxes   int                   `json:"mailboxes"`
	Statuses    map[engine.Status]int `json:"statuses"`
	LastNew     int64                 `json:"last_new"`
	Passes      int                   `json:"passes"`
	PassLimit   int                   `json:"pass_limit"`
	Failed      int64                 `json:"failed"`
}

func (projectsCmd) Run(ctx context.Context, p *program) error {
	return p.with(ctx, func(ledger *store.Ledger) error {
		rows, err := ledger.ProjectRows(ctx)
		if err != nil {
			return err
		}
		if p.json {
			lines := make([]projectLine, 0, len(rows))
			for _, r := range rows {
				lines = append(lines, projectLine{r.Name, r.Source.URL(), r.Destination.URL(), r.Status(), r.Updated, r.Mailboxes, r.Statuses,
					r.LastNew, r.Passes, r.Settings.Limits().PassLimit, r.Failed})
			}
			return p.writeJSON(struct {
				Projects []projectLine `json:"projects"`
			}{lines})
		}
		if len(rows) == 0 {
			return p.say("cli.no_projects")
		}
		now := time.Now()
		t := newTable("project", "status", "#mailboxes", "#last_new", "#passes", "#failed", "updated", "source", "destination")
		for _, r := range rows {
			t.add(r.Name, wording.Status(r.Status()), strconv.Itoa(r.Mailboxes), wording.Number(r.LastNew),
				wording.Passes(r.Passes, r.Settings.Limits().PassLimit), wording.Number(r.Failed), wording.When(r.Updated, now),
				r.Source.URL(), r.Destination.URL())
		}
		return p.print(t)
	})
}
