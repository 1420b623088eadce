package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// The table of errors has mailboxes and folders first, and nothing in it is a formula.
func TestWriteErrors(t *testing.T) {
	p := engine.Project{Source: engine.Endpoint{Host: "mail.old.example"}, Destination: engine.Endpoint{Host: "imap.new.example"}}
	pass := engine.Pass{State: engine.PassFailed, Ended: at(0, 10, 22), Cause: engine.Denied, Side: engine.Source, Host: "mail.old.example", Error: "[AUTHENTICATIONFAILED] no"}
	setbacks := []engine.Setback{{PassRow: engine.PassRow{Pass: pass, Source: "=ben@old.example", Destination: "ben@new.example"}},
		{PassRow: engine.PassRow{Pass: engine.Pass{State: engine.PassCompletedWithErrors}, Source: "ann@old.example"},
			Folder: &engine.FolderTally{Source: "Alt", Destination: "Old", Error: "NO [CANNOT] bad name", Cause: engine.Missing, Side: engine.Destination}}}
	failures := []engine.FailureRow{
		{Source: "ann@old.example", Folder: "INBOX", UID: 7, State: engine.ItemFailed, Size: 52_300_000, Date: engine.Date{Time: at(-30, 9, 0)},
			Failure: engine.Failure{Kind: engine.Refused, Text: "message too large", Subject: "Drawings; \"final\"", Sender: "a@b", MessageID: "<1@b>"}},
		{Source: "ann@old.example", Folder: "INBOX", UID: 8, State: engine.Skipped, Size: -1}}
	var b bytes.Buffer
	if err := WriteErrors(&b, p, setbacks, failures, time.UTC, wording.Report{}); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 5 {
		t.Fatal(lines, err)
	}
	want(t, "head", strings.Join(lines[0], "|"), "Mailbox|Folder|UID|Date|Size in bytes|Subject|From|Message-ID|Status|Cause|Next step|Error")
	want(t, "mailbox", strings.Join(lines[1], "|"),
		"'=ben@old.example|||2026-03-14 10:22|||||Failed|mail.old.example refused the password of =ben@old.example.|"+lines[1][10]+"|[AUTHENTICATIONFAILED] no")
	want(t, "folder", lines[2][1]+"|"+lines[2][8]+"|"+lines[2][9], "Alt|Folder left|“Old” is not at imap.new.example and cannot be made there.")
	want(t, "message", strings.Join(lines[3][:10], "|"),
		"ann@old.example|INBOX|7|2026-02-12 09:00|52300000|Drawings; \"final\"|a@b|<1@b>|Failed|imap.new.example refused this message.")
	want(t, "left out", strings.Join(lines[4][2:10], "|"), "8||||||Left out|Left out by a rule of the project.")
}
