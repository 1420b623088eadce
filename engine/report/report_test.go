package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// The sentences are tested in English, whatever the machine speaks; MWIZ_LANG looks at another language.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C.UTF-8")
	if lang := os.Getenv("MWIZ_LANG"); lang != "" {
		os.Setenv("LC_ALL", lang)
	}
	os.Exit(m.Run())
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// shelf is a book whose pages are written in the test.
type shelf struct {
	project   engine.Project
	mailboxes []engine.MailboxRow
	passes    []engine.PassRow // the oldest first
	folders   map[engine.PassID][]engine.FolderTally
	failures  []engine.FailureRow
	kept      map[engine.MailboxID][]engine.KeptFolder
}

func (s *shelf) Project(context.Context, engine.ProjectID) (engine.Project, error) {
	return s.project, nil
}

func (s *shelf) MailboxRows(_ context.Context, _ engine.ProjectID, p engine.Page) ([]engine.MailboxRow, error) {
	return cut(s.mailboxes, p), nil
}

func (s *shelf) PassRows(_ context.Context, _ engine.ProjectID, p engine.Page) ([]engine.PassRow, error) {
	var newest []engine.PassRow
	for i := range s.passes {
		newest = append(newest, s.passes[len(s.passes)-1-i])
	}
	return cut(newest, p), nil
}

func (s *shelf) PassFolders(_ context.Context, id engine.PassID) ([]engine.FolderTally, error) {
	return s.folders[id], nil
}

// Throughputs tells of the passes that copied how many they copied in each of six steps.
func (s *shelf) Throughputs(context.Context, engine.ProjectID) (map[engine.PassID]engine.Throughput, error) {
	all := map[engine.PassID]engine.Throughput{}
	for _, p := range s.passes {
		if n := p.Tally.Copied; n > 100 && p.State.Ended() {
			t := engine.Throughput{Step: (p.Ended.Sub(p.Started) + 5*time.Second) / 6}
			for i := range int64(6) {
				t.Points = append(t.Points, engine.Point{Messages: n * (i + 1) / 21, Bytes: p.Tally.Bytes * (6 - i) / 21})
			}
			all[p.ID] = t
		}
	}
	return all, nil
}

func (s *shelf) FailureRows(_ context.Context, _ engine.ProjectID, p engine.Page) ([]engine.FailureRow, error) {
	return cut(s.failures, p), nil
}

func (s *shelf) KeptFolders(_ context.Context, id engine.MailboxID) ([]engine.KeptFolder, error) {
	return s.kept[id], nil
}

func cut[T any](all []T, p engine.Page) []T {
	from := min(p.Offset, len(all))
	return all[from:min(from+p.Limit, len(all))]
}

// at is a time on the day of the first pass.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.March, 14+day, hour, minute, 0, 0, time.UTC)
}

// mailbox adds a mailbox and returns its row.
func (s *shelf) mailbox(source, destination string) *engine.MailboxRow {
	id := engine.MailboxID(len(s.mailboxes) + 1)
	s.mailboxes = append(s.mailboxes, engine.MailboxRow{Mailbox: engine.Mailbox{ID: id, Source: engine.Account{Address: source}, Destination: engine.Account{Address: destination}}})
	return &s.mailboxes[id-1]
}

// pass adds a pass that ran for some minutes, and its folders; they make its tally, unless it has none.
func (s *shelf) pass(m *engine.MailboxRow, kind engine.PassKind, state engine.PassState, number int, began time.Time, minutes int, folders ...engine.FolderTally) *engine.Pass {
	id := engine.PassID(len(s.passes) + 1)
	p := engine.Pass{ID: id, Mailbox: m.ID, Kind: kind, State: state, Number: number, Queued: began, Started: began, Seen: began.Add(time.Duration(minutes) * time.Minute)}
	if state.Ended() {
		p.Ended = p.Seen
	}
	for _, f := range folders {
		p.Tally.Add(f.Tally)
	}
	s.folders[id] = folders
	s.passes = append(s.passes, engine.PassRow{Pass: p, Source: m.Source.Address, Destination: m.Destination.Address})
	m.Last = &s.passes[id-1].Pass
	if number > 0 {
		m.Passes++
	}
	return m.Last
}

// folder is a folder's line.
func folder(id engine.FolderID, source, destination string, messages, before int64, t engine.Tally) engine.FolderTally {
	return engine.FolderTally{Folder: id, Source: source, Destination: destination, Messages: messages, Before: before, Tally: t}
}

// acme is a project in which all sorts of things have happened.
func acme() *shelf {
	s := &shelf{folders: map[engine.PassID][]engine.FolderTally{}, kept: map[engine.MailboxID][]engine.KeptFolder{}, passes: make([]engine.PassRow, 0, 100), mailboxes: make([]engine.MailboxRow, 0, 100)}
	s.project = engine.Project{ID: 1, Name: "Acme <GmbH> & Söhne", Source: engine.Endpoint{Host: "mail.old.example"}, Destination: engine.Endpoint{Host: "imap.new.example"}}

	ann := s.mailbox("ann@old.example", "ann@new.example")
	s.pass(ann, engine.Preview, engine.PassCompleted, 0, at(0, 8, 0), 1, folder(0, "INBOX", "INBOX", 1200, 0, engine.Tally{New: 1200, Left: 1200, Bytes: 90e6})).Tally.Copied = 0
	s.pass(ann, engine.Trial, engine.PassCompleted, 0, at(0, 9, 0), 1, folder(1, "INBOX", "INBOX", 1200, 0, engine.Tally{New: 10, Copied: 10, Left: 1190, Bytes: 1e6}))
	s.pass(ann, engine.NewItems, engine.PassCompletedWithErrors, 1, at(0, 10, 22), 42,
		folder(1, "INBOX", "INBOX", 1200, 10, engine.Tally{New: 1190, Copied: 1187, Failed: 3, Bytes: 89e6}),
		folder(2, "Archiv/2019/Rechnungen und Angebote", "Archive/2019/Rechnungen und Angebote", 34567, 0, engine.Tally{New: 34567, Copied: 30000, Adopted: 4560, Skipped: 7, Bytes: 4_100e6}))
	s.pass(ann, engine.NewItems, engine.PassCompleted, 2, at(3, 7, 5), 2,
		folder(1, "INBOX", "INBOX", 1210, 1195, engine.Tally{New: 15, Copied: 12, Failed: 3, Vanished: 5, Bytes: 2e6}),
		folder(2, "Archiv/2019/Rechnungen und Angebote", "Archive/2019/Rechnungen und Angebote", 34567, 34567, engine.Tally{}))
	s.pass(ann, engine.Retry, engine.PassCompletedWithErrors, 0, at(3, 8, 0), 1, folder(1, "INBOX", "INBOX", 1210, 1207, engine.Tally{Copied: 1, Failed: 2, Bytes: 5e6}))
	s.pass(ann, engine.Verify, engine.PassCompleted, 0, at(4, 9, 30), 12,
		folder(1, "INBOX", "INBOX", 1210, 1210, engine.Tally{Verified: 1206, Removed: 4}),
		folder(2, "Archiv/2019/Rechnungen und Angebote", "Archive/2019/Rechnungen und Angebote", 34567, 34567, engine.Tally{Verified: 34559, Different: 1}))
	ann.Last = &s.passes[4].Pass // a verifying pass says nothing of the mail
	s.kept[ann.ID] = []engine.KeptFolder{
		{ID: 1, Name: "INBOX", Display: "INBOX", Destination: "INBOX", Items: engine.ItemCounts{Copied: 1210, Failed: 2}},
		{ID: 2, Name: "Archiv/2019/Rechnungen und Angebote", Display: "Archiv/2019/Rechnungen und Angebote", Items: engine.ItemCounts{Copied: 30000, Adopted: 4560, Skipped: 7}}}

	ben := s.mailbox("=ben@old.example", "ben@new.example")
	s.pass(ben, engine.NewItems, engine.PassFailed, 0, at(0, 10, 22), 0).Cause = engine.Denied
	s.passes[len(s.passes)-1].Side, s.passes[len(s.passes)-1].Host, s.passes[len(s.passes)-1].Error = engine.Source, "mail.old.example", "[AUTHENTICATIONFAILED] Invalid credentials"

	odd := s.mailbox("ζωή.иван@old.example", "zoe@new.example")
	left := folder(9, "Ενημέρωση 日本語 😀", "Ενημέρωση 日本語 😀", 300, 0, engine.Tally{New: 300, Copied: 120, Left: 179, Bytes: 3e6})
	left.Error = "NO [OVERQUOTA] Mailbox is full"
	s.pass(odd, engine.NewItems, engine.PassStopped, 1, at(0, 10, 22), 5, left, folder(10, "Отправленные", "Sent", 8, 0, engine.Tally{New: 8, Copied: 8, Bytes: 8e4}))
	s.kept[odd.ID] = []engine.KeptFolder{
		{ID: 8, Name: "n", Validity: 1, Display: "Ενημέρωση 日本語 😀", Items: engine.ItemCounts{Copied: 50}}, // before it was renumbered
		{ID: 9, Name: "n", Validity: 2, Display: "Ενημέρωση 日本語 😀", Items: engine.ItemCounts{Copied: 118, Claimed: 2}},
		{ID: 10, Name: "s", Display: "Отправленные", Items: engine.ItemCounts{Copied: 8}}}

	s.mailbox("new@old.example", "new@old.example")
	failure := func(m *engine.MailboxRow, state engine.ItemState, kind engine.Kind, n int) {
		for range n {
			s.failures = append(s.failures, engine.FailureRow{Mailbox: m.ID, Source: m.Source.Address, State: state, Failure: engine.Failure{Kind: kind, Subject: "SECRET SUBJECT"}})
		}
	}
	failure(ann, engine.ItemFailed, engine.Refused, 2)
	failure(ann, engine.Skipped, engine.Gone, 7)
	failure(odd, engine.ItemFailed, engine.Refused, 1)
	return s
}

// crowd adds mailboxes that went well.
func (s *shelf) crowd(n int) {
	for i := range n {
		m := s.mailbox("person-"+strings.Repeat("x", i%9)+string(rune('a'+i%26))+"@old.example", "person@new.example")
		id := engine.FolderID(100 + i)
		count := int64(100 + 37*i)
		s.pass(m, engine.NewItems, engine.PassCompleted, 1, at(1, 6, i%60), 3, folder(id, "INBOX", "INBOX", count, 0, engine.Tally{New: count, Copied: count, Bytes: count * 40000}))
		s.kept[m.ID] = []engine.KeptFolder{{ID: id, Name: "INBOX", Display: "INBOX", Items: engine.ItemCounts{Copied: count}}}
	}
}

var made = time.Date(2026, time.March, 20, 14, 30, 0, 0, time.FixedZone("CET", 3600))

func mustRead(t *testing.T, s *shelf) *Report {
	t.Helper()
	r, err := Read(t.Context(), s, 1, made)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustWrite(t *testing.T, f Format, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, r, wording.Report{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	r := mustRead(t, acme())
	ann, ben, odd := r.Mailboxes[0], r.Mailboxes[1], r.Mailboxes[2]
	want(t, "ann's balance is of the last new pass", ann.Balance.Pass.Number, 2)
	want(t, "ann's messages", ann.Balance.Sum.Messages, 35777)
	want(t, "retried since", ann.Balance.Retried, 1)
	want(t, "ann is off", ann.Balance.Off, 0)
	want(t, "a preview copies nothing", ann.Bytes, int64(1e6+89e6+4_100e6+2e6+5e6))
	want(t, "ann is checked", *ann.Check, Check{ann.Check.Pass, 35765, 1, 4})
	want(t, "ben has no balance", ben.Balance, nil)
	want(t, "a folder that was renumbered counts once", odd.Items, engine.ItemCounts{Copied: 126, Claimed: 2})
	want(t, "what is not explained", odd.Balance.Off, 1)
	want(t, "and in all", r.Totals.Off, 1)
	want(t, "status", r.Totals.Status, engine.StatusStopped)
	want(t, "causes", len(r.Causes), 2)
	want(t, "the first cause", r.Causes[0].Count, 3)
	want(t, "its mailboxes", len(r.Causes[0].Mailboxes), 2)
	want(t, "the first pass began", r.Totals.First, at(0, 9, 0))
}

// What a spreadsheet, a browser and a program get, byte for byte. MWIZ_GOLDEN=write renews the files.
func TestGolden(t *testing.T) {
	r := mustRead(t, acme())
	for _, f := range []Format{HTML, CSV, JSON} {
		got := mustWrite(t, f, r)
		golden := filepath.Join("testdata", "acme."+string(f))
		if os.Getenv("MWIZ_GOLDEN") == "write" {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(kept, got) {
			t.Errorf("the report is not %s (%v): run the test with MWIZ_GOLDEN=write and read the difference", golden, err)
		}
	}
}

func TestNoFormatTellsOfMessages(t *testing.T) {
	r := mustRead(t, acme())
	for _, f := range Formats {
		if bytes.Contains(mustWrite(t, f, r), []byte("SECRET SUBJECT")) {
			t.Errorf("%s holds a subject", f)
		}
	}
	if err := Write(&bytes.Buffer{}, "doc", r, wording.Report{}); err == nil {
		t.Error("an unknown format was written")
	}
}

// Every sentence of the page is there, and no foreign text is taken for HTML. It asks for nothing from elsewhere.
func TestHTML(t *testing.T) {
	s := acme()
	s.crowd(30)
	text := string(mustWrite(t, HTML, mustRead(t, s)))
	for _, wrong := range []string{"report.", "<GmbH>", "http:", "https:", "<script", "<link", "src=", "no value", "ZgotmplZ"} {
		if strings.Contains(text, wrong) {
			t.Errorf("the page holds %q", wrong)
		}
	}
	for _, right := range []string{"Acme &lt;GmbH&gt; &amp; Söhne", "34,567", "Ενημέρωση 日本語 😀", "<svg", "refused the password", "OVERQUOTA", "the 20 largest mailboxes"} {
		if !strings.Contains(text, right) {
			t.Errorf("the page lacks %q", right)
		}
	}
}

// A line a mailbox and folder, all of the same width, and nothing that a spreadsheet would run.
func TestCSV(t *testing.T) {
	text := strings.TrimPrefix(string(mustWrite(t, CSV, mustRead(t, acme()))), "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want(t, "lines", len(lines), 7)
	for _, line := range lines {
		for _, cell := range line {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "report.") {
				t.Errorf("cell %q", cell)
			}
		}
	}
}

// A project in which nothing has happened has a report too.
func TestEmpty(t *testing.T) {
	s := &shelf{project: engine.Project{Name: "Empty"}}
	for _, f := range Formats {
		if len(mustWrite(t, f, mustRead(t, s))) == 0 {
			t.Errorf("%s is empty", f)
		}
	}
}
