package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
)

// Receipts by verbs alone, between two real servers: of a copy, read back and not; of a message that was refused; of one that no pass has seen.
func TestReceipt(t *testing.T) {
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{MaxSize: 50_000})
	day := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.Local)
	put := func(id string, size int) {
		text := "From: ben@example.org\r\nSubject: About " + id + "\r\nMessage-ID: <" + id + ">\r\n\r\n" + strings.Repeat("text\r\n", size/6)
		imaptest.Put(t, source.MailRoot("ann"), "Büro", id, imaptest.Message{Bytes: []byte(text), Date: day, Flags: []string{`\Seen`}})
	}
	put("one@x", 600)
	put("huge@x", 90_000)
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", source.Endpoint().URL(), "--destination", destination.Endpoint().URL())
	s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password,Destination Password\nann,pass,pass\n"))
	s.pass(exitItemErrors)
	put("new@x", 600)

	for _, test := range []struct {
		code int
		args string
		want []string
	}{
		{exitDone, "--message-id <one@x> --verify", []string{"Büro, UID ", ", of 14 Mar 2026, 12:00, ", "Copied in pass 1 on ", " to Büro, UID 1.", "Digest equal"}},
		{exitDone, "--message-id one@x", []string{"Copied in pass 1", "was recorded while it was copied"}},
		{exitItemErrors, "--message-id huge@x --verify", []string{"Not migrated: pass 1 tried it last.", "127.0.0.1 refused this message. (", "Raise the limit"}},
		{exitItemErrors, "--message-id new@x", []string{"No pass has seen it yet"}},
		{exitItemErrors, "--message-id never@x", []string{"No message with this Message-ID"}},
		{exitItemErrors, "--folder büro --date 2026-03-14", []string{"Copied in pass 1", "\n\nBüro, UID 2, of 14 Mar 2026, 12:00", "Not migrated"}},
		{exitItemErrors, "--subject huge", []string{"Not migrated"}},
		{exitItemErrors, "--date 2026-03-15", []string{"No pass of ann has dealt with such a message"}},
		{exitUsage, "--date yesterday", []string{"yesterday is no day"}},
		{exitUsage, "--folder Nowhere", []string{"ann has no folder Nowhere"}},
		{exitUsage, "", []string{"Say which message"}},
	} {
		stdout, stderr := s.must(test.code, append([]string{"receipt", "Acme", "--mailbox", "ann"}, strings.Fields(test.args)...)...)
		for _, words := range test.want {
			if !strings.Contains(stdout+stderr, words) {
				t.Errorf("%s lacks %q:\n%s%s", test.args, words, stdout, stderr)
			}
		}
	}
	s.must(exitUsage, "receipt", "Acme", "--mailbox", "nobody", "--message-id", "one@x")

	stdout, _ := s.must(exitDone, "receipt", "Acme", "--mailbox", "ann", "--message-id", "one@x", "--verify", "--json")
	var said struct{ Receipts []receiptLine }
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || len(said.Receipts) != 1 {
		t.Fatal(err, stdout)
	}
	if r := said.Receipts[0]; !r.Migrated || r.State != "copied" || r.Pass != 1 || r.Digest != "equal" || r.Destination != "Büro" || r.DestinationUID != 1 || r.At == nil || r.AtSource == nil || !*r.AtSource {
		t.Errorf("the receipt: %+v", r)
	}
}
