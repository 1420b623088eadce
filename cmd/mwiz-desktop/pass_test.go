package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/store"
)

// states returns the states of all mailboxes of a run, each once.
func states(r passResult) string {
	var all []string
	for _, line := range r.Mailboxes {
		if !strings.Contains(strings.Join(all, "|"), line.State) {
			all = append(all, line.State)
		}
	}
	return strings.Join(all, "|")
}

func TestPass(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	messages, err := box.Messages(engine.Source)
	if err != nil {
		t.Fatal(err)
	}

	preview := s.pass(exitDone, "--kind", "preview")
	var found int64
	for _, line := range preview.Mailboxes {
		found += *line.New
	}
	if found != messages || copied(preview) != 0 {
		t.Errorf("a preview found %d of %d messages and copied %d", found, messages, copied(preview))
	}

	first := s.pass(exitDone)
	if first.Project != "Acme" || len(first.Mailboxes) != 3 || copied(first) != messages || states(first) != "completed" {
		t.Errorf("the first pass: %+v", first)
	}
	for _, line := range first.Mailboxes {
		if line.Pass != 1 || line.Kind != "new" || line.Bytes == 0 || line.Seconds <= 0 || line.Error != "" || !strings.HasSuffix(line.Destination, "@new.example") {
			t.Errorf("a line of the first pass: %+v", line)
		}
	}
	mustCompare(t, box)

	mustDeliver(t, box, 10)
	one := s.pass(exitDone, "--mailbox", "ANN@old.example")
	if len(one.Mailboxes) != 1 || one.Mailboxes[0].Copied != 4 || one.Mailboxes[0].Pass != 2 {
		t.Errorf("a pass of one mailbox: %+v", one)
	}
	if rest := s.pass(exitDone); copied(rest) != 6 {
		t.Errorf("the others had 6 new messages: %+v", rest)
	}
	if nothing := s.pass(exitDone); copied(nothing) != 0 || nothing.Mailboxes[0].Pass != 4 || nothing.Mailboxes[1].Pass != 3 {
		t.Errorf("with nothing new: %+v", nothing)
	}
	mustCompare(t, box)

	verify := s.pass(exitDone, "--kind", "verify")
	var verified int64
	for _, line := range verify.Mailboxes {
		verified += *line.Verified
		if *line.Different+*line.Removed > 0 || line.Pass != 0 {
			t.Errorf("verified: %+v", line)
		}
	}
	if verified != messages+10 {
		t.Errorf("%d copies verified, want %d", verified, messages+10)
	}
}

// errorsResult is what errors says as JSON.
type errorsResult struct {
	Project  string
	Setbacks []setbackLine
	Errors   []errorLine
}

func TestPassWithItemErrors(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	box.LimitSize(60 << 10)
	first := s.pass(exitItemErrors)
	var failed int64
	for _, line := range first.Mailboxes {
		failed += line.Failed
	}
	if failed == 0 || !strings.Contains(states(first), "completed with errors") {
		t.Fatalf("no message was too large: %+v", first)
	}
	stdout, _ := s.must(exitDone, "errors", "Acme", "--json")
	listed := decode[errorsResult](t, stdout)
	if int64(len(listed.Errors)) != failed {
		t.Errorf("%d errors listed, want %d", len(listed.Errors), failed)
	}
	for _, e := range listed.Errors {
		if e.Kind != "refused" || e.State != "failed" || e.Subject == "" || e.Size <= 60<<10 || !strings.Contains(e.Text, "limited to") || e.Date == nil {
			t.Errorf("an error: %+v", e)
		}
	}
	if stdout, _ := s.must(exitDone, "errors", "Acme"); !strings.Contains(stdout, "Messages are limited to 61440 bytes here") {
		t.Errorf("errors says\n%s", stdout)
	}
	box.LimitSize(0)
	if again := s.pass(exitDone, "--kind", "retry"); copied(again) != failed {
		t.Errorf("retried: %+v, want %d copied", again, failed)
	}
	mustCompare(t, box)
	if stdout, _ := s.must(exitDone, "errors", "Acme"); stdout != "Acme has no messages that could not be migrated.\n" {
		t.Errorf("errors says\n%s", stdout)
	}
}

// One wrong password stops one mailbox.
func TestPassDenied(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	s.must(exitDone, "mailbox", "import", "Acme", s.file("again.csv", "Source Email,Source Password,Destination Email\nben@old.example,wrong,ben@new.example\n"))
	got := s.pass(exitFailed)
	for _, line := range got.Mailboxes {
		if line.Source == "ben@old.example" {
			if line.State != "failed" || !strings.Contains(line.Error, "refused the password of ben@old.example") || line.Pass != 0 {
				t.Errorf("with a wrong password: %+v", line)
			}
		} else if line.State != "completed" {
			t.Errorf("with the right password: %+v", line)
		}
	}
	code, stdout, _ := s.run("pass", "Acme", "--mailbox", "ben@old.example")
	if code != exitFailed || !strings.Contains(stdout, "ben@old.example: ") || !strings.Contains(stdout, "refused the password") {
		t.Errorf("exit code %d, said\n%s", code, stdout)
	}
	stdout, _ = s.must(exitDone, "errors", "Acme", "--json")
	listed := decode[errorsResult](t, stdout)
	if len(listed.Setbacks) != 1 || listed.Setbacks[0].Mailbox != "ben@old.example" || listed.Setbacks[0].Kind != "denied" || listed.Setbacks[0].Folder != "" {
		t.Errorf("errors lists %+v", listed.Setbacks)
	}
	table := filepath.Join(t.TempDir(), "errors.csv")
	stdout, _ = s.must(exitDone, "errors", "Acme", "--csv", table)
	text, err := os.ReadFile(table)
	if err != nil || !strings.Contains(string(text), "ben@old.example") || !strings.Contains(stdout, "refused the password of ben@old.example") {
		t.Errorf("errors says\n%s\nand writes\n%s (%v)", stdout, text, err)
	}
	if code, _, _ := s.run("errors", "Acme", "--csv", table); code != exitUsage {
		t.Errorf("a file that is there: exit code %d", code)
	}
}

func TestPassLimit(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box, "--pass-limit", "1")
	s.pass(exitDone)
	got := s.pass(exitFailed)
	if states(got) != "refused" || got.Mailboxes[0].Error != "All passes of ann@old.example are used." {
		t.Errorf("beyond the limit: %+v", got)
	}
	s.pass(exitDone, "--kind", "preview")
	s.must(exitDone, "project", "set", "Acme", "--pass-limit", "2")
	s.pass(exitDone)
}

// Passwords from a file serve one run and lie nowhere afterwards.
func TestPassCredentials(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	project := box.Project()
	s.must(exitDone, "project", "add", "Acme", "--source", project.Source.URL(), "--destination", project.Destination.URL())
	file := s.file("mailboxes.csv", list(box)+"stranger@old.example,p,x@new.example,p\n")
	s.must(exitDone, "mailbox", "import", "Acme", "--no-secrets", s.file("mailboxes.csv", list(box)))
	if got := s.pass(exitFailed); !strings.Contains(got.Mailboxes[0].Error, "No password is kept for") {
		t.Errorf("without passwords: %+v", got)
	}
	_, stderr := s.must(exitDone, "pass", "Acme", "--credentials", file)
	if !strings.Contains(stderr, "1 line of the file belongs to no mailbox of the project.") {
		t.Errorf("said %q", stderr)
	}
	s.stdin = list(box)
	s.pass(exitDone, "--credentials", "-")
	mustCompare(t, box)
	s.stdin = ""
	s.pass(exitFailed)
}

// Stopping is orderly: nothing is lost, nothing is doubled, and the next pass goes on.
func TestPassStopped(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	box.Pace(15 * time.Millisecond)
	ctx, stop := context.WithCancelCause(t.Context())
	type ran struct {
		code           int
		stdout, stderr string
	}
	done := make(chan ran, 1)
	go func() {
		code, stdout, stderr := s.runUntil(ctx, "pass", "Acme", "--json")
		done <- ran{code, stdout, stderr}
	}()
	until(t, "some messages", func() bool {
		n, err := box.Messages(engine.Destination)
		return err == nil && n > 20
	})
	stop(engine.ErrStopped)
	got := <-done
	result := decode[passResult](t, got.stdout)
	if got.code != exitStopped || !strings.Contains(states(result), "stopped") || !strings.Contains(got.stderr, "Stopping") {
		t.Fatalf("exit code %d: %+v, said %q", got.code, result, got.stderr)
	}
	before := copied(result)
	box.Pace(0)
	messages, err := box.Messages(engine.Source)
	if err != nil {
		t.Fatal(err)
	}
	if rest := s.pass(exitDone); before == 0 || before+copied(rest) != messages {
		t.Errorf("%d copied before the stop, %d after it, of %d", before, copied(rest), messages)
	}
	mustCompare(t, box)
}

// A pass that a crash left behind is told, once, and shows in the history.
func TestPassInterrupted(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	ledger, err := store.Open(t.Context(), s.home, nil)
	if err != nil {
		t.Fatal(err)
	}
	project, err := ledger.ProjectByName(t.Context(), "Acme")
	if err != nil {
		t.Fatal(err)
	}
	mailboxes, err := ledger.Mailboxes(t.Context(), project.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ledger.QueuePasses(t.Context(), []engine.MailboxID{mailboxes[0].ID}, engine.NewItems, 10); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	if _, stderr := s.must(exitDone, "pass", "Acme"); !strings.Contains(stderr, "1 earlier pass was interrupted.") {
		t.Errorf("said %q", stderr)
	}
	if _, stderr := s.must(exitDone, "pass", "Acme"); stderr != "" {
		t.Errorf("said %q", stderr)
	}
	stdout, _ := s.must(exitDone, "history", "Acme", "--json", "--folders")
	history := decode[struct {
		Project string
		Passes  []historyLine
	}](t, stdout)
	if len(history.Passes) != 7 || history.Passes[6].State != "interrupted" || history.Passes[6].Started != nil {
		t.Errorf("history: %+v", history)
	}
	folders := history.Passes[5].Folders
	if len(folders) < 6 {
		t.Errorf("folders of the first pass: %+v", folders)
	}
	for _, f := range folders {
		if f.Unexplained != 0 || f.Messages != f.Copied {
			t.Errorf("a folder of the first pass: %+v", f)
		}
	}
	if stdout, _ := s.must(exitDone, "history", "Acme"); !strings.Contains(stdout, "Interrupted") || !strings.Contains(stdout, "was interrupted. Nothing is lost.") {
		t.Errorf("history says\n%s", stdout)
	}
}

// No password and no text of a message lies on the disk or is said, not even in the log.
func TestPassKeepsSecrets(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	box.LimitSize(60 << 10)
	_, stdout, stderr := s.run("pass", "Acme", "--verbose")
	said := stdout + stderr
	if !strings.Contains(said, "pass ended") {
		t.Error("there is no log")
	}
	err := filepath.WalkDir(s.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		said += string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range box.Enrolments() {
		if strings.Contains(said, e.Secrets.Source.Reveal()) {
			t.Errorf("the password of %s is in the ledger or was said", e.Source.Address)
		}
	}
	if strings.Contains(said, "Please find the document attached") {
		t.Error("the text of a message is in the ledger or was said")
	}
}
