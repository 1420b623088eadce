package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogFileTurns(t *testing.T) {
	l := &logFile{dir: t.TempDir(), largest: 1000}
	for i := range 300 {
		if i%70 == 69 { // another start of the program
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := fmt.Fprintf(l, "line %3d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(l.dir, logFolder))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > 1000 || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s: %v %v", f.Name(), info, err)
		}
	}
	text, err := readLog(l.dir)
	if err != nil || !bytes.HasSuffix(text, []byte("line 298\nline 299\n")) || bytes.Count(text, []byte("\n")) < 110 {
		t.Errorf("%v: %d bytes ending %q", err, len(text), text[max(0, len(text)-20):])
	}
}

// The verbs write a log beside the ledger, and no secret into it.
func TestVerbsAreLogged(t *testing.T) {
	s := newShell(t)
	s.must(0, "project", "add", "Acme", "--source", "imap://127.0.0.1:1", "--destination", "imap://127.0.0.1:2", "--allow-plaintext")
	s.stdin = "Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\n" +
		"anna@old.example,anna@old.example,canary-secret,anna@new.example,anna@new.example,canary-secret,\n"
	s.must(0, "mailbox", "import", "Acme", "-")
	s.must(3, "pass", "Acme")
	text, err := readLog(s.home)
	if err != nil || !strings.Contains(string(text), "pass ended") || strings.Contains(string(text), "canary") {
		t.Errorf("%v: %s", err, text)
	}
}
