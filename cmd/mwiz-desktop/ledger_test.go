package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/engine/sandbox"
)

// A ledger that was lost is built again: what is at the destination is recognised, and only what is missing is copied.
func TestLedgerRebuild(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	messages, err := box.Messages(engine.Source)
	if err != nil {
		t.Fatal(err)
	}
	s.pass(exitDone)
	s.home = t.TempDir() // the ledger is lost
	s.withProject(box)
	mustDeliver(t, box, 3)

	stdout, _ := s.must(exitDone, "ledger", "rebuild", "Acme", "--json")
	got := decode[passResult](t, stdout)
	var adopted, left int64
	for _, line := range got.Mailboxes {
		adopted, left = adopted+line.Adopted, left+*line.Left
		if line.Kind != "rebuild" || line.Pass != 0 || line.Copied != 0 || line.State != "completed" {
			t.Errorf("rebuilt: %+v", line)
		}
	}
	if adopted != messages || left != 3 {
		t.Errorf("%d messages recognised and %d left, want %d and 3", adopted, left, messages)
	}
	if there, err := box.Messages(engine.Destination); err != nil || there != messages {
		t.Errorf("%d messages at the destination, want %d (%v)", there, messages, err)
	}
	// Once more, in words, for one mailbox: all is known.
	stdout, _ = s.must(exitDone, "ledger", "rebuild", "Acme", "--mailbox", "ben@old.example", "--credentials", s.file("again.csv", list(box)))
	if !strings.Contains(stdout, "Rebuild history") || !strings.Contains(stdout, "ben@old.example: 0 messages recognised at the destination") || strings.Contains(stdout, "ann@") {
		t.Errorf("rebuilt:\n%s", stdout)
	}
	if next := s.pass(exitDone); copied(next) != 3 || next.Mailboxes[0].Pass != 1 {
		t.Errorf("the pass after it: %+v", next)
	}
	mustCompare(t, box)
}

func TestLedgerCheck(t *testing.T) {
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", "imaps://a.example", "--destination", "imaps://b.example")
	if stdout, _ := s.must(exitDone, "ledger", "check"); !strings.HasSuffix(stdout, " is sound.\n") || !strings.Contains(stdout, s.home) {
		t.Errorf("checked: %q", stdout)
	}
	stdout, _ := s.must(exitDone, "ledger", "check", "--json")
	if said := decode[struct {
		Ledger string
		Sound  bool
	}](t, stdout); !said.Sound || filepath.Dir(said.Ledger) != s.home {
		t.Errorf("checked: %+v", said)
	}

	// An index that has lost an entry: the ledger opens as ever, only a check finds it.
	damage(t, filepath.Join(s.home, "ledger.db"))
	_, stderr := s.must(exitFailed, "ledger", "check")
	if !strings.Contains(stderr, "The migration history is damaged.") {
		t.Errorf("checked: %q", stderr)
	}
}

// A damaged ledger is kept and its copy restored: what was copied after the copy was made is not copied again.
func TestLedgerRestore(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	s.pass(exitDone)
	_, stderr := s.must(exitFailed, "ledger", "restore")
	if !strings.Contains(stderr, "no copy of the migration history") {
		t.Errorf("said %q", stderr)
	}
	ledger := filepath.Join(s.home, "ledger.db")
	whole, err := os.ReadFile(ledger)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.home, "ledger.copy-20261124-180200.db"), whole, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	mustDeliver(t, box, 3)
	if got := copied(s.pass(exitDone)); got != 3 {
		t.Errorf("%d copied, want 3", got)
	}
	if err := os.WriteFile(ledger, []byte(strings.Repeat("torn", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr = s.must(exitFailed, "projects")
	if !strings.Contains(stderr, "mwiz-desktop ledger restore") {
		t.Errorf("said %q", stderr)
	}
	stdout, _ := s.must(exitDone, "ledger", "restore")
	if !strings.Contains(stdout, "24 Nov 2026") || !strings.Contains(stdout, "ledger.damaged-") {
		t.Errorf("restored: %q", stdout)
	}
	mustDeliver(t, box, 2)
	if got := copied(s.pass(exitDone)); got != 2 {
		t.Errorf("%d copied, want 2", got)
	}
	mustCompare(t, box)
}

// damage changes a bit of the project's name in the table, so that its index does not agree any more.
func damage(t *testing.T, ledger string) {
	t.Helper()
	content, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	whole := string(content)
	at := strings.LastIndex(whole, "acme") // folded, in the index or in the table
	if at < 0 || strings.Count(whole, "acme") != 2 {
		t.Fatalf("%d places name the project", strings.Count(whole, "acme"))
	}
	content[at] ^= 2
	if err := os.WriteFile(ledger, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsAreSaved(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	dir := filepath.Join(t.TempDir(), "new", "saved")
	s.must(exitDone, "errors", "Acme", "--save", dir)
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was made for nothing")
	}
	box.LimitSize(60 << 10)
	s.pass(exitItemErrors)
	stdout, _ := s.must(exitDone, "errors", "Acme", "--save", dir, "--json")
	listed := decode[errorsResult](t, stdout)
	if len(listed.Errors) == 0 {
		t.Fatal("no errors")
	}
	for _, e := range listed.Errors {
		info, err := os.Stat(filepath.Join(dir, e.File))
		if err != nil || e.NotSaved != "" {
			t.Errorf("%+v: %v", e, err)
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.File))
		if err != nil || int64(len(content)) != e.Size || !strings.Contains(string(content[:4000]), e.MessageID) {
			t.Errorf("%s has %d bytes, want %d (%v)", e.File, len(content), e.Size, err)
		}
		if info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s has the mode %s", e.File, info.Mode())
		}
		if want := strings.SplitN(e.File, "-", 2)[0]; want != e.Mailbox || !strings.HasSuffix(e.File, "-"+strconv.Itoa(int(e.UID))+".eml") {
			t.Errorf("%+v is saved as %s", e, e.File)
		}
	}
	// Nothing is overwritten; what is asked for again gets another name.
	stdout, _ = s.must(exitDone, "errors", "Acme", "--save", dir)
	n := strconv.Itoa(len(listed.Errors))
	if want := n + " of " + n + " messages saved in " + dir + ".\n"; stdout != want {
		t.Errorf("said %q, want %q", stdout, want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2*len(listed.Errors) {
		t.Errorf("%d files, want %d (%v)", len(files), 2*len(listed.Errors), err)
	}

	// A password that is refused is tried once a mailbox, and nothing empty is left behind.
	wrong := strings.ReplaceAll(list(box), ",sandbox-", ",wrong-")
	empty := t.TempDir()
	stdout, stderr := s.must(exitItemErrors, "errors", "Acme", "--save", empty, "--credentials", s.file("wrong.csv", wrong))
	if !strings.HasPrefix(stdout, "0 of "+n) || !strings.Contains(stderr, "refused the password") {
		t.Errorf("said %q %q", stdout, stderr)
	}
	if files, err := os.ReadDir(empty); err != nil || len(files) > 0 {
		t.Errorf("%d files, want none (%v)", len(files), err)
	}
}

// remove deletes messages of somebody's inbox at the destination, as he himself would.
func remove(t *testing.T, box *sandbox.Sandbox, who int, set string) {
	t.Helper()
	to, one := box.Project().Destination, box.Enrolments()[who]
	c := imaptest.Dial(t, net.JoinHostPort(to.Host, strconv.Itoa(to.Port)))
	defer c.Close()
	c.Must("LOGIN %s %s", one.Destination.User, one.Secrets.Destination.Reveal())
	c.Must("SELECT INBOX")
	c.Must("STORE %s +FLAGS (\\Deleted)", set)
	c.Must("EXPUNGE")
}

func TestCopyAgain(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	s.pass(exitDone)
	none := "The last verifying passes of Acme have found no copy removed. The verb “pass --kind verify” looks.\n"
	if stdout, _ := s.must(exitDone, "copy-again", "Acme"); stdout != none {
		t.Errorf("said %q", stdout)
	}
	remove(t, box, 0, "1:3")
	remove(t, box, 1, "2")
	if again := s.pass(exitDone); copied(again) != 0 {
		t.Errorf("what was deleted at the destination was copied again: %+v", again)
	}
	verify := s.pass(exitDone, "--kind", "verify")
	if *verify.Mailboxes[0].Removed != 3 || *verify.Mailboxes[1].Removed != 1 {
		t.Errorf("verified: %+v", verify)
	}

	// Without a terminal it takes a --yes.
	if _, stderr := s.must(exitUsage, "copy-again", "Acme"); !strings.Contains(stderr, "4 messages are to be copied again. Give --yes") {
		t.Errorf("said %q", stderr)
	}
	if stdout, _ := s.must(exitDone, "copy-again", "Acme", "--yes", "--folder", "Sent"); stdout != none {
		t.Errorf("said %q", stdout)
	}
	stdout, _ := s.must(exitDone, "copy-again", "Acme", "--yes", "--json", "--mailbox", "ben@old.example", "--folder", "inbox")
	one := decode[passResult](t, stdout)
	if len(one.Mailboxes) != 1 || one.Mailboxes[0].Copied != 1 || one.Mailboxes[0].Kind != "retry" || one.Mailboxes[0].Pass != 0 {
		t.Errorf("copied again: %+v", one)
	}
	if stdout, _ := s.must(exitDone, "copy-again", "Acme", "--yes"); !strings.Contains(stdout, "ann@old.example") || strings.Contains(stdout, "ben@") {
		t.Errorf("said\n%s", stdout)
	}
	mustCompare(t, box)
	if stdout, _ := s.must(exitDone, "copy-again", "Acme", "--yes"); stdout != none {
		t.Errorf("said %q", stdout)
	}
	if again := s.pass(exitDone); copied(again) != 0 {
		t.Errorf("afterwards: %+v", again)
	}
	mustCompare(t, box)
}
