package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// cyrusHost is a Cyrus; its mail is read from disk, but for flags and dates.
type cyrusHost struct{ *imaptest.CyrusServer }

func (h cyrusHost) put(t testing.TB, user, folder, _ string, m imaptest.Message) {
	h.Put(t, user, folder, m)
}

func (h cyrusHost) read(t testing.TB, user string) imaptest.Mail { return h.ReadMail(t, user) }

func (h cyrusHost) remove(string) {}

// newCyrusRig is a rig from a Dovecot to a Cyrus of its own.
func newCyrusRig(t *testing.T, o imaptest.CyrusOptions, s setup) *rig {
	t.Helper()
	p := pair{source: imaptest.Dovecot(t, imaptest.Options{}), cyrus: imaptest.Cyrus(t, o)}
	return p.rig(t, "anna@example.org", s)
}

// raw returns the messages of a folder by UID as a bare client gets them, byte for byte.
func raw(t *testing.T, addr, user, folder string) map[int64][]byte {
	t.Helper()
	c := imaptest.SignIn(t, addr, user)
	defer c.Close()
	c.Must("EXAMINE %s", imaptest.Quote(imaptest.EncodeName(folder)))
	out := map[int64][]byte{}
	for _, l := range c.Must("UID FETCH 1:* BODY.PEEK[]") {
		var seq, uid int64
		if _, err := fmt.Sscanf(l.Text, "* %d FETCH (UID %d", &seq, &uid); err == nil && len(l.Literals) == 1 {
			out[uid] = l.Literals[0]
		}
	}
	return out
}

// failures returns what stands in the errors, as words by UID.
func (r *rig) failures() map[int64]string {
	r.t.Helper()
	rows, err := r.ledger.FailureRows(r.t.Context(), r.project, engine.Page{Limit: 10_000})
	r.must(err)
	out := map[int64]string{}
	for _, f := range rows {
		out[int64(f.UID)] = f.Text
	}
	return out
}

// TestCyrusFirstPassIsExact holds promise 4 on a Cyrus: bytes, with their line ends, flags, keywords, dates, folders.
func TestCyrusFirstPassIsExact(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]string{`\Sent`: "Sent Items", `\Trash`: "Deleted Items", `\Drafts`: "Drafts", `\Junk`: "Junk"}
	for _, tc := range []struct {
		name string
		o    imaptest.CyrusOptions
		tls  bool
	}{
		{"beside the inbox", imaptest.CyrusOptions{}, true},
		{"below the inbox", imaptest.CyrusOptions{Separator: ".", Below: true}, false},
		{"other names", imaptest.CyrusOptions{Special: elsewhere}, false},
		{"no batches and no UIDs", imaptest.CyrusOptions{Without: []string{"MULTIAPPEND", "UIDPLUS", "LIST-STATUS", "COMPRESS=DEFLATE"}}, false},
		{"no pipelining", imaptest.CyrusOptions{Without: []string{"LITERAL+", "SPECIAL-USE", "LIST-EXTENDED"}, Separator: "."}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newCyrusRig(t, tc.o, setup{tls: tc.tls})
			folders := append(cyrusFolders(), "trailing ", "trailing /deep", "dots.in.it", "Öl.und Gas")
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Folders: folders})
			want := r.mail(engine.Source)
			if tc.o.Separator == "." { // it cannot be in a name there
				want.Rename("dots.in.it", "dots_in_it")
				want.Rename("Öl.und Gas", "Öl_und Gas")
			}
			for use, name := range tc.o.Special {
				if from := use[1:]; from != name {
					want.Rename(from, name)
				}
			}
			r.complete(engine.NewItems, 200)
			r.holds(want)
			there := map[string]imaptest.CyrusFolder{}
			for _, f := range r.pair.cyrus.Folders(t, r.user) {
				there[f.Name] = f
			}
			for _, folder := range []string{imaptest.Inbox, "Clients/Acme", "日本"} {
				if a, b := sums(raw(t, r.pair.source.Addr(), r.user, folder)), sums(there[folder].Files); len(a) == 0 || !slices.Equal(a, b) {
					t.Errorf("%s: %d messages at the source and %d at the destination are not the same byte for byte", folder, len(a), len(b))
				}
			}
			r.complete(engine.NewItems, 0)
			r.holds(want)
		})
	}
}

// sums returns the digests of messages, sorted.
func sums(messages map[int64][]byte) []string {
	var out []string
	for _, b := range messages {
		out = append(out, fmt.Sprintf("%x", sha256.Sum256(b)))
	}
	slices.Sort(out)
	return out
}

// TestCyrusRefusalsStandInTheErrors moves every odd message there is, and compares with what a bare client is told about each: what Cyrus takes
// must be there byte for byte, and what it refuses must stand in the errors with its words.
func TestCyrusRefusalsStandInTheErrors(t *testing.T) {
	t.Parallel()
	for _, eightBit := range []imaptest.EightBit{imaptest.KeepEightBit, imaptest.RejectEightBit} {
		t.Run(fmt.Sprint(eightBit), func(t *testing.T) {
			t.Parallel()
			r := newCyrusRig(t, imaptest.CyrusOptions{EightBit: eightBit, Special: map[string]string{}}, setup{})
			for _, odd := range imaptest.OddMessages() {
				imaptest.Put(t, r.root(engine.Source), "Odd", "odd-"+odd.Name, imaptest.Message{Bytes: odd.Bytes, Date: odd.Date, Flags: []string{`\Seen`}})
			}
			all := raw(t, r.pair.source.Addr(), r.user, "Odd")
			refused, taken := map[int64]string{}, maps.Clone(all)
			for uid, b := range all {
				c := imaptest.SignIn(t, r.pair.cyrus.Addr(), "bare")
				tagged, err := c.Append(imaptest.Inbox, "", "", b)
				c.Close()
				r.must(err)
				if words, no := strings.CutPrefix(tagged, "NO "); no {
					refused[uid] = words
					delete(taken, uid)
				}
			}
			for _, kind := range []engine.PassKind{engine.NewItems, engine.NewItems, engine.Retry} {
				p := r.run(kind)
				if p.State != engine.PassCompletedWithErrors {
					t.Errorf("%s pass is %s: %s", kind, p.State, p.Error)
				}
				if got := r.failures(); !maps.Equal(got, refused) {
					t.Errorf("the errors are %v\nCyrus refuses %v", got, refused)
				}
				for _, f := range r.pair.cyrus.Folders(t, r.user) {
					if f.Name == "Odd" && !slices.Equal(sums(taken), sums(f.Files)) {
						t.Errorf("after the %s pass %d messages are there, not the %d that Cyrus takes byte for byte", kind, len(f.Files), len(taken))
					}
				}
			}
			t.Logf("%d of %d messages refused", len(refused), len(all))
			if len(refused) < 10 {
				t.Error("too few to prove anything")
			}
		})
	}
}

// TestCyrusIsSentBytesAsTheyAre moves messages from a server that gives out what Dovecot never would: NUL, bare LF, bare CR. Cyrus refuses
// most of them, in words of its own, and what it takes is there byte for byte.
func TestCyrusIsSentBytesAsTheyAre(t *testing.T) {
	t.Parallel()
	source, cyrus := newMemHost(t), imaptest.Cyrus(t, imaptest.CyrusOptions{})
	b := &breaker{v: stepServers{lanes: 1}, source: source, destination: cyrusHost{cyrus}}
	const nul = "the message holds NUL bytes, which no mail service stores unchanged"
	const bare = "Message contains bare newlines"
	messages := []struct{ text, refused string }{
		{"Subject: plain 1\r\n\r\nx\r\n", ""},
		{"Subject: NUL\r\n\r\na\x00b\r\n", nul},
		{"Subject: bare LF\r\n\r\na\nb\r\n", bare},
		{"Subject: bare LF at the end\r\n\r\na\n", bare},
		{"Subject: bare CR\r\n\r\na\rb\r\r\n", ""},
		{"Subject: CR at the end\r\n\r\na\r", ""},
		{"Subject: no end of line\r\n\r\na", ""},
		{"Subject: like a command\r\n\r\na9 DELETE INBOX\r\n", ""},
		{"Subject: large NUL\r\n\r\n" + strings.Repeat("large and streamed\r\n", 120_000) + "\x00", nul},
		{"Subject: large LF\r\n\r\n" + strings.Repeat("large and streamed\n", 120_000), bare},
		{"Subject: plain 2\r\n\r\nx\r\n", ""},
	}
	var refused []string
	taken := map[int64][]byte{}
	user := source.user("anna")
	for i, m := range messages {
		if _, err := user.Append(imaptest.Inbox, bytes.NewReader([]byte(m.text)), &goimap.AppendOptions{Time: time2020}); err != nil {
			t.Fatal(err)
		}
		if m.refused == "" {
			taken[int64(i)] = []byte(m.text)
		} else {
			refused = append(refused, m.refused)
		}
	}
	slices.Sort(refused)
	order := b.order(t, "anna", imaptest.Wire(t, source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, cyrus.Addr(), imaptest.WireOptions{}))
	for range 2 {
		p, err := order.pass(t.Context(), new(steps).wrap)
		if err != nil || p.State != engine.PassCompletedWithErrors || p.Tally.Failed != int64(len(refused)) {
			t.Errorf("the pass is %s (%s) with %+v, %v", p.State, p.Error, p.Tally, err)
		}
		for _, f := range cyrus.Folders(t, "anna") {
			if f.Name == imaptest.Inbox && !slices.Equal(sums(f.Files), sums(taken)) {
				t.Errorf("%d messages are there, not the %d that Cyrus takes byte for byte", len(f.Files), len(taken))
			}
		}
	}
	l, err := store.Open(t.Context(), order.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	rows, err := l.FailureRows(t.Context(), order.Project, engine.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, f := range rows {
		words = append(words, f.Text)
	}
	slices.Sort(words)
	if !slices.Equal(words, refused) {
		t.Errorf("the errors are %q, want %q", words, refused)
	}
}

// TestCyrusForbidsNames moves folders whose names Cyrus does not take: each gets a plain one of its own, stays there, and what lies below follows.
func TestCyrusForbidsNames(t *testing.T) {
	t.Parallel()
	for _, o := range []imaptest.CyrusOptions{{}, {Separator: ".", Below: true}} {
		t.Run(o.Separator, func(t *testing.T) {
			t.Parallel()
			r := newCyrusRig(t, o, setup{})
			names := map[string]string{
				imaptest.Inbox: imaptest.Inbox, "Sent": "Sent", "Drafts": "Drafts", "Trash": "Trash", "Junk": "Junk",
				`Quotes "and" back\slash`: "Quotes _and_ back_slash", `Quotes "and" back\slash/below`: "Quotes _and_ back_slash/below",
				"per%cent": "per_cent (2)", "per_cent": "per_cent", "per%cent/deep%er": "per_cent (2)/deep_er", "caret^": "caret_",
				"R&D": "R&D", "Zürich": "Zürich", "trailing ": "trailing ", "user": "user",
			}
			if o.Separator == "." {
				names["caret^"] = "caret^"
			}
			want := imaptest.Mail{}
			for from := range names {
				imaptest.Put(t, r.root(engine.Source), from, "one", imaptest.Message{Bytes: []byte("Subject: " + from + "\n\nx\n"), Date: time2020})
			}
			for from, list := range r.mail(engine.Source) {
				want[names[from]] = list
			}
			r.complete(engine.NewItems, len(names))
			r.holds(want)
			r.complete(engine.NewItems, 0)
			imaptest.Put(t, r.root(engine.Source), "per%cent/deep%er", "two", imaptest.Message{Bytes: []byte("Subject: two\n\nx\n"), Date: time2020})
			want[names["per%cent/deep%er"]] = r.mail(engine.Source)["per%cent/deep%er"]
			r.complete(engine.NewItems, 1)
			r.holds(want)
			folders, err := r.ledger.PassFolders(t.Context(), 1)
			r.must(err)
			for _, f := range folders {
				if f.Destination != names[f.Source] {
					t.Errorf("%s is shown to be in %s, not in %s", f.Source, f.Destination, names[f.Source])
				}
			}
		})
	}
}

// TestCyrusAdoptsWhatIsThere fills half of a Cyrus by another tool before the first pass.
func TestCyrusAdoptsWhatIsThere(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{}, setup{})
	messages := r.fillForCyrus(120, 30_000, 1)
	c := imaptest.SignIn(t, r.pair.cyrus.Addr(), r.user)
	adopted := 0
	for _, folder := range []string{imaptest.Inbox, "Sent"} {
		for uid, b := range raw(t, r.pair.source.Addr(), r.user, folder) {
			if uid%2 == 0 {
				continue
			}
			if tagged, err := c.Append(folder, "", "", b); err != nil || !strings.HasPrefix(tagged, "OK") {
				t.Fatalf("append: %q, %v", tagged, err)
			}
			adopted++
		}
	}
	c.Close()
	p := r.complete(engine.NewItems, messages-adopted)
	if p.Tally.Adopted != int64(adopted) || adopted < 20 {
		t.Errorf("%d adopted, want %d", p.Tally.Adopted, adopted)
	}
	if d := r.mail(engine.Source).Diff(r.mail(engine.Destination)); len(d.Missing)+len(d.Doubled)+len(d.Extra) > 0 {
		t.Errorf("%s", d)
	}
	r.complete(engine.NewItems, 0)
	c2 := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 1, Folders: []string{imaptest.Inbox}, Seed: 2})
	moved := c2.MoveMessages(imaptest.Inbox, "Clients/Acme", 4)
	r.complete(engine.NewItems, 1+moved) // moved mail is copied into its new folder, and one message is new
	r.complete(engine.NewItems, 0)
}

// TestCyrusThatChangesHeaders is on a Cyrus as it comes: it makes an X of every byte of a header that is not ASCII, and says nothing. Passes that are
// killed must know their copies all the same, and verifying tells which ones are not what was copied.
func TestCyrusThatChangesHeaders(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{EightBit: imaptest.MungeEightBit}, setup{settings: engine.Settings{PassLimit: 100}, rtt: 2 * time.Millisecond})
	const messages = 600
	for i := range messages {
		text := fmt.Appendf(nil, "Message-ID: <%d@x>\nSubject: J\xfcrgen %d\nX-Name: Zürich\n\n%s", i, i, strings.Repeat("plain text\n", 100))
		imaptest.Put(t, r.root(engine.Source), []string{imaptest.Inbox, "Sent"}[i%2], fmt.Sprint("eight", i), imaptest.Message{Bytes: text, Date: time2020})
	}
	r.close()
	order, err := json.Marshal(childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox})
	r.must(err)
	r.from.Limit(400_000)
	for range 3 {
		if _, err := runChild(order, r.sentMore(100_000)); !errors.Is(err, errKilled) {
			t.Fatalf("child: %v", err)
		}
	}
	r.from.Limit(0)
	r.open()
	first := r.run(engine.NewItems)
	folders, err := r.ledger.PassFolders(t.Context(), first.ID)
	r.must(err)
	told := false
	for _, f := range folders {
		told = told || strings.Contains(f.Error, "changes messages as it stores them")
	}
	if first.State != engine.PassCompletedWithErrors || !told {
		t.Errorf("the pass is %s (%s) and does not tell of changes: %+v", first.State, first.Error, folders)
	}
	r.complete(engine.NewItems, 0)
	there := r.mail(engine.Destination)
	for _, folder := range []string{imaptest.Inbox, "Sent"} {
		once := map[string]bool{}
		for _, m := range there[folder] {
			once[m.Sum] = true
		}
		if len(there[folder]) != messages/2 || len(once) != messages/2 {
			t.Errorf("%s has %d messages, %d of them different; want %d", folder, len(there[folder]), len(once), messages/2)
		}
	}
	if v := r.run(engine.Verify); v.Tally.Different != messages || v.Tally.Removed != 0 {
		t.Errorf("verify: %s, %+v", v.State, v.Tally)
	}
}

// TestCyrusWithoutRoomForKeywords moves messages with more keywords than a folder of Cyrus can have: the messages come, and as many keywords as fit.
func TestCyrusWithoutRoomForKeywords(t *testing.T) {
	t.Parallel()
	source, cyrus := newMemHost(t), imaptest.Cyrus(t, imaptest.CyrusOptions{Special: map[string]string{}})
	b := &breaker{v: stepServers{lanes: 1}, source: source, destination: cyrusHost{cyrus}}
	const messages = 150
	for i := range messages {
		flags := []string{`\Seen`, fmt.Sprint("word", i), "common"}
		source.put(t, "anna", imaptest.Inbox, "", imaptest.Message{Bytes: fmt.Appendf(nil, "Subject: %d\n\nx\n", i), Flags: flags, Date: time2020})
	}
	order := b.order(t, "anna", imaptest.Wire(t, source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, cyrus.Addr(), imaptest.WireOptions{}))
	p, err := order.pass(t.Context(), new(steps).wrap)
	if err != nil || p.State != engine.PassCompleted || p.Tally.Copied != messages {
		t.Errorf("the pass is %s (%s) with %+v, %v", p.State, p.Error, p.Tally, err)
	}
	words := map[string]bool{}
	common := 0
	for _, m := range cyrus.ReadMail(t, "anna")[imaptest.Inbox] {
		for _, f := range strings.Fields(m.Flags) {
			words[f] = true
			if f == "common" {
				common++
			}
		}
	}
	if !words[`\Seen`] || common != messages || len(words) != 101 {
		t.Errorf("%d flags are there, %d messages have the common one", len(words), common)
	}
}

// TestCyrusQuotaAndSizeLimit holds that a full mailbox ends the pass, and that a message too large for Cyrus is not even sent.
func TestCyrusQuotaAndSizeLimit(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{Messages: 70, MaxSize: 100_000, Special: map[string]string{}}, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 50, Median: 800, Largest: 20_000, Folders: []string{imaptest.Inbox, "Work"}})
	imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "large", imaptest.Message{Bytes: []byte("Subject: large\n\n" + strings.Repeat("too large\n", 20_000)), Date: time2020})
	p := r.run(engine.NewItems)
	if words := slices.Collect(maps.Values(r.failures())); p.State != engine.PassCompletedWithErrors || p.Tally.Copied != 50 || len(words) != 1 || !strings.Contains(words[0], "the destination takes 0.1 MB") {
		t.Errorf("pass is %s, %+v, errors %q", p.State, p.Tally, words)
	}
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60, Median: 800, Largest: 20_000, Folders: []string{imaptest.Inbox, "Work"}, Seed: 2})
	p = r.run(engine.NewItems)
	if p.State != engine.PassFailed || p.Cause != engine.Full {
		t.Errorf("full, the pass is %s: %s %s", p.State, p.Cause, p.Error)
	}
	if n := r.mail(engine.Destination).Count(); n > 70 || n != 50+int(p.Tally.Copied) {
		t.Errorf("%d messages are there, %d copied", n, p.Tally.Copied)
	}
}
