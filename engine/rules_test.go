package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// The rules of a pass, each on a real Dovecot; the mail is compared on disk, without the engine.

// TestFirstPassIsExact holds promise 4 on destinations of different abilities: bytes, flags, keywords, dates, folders.
func TestFirstPassIsExact(t *testing.T) {
	moved := map[string]string{`\Sent`: "Sent Items", `\Trash`: "Deleted Items", `\Drafts`: "Drafts", `\Junk`: "Junk"}
	for _, tc := range []struct {
		name        string
		destination imaptest.Options
		odd         string // folder of odd messages
		tls         bool
	}{
		{"alike", imaptest.Options{}, "Odd", true},
		{"other names and separator", imaptest.Options{Special: moved, Separator: ".", Prefix: "INBOX."}, "", false},
		{"no batches", imaptest.Options{Without: []string{"MULTIAPPEND"}}, imaptest.Inbox, false},
		{"no pipelining", imaptest.Options{Without: []string{"MULTIAPPEND", "LITERAL+"}}, "", false},
		{"no UIDs", imaptest.Options{Without: []string{"UIDPLUS", "LIST-STATUS", "LIST-EXTENDED"}}, imaptest.Inbox, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, imaptest.Options{}, tc.destination)
			r := p.rig(t, "anna@example.org", setup{tls: tc.tls})
			messages := 200
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: messages})
			if tc.odd != "" {
				messages += imaptest.AddOdd(t, r.root(engine.Source), tc.odd)
			}
			want := r.mail(engine.Source)
			if tc.destination.Special != nil {
				for from, to := range map[string]string{"Sent": "Sent Items", "Trash": "Deleted Items"} {
					imaptest.MakeFolder(t, r.root(engine.Destination), to)
					want.Rename(from, to)
				}
			}
			first := r.complete(engine.NewItems, messages)
			if first.Number != 1 || first.Tally.New != first.Tally.Copied {
				t.Errorf("%+v", first)
			}
			r.holds(want)
			r.complete(engine.NewItems, 0)
			r.holds(want)
		})
	}
}

// TestLaterPassesObeyTheRules lives through the days between the first pass and the last. Each step changes the source, runs a pass,
// and says what that adds to the destination.
func TestLaterPassesObeyTheRules(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 150})
	want := r.mail(engine.Source)
	r.complete(engine.NewItems, 150)
	r.holds(want)
	for _, step := range []struct {
		rule   string
		change func()
		copied int // new messages at the source are copied, all others left
	}{
		{"nothing new copies nothing", func() {}, 0},
		{"new mail is copied", func() { c.AddMessages(imaptest.Inbox, 3); c.AddMessages("Clients/Acme/2025", 2) }, 5},
		{"mail deleted at the source stays at the destination", func() { c.DeleteMessages(imaptest.Inbox, 6) }, 0},
		{"new mail after that is copied", func() { c.AddMessages(imaptest.Inbox, 2) }, 2},
		{"flags changed at the source are not changed at the destination", func() { c.Reflag(imaptest.Inbox, 7) }, 0},
		{"moved mail is copied into its new folder", func() { c.MoveMessages(imaptest.Inbox, "Moved/here", 4) }, 4},
		{"moved mail that moves back is copied again", func() { c.MoveMessages("Moved/here", imaptest.Inbox, 1) }, 1},
		{"a restart forgets nothing", func() { r.close(); r.open() }, 0},
		{"text changed at the source is not changed at the destination", func() { c.Rewrite(imaptest.Inbox, 5) }, 0},
	} {
		t.Run(step.rule, func(t *testing.T) {
			r.t = t
			before := r.mail(engine.Source)
			step.change()
			if step.copied > 0 {
				want.Add(r.mail(engine.Source).Minus(before))
			}
			r.complete(engine.NewItems, step.copied)
			r.holds(want)
		})
		r.t = t
	}
}

// TestNothingNewCostsAHandfulOfCommands counts on the wire what the last passes of a large mailbox cost.
func TestNothingNewCostsAHandfulOfCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 600, Median: 800})
	r.complete(engine.NewItems, 600)
	r.from.Forget()
	r.to.Forget()
	r.complete(engine.NewItems, 0)
	for side, wire := range map[engine.Side]*imaptest.Proxy{engine.Source: r.from, engine.Destination: r.to} {
		var names []string
		for _, c := range wire.Commands() {
			names = append(names, c.Name)
		}
		if len(names) > 8 || len(names) == 0 {
			t.Errorf("%s: %d commands: %q", side, len(names), names)
		}
	}
}

// TestSourceIsNeverChanged holds promise 1: every kind of pass, on the wire and on disk.
func TestSourceIsNeverChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 100})
	for _, kind := range []engine.PassKind{engine.Preview, engine.Trial, engine.NewItems, engine.NewItems, engine.Verify, engine.Retry} {
		c.AddMessages("Clients/Acme", 3)
		before := imaptest.TakeSnapshot(t, r.root(engine.Source))
		r.run(kind)
		for _, change := range before.Changes(imaptest.TakeSnapshot(t, r.root(engine.Source))) {
			t.Errorf("%s pass: at the source: %s", kind, change)
		}
	}
	reading := []string{"CAPABILITY", "LOGIN", "AUTHENTICATE", "ID", "ENABLE", "NAMESPACE", "NOOP", "LOGOUT", "LIST", "LSUB", "STATUS",
		"EXAMINE", "UID FETCH", "UNSELECT"}
	writing := append(slices.Clone(reading), "CREATE", "SUBSCRIBE", "APPEND", "SELECT", "GETQUOTAROOT")
	fetches := 0
	for side, allowed := range map[*imaptest.Proxy][]string{r.from: reading, r.to: writing} {
		for _, c := range side.Commands() {
			if !slices.Contains(allowed, c.Name) {
				t.Errorf("%s was sent: %s", c.Name, c.Line)
			}
			if c.Name == "UID FETCH" {
				fetches++
				if line := strings.ToUpper(c.Line); strings.Contains(line, "BODY[") || strings.Contains(line, "RFC822)") || strings.Contains(line, "RFC822 ") {
					t.Errorf("a fetch that sets \\Seen: %s", c.Line)
				}
			}
		}
	}
	if fetches < 5 {
		t.Errorf("only %d fetches recorded", fetches)
	}
}

// TestRemovedAtTheDestinationStaysRemoved holds that a pass does not undo what the mailbox's owner did there.
func TestRemovedAtTheDestinationStaysRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 50, Folders: []string{imaptest.Inbox, "Sent"}})
	r.complete(engine.NewItems, 50)
	cl := imaptest.SignIn(t, r.pair.destination.Addr(), r.user)
	cl.Must("SELECT INBOX")
	cl.Must(`STORE 1:5 +FLAGS (\Deleted)`)
	cl.Must("EXPUNGE")
	cl.Must(`STORE 1:3 FLAGS (\Flagged Mine)`)
	cl.Close()
	want := r.mail(engine.Destination)
	before := r.mail(engine.Source)
	c.AddMessages(imaptest.Inbox, 2)
	want.Add(r.mail(engine.Source).Minus(before))
	r.complete(engine.NewItems, 2)
	r.holds(want)
}

// TestWhatAnotherToolCopiedIsAdopted begins with a destination that is not empty, and holds that twins are counted.
func TestWhatAnotherToolCopiedIsAdopted(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{})
	for _, noAdopt := range []bool{false, true} {
		t.Run(fmt.Sprintf("no_adopt=%v", noAdopt), func(t *testing.T) {
			r := p.rig(t, fmt.Sprint("anna", noAdopt), setup{settings: engine.Settings{NoAdopt: noAdopt}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 40, Folders: []string{imaptest.Inbox, "Sent"}})
			// the same header and date do not make the same message
			imaptest.Put(t, r.root(engine.Source), "Odd", "head", imaptest.Message{Bytes: []byte("Subject: head\n\none\n"), Date: time2020})
			imaptest.Put(t, r.root(engine.Destination), "Odd", "head", imaptest.Message{Bytes: []byte("Subject: head\n\nanother\n"), Date: time2020})
			stranger := r.mail(engine.Destination)
			odd := imaptest.OddMessages()
			copied, already := 41, 0
			for i, o := range odd {
				if o.Altered || o.Unstorable {
					continue
				}
				m := imaptest.Message{Bytes: o.Bytes, Flags: []string{`\Seen`}, Date: o.Date}
				imaptest.Put(t, r.root(engine.Source), "Odd", o.Name, m)
				copied++
				if i%2 == 0 {
					imaptest.Put(t, r.root(engine.Destination), "Odd", o.Name, m)
					already++
				}
			}
			want := r.mail(engine.Source)
			adopted := int64(already)
			if noAdopt {
				want.Add(r.mail(engine.Destination))
				adopted = 0
			} else {
				want.Add(stranger)
			}
			if first := r.complete(engine.NewItems, copied-int(adopted)); first.Tally.Adopted != adopted {
				t.Errorf("%d adopted, %d were there", first.Tally.Adopted, already)
			}
			r.holds(want)
			r.complete(engine.NewItems, 0)
			r.holds(want)
		})
	}
}

// TestRenumberedFoldersAreNotCopiedAgain takes a server's own list of UIDs away, so that it gives new ones.
func TestRenumberedFoldersAreNotCopiedAgain(t *testing.T) {
	t.Parallel()
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		t.Run(side.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, setup{})
			c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 80, Folders: []string{imaptest.Inbox, "Sent"}})
			for i := range 2 {
				imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
			}
			r.complete(engine.NewItems, 82)
			renumber(t, r.root(side))
			c.AddMessages(imaptest.Inbox, 3)
			want := r.mail(engine.Source)
			r.complete(engine.NewItems, 3)
			r.holds(want)
			r.complete(engine.NewItems, 0)
			r.holds(want)
		})
	}
}

// TestReplacedFolderIsAskedAbout puts another folder in the place of a migrated one: it is left alone, with its cause, until the user says
// that it is a new one. Even then what was migrated before is not copied again.
func TestReplacedFolderIsAskedAbout(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	put := func(folder string, from, to int) {
		for i := from; i < to; i++ {
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", i), imaptest.Message{Bytes: fmt.Appendf(nil, "Subject: m%d\n\ntext %[1]d\n", i), Date: time2020})
		}
	}
	put(imaptest.Inbox, 0, 3)
	put("Kunden", 10, 22)
	r.complete(engine.NewItems, 15)
	migrated := r.mail(engine.Destination)

	r.must(os.RemoveAll(imaptest.FolderDir(r.root(engine.Source), "Kunden")))
	put("Kunden", 20, 50) // two of before
	put(imaptest.Inbox, 3, 4)
	for range 2 {
		p := r.run(engine.NewItems)
		if f := r.tally(p, "Kunden"); f.Cause != engine.Replaced || f.Copied+f.Adopted != 0 {
			t.Errorf("%+v", f)
		}
	}
	if got := r.mail(engine.Destination); len(got["Kunden"]) != len(migrated["Kunden"]) || len(got[imaptest.Inbox]) != 4 {
		t.Errorf("%d in the folder that was replaced, %d in INBOX", len(got["Kunden"]), len(got[imaptest.Inbox]))
	}

	s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems, Replaced: true})
	r.must(err)
	if f := r.tally(r.wait(s.Passes[0].ID), "Kunden"); f.Error != "" || f.Copied != 28 || f.Adopted != 2 {
		t.Errorf("%+v", f)
	}
	r.complete(engine.NewItems, 0)
	if n := len(r.mail(engine.Destination)["Kunden"]); n != 40 {
		t.Errorf("the destination has %d messages, want the 12 of before and 28", n)
	}
}

// renumber makes Dovecot give every folder of a Maildir another UIDVALIDITY.
func renumber(t *testing.T, root string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasPrefix(e.Name(), "dovecot") || e.Name() == "dovecot-keywords" {
			return err
		}
		if e.Name() != "dovecot-uidlist" {
			return os.Remove(p)
		}
		n++
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		head, rest, _ := strings.Cut(string(b), "\n")
		words := strings.Fields(head) // version, V…, N…, G…
		words[1] = "V1234567"
		return os.WriteFile(p, []byte(strings.Join(words, " ")+"\n"+rest), 0o644)
	})
	if err != nil || n == 0 {
		t.Fatalf("%d folders renumbered: %v", n, err)
	}
}
