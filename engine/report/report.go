package report

import (
	"context"
	"slices"
	"time"

	"mwiz/engine"
)

// Book is what a report is read from: the ledger. Every method means what it means there.
type Book interface {
	Project(ctx context.Context, id engine.ProjectID) (engine.Project, error)
	MailboxRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.MailboxRow, error)
	PassRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.PassRow, error)
	PassFolders(ctx context.Context, pass engine.PassID) ([]engine.FolderTally, error)
	Throughputs(ctx context.Context, project engine.ProjectID) (map[engine.PassID]engine.Throughput, error)
	FailureRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.FailureRow, error)
	KeptFolders(ctx context.Context, mailbox engine.MailboxID) ([]engine.KeptFolder, error)
}

// Report is the account of a project at one time.
type Report struct {
	Project   engine.Project
	Made      time.Time // its zone is the one that all times are shown in
	Mailboxes []Mailbox // in the order they were added
	Causes    []Cause   // why messages are not at the destination, the most frequent first
	Totals    Totals
}

// Mailbox is what became of one mailbox.
type Mailbox struct {
	engine.Mailbox
	Status  engine.Status
	Used    int               // passes that count
	Passes  []engine.Pass     // every pass, the oldest first
	Folders []Folder          // in the order they were first seen
	Items   engine.ItemCounts // how the ledger accounts for its messages now
	Bytes   int64             // copied by all its passes
	Balance *Balance          // nil: no pass has closed its books yet
	Check   *Check            // nil: it was never verified
}

// Folder is what became of one source folder.
type Folder struct {
	Source, Destination string              // display names
	Items               engine.ItemCounts   // how the ledger accounts for its messages now
	Last                *engine.FolderTally // its line in the balance; nil: it has none
	Check               *engine.FolderTally // what the last verifying pass found; nil: nothing
}

// Balance is the reconciliation of a mailbox: the sums of its folders in the last pass for new items that told them.
type Balance struct {
	Pass    engine.Pass
	Sum     engine.FolderTally // of the folders; it names none
	Off     int64              // messages that the folders' lines do not explain, added up without sign: zero unless something is wrong
	Retried int64              // copied later by passes that retry errors
}

// Check is what the last verifying pass of a mailbox that ended well has found.
type Check struct {
	Pass                         engine.Pass
	Verified, Different, Removed int64
}

// Cause is a reason why messages are not at the destination.
type Cause struct {
	State     engine.ItemState // ItemFailed or Skipped
	Kind      engine.Kind
	Count     int64
	Mailboxes []CauseOf // where, the most frequent first
}

// CauseOf counts a cause's messages in one mailbox.
type CauseOf struct {
	Address string // at the source
	Count   int64
}

// Totals are the numbers of the whole project.
type Totals struct {
	Status   engine.Status
	Statuses map[engine.Status]int // mailboxes in each
	Items    engine.ItemCounts
	Bytes    int64
	Passes   int                // of all mailboxes, those that count
	Balanced int                // mailboxes that have a balance
	Balance  engine.FolderTally // sum of the mailboxes' balances
	Off      int64              // sum of theirs
	Retried  int64              // sum of theirs
	Checked  int                // mailboxes that were verified
	Check    Check              // sum of theirs; its Pass is empty
	First    time.Time          // when the first pass that copied began; zero: none has
	Last     time.Time          // when the last one ended, or was seen
	PerPass  []PassTotal        // in the order they began
}

// PassTotal adds up the passes of all mailboxes that are their n-th, or of one kind.
type PassTotal struct {
	Kind   engine.PassKind
	Number int   // 0: passes that do not count
	Passes int   // how many they are
	Copied int64 // messages, with those recognised at the destination
	Failed int64
	Bytes  int64
	Began  time.Time
	Ended  time.Time
	Speed  Speed // how fast they went together
}

// Migrated returns how many messages of c are at the destination.
func Migrated(c engine.ItemCounts) int64 { return c.Copied + c.Adopted }

// Read gathers the report of a project as the ledger tells it now. made is when: its zone is the one that times are shown in. Errors are the
// ledger's.
func Read(ctx context.Context, book Book, project engine.ProjectID, made time.Time) (*Report, error) {
	r := &Report{Made: made}
	var err error
	if r.Project, err = book.Project(ctx, project); err != nil {
		return nil, err
	}
	rows, err := every(func(p engine.Page) ([]engine.MailboxRow, error) { return book.MailboxRows(ctx, project, p) })
	if err != nil {
		return nil, err
	}
	passes, err := every(func(p engine.Page) ([]engine.PassRow, error) { return book.PassRows(ctx, project, p) })
	if err != nil {
		return nil, err
	}
	failures, err := every(func(p engine.Page) ([]engine.FailureRow, error) { return book.FailureRows(ctx, project, p) })
	if err != nil {
		return nil, err
	}
	of := map[engine.MailboxID][]engine.Pass{}
	for _, p := range slices.Backward(passes) { // the newest came first
		of[p.Mailbox] = append(of[p.Mailbox], p.Pass)
	}
	for _, row := range rows {
		m, err := readMailbox(ctx, book, row, of[row.ID])
		if err != nil {
			return nil, err
		}
		r.Mailboxes = append(r.Mailboxes, m)
	}
	r.Causes = causes(failures)
	r.Totals = totals(r.Mailboxes)
	known, err := book.Throughputs(ctx, project)
	if err != nil {
		return nil, err
	}
	r.Totals.speeds(r.Mailboxes, known)
	return r, nil
}

// every reads all pages of a list.
func every[T any](read func(engine.Page) ([]T, error)) ([]T, error) {
	const most = 500
	var all []T
	for {
		rows, err := read(engine.Page{Offset: len(all), Limit: most})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < most {
			return all, nil
		}
	}
}

func readMailbox(ctx context.Context, book Book, row engine.MailboxRow, passes []engine.Pass) (Mailbox, error) {
	m := Mailbox{Mailbox: row.Mailbox, Used: row.Passes, Passes: passes}
	var last engine.PassState
	if row.Last != nil {
		last = row.Last.State
	}
	m.Status = engine.StatusOf(last)
	for _, p := range passes {
		if copies(p.Kind) {
			m.Bytes += p.Tally.Bytes
		}
	}
	kept, err := book.KeptFolders(ctx, row.ID)
	if err != nil {
		return m, err
	}
	at := m.keep(kept)
	for _, p := range slices.Backward(passes) {
		if (p.Kind != engine.NewItems || m.Balance != nil) && (p.Kind != engine.Verify || m.Check != nil) || !p.State.Ended() {
			continue
		}
		folders, err := book.PassFolders(ctx, p.ID)
		if err != nil {
			return m, err
		}
		switch {
		case len(folders) == 0:
		case p.Kind == engine.NewItems:
			m.balance(p, folders, at)
		case p.State == engine.PassCompleted || p.State == engine.PassCompletedWithErrors:
			m.check(p, folders, at)
		}
	}
	return m, nil
}

// copies reports whether passes of a kind copy messages.
func copies(k engine.PassKind) bool {
	return k == engine.NewItems || k == engine.Retry || k == engine.Trial
}

// keep takes over the folders that the ledger keeps and returns where each went. A folder that its service has renumbered is kept more than
// once: the last is the one that counts, for it has taken over what is still there.
func (m *Mailbox) keep(kept []engine.KeptFolder) map[engine.FolderID]int {
	at := map[engine.FolderID]int{}
	named, validity := map[engine.FolderName]int{}, map[engine.FolderName]engine.Validity{}
	for _, k := range kept {
		i, known := named[k.Name]
		if !known {
			i = len(m.Folders)
			named[k.Name] = i
			m.Folders = append(m.Folders, Folder{})
		}
		if known && validity[k.Name] == k.Validity { // rules have led it elsewhere meanwhile
			k.Items.Add(m.Folders[i].Items)
		}
		validity[k.Name] = k.Validity
		m.Folders[i] = Folder{Source: k.Display, Destination: string(k.Destination), Items: k.Items}
		at[k.ID] = i
	}
	for _, f := range m.Folders {
		m.Items.Claimed += f.Items.Claimed
		m.Items.Copied += f.Items.Copied
		m.Items.Adopted += f.Items.Adopted
		m.Items.Skipped += f.Items.Skipped
		m.Items.Failed += f.Items.Failed
	}
	return at
}

// folder returns the folder that a pass tells of, which is added where the ledger keeps none.
func (m *Mailbox) folder(t engine.FolderTally, at map[engine.FolderID]int) *Folder {
	i, known := at[t.Folder]
	if !known || t.Folder == 0 {
		i = slices.IndexFunc(m.Folders, func(f Folder) bool { return f.Source == t.Source })
	}
	if i < 0 {
		i = len(m.Folders)
		m.Folders = append(m.Folders, Folder{Source: t.Source})
	}
	return &m.Folders[i]
}

// balance takes over what a pass for new items tells of the folders.
func (m *Mailbox) balance(p engine.Pass, folders []engine.FolderTally, at map[engine.FolderID]int) {
	b := &Balance{Pass: p}
	for _, t := range folders {
		f := m.folder(t, at)
		f.Last, f.Destination = &t, t.Destination // the ledger has the name as its server writes it
		b.Sum.Messages += t.Messages
		b.Sum.Before += t.Before
		b.Sum.Add(t.Tally)
		b.Off += max(t.Unexplained(), -t.Unexplained())
	}
	for _, later := range m.Passes {
		if later.ID > p.ID && later.Kind == engine.Retry {
			b.Retried += later.Tally.Copied + later.Tally.Adopted
		}
	}
	m.Balance = b
}

// check takes over what a verifying pass tells of the folders.
func (m *Mailbox) check(p engine.Pass, folders []engine.FolderTally, at map[engine.FolderID]int) {
	c := &Check{Pass: p}
	for _, t := range folders {
		f := m.folder(t, at)
		if f.Check != nil && t.Why == engine.Earlier { // what went to another place before
			sum := *f.Check
			sum.Messages += t.Messages
			sum.Before += t.Before
			sum.Add(t.Tally)
			t = sum
		}
		f.Check = &t
		if f.Last == nil {
			f.Destination = t.Destination
		}
		c.add(Check{Verified: t.Verified, Different: t.Different, Removed: t.Removed})
	}
	m.Check = c
}

func (c *Check) add(o Check) {
	c.Verified += o.Verified
	c.Different += o.Different
	c.Removed += o.Removed
}
