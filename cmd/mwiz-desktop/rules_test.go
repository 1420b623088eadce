package main

import (
	"reflect"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// Rules are kept as they are written, changed one by one, and refused with a sentence.
func TestRuleFlags(t *testing.T) {
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", "imaps://a.example", "--destination", "imaps://b.example", "--exclude", `\Trash`, "--exclude", "Clients/*", "--since", "1.2.2024")
	s.must(exitDone, "project", "set", "Acme", "--map", "A=B", "--map", "C=>D=E", "--map-regexp", "^Old/->New/", "--prefix", "Moved", "--no-special-use", "--merge",
		"--until", "2024-12-31", "--max-size", "25MB")
	rules := func() engine.Rules {
		t.Helper()
		ledger, err := store.Open(t.Context(), s.home, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		p, err := ledger.ProjectByName(t.Context(), "Acme")
		if err != nil {
			t.Fatal(err)
		}
		return p.Settings.Rules
	}
	want := engine.Rules{Exclude: []string{`\Trash`, "Clients/*"}, Map: []engine.Mapping{{From: "A", To: "B"}, {From: "C", To: "D=E"}},
		Rewrite: []engine.Mapping{{From: "^Old/", To: "New/"}}, Prefix: "Moved", NoRoles: true, Merge: true, Since: "2024-02-01", Until: "2024-12-31", MaxSize: 25_000_000}
	if got := rules(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	for _, wrong := range [][]string{{"--map", "A=B", "--map", "C=B", "--no-merge"}, {"--include", "re:("}, {"--since", "2025-01-01"}, {"--until", "soon"}, {"--max-size", "big"}, {"--map", "A"}} {
		if _, said := s.must(exitUsage, append([]string{"project", "set", "Acme"}, wrong...)...); strings.Count(said, "\n") != 1 || !strings.Contains(said, "“") && !strings.Contains(said, "day") {
			t.Errorf("%v: %s", wrong, said)
		}
	}
	s.must(exitDone, "project", "set", "Acme", "--exclude", "", "--map", "", "--map-regexp", "", "--prefix", "", "--special-use", "--no-merge", "--since", "", "--until", "", "--max-size", "")
	if got := rules(); !got.Empty() {
		t.Errorf("%+v", got)
	}
}

// The map is shown without a pass, as a table and as JSON, with what folders share.
func TestFoldersVerb(t *testing.T) {
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{Special: map[string]string{`\Sent`: "Sent Items"}})
	root := source.MailRoot("ann")
	imaptest.WriteCorpus(t, root, imaptest.CorpusOptions{Messages: 30, Folders: []string{imaptest.Inbox, "Sent", "Clients", "Clients/Acme", "Old"}})
	imaptest.MakeFolder(t, destination.MailRoot("ann"), "Sent Items")
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", source.Endpoint().URL(), "--destination", destination.Endpoint().URL(),
		"--exclude", "Old", "--map", "Clients/Acme=Clients", "--map", "Clients=Clients", "--merge")
	s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password,Destination Password\nann,pass,pass\n"))
	out, _ := s.must(exitDone, "folders", "Acme")
	for _, part := range []string{"Sent Items  special folder", "left out", "your map", "ann: Clients, Clients/Acme share Clients at the destination."} {
		wantHas(t, out, part)
	}
	out, _ = s.must(exitDone, "--json", "folders", "Acme", "--mailbox", "ann")
	said := decode[struct {
		Project   string
		Mailboxes []mapLine
	}](t, out)
	var messages int64
	for _, f := range said.Mailboxes[0].Folders {
		if messages += f.Messages; f.Source == "Old" && (f.Destination != "" || f.Why != engine.Excluded) {
			t.Errorf("%+v", f)
		}
	}
	if messages != 30 {
		t.Errorf("%d messages", messages)
	}
	if out, _ := s.must(exitDone, "history", "Acme"); !strings.Contains(out, "No pass") {
		t.Errorf("looking at the map is a pass: %s", out)
	}
	wrong := s.file("wrong.csv", "Source Email,Source Password,Destination Password\nann,wrong,pass\n")
	out, _ = s.must(exitFailed, "folders", "Acme", "--credentials", wrong)
	wantHas(t, out, "ann: ")
}
