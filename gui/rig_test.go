package gui

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/gui/guitest"
)

// noon is when the tests take place.
var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// book is a ledger in memory.
type book struct {
	projects  []engine.ProjectRow
	mailboxes []engine.MailboxRow
	passes    []engine.PassRow
	folders   map[engine.PassID][]engine.FolderTally
	kept      map[engine.MailboxID][]engine.KeptFolder
	records   map[engine.PassID]engine.PassRecord
	failures  []engine.FailureRow
	removed   []engine.Removed
	doomed    map[engine.SecretRef]bool
	schedules map[engine.ProjectID]engine.Schedule
	broken    error // every reading fails with it
	last      int64
}

func (b *book) Schedules(context.Context) ([]engine.Schedule, error) {
	return slices.Collect(maps.Values(b.schedules)), b.broken
}

func (b *book) KeepSchedule(_ context.Context, s engine.Schedule) error {
	if b.schedules == nil {
		b.schedules = map[engine.ProjectID]engine.Schedule{}
	}
	b.schedules[s.Project] = s
	return b.broken
}

func (b *book) DropSchedule(_ context.Context, id engine.ProjectID) error {
	delete(b.schedules, id)
	return b.broken
}

func (b *book) id() int64 { b.last++; return 1000 + b.last }

func (b *book) Project(_ context.Context, id engine.ProjectID) (engine.Project, error) {
	for _, r := range b.projects {
		if r.ID == id {
			return r.Project, nil
		}
	}
	return engine.Project{}, engine.ErrNotFound
}

func (b *book) ProjectRows(context.Context) ([]engine.ProjectRow, error) {
	rows := slices.Clone(b.projects)
	slices.SortStableFunc(rows, func(x, y engine.ProjectRow) int { return y.Updated.Compare(x.Updated) })
	return rows, b.broken
}

func (b *book) AddProject(_ context.Context, p engine.Project) (engine.ProjectID, error) {
	p.ID = engine.ProjectID(b.id())
	b.projects = append(b.projects, engine.ProjectRow{Project: p, Updated: p.Created, Statuses: map[engine.Status]int{}})
	return p.ID, nil
}

func (b *book) UpdateProject(_ context.Context, p engine.Project) error {
	for i := range b.projects {
		if b.projects[i].ID == p.ID {
			b.projects[i].Project = p
		}
	}
	return nil
}

func (b *book) SetSharedSecret(_ context.Context, id engine.ProjectID, side engine.Side, ref engine.SecretRef) error {
	for i := range b.projects {
		if p := &b.projects[i]; p.ID == id && side == engine.Source {
			p.Source.Access.Secret = ref
		} else if p.ID == id {
			p.Destination.Access.Secret = ref
		}
	}
	return nil
}

func page[T any](rows []T, p engine.Page) []T {
	rows = rows[min(p.Offset, len(rows)):]
	if p.Limit == 0 {
		return slices.Clone(rows)
	}
	return slices.Clone(rows[:min(p.Limit, len(rows))])
}

func (b *book) MailboxRows(_ context.Context, project engine.ProjectID, p engine.Page) ([]engine.MailboxRow, error) {
	var rows []engine.MailboxRow
	for _, m := range b.mailboxes {
		if m.Project == project {
			rows = append(rows, m)
		}
	}
	return page(rows, p), b.broken
}

// passesOf returns a project's passes, the newest first.
func (b *book) passesOf(project engine.ProjectID) []engine.PassRow {
	var rows []engine.PassRow
	for _, p := range b.passes {
		if m, err := b.Mailbox(context.Background(), p.Mailbox); err == nil && m.Project == project {
			rows = append(rows, p)
		}
	}
	slices.SortStableFunc(rows, func(x, y engine.PassRow) int { return cmp.Compare(y.ID, x.ID) })
	return rows
}

func (b *book) PassRows(_ context.Context, project engine.ProjectID, p engine.Page) ([]engine.PassRow, error) {
	return page(b.passesOf(project), p), b.broken
}

func (b *book) CountPasses(_ context.Context, project engine.ProjectID) (int, error) {
	return len(b.passesOf(project)), b.broken
}

func (b *book) PassFolders(_ context.Context, id engine.PassID) ([]engine.FolderTally, error) {
	return b.folders[id], b.broken
}

func (b *book) KeptFolders(_ context.Context, id engine.MailboxID) ([]engine.KeptFolder, error) {
	return slices.Clone(b.kept[id]), b.broken
}

// FolderRows tells of the folders of the last pass of each mailbox that told of some.
func (b *book) FolderRows(_ context.Context, project engine.ProjectID) (rows []engine.FolderRow, err error) {
	for _, m := range b.mailboxes {
		if m.Project != project {
			continue
		}
		for _, p := range b.passesOf(project) {
			if p.Mailbox != m.ID || len(b.folders[p.ID]) == 0 {
				continue
			}
			for _, f := range b.folders[p.ID] {
				items := engine.ItemCounts{Copied: f.Messages - f.Failed - f.Left, Failed: f.Failed}
				rows = append(rows, engine.FolderRow{Mailbox: m.ID, Address: m.Source.Address, FolderTally: f, Kind: p.Kind, Seen: p.Ended, Items: items})
			}
			break
		}
	}
	return rows, b.broken
}

func (b *book) PassRecord(_ context.Context, id engine.PassID) (engine.PassRecord, bool, error) {
	r, kept := b.records[id]
	return r, kept, b.broken
}

func (b *book) Throughputs(context.Context, engine.ProjectID) (map[engine.PassID]engine.Throughput, error) {
	all := map[engine.PassID]engine.Throughput{}
	for id, r := range b.records {
		all[id] = r.Throughput
	}
	return all, b.broken
}

func (b *book) FailureRows(_ context.Context, project engine.ProjectID, p engine.Page) ([]engine.FailureRow, error) {
	var rows []engine.FailureRow
	for _, f := range b.failures {
		if m, err := b.Mailbox(context.Background(), f.Mailbox); err == nil && m.Project == project {
			rows = append(rows, f)
		}
	}
	return page(rows, p), b.broken
}

func (b *book) CountFailures(ctx context.Context, project engine.ProjectID) (int, error) {
	rows, err := b.FailureRows(ctx, project, engine.Page{Limit: len(b.failures)})
	return len(rows), err
}

func (b *book) FailureCauses(ctx context.Context, project engine.ProjectID) (all []engine.FailureCause, err error) {
	rows, err := b.FailureRows(ctx, project, engine.Page{})
	for _, f := range rows {
		i := slices.IndexFunc(all, func(c engine.FailureCause) bool { return c.State == f.State && c.Kind == f.Kind })
		if i < 0 {
			i = len(all)
			all = append(all, engine.FailureCause{State: f.State, Kind: f.Kind})
		}
		all[i].Count++
		if !slices.Contains(all[i].Mailboxes, f.Mailbox) {
			all[i].Mailboxes = append(all[i].Mailboxes, f.Mailbox)
		}
	}
	slices.SortStableFunc(all, func(x, y engine.FailureCause) int { return cmp.Compare(y.State, x.State) })
	return all, err
}

func (b *book) FailuresOf(ctx context.Context, project engine.ProjectID, state engine.ItemState, kind engine.Kind, p engine.Page) ([]engine.FailureRow, error) {
	rows, err := b.FailureRows(ctx, project, engine.Page{})
	rows = slices.DeleteFunc(rows, func(f engine.FailureRow) bool { return f.State != state || f.Kind != kind })
	return page(rows, p), err
}

// Setbacks tells of mailboxes whose last pass failed or was interrupted, and of folders that the last pass left.
func (b *book) Setbacks(_ context.Context, project engine.ProjectID) (all []engine.Setback, err error) {
	var folders []engine.Setback
	for _, m := range b.mailboxes {
		if m.Project != project || m.Last == nil {
			continue
		}
		row := engine.PassRow{Pass: *m.Last, Source: m.Source.Address, Destination: m.Destination.Address}
		if m.Last.State == engine.PassFailed || m.Last.State == engine.PassInterrupted {
			all = append(all, engine.Setback{PassRow: row})
		}
		for _, f := range b.folders[m.Last.ID] {
			if f.Error != "" {
				folders = append(folders, engine.Setback{PassRow: row, Folder: &f})
			}
		}
	}
	return append(all, folders...), b.broken
}

func (b *book) RemovedItems(context.Context, engine.ProjectID) ([]engine.Removed, error) {
	return slices.Clone(b.removed), b.broken
}

func (b *book) CopyAgain(_ context.Context, folder engine.FolderID, uids []engine.UID) (int, error) {
	b.removed = slices.DeleteFunc(b.removed, func(r engine.Removed) bool { return r.FolderID == folder && slices.Equal(r.UIDs, uids) })
	return len(uids), b.broken
}

func (b *book) AddMailboxes(_ context.Context, project engine.ProjectID, list []engine.Mailbox) ([]engine.Mailbox, error) {
	list = slices.Clone(list)
	for i := range list {
		list[i].ID, list[i].Project = engine.MailboxID(b.id()), project
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: list[i]})
		delete(b.doomed, list[i].Source.Secret)
		delete(b.doomed, list[i].Destination.Secret)
	}
	b.recount()
	return list, nil
}

// recount derives the projects' counts from their mailboxes.
func (b *book) recount() {
	for i := range b.projects {
		r := &b.projects[i]
		r.Mailboxes, r.Statuses, r.Passes = 0, map[engine.Status]int{}, 0
		for _, m := range b.mailboxes {
			if m.Project != r.ID {
				continue
			}
			r.Mailboxes++
			r.Passes = max(r.Passes, m.Passes)
			state := engine.PassState("")
			if m.Last != nil {
				state = m.Last.State
			}
			r.Statuses[engine.StatusOf(state)]++
		}
	}
}

func (b *book) Mailbox(_ context.Context, id engine.MailboxID) (engine.Mailbox, error) {
	for _, m := range b.mailboxes {
		if m.ID == id {
			return m.Mailbox, nil
		}
	}
	return engine.Mailbox{}, engine.ErrNotFound
}

func (b *book) UpdateMailbox(_ context.Context, m engine.Mailbox) error {
	for i := range b.mailboxes {
		if b.mailboxes[i].ID == m.ID {
			b.mailboxes[i].Mailbox = m
		}
	}
	delete(b.doomed, m.Source.Secret)
	delete(b.doomed, m.Destination.Secret)
	return nil
}

func (b *book) DeleteMailboxes(ctx context.Context, ids []engine.MailboxID) error {
	for _, id := range ids {
		m, err := b.Mailbox(ctx, id)
		if err != nil {
			return err
		}
		_ = b.DoomSecrets(ctx, []engine.SecretRef{m.Source.Secret, m.Destination.Secret})
	}
	b.mailboxes = slices.DeleteFunc(b.mailboxes, func(m engine.MailboxRow) bool { return slices.Contains(ids, m.ID) })
	b.recount()
	return nil
}

func (b *book) Mailboxes(_ context.Context, project engine.ProjectID) (all []engine.Mailbox, err error) {
	for _, m := range b.mailboxes {
		if m.Project == project {
			all = append(all, m.Mailbox)
		}
	}
	return all, nil
}

func (b *book) DeleteProject(ctx context.Context, id engine.ProjectID) error {
	var ids []engine.MailboxID
	for _, m := range b.mailboxes {
		if m.Project == id {
			ids = append(ids, m.ID)
		}
	}
	b.projects = slices.DeleteFunc(b.projects, func(r engine.ProjectRow) bool { return r.ID == id })
	return b.DeleteMailboxes(ctx, ids)
}

func (b *book) DoomSecrets(_ context.Context, refs []engine.SecretRef) error {
	if b.doomed == nil {
		b.doomed = map[engine.SecretRef]bool{}
	}
	for _, r := range refs {
		if r != "" {
			b.doomed[r] = true
		}
	}
	return nil
}

func (b *book) DoomedSecrets(context.Context) ([]engine.SecretRef, error) {
	return slices.Sorted(maps.Keys(b.doomed)), nil
}

func (b *book) ForgetSecrets(_ context.Context, refs []engine.SecretRef) error {
	for _, r := range refs {
		delete(b.doomed, r)
	}
	return nil
}

// owners sign in at once, or never.
type owners struct {
	brings string // what is to be kept; "": they never come
	err    error
	asked  []engine.Credential
	codes  int // sign-ins by code
}

func (p *owners) Browser(_ context.Context, c engine.Credential, open func(string) error) (engine.Secret, error) {
	p.asked = append(p.asked, c)
	return engine.NewSecret(p.brings), errors.Join(open("https://login.example/authorize?state=1"), p.err)
}

func (p *owners) Device(_ context.Context, c engine.Credential, show func(engine.DeviceCode)) (engine.Secret, error) {
	p.asked, p.codes = append(p.asked, c), p.codes+1
	show(engine.DeviceCode{Code: "ABCD-EFGH", Address: "https://login.example/device", Known: true})
	return engine.NewSecret(p.brings), p.err
}

func (*owners) BuiltIn(engine.Method) bool { return false }

func (*owners) Certificate(file []byte, password string) (engine.Secret, error) {
	switch {
	case string(file) == "sealed" && password != "open":
		return engine.Secret{}, engine.ErrKeyPassword
	case string(file) == "no certificate":
		return engine.Secret{}, errors.New("this holds no certificate")
	}
	return engine.NewSecret("-----BEGIN " + string(file)), nil
}

func (*owners) Codes(m engine.Method) bool { return m == engine.OAuthMicrosoft }

// desk is work that only notes what is asked of it.
type desk struct {
	requests []engine.Request
	started  engine.Started
	err      error
	stopped  []engine.MailboxID // of the last Stop
	stops    int
	checked  error            // what Check answers
	refuse   map[string]error // by user, before that
	checks   []engine.Endpoint
	pictures chan engine.Snapshot
	saved    []engine.FailureRow
	queries  []engine.ReceiptQuery
	receipts []engine.Receipt // what Receipts answers
	offline  error            // what it answers where it has to sign in

	throughput engine.Throughput // of every pass at work
	secrets    *engine.Secrets   // of the last SaveMessage
	unsaved    error             // what SaveMessage answers, after it has written

	credentials []engine.Credential // of the checks
	signedIn    []engine.Credential
}

func (d *desk) Start(_ context.Context, r engine.Request) (engine.Started, error) {
	d.requests = append(d.requests, r)
	return d.started, d.err
}

func (d *desk) Stop(_ engine.ProjectID, mailboxes ...engine.MailboxID) {
	d.stopped, d.stops = mailboxes, d.stops+1
}

func (d *desk) Watch(context.Context) <-chan engine.Snapshot { return d.pictures }

func (d *desk) Check(_ context.Context, c engine.Credential) error {
	d.checks, d.credentials = append(d.checks, c.To), append(d.credentials, c)
	if err := d.refuse[c.Account.User]; err != nil {
		return err
	}
	return d.checked
}

func (d *desk) SignedIn(m engine.Mailbox, side engine.Side, s engine.Secret) {
	d.signedIn = append(d.signedIn, engine.Credential{Side: side, Account: m.On(side), Own: s})
}

func (d *desk) Receipts(_ context.Context, q engine.ReceiptQuery) ([]engine.Receipt, error) {
	d.queries = append(d.queries, q)
	if q.MessageID != "" || q.ReadBack {
		return slices.Clone(d.receipts), d.offline
	}
	return slices.Clone(d.receipts), nil
}

func (d *desk) Throughput(engine.PassID) engine.Throughput { return d.throughput }

func (d *desk) SaveMessage(_ context.Context, _ engine.ProjectID, f engine.FailureRow, given engine.Given, to io.Writer) error {
	s := given.Own
	d.saved, d.secrets = append(d.saved, f), s
	_, err := io.WriteString(to, "Subject: "+f.Subject+"\r\n\r\n")
	return errors.Join(err, d.unsaved)
}

// drawer is a keychain in memory; broken makes every access fail.
type drawer struct {
	secrets map[engine.SecretRef]engine.Secret
	broken  error
}

func (d *drawer) Get(_ context.Context, ref engine.SecretRef) (engine.Secret, error) {
	s, ok := d.secrets[ref]
	if !ok {
		return s, errors.Join(d.broken, engine.ErrNoSecret)
	}
	return s, d.broken
}

func (d *drawer) Set(_ context.Context, ref engine.SecretRef, s engine.Secret) error {
	if d.broken == nil {
		d.secrets[ref] = s
	}
	return d.broken
}

func (d *drawer) Delete(_ context.Context, ref engine.SecretRef) error {
	delete(d.secrets, ref)
	return d.broken
}

// rig is a window with all that it needs.
type rig struct {
	*Window
	t      *testing.T
	book   *book
	desk   *desk
	drawer *drawer
	app    fyne.App
	people owners
	opened []string // what was to be opened in another program
	queue  []func() // what was to run off the window's goroutine, where the test runs it by hand
	quits  int      // how often the work was to stop for good
	finds  map[string]discover.Answer
	looked []string // addresses whose service was looked for
}

// lookUp is the finder of mail services, who knows those of the test.
func (r *rig) lookUp(_ context.Context, address string) (discover.Answer, error) {
	r.looked = append(r.looked, address)
	_, domain, is := strings.Cut(address, "@")
	if !is {
		return discover.Answer{}, discover.ErrAddress
	}
	a := r.finds[address]
	a.Address, a.Domain = address, domain
	return a, nil
}

// mustWindow opens a window over a book, at noon, with queries that are answered at once.
func mustWindow(t *testing.T, b *book) *rig {
	t.Helper()
	return mustWindowRunning(t, b, Memory{}, func(_ *rig, f func()) { f() })
}

// mustWindowQueued is mustWindow, but queries wait for run.
func mustWindowQueued(t *testing.T, b *book) *rig {
	t.Helper()
	return mustWindowRunning(t, b, Memory{}, func(r *rig, f func()) { r.queue = append(r.queue, f) })
}

// run answers the queries that wait, and those that come of it.
func (r *rig) run() {
	for len(r.queue) > 0 {
		f := r.queue[0]
		r.queue = r.queue[1:]
		f()
	}
}

// mustWindowOf is mustWindow with what an earlier one remembered.
func mustWindowOf(t *testing.T, b *book, m Memory) *rig {
	t.Helper()
	return mustWindowRunning(t, b, m, func(_ *rig, f func()) { f() })
}

func mustWindowRunning(t *testing.T, b *book, m Memory, spawn func(*rig, func())) *rig {
	t.Helper()
	t.Setenv("LC_ALL", cmp.Or(os.Getenv("MWIZ_LANG"), "C.UTF-8"))
	zone := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = zone })
	r := &rig{t: t, book: b, desk: &desk{pictures: make(chan engine.Snapshot)}, drawer: &drawer{secrets: map[engine.SecretRef]engine.Secret{}}, app: test.NewTempApp(t)}
	b.recount()
	r.Window = newWindow(t.Context(), Parts{App: opener{r.app, r}, Book: b, Work: r.desk, SignIns: &r.people, Find: r.lookUp, Version: "1.0.0", Memory: m,
		Enroller: engine.Enroller{Roster: b, Keychain: r.drawer}, Now: func() time.Time { return noon },
		ReadSheet: readNames, Quit: func(context.Context) { r.quits++ },
		Sandbox: func(context.Context) error { return nil }}, func(f func()) { spawn(r, f) })
	r.window.Resize(fyne.NewSize(1280, 800))
	t.Cleanup(r.window.Close)
	return r
}

// opener is an application that only notes what it is to open.
type opener struct {
	fyne.App
	r *rig
}

func (o opener) OpenURL(u *url.URL) error {
	o.r.opened = append(o.r.opened, u.String())
	return nil
}

// pickError chooses the first message that was not migrated.
func (r *rig) pickError() {
	r.t.Helper()
	t := r.view.(*projectPage).failures
	for i := range t.length() {
		if c, item := t.locate(i); item == 0 && c.level == ofItems {
			t.list.choose(i)
			return
		}
	}
	r.t.Fatal("no message is listed")
}

// readNames reads a sheet of one source and one destination address a line.
func readNames(from io.Reader) (list []SheetRow, err error) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "\t") {
			return nil, errors.New("no header")
		}
		source, destination, _ := strings.Cut(lines.Text(), ",")
		list = append(list, SheetRow{Enrolment: engine.Enrolment{Mailbox: engine.Mailbox{Source: account(source, ""), Destination: account(destination, "")},
			Secrets: engine.Secrets{Source: engine.NewSecret("s-" + source), Destination: engine.NewSecret("d-" + destination)}}})
	}
	return list, lines.Err()
}

// press types a key where the keyboard is.
func (r *rig) press(keys ...fyne.KeyName) {
	for _, k := range keys {
		e := &fyne.KeyEvent{Name: k}
		if f := r.window.Canvas().Focused(); f != nil {
			f.TypedKey(e)
		} else {
			r.window.Canvas().OnTypedKey()(e)
		}
	}
}

// command does what the menu item of a name does.
func (r *rig) command(name string) {
	r.t.Helper()
	for _, m := range r.menu.Items {
		for _, i := range m.Items {
			if i.Label == name {
				i.Action()
				return
			}
		}
	}
	r.t.Fatalf("no %q in the menu", name)
}

// tappable is anything that can be tapped.
type tappable interface {
	fyne.CanvasObject
	fyne.Tappable
}

// tapButton taps the button with a label.
func (r *rig) tapButton(label string) {
	r.t.Helper()
	tap(r, func(b tappable) bool {
		switch b := b.(type) {
		case *widget.Button: // of the toolkit's own dialogs for files
			return b.Text == label && !b.Disabled()
		case *keyButton:
			return b.Text == label && !b.Disabled()
		}
		return false
	})
}

// tapAction taps the first row's action with a label.
func (r *rig) tapAction(label string) {
	r.t.Helper()
	found := guitest.Find(r.window.Canvas(), func(a *action) bool { return a.label == label })
	if len(found) == 0 {
		r.t.Fatalf("no %q in:\n%s", label, strings.Join(guitest.Texts(r.window.Canvas()), " | "))
	}
	found[0].Tapped(nil)
}

// settle lays the window out anew, as the real one does before each frame.
func (r *rig) settle() {
	size := r.window.Canvas().Size()
	for range 2 { // wrapped text finds its height in the second round
		r.window.Resize(size.AddWidthHeight(1, 0))
		r.window.Resize(size)
	}
}

// says reports whether a text can be seen that contains the words.
func (r *rig) says(words string) bool {
	r.settle()
	return contains(guitest.Texts(r.window.Canvas()), words)
}

// contains reports whether one of the texts has the words in it.
func contains(texts []string, words string) bool {
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, words) })
}

// mustSay fails unless every one of the words can be seen.
func (r *rig) mustSay(words ...string) {
	r.t.Helper()
	r.settle()
	said := guitest.Texts(r.window.Canvas())
	for _, one := range words {
		if !contains(said, one) {
			r.t.Errorf("%q cannot be seen in:\n%s", one, strings.Join(said, " | "))
		}
	}
}

// tap taps the first object of a kind that is wanted.
func tap[T interface {
	fyne.CanvasObject
	fyne.Tappable
}](r *rig, wanted func(T) bool) {
	r.t.Helper()
	found := guitest.Find(r.window.Canvas(), wanted)
	if len(found) == 0 {
		r.t.Fatalf("nothing to tap in:\n%s", strings.Join(guitest.Texts(r.window.Canvas()), " | "))
	}
	found[len(found)-1].Tapped(&fyne.PointEvent{}) // the last one lies on top
}

// people are the mailboxes of the sample project.
var people = []string{"anna", "bernhard", "celine", "dmitri", "elif", "farid", "greta.langenscheidt-von-und-zu-hohenstein", "hugo", "info", "jobs", "kasse", "lager"}

// sample is a book with three projects, one of them with a history.
func sample() *book {
	b := &book{folders: map[engine.PassID][]engine.FolderTally{}, records: map[engine.PassID]engine.PassRecord{}}
	project := func(name, from, to string, updated time.Time, failed int64) engine.ProjectID {
		id := engine.ProjectID(len(b.projects) + 1)
		b.projects = append(b.projects, engine.ProjectRow{Project: engine.Project{ID: id, Name: name, Created: updated,
			Source: engine.Endpoint{Host: from, Port: 993, Encryption: engine.TLS}, Destination: engine.Endpoint{Host: to, Port: 993, Encryption: engine.TLS}},
			Updated: updated, Failed: failed})
		return id
	}
	bakery := project("Sonnenschein Bakery", "imap.old-host.example", "secure.emailsrvr.com", noon.Add(-4*time.Minute), 0)
	project("Nordwind Logistics GmbH & Co. KG, branch offices and warehouses in the north", "mail.nordwind.example", "imap.new-host.example", noon.Add(-26*time.Hour), 3)
	project("Kanzlei Ruth & Partner", "imap.ruth.example", "imap.new-host.example", noon.AddDate(0, 0, -9), 0)
	project("School board", "mail.school.example", "imap.fastmail.com", noon.AddDate(0, -3, 0), 0)
	for i, one := range people {
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(engine.MailboxID(i+1), bakery, one)})
	}
	for i := range 44 {
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(engine.MailboxID(100+i), 2, fmt.Sprintf("user%02d", i))})
	}
	b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(200, 3, "ruth")})
	b.history()
	b.projects[0].LastNew, b.projects[1].LastNew, b.projects[2].LastNew = 1284, 24108, 12
	return b
}

func mailboxOf(id engine.MailboxID, project engine.ProjectID, name string) engine.Mailbox {
	return engine.Mailbox{ID: id, Project: project, Source: account(name+"@old-host.example", ""), Destination: account(name+"@sonnenschein.example", "")}
}

// history gives the sample's mailboxes passes, folders and failures.
func (b *book) history() {
	states := []engine.PassState{engine.PassCompleted, engine.PassCompleted, engine.PassCompletedWithErrors, engine.PassFailed, engine.PassInterrupted, engine.PassStopped}
	id := engine.PassID(0)
	add := func(m *engine.MailboxRow, p engine.Pass) {
		id++
		p.ID, p.Mailbox = id, m.ID
		b.passes = append(b.passes, engine.PassRow{Pass: p, Source: m.Source.Address, Destination: m.Destination.Address})
		m.Last = &p
		if p.Number > 0 {
			m.Passes = p.Number
		}
	}
	for i := range b.mailboxes {
		m := &b.mailboxes[i]
		if m.Project == 2 && i%9 == 5 {
			continue // pending
		}
		n := int64(3100 + 613*(i%17))
		m.Items = engine.ItemCounts{Copied: n}
		first := noon.AddDate(0, 0, -2).Add(time.Duration(i) * time.Minute)
		add(m, engine.Pass{Kind: engine.NewItems, State: engine.PassCompleted, Number: 1, Queued: first, Started: first, Ended: first.Add(time.Duration(n) * 40 * time.Millisecond),
			Tally: engine.Tally{New: n, Copied: n, Bytes: n * 48211}})
		b.records[id] = engine.PassRecord{Settings: engine.Settings{Rules: engine.Rules{Exclude: []string{`\Trash`, "Old/*"}, Since: "2020-01-01"}},
			Throughput: throughputOf(n, n*48211, time.Duration(n)*40*time.Millisecond)}
		b.folders[id] = foldersOf(n, 0)
		if m.Project != 1 {
			continue
		}
		second := noon.Add(-time.Duration(40-i) * time.Minute)
		state := states[i%len(states)]
		p := engine.Pass{Kind: engine.NewItems, State: state, Number: 2, Queued: second, Started: second, Ended: second.Add(time.Duration(7+i*13) * time.Second),
			Tally: engine.Tally{New: 21, Copied: 21, Bytes: 1204311}}
		switch state {
		case engine.PassCompletedWithErrors:
			p.Tally.Copied, p.Tally.Failed, m.Items.Failed = 19, 2, 2
		case engine.PassFailed:
			p.Cause, p.Error, p.Number, p.Tally = engine.Denied, "[AUTHENTICATIONFAILED] Invalid credentials", 0, engine.Tally{}
		case engine.PassInterrupted:
			p.Tally.Copied, p.Tally.Left = 8, 13
		}
		add(m, p)
		b.folders[id] = foldersOf(n, p.Tally.Copied)
	}
	for i, f := range []engine.FailureRow{
		{Failure: engine.Failure{Kind: engine.Refused, Text: "message too large (52 MB, limit 25 MB)", Subject: "Drawings for the new oven, final final", Sender: "architect@example.net", MessageID: "<1@example.net>"}, Size: 52_300_000},
		{Failure: engine.Failure{Kind: engine.Refused, Text: "NUL octet in message", Subject: "\u202eRe: Fwd: Rechnung", Sender: "anna@old-host.example"}, Size: 4211},
		{Failure: engine.Failure{Kind: engine.Unreadable, Text: "connection closed inside a literal"}, Size: 0},
	} {
		f.Mailbox, f.Source, f.Folder, f.UID, f.State, f.Pass = 3, "celine@old-host.example", "Projects/2024", engine.UID(4100+i), engine.ItemFailed, id
		f.Date = engine.Date{Time: noon.AddDate(0, 0, -30-i)}
		b.failures = append(b.failures, f)
	}
}

// throughputOf spreads messages over the time that a pass took: slow at first, a wait in the middle.
func throughputOf(messages, bytes int64, took time.Duration) engine.Throughput {
	t := engine.Throughput{Step: 250 * time.Millisecond}
	for t.Step*engine.MostPoints < took {
		t.Step *= 2
	}
	n := int((took + t.Step - 1) / t.Step)
	weight := func(i int) int64 {
		switch share := float64(i) / float64(n); {
		case share < .08:
			return int64(share * 600)
		case share > .5 && share < .58:
			return 0
		}
		return int64(60 + i*37%29 + i%2*9)
	}
	var sum int64
	for i := range n {
		sum += weight(i)
	}
	for i := range n {
		t.Points = append(t.Points, engine.Point{Messages: messages * weight(i) / sum, Bytes: bytes * (weight(i)*3/4 + weight((i+3)%n)/4) / sum})
	}
	return t
}

// foldersOf spreads messages over folders; one of them does not add up where fresh is odd.
func foldersOf(n, fresh int64) []engine.FolderTally {
	var list []engine.FolderTally
	for i, name := range []string{"INBOX", "Sent", "Drafts", "Archive/2023", "Projects/2024/Oven and everything that belongs to it", "Trash"} {
		f := engine.FolderTally{Folder: engine.FolderID(i + 1), Source: name, Destination: name, Messages: n / 6, Before: n/6 - fresh/2}
		f.Copied = fresh / 2
		if i > 1 {
			f.Copied, f.Before = 0, f.Messages
		}
		if i == 0 && fresh == 19 {
			f.Failed, f.Copied = 2, f.Copied-2
		}
		if i == 3 && fresh == 8 {
			f.Before -= 2
		}
		if i == 5 {
			f.Vanished = 4
		}
		f.There = f.Messages - f.Failed
		switch {
		case i == 0:
			f.There += 7 // mail that has come since
		case i == 2 && n%5 == 1:
			f.There -= 3
		case i == 3 && fresh == 8:
			f.Left, f.There = 13, f.There-13
			f.Before -= 13
		case i == 4 && fresh == 19:
			f.Left, f.Before, f.There, f.Error, f.Cause, f.Side = f.Messages, 0, 0, "Mailbox does not exist", engine.Missing, engine.Destination
		}
		list = append(list, f)
	}
	return list
}

// atWork is a picture of the sample's bakery at work.
func atWork() engine.Snapshot {
	s := engine.Snapshot{At: noon, Revision: 7, Messages: 118.4, Bytes: 4_310_000, Left: 14 * time.Minute}
	for i, phase := range []engine.Phase{engine.Copying, engine.Planning, engine.Waiting, engine.SigningIn} {
		p := engine.Progress{Project: 1, Mailbox: engine.MailboxID(i + 1), Pass: engine.PassID(900 + i), Kind: engine.NewItems, State: engine.Running, Phase: phase,
			Total: 2000, Done: int64(1300 - 400*i), Tally: engine.Tally{New: 2000, Copied: int64(1300 - 400*i)}, Folder: "Archive/2023", Started: noon.Add(-3 * time.Minute)}
		if phase == engine.Waiting {
			p.Reason, p.Until = engine.Throttled, noon.Add(4*time.Minute)
		}
		if phase == engine.SigningIn {
			p.Total, p.Done, p.Tally = 0, 0, engine.Tally{}
			p.State = engine.Queued
		}
		s.Passes = append(s.Passes, p)
	}
	return s
}
