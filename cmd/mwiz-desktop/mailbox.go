package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"mwiz/engine"
	"mwiz/engine/sheet"
	"mwiz/gui/wording"
	"mwiz/store"
)

// mailboxCmd is the verbs that write mailboxes.
type mailboxCmd struct {
	Import mailboxImportCmd `cmd:"" help:"Add the mailboxes of a CSV file, and put their passwords into the keychain."`
}

// mailboxImportCmd adds the mailboxes of a file to a project.
type mailboxImportCmd struct {
	Project   string `arg:"" help:"Name of the project."`
	File      string `arg:"" name:"file.csv" help:"The list of mailboxes, with MigrationWiz's header or Microsoft's; - for standard input."`
	NoSecrets bool   `help:"Leave the passwords out; give them to each pass with --credentials."`
}

func (c mailboxImportCmd) Run(ctx context.Context, p *program) error {
	rows, err := p.readRows(c.File)
	if err != nil {
		return err
	}
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		there, err := ledger.Mailboxes(ctx, project.ID)
		if err != nil {
			return err
		}
		dropped := false
		for i := range rows {
			if c.NoSecrets {
				rows[i].Secrets = engine.Secrets{}
			}
			dropped = passwordsOnly(project, &rows[i].Secrets) || dropped
		}
		if dropped {
			p.note("cli.imported.dropped")
		}
		plan, err := planImport(c.File, rows, there)
		if err != nil {
			return err
		}
		err = p.withKeys(func(keychain engine.Keychain) error {
			return p.enrol(ctx, engine.Enroller{Roster: ledger, Keychain: keychain}, project.ID, plan)
		})
		if errors.Is(err, engine.ErrNoKeychain) {
			p.note("cli.try_no_secrets")
		}
		if err != nil {
			return err
		}
		return p.showImport(project, plan)
	})
}

// importPlan is what a list of mailboxes means for a project that has some already.
type importPlan struct {
	add     []engine.Enrolment                  // new mailboxes
	renew   map[engine.MailboxID]engine.Secrets // passwords of mailboxes that are there
	known   int                                 // mailboxes that are there, with a password in the list or without
	secrets int                                 // passwords to keep
}

// planImport compares a list with the mailboxes that are there. A source that is there with another destination is an error.
func planImport(file string, rows []sheet.Row, there []engine.Mailbox) (importPlan, error) {
	plan := importPlan{renew: map[engine.MailboxID]engine.Secrets{}}
	bySource := map[string]engine.Mailbox{}
	for _, m := range there {
		bySource[strings.ToLower(m.Source.User)] = m
	}
	for _, row := range rows {
		for _, side := range []engine.Side{engine.Source, engine.Destination} {
			if !row.Secrets.On(side).Empty() {
				plan.secrets++
			}
		}
		m, ok := bySource[strings.ToLower(row.Mailbox.Source.User)]
		switch {
		case !ok:
			plan.add = append(plan.add, engine.Enrolment{Mailbox: row.Mailbox, Secrets: row.Secrets})
		case !strings.EqualFold(m.Destination.User, row.Mailbox.Destination.User) && row.Mailbox.Destination.Address != row.Mailbox.Source.Address: // as in a list without destinations
			return plan, usage(fmt.Errorf("%s: %s", where(file, row.Line), wording.T("cli.other_destination",
				"Address", wording.Display(row.Mailbox.Source.Address, 80), "Destination", wording.Display(m.Destination.Address, 80))))
		default:
			plan.known++
			if !row.Secrets.Source.Empty() || !row.Secrets.Destination.Empty() {
				plan.renew[m.ID] = row.Secrets
			}
		}
	}
	return plan, nil
}

// enrol carries a plan out.
func (p *program) enrol(ctx context.Context, enroller engine.Enroller, project engine.ProjectID, plan importPlan) error {
	var progress func(done, total int)
	if screen := p.screen(); screen != nil {
		defer screen.clear()
		progress = func(done, total int) {
			screen.show([]string{wording.T("cli.keeping", "Done", wording.Number(done), "Total", wording.Number(total))})
		}
	}
	if len(plan.add) > 0 {
		if _, err := enroller.Add(ctx, project, plan.add, progress); err != nil {
			return err
		}
	}
	for id, secrets := range plan.renew {
		if err := enroller.SetSecrets(ctx, id, secrets); err != nil {
			return err
		}
	}
	return nil
}

// showImport says what was imported.
func (p *program) showImport(project engine.Project, plan importPlan) error {
	if p.json {
		return p.writeJSON(struct {
			Project string `json:"project"`
			Added   int    `json:"added"`
			Known   int    `json:"known"`
			Renewed int    `json:"renewed"`
			Secrets int    `json:"secrets"`
		}{project.Name, len(plan.add), plan.known, len(plan.renew), plan.secrets})
	}
	if err := p.say("cli.imported", "Count", len(plan.add), "Name", wording.Display(project.Name, 80), "Secrets", wording.Number(plan.secrets)); err != nil {
		return err
	}
	if len(plan.renew) > 0 {
		if err := p.say("cli.imported.renewed", "Count", len(plan.renew)); err != nil {
			return err
		}
	}
	if same := plan.known - len(plan.renew); same > 0 {
		return p.say("cli.imported.known", "Count", same)
	}
	return nil
}

// readRows reads a CSV file of mailboxes, or standard input for "-". Rows that cannot be used are all named, and nothing is returned.
func (p *program) readRows(file string) ([]sheet.Row, error) {
	from := p.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usage(err)
		}
		defer f.Close()
		from = f
	}
	rows, err := sheet.Read(from)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", wording.Display(file, 200), err))
	}
	problems := 0
	for _, row := range rows {
		if text := cmp.Or(row.Problem, row.Warning); text != "" {
			fmt.Fprintf(p.stderr, "%s: %s\n", where(file, row.Line), text)
		}
		if row.Problem != "" {
			problems++
		}
	}
	if problems > 0 {
		return nil, usage(errors.New(wording.T("cli.problems", "Count", problems)))
	}
	return rows, nil
}

// where names a line of a file.
func where(file string, line int) string {
	return wording.T("cli.line", "File", wording.Display(file, 200), "Line", line)
}
