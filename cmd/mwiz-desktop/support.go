package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// supportCmd writes a bundle that can be shown to others.
type supportCmd struct {
	File string `arg:"" type:"path" help:"Where to write it: a .zip file that is not there yet."`
}

// supportLog is how much of the log goes into a bundle.
const supportLog = 1 << 20

// supportText stands in the bundle.
const supportText = `This is a support bundle of mwiz-desktop.

support.json  the version, the system, the projects in numbers, and how many messages failed, by kind
passes.csv    every pass, with its counts
log.txt       the end of the log

There are no passwords in it, no message text, no addresses, no subjects and no names of mail services, mailboxes, folders or projects. In their place
stand pseudonyms, such as host-1f2e3d4c: the same name has the same one throughout. Mailboxes, folders and projects are called by their numbers in the
migration history. Read it before you send it.
`

func (c supportCmd) Run(ctx context.Context, p *program) error {
	f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return usage(err)
	}
	err = p.writeSupport(ctx, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.File))
	}
	if p.json {
		return p.writeJSON(struct {
			File string `json:"file"`
		}{c.File})
	}
	return p.say("cli.support", "File", wording.Display(c.File, 200))
}

// writeSupport writes a bundle of the ledger, or of what is left where that does not open.
func (p *program) writeSupport(ctx context.Context, to io.Writer) error {
	ledger, err := p.open(ctx)
	if errors.Is(err, engine.ErrLocked) {
		return err // the window that has it writes bundles as well
	}
	if err != nil {
		return p.writeBundle(ctx, to, nil, err)
	}
	return errors.Join(p.writeBundle(ctx, to, ledger, nil), ledger.Close())
}

// bundle is support.json.
type bundle struct {
	Version  string          `json:"version"`
	Go       string          `json:"go"`
	System   string          `json:"system"`
	Cores    int             `json:"cores"`
	Written  time.Time       `json:"written"`
	Schema   int             `json:"schema"`
	Ledger   int64           `json:"ledger_bytes"`
	Trouble  string          `json:"trouble,omitempty"` // why the ledger does not open
	Projects []bundleProject `json:"projects"`
}

// bundleProject is a project in numbers.
type bundleProject struct {
	Project     engine.ProjectID      `json:"project"`
	Created     time.Time             `json:"created"`
	Source      bundleEndpoint        `json:"source"`
	Destination bundleEndpoint        `json:"destination"`
	PassLimit   int                   `json:"pass_limit"`
	ErrorLimit  int                   `json:"error_limit"`
	Lanes       int                   `json:"lanes"`
	AtOnce      int                   `json:"mailboxes_at_once"`
	Draft       string                `json:"draft,omitempty"`
	Mailboxes   int                   `json:"mailboxes"`
	Statuses    map[engine.Status]int `json:"statuses"`
	Folders     int                   `json:"folders"`
	Items       engine.ItemCounts     `json:"items"`
	Errors      map[string]int        `json:"errors"` // messages not at the destination, by kind
	Schedule    *engine.Schedule      `json:"schedule,omitempty"`
}

// bundleEndpoint is how a service is reached, without its name.
type bundleEndpoint struct {
	Host       string            `json:"host"`
	Port       int               `json:"port"`
	Encryption engine.Encryption `json:"encryption"`
	Preset     string            `json:"preset,omitempty"`
	Pinned     bool              `json:"pinned,omitempty"`
}

// writeBundle writes a bundle of a ledger, nil where it does not open because of trouble.
func (p *program) writeBundle(ctx context.Context, to io.Writer, ledger *store.Ledger, trouble error) error {
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return err
	}
	b := bundle{Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(),
		Written: time.Now().UTC().Truncate(time.Second), Projects: []bundleProject{}}
	r := newRedactor(ledger, dir)
	var passes bytes.Buffer
	if ledger == nil {
		b.Trouble = engine.KindOf(trouble).String()
	} else if err := b.fill(ctx, ledger, r, &passes); err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Join(dir, "ledger.db")); err == nil {
		b.Ledger = info.Size()
	}
	log, err := readLog(dir)
	if err != nil {
		return err
	}
	described, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	z := zip.NewWriter(to)
	for _, file := range []struct {
		name string
		text []byte
	}{{"README.txt", []byte(supportText)}, {"support.json", append(described, '\n')}, {"passes.csv", passes.Bytes()}, {"log.txt", r.log(log, ledger != nil)}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: b.Written})
		if err == nil {
			_, err = w.Write(file.text)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// newRedactor returns one that knows this computer's names. Pseudonyms stay the same from bundle to bundle of a ledger.
func newRedactor(ledger *store.Ledger, dir string) *redactor {
	r := &redactor{}
	if ledger != nil {
		key := ledger.DigestKey()
		r.key = key[:]
	} else {
		r.key = []byte(rand.Text())
	}
	r.learn("path", dir)
	if home, err := os.UserHomeDir(); err == nil {
		r.learn("path", home)
		r.learn("user", filepath.Base(home))
	}
	if name, err := os.Hostname(); err == nil {
		r.learn("computer", name)
	}
	return r
}

// log redacts the end of a log.
func (r *redactor) log(text []byte, namesKnown bool) []byte {
	text = text[max(0, len(text)-supportLog):]
	if i := bytes.IndexByte(text, '\n'); len(text) == supportLog && i >= 0 {
		text = text[i+1:]
	}
	var b bytes.Buffer
	for line := range strings.Lines(string(text)) {
		b.WriteString(r.line(line, namesKnown))
	}
	return b.Bytes()
}

// fill reads the ledger: what goes into the bundle, and the names that must not.
func (b *bundle) fill(ctx context.Context, ledger *store.Ledger, r *redactor, passes io.Writer) error {
	var err error
	if b.Schema, err = ledger.SchemaVersion(ctx); err != nil {
		return err
	}
	projects, err := ledger.ProjectRows(ctx)
	if err != nil {
		return err
	}
	schedules, err := ledger.Schedules(ctx)
	if err != nil {
		return err
	}
	table := csv.NewWriter(passes)
	if err := table.Write(passHeader); err != nil {
		return err
	}
	for _, row := range projects {
		r.learn("project", row.Name)
		r.learn("host", row.Source.Host, row.Destination.Host)
		limits := row.Settings.Limits()
		one := bundleProject{Project: row.ID, Created: row.Created.UTC(), Source: r.endpoint(row.Source), Destination: r.endpoint(row.Destination), PassLimit: limits.PassLimit,
			ErrorLimit: limits.ErrorLimit, Lanes: limits.Lanes, AtOnce: limits.Mailboxes, Draft: limits.Draft, Mailboxes: row.Mailboxes, Statuses: row.Statuses, Errors: map[string]int{}}
		for i, s := range schedules {
			if s.Project == row.ID {
				one.Schedule = &schedules[i]
			}
		}
		if err := one.fill(ctx, ledger, r, table); err != nil {
			return err
		}
		b.Projects = append(b.Projects, one)
	}
	table.Flush()
	return table.Error()
}

// endpoint describes a service without its name.
func (r *redactor) endpoint(e engine.Endpoint) bundleEndpoint {
	host := r.pseudonym("host", e.Host)
	if e.Loopback() {
		host = e.Host
	}
	return bundleEndpoint{host, e.Port, e.Encryption, e.Preset, len(e.Pin) > 0}
}

// fill reads a project's mailboxes, folders, failures and passes.
func (b *bundleProject) fill(ctx context.Context, ledger *store.Ledger, r *redactor, table *csv.Writer) error {
	mailboxes, err := ledger.Mailboxes(ctx, b.Project)
	if err != nil {
		return err
	}
	for _, m := range mailboxes {
		for _, a := range []engine.Account{m.Source, m.Destination} {
			r.learnAddress(a.Address)
			r.learnAddress(a.User)
		}
		folders, err := ledger.KeptFolders(ctx, m.ID)
		if err != nil {
			return err
		}
		b.Folders += len(folders)
		for _, f := range folders {
			r.learnPath(f.Display)
			r.learnPath(string(f.Name))
			r.learnPath(string(f.Destination))
			b.Items.Claimed += f.Items.Claimed
			b.Items.Copied += f.Items.Copied
			b.Items.Adopted += f.Items.Adopted
			b.Items.Skipped += f.Items.Skipped
			b.Items.Failed += f.Items.Failed
		}
	}
	failures, err := every(func(page engine.Page) ([]engine.FailureRow, error) { return ledger.FailureRows(ctx, b.Project, page) })
	if err != nil {
		return err
	}
	for _, f := range failures {
		b.Errors[f.Kind.String()]++
		r.learn("subject", f.Subject)
		r.learn("message", f.MessageID)
		r.learnAddress(f.Sender)
	}
	rows, err := every(func(page engine.Page) ([]engine.PassRow, error) { return ledger.PassRows(ctx, b.Project, page) })
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := table.Write(passCells(b.Project, row.Pass)); err != nil {
			return err
		}
	}
	return nil
}

var passHeader = []string{"project", "mailbox", "pass", "kind", "state", "number", "queued", "started", "ended", "new", "copied", "adopted", "skipped", "failed", "vanished", "left", "bytes",
	"verified", "different", "removed", "cause", "side"}

// passCells is a line of passes.csv.
func passCells(project engine.ProjectID, p engine.Pass) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	t := p.Tally
	cause, side := "", ""
	if p.Cause != engine.NoError {
		cause = p.Cause.String()
	}
	if p.Host != "" {
		side = p.Side.String()
	}
	return slices.Concat([]string{number(int64(project)), number(int64(p.Mailbox)), number(int64(p.ID)), string(p.Kind), string(p.State), number(int64(p.Number)), at(p.Queued), at(p.Started), at(p.Ended)},
		[]string{number(t.New), number(t.Copied), number(t.Adopted), number(t.Skipped), number(t.Failed), number(t.Vanished), number(t.Left), number(t.Bytes),
			number(t.Verified), number(t.Different), number(t.Removed), cause, side})
}
