package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/store"
)

// canaries are what must not be in a support bundle, whatever their case.
var canaries = []string{"hostcanary", "projectcanary", "localcanary", "domaincanary", "usercanary", "foldercanary", "ordnerkanarie", "subjectcanary", "sendercanary", "passwordcanary",
	"quotecanary", "strangercanary", "destinationcanary", "10.9.8.7", "2001:db8"}

func TestSupportBundleTellsNoNames(t *testing.T) {
	s := newShell(t)
	s.must(0, "project", "add", "Projectcanary & Co", "--source", "imaps://imap.hostcanary.example", "--destination", "imaps://mail.hostcanary.test")
	s.stdin = "Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\n" +
		"localcanary@domaincanary.example,usercanary,passwordcanary,localcanary@domaincanary.test,DOM\\usercanary,passwordcanary,\n"
	s.must(0, "mailbox", "import", "projectcanary & co", "-")
	failed := fillForSupport(t, s.home)

	file := filepath.Join(t.TempDir(), "bundle.zip")
	s.must(0, "support", file)
	s.must(2, "support", file) // over nothing that is there
	files := unzip(t, file)
	for name, text := range files {
		for _, c := range canaries {
			if i := strings.Index(strings.ToLower(text), c); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, c, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
	var b bundle
	if err := json.Unmarshal([]byte(files["support.json"]), &b); err != nil {
		t.Fatal(err)
	}
	if b.Version != version || b.Schema != 1 || b.Ledger == 0 || len(b.Projects) != 1 || b.Projects[0].Mailboxes != 1 || b.Projects[0].Errors["refused"] != failed {
		t.Errorf("%s", files["support.json"])
	}
	if lines := strings.Split(strings.TrimSpace(files["passes.csv"]), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[1], "1,1,1,new,completed,") {
		t.Errorf("passes.csv: %s", files["passes.csv"])
	}
	host := b.Projects[0].Source.Host
	if log := files["log.txt"]; !strings.Contains(log, "a canary sings") || strings.Count(log, host) != 2 || !strings.Contains(log, "uid=4711") {
		t.Errorf("log.txt, %s: %s", host, log)
	}
}

// fillForSupport gives the ledger in dir a pass, folders and failures, and the log lines that tell too much. It returns how many messages failed.
func fillForSupport(t *testing.T, dir string) (failed int) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	l, err := store.Open(ctx, dir, slog.New(slog.DiscardHandler))
	must(err)
	queued, _, err := l.QueuePasses(ctx, []engine.MailboxID{1}, engine.NewItems, 10)
	must(err)
	pass := queued[0].ID
	must(l.StartPass(ctx, pass, engine.PassRecord{}))
	f, err := l.KeepFolder(ctx, engine.KeptFolder{Mailbox: 1, Name: "Foldercanary.&AMQ-rger", Display: "Foldercanary/Ordnerkanarie", Validity: 7, Destination: "Archive/Destinationcanary"})
	must(err)
	var outcomes []engine.Outcome
	for uid := engine.UID(1); uid <= 3; uid++ {
		outcomes = append(outcomes, engine.Outcome{UID: uid, State: engine.ItemFailed, Failure: &engine.Failure{Kind: engine.Refused, Text: "quotecanary",
			Subject: "Subjectcanary salary", Sender: "Sendercanary <boss@sendercanary.example>", MessageID: "<sendercanary@x>"}})
	}
	must(l.Settle(ctx, pass, f.ID, outcomes))
	must(l.FinishPass(ctx, engine.Pass{ID: pass, State: engine.PassCompleted}, []engine.FolderTally{{Folder: f.ID, Source: "Foldercanary/Ordnerkanarie"}}, engine.PassRecord{}))
	must(l.Close())

	file := &logFile{dir: dir, largest: logLargest}
	log := slog.New(slog.NewTextHandler(file, nil))
	log.Warn("a canary sings", "err", errors.New(`append at IMAP.hostcanary.example: NO "quotecanary" for LOCALCANARY@domaincanary.example in Foldercanary/Ordnerkanarie`), "uid", 4711, "took", "3ms")
	log.Warn("another", "host", "imap.hostcanary.example", "address", "10.9.8.7:993", "v6", "dial [2001:db8::7:1]:993", "text", "Re: SUBJECTCANARY SALARY of stranger@strangercanary.example")
	log.Warn("yet another", "err", "user usercanary has no folder Ordnerkanarie at smtp.strangercanary.org <quotecanary@x>", "project", "Projectcanary & Co", "folder", "archive/destinationcanary")
	must(file.Close())
	return len(outcomes)
}

// A ledger that does not open takes its names with it: then no foreign text is told at all.
func TestSupportBundleOfADamagedLedger(t *testing.T) {
	s := newShell(t)
	s.must(0, "project", "add", "Projectcanary & Co", "--source", "imaps://imap.hostcanary.example", "--destination", "imaps://mail.hostcanary.test")
	fillLog(t, s.home)
	if err := os.WriteFile(filepath.Join(s.home, "ledger.db"), bytes.Repeat([]byte("no ledger "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bundle.zip")
	s.must(0, "support", file)
	files := unzip(t, file)
	for name, text := range files {
		for _, c := range canaries {
			if strings.Contains(strings.ToLower(text), c) {
				t.Errorf("%s holds %q", name, c)
			}
		}
	}
	if !strings.Contains(files["support.json"], `"trouble"`) || !strings.Contains(files["log.txt"], "a canary sings") {
		t.Errorf("%s\n%s", files["support.json"], files["log.txt"])
	}
}

func fillLog(t *testing.T, dir string) {
	t.Helper()
	file := &logFile{dir: dir, largest: logLargest}
	slog.New(slog.NewTextHandler(file, nil)).Warn("a canary sings", "err", `Foldercanary of "quotecanary" at hostcanary`, "host", "hostcanary")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func unzip(t *testing.T, file string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestRedactor(t *testing.T) {
	r := &redactor{key: []byte("k")}
	r.learn("host", "imap.example.org")
	r.learnAddress("anna@example.org")
	r.learnPath("Projects/2024/Oven")
	for text, want := range map[string]string{
		"nothing to hide, 12 messages in 3.4 s":  "nothing to hide, 12 messages in 3.4 s",
		"dial tcp 127.0.0.1:143: refused":        "dial tcp 127.0.0.1:143: refused",
		"from ::1":                               "from ::1",
		`NO Mailbox "Oven" is gone`:              "NO Mailbox … is gone",
		"INBOX and Sent":                         "INBOX and Sent",
		"read ledger: disk I/O error (code 778)": "read ledger: disk I/O error (code 778)",
	} {
		if got := r.text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if a, b := r.text("IMAP.EXAMPLE.ORG says no"), r.text("imap.example.org says no"); a != b || !strings.HasPrefix(a, "host-") {
		t.Errorf("%q and %q", a, b)
	}
}
