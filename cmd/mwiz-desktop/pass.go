package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mwiz/engine"
	"mwiz/engine/sheet"
	"mwiz/gui/wording"
	"mwiz/store"
)

// passCmd runs a pass of a project's mailboxes.
type passCmd struct {
	scope
	Kind       string `enum:"new,preview,verify,retry,trial" default:"new" help:"What for: new (migrate new items), preview (count them), verify (read the copies back and compare), retry (items that failed), trial (a few of each folder)."`
	Replaced   bool   `help:"Go on in folders whose messages are other ones than before, as when a folder was deleted and made anew: what was migrated before is recognised, all else is copied."`
	AllowSleep bool   `help:"Let this computer fall asleep while the pass runs."`
}

func (c passCmd) Run(ctx context.Context, p *program) error {
	p.maySleep = c.AllowSleep
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		request, err := c.request(ctx, p, ledger, project, engine.PassKind(c.Kind))
		if err != nil {
			return err
		}
		request.Replaced = c.Replaced
		return p.finishPass(ctx, ledger, project, request)
	})
}

// finishPass does the passes that are asked for, shows what became of them, and returns how the program ends.
func (p *program) finishPass(ctx context.Context, ledger *store.Ledger, project engine.Project, r engine.Request) error {
	list, err := p.runPass(ctx, ledger, r)
	if err != nil {
		return err
	}
	if err := p.showPass(project, list); err != nil {
		return err
	}
	return ended(list)
}

// runPass sets an engine to work for one request and returns what became of it.
func (p *program) runPass(ctx context.Context, ledger *store.Ledger, r engine.Request) (list []outcome, err error) {
	err = p.withKeys(func(keychain engine.Keychain) error {
		var beside []func(context.Context, *works)
		if p.attended() {
			p.signInWait, p.attends = attendedWait, true
			beside = append(beside, func(ctx context.Context, w *works) { p.renew(ctx, w, keychain) })
		}
		w, err := p.startWorks(ctx, ledger, keychain, beside...)
		if err != nil {
			return err
		}
		list, err = p.watchPass(ctx, w, r)
		return errors.Join(err, w.stop())
	})
	return list, err
}

// scope says which mailboxes a verb is for, and where their passwords come from.
type scope struct {
	Project     string   `arg:"" help:"Name of the project."`
	Mailbox     []string `sep:"none" placeholder:"ADDRESS" help:"Only this mailbox, by its address at the source. May be given more than once."`
	Credentials string   `placeholder:"FILE.csv" help:"Take the passwords from this file (- for standard input) for this run only. Nothing of it is kept."`
	sharedFiles
}

// request turns what the user wrote into a request to the engine.
func (c scope) request(ctx context.Context, p *program, ledger *store.Ledger, project engine.Project, kind engine.PassKind) (engine.Request, error) {
	r := engine.Request{Project: project.ID, Kind: kind}
	mailboxes, err := ledger.Mailboxes(ctx, project.ID)
	if err != nil {
		return r, err
	}
	if len(mailboxes) == 0 {
		return r, usage(errors.New(wording.T("cli.no_mailboxes", "Name", wording.Display(project.Name, 80))))
	}
	for _, address := range c.Mailbox {
		found := false
		for _, m := range mailboxes {
			if strings.EqualFold(m.Source.Address, address) || strings.EqualFold(m.Source.User, address) {
				r.Mailboxes, found = append(r.Mailboxes, m.ID), true
			}
		}
		if !found {
			return r, usage(errors.New(wording.T("cli.no_mailbox", "Address", wording.Display(address, 80))))
		}
	}
	if r.Shared, err = c.sharedFiles.read(p, project); err != nil {
		return r, err
	}
	r.Secrets, err = p.credentialsOf(c.Credentials, project, mailboxes)
	return r, err
}

// credentialsOf reads the passwords of mailboxes from a file; "" is none.
func (p *program) credentialsOf(file string, project engine.Project, mailboxes []engine.Mailbox) (map[engine.MailboxID]engine.Secrets, error) {
	if file == "" {
		return nil, nil
	}
	rows, err := p.readRows(file)
	if err != nil {
		return nil, err
	}
	found, strangers := credentials(rows, mailboxes)
	for id, s := range found {
		passwordsOnly(project, &s)
		found[id] = s
	}
	if strangers > 0 {
		p.note("cli.strangers", "Count", strangers)
	}
	return found, nil
}

// credentials finds the mailboxes that the rows of a file belong to, by login name or address at the source, and counts the rows
// that belong to none.
func credentials(rows []sheet.Row, mailboxes []engine.Mailbox) (found map[engine.MailboxID]engine.Secrets, strangers int) {
	byUser, byAddress := map[string]engine.MailboxID{}, map[string]engine.MailboxID{}
	for _, m := range mailboxes {
		byUser[strings.ToLower(m.Source.User)] = m.ID
		byAddress[strings.ToLower(m.Source.Address)] = m.ID
	}
	found = map[engine.MailboxID]engine.Secrets{}
	for _, row := range rows {
		id, ok := byUser[strings.ToLower(row.Mailbox.Source.User)]
		if !ok {
			id, ok = byAddress[strings.ToLower(row.Mailbox.Source.Address)]
		}
		if !ok {
			strangers++
			continue
		}
		found[id] = row.Secrets
	}
	return found, strangers
}

// watchPass is works.pass with bars for people who watch.
func (p *program) watchPass(ctx context.Context, w *works, r engine.Request) ([]outcome, error) {
	screen := p.screen()
	if screen == nil {
		defer context.AfterFunc(ctx, func() { p.note("cli.stopping") })()
		return w.pass(ctx, r, nil)
	}
	mailboxes, err := w.ledger.Mailboxes(ctx, r.Project)
	if err != nil {
		return nil, err
	}
	names := map[engine.MailboxID]string{}
	for _, m := range mailboxes {
		names[m.ID] = m.Source.Address
	}
	p.drawn.Store(screen)
	defer p.drawn.Store(nil)
	defer screen.clear()
	defer context.AfterFunc(ctx, func() { screen.above(wording.T("cli.stopping")) })()
	return w.pass(ctx, r, func(s engine.Snapshot) {
		width, height := screen.size()
		screen.show(bars(s, names, width, height))
	})
}

// passLine is what became of a mailbox, as JSON shows it.
type passLine struct {
	Source      string  `json:"source"`
	Destination string  `json:"destination"`
	Pass        int     `json:"pass"` // which of the mailbox's passes; 0 for one that does not count
	Kind        string  `json:"kind"`
	State       string  `json:"state"` // a pass's, or "refused" when none was begun
	Copied      int64   `json:"copied"`
	Adopted     int64   `json:"adopted"`
	Skipped     int64   `json:"skipped"`
	Failed      int64   `json:"failed"`
	Bytes       int64   `json:"bytes"`
	Seconds     float64 `json:"seconds"`
	Error       string  `json:"error"`

	New       *int64 `json:"new,omitempty"`       // of a preview: what a pass would migrate
	Left      *int64 `json:"left,omitempty"`      // of a rebuilding pass: messages at the source that were not recognised
	Verified  *int64 `json:"verified,omitempty"`  // of a verifying pass: copies that are as they were copied,
	Different *int64 `json:"different,omitempty"` // that are not,
	Removed   *int64 `json:"removed,omitempty"`   // and that are gone

	Notes []engine.Note `json:"notes,omitempty"` // what should be known and is no error
}

// newPassLine returns the line of a pass.
func newPassLine(source, destination string, pass engine.Pass) passLine {
	t := pass.Tally
	line := passLine{Source: source, Destination: destination, Pass: pass.Number, Kind: string(pass.Kind), State: string(pass.State),
		Copied: t.Copied, Adopted: t.Adopted, Skipped: t.Skipped, Failed: t.Failed, Bytes: t.Bytes,
		Seconds: pass.Duration(time.Now()).Seconds()}
	if trouble, ok := wording.TroubleOfPass(pass, source, destination); ok {
		line.Error = withDetails(trouble)
	}
	switch pass.Kind {
	case engine.Preview:
		line.New = &t.New
	case engine.Rebuild:
		line.Left = &t.Left
	case engine.Verify:
		line.Verified, line.Different, line.Removed = &t.Verified, &t.Different, &t.Removed
	}
	return line
}

// line returns the JSON of an outcome.
func (o outcome) line() passLine {
	line := newPassLine(o.mailbox.Source.Address, o.mailbox.Destination.Address, o.pass)
	if line.Notes = o.notes; o.refused != nil {
		line.State = "refused"
		if trouble, ok := o.trouble(); ok {
			line.Error = withDetails(trouble)
		}
	}
	return line
}

// withDetails returns a trouble's sentence with the server's words behind it.
func withDetails(t wording.Trouble) string {
	if details := t.Details(); details != "" {
		return t.Sentence() + " (" + details + ")"
	}
	return t.Sentence()
}

// showPass tells what became of each mailbox.
func (p *program) showPass(project engine.Project, list []outcome) error {
	if p.json {
		return p.writeJSON(newPassResult(project.Name, list))
	}
	return p.printPass(list)
}

// passResult is a run over mailboxes, as JSON shows it.
type passResult struct {
	Project   string     `json:"project"`
	Mailboxes []passLine `json:"mailboxes"`
}

func newPassResult(project string, list []outcome) passResult {
	result := passResult{project, make([]passLine, 0, len(list))}
	for _, o := range list {
		result.Mailboxes = append(result.Mailboxes, o.line())
	}
	return result
}

// printPass prints a table of what became of each mailbox, and below it what went wrong.
func (p *program) printPass(list []outcome) error {
	t := newTable("source", "destination", "kind", "#pass", "state", "#new", "#copied", "#adopted", "#skipped", "#failed", "#size", "#time")
	for _, o := range list {
		state := wording.State(o.pass.State)
		if o.refused != nil {
			state = wording.T("cli.refused")
		}
		n := o.pass.Tally
		t.add(o.mailbox.Source.Address, o.mailbox.Destination.Address, wording.Kind(o.pass.Kind), passNumber(o.pass.Number), state,
			wording.Number(n.New), wording.Number(n.Copied), wording.Number(n.Adopted), wording.Number(n.Skipped), wording.Number(n.Failed),
			wording.Bytes(n.Bytes), wording.Duration(o.pass.Duration(time.Now())))
	}
	if err := p.print(t); err != nil {
		return err
	}
	for _, o := range list {
		if n := o.pass.Tally; o.pass.Kind == engine.Verify && o.pass.State.Ended() {
			if err := p.say("cli.verified", "Address", wording.Display(o.mailbox.Source.Address, 80), "Verified", wording.Number(n.Verified),
				"Different", wording.Number(n.Different), "Removed", wording.Number(n.Removed)); err != nil {
				return err
			}
		}
		if n := o.pass.Tally; o.pass.Kind == engine.Rebuild && o.pass.State.Ended() {
			if err := p.say("cli.rebuilt", "Address", wording.Display(o.mailbox.Source.Address, 80), "Adopted", wording.Number(n.Adopted),
				"Left", wording.Number(n.Left)); err != nil {
				return err
			}
		}
		for _, n := range o.notes {
			if _, err := fmt.Fprintf(p.stdout, "%s: %s\n", wording.Display(o.mailbox.Source.Address, 80), wording.Note(n)); err != nil {
				return err
			}
		}
		if trouble, ok := o.trouble(); ok {
			if _, err := fmt.Fprintf(p.stdout, "%s: %s\n", wording.Display(o.mailbox.Source.Address, 80), withDetails(trouble)); err != nil {
				return err
			}
		}
	}
	return nil
}
