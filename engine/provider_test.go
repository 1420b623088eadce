package engine_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// providers makes a rig between two providers, with one mailbox of the user "anna".
func providers(t *testing.T, source, destination interface {
	Addr() string
	Endpoint() engine.Endpoint
}, o setup) *rig {
	t.Helper()
	if o.settings.LateCommitWait == 0 {
		o.settings.LateCommitWait = 1
	}
	o.stall = 20 * time.Second
	wire := imaptest.WireOptions{Record: true}
	r := &rig{t: t, user: "anna", o: o, dir: filepath.Join(t.TempDir(), "ledger"), keychain: store.NewMemoryKeychain(),
		from: imaptest.Wire(t, source.Addr(), wire), to: imaptest.Wire(t, destination.Addr(), wire)}
	r.open()
	t.Cleanup(r.close)
	var err error
	r.project, err = r.ledger.AddProject(t.Context(), engine.Project{Name: "Move", Settings: o.settings,
		Source: r.from.Endpoint(source.Endpoint()), Destination: r.to.Endpoint(destination.Endpoint())})
	r.must(err)
	r.mailbox = r.enrol("anna")
	return r
}

// gmailFolders are Gmail's, in German.
var gmailFolders = []imaptest.ProviderFolder{
	{Name: "[Gmail]/Alle Nachrichten", Attributes: `\All \HasNoChildren`}, {Name: "[Gmail]/Chats", Attributes: `\HasNoChildren`},
	{Name: "[Gmail]/Entwürfe", Attributes: `\Drafts`}, {Name: "[Gmail]/Gesendet", Attributes: `\Sent`}, {Name: "[Gmail]/Markiert", Attributes: `\Flagged`},
	{Name: "[Gmail]/Papierkorb", Attributes: `\Trash`}, {Name: "[Gmail]/Spam", Attributes: `\Junk`}, {Name: "[Gmail]/Wichtig", Attributes: `\Important`},
	{Name: "Kunden"}, {Name: "Kunden/Müller"},
}

const allMail = "[Gmail]/Alle Nachrichten"

// gmail serves an account as Gmail does.
func gmail(t *testing.T) *imaptest.Provider {
	folders := slices.Clone(gmailFolders)
	for i := range folders {
		folders[i].Name = strings.NewReplacer("ü", "&APw-", "&", "&-").Replace(folders[i].Name)
	}
	return imaptest.ServeProvider(t, imaptest.ProviderOptions{Labels: true, Folders: folders, Caps: "SPECIAL-USE X-GM-EXT-1"})
}

// other serves an account of another make, with the usual folders.
func other(t *testing.T, o imaptest.ProviderOptions) *imaptest.Provider {
	o.Folders = append(o.Folders, imaptest.ProviderFolder{Name: "Sent Items", Attributes: `\Sent`}, imaptest.ProviderFolder{Name: "Archive", Attributes: `\Archive`},
		imaptest.ProviderFolder{Name: "Drafts", Attributes: `\Drafts`}, imaptest.ProviderFolder{Name: "Deleted Items", Attributes: `\Trash`}, imaptest.ProviderFolder{Name: "Junk Email", Attributes: `\Junk`})
	return imaptest.ServeProvider(t, o)
}

func letter(subject string, flags ...string) imaptest.Message {
	return imaptest.Message{Bytes: []byte("Subject: " + subject + "\nMessage-ID: <" + subject + "@example.org>\n\ntext of " + subject + "\n"), Flags: flags, Date: time2020}
}

// subjects holds what folders of a provider hold.
func subjects(t *testing.T, p *imaptest.Provider, want map[string]string) {
	t.Helper()
	for folder, list := range want {
		got := p.Subjects("anna", folder)
		slices.Sort(got)
		if strings.Join(got, " ") != list {
			t.Errorf("%s holds %q, want %q", folder, strings.Join(got, " "), list)
		}
	}
}

// tally returns what a pass did in a folder.
func (r *rig) tally(p engine.Pass, folder string) engine.FolderTally {
	r.t.Helper()
	folders, err := r.ledger.PassFolders(r.t.Context(), p.ID)
	r.must(err)
	for _, f := range folders {
		if f.Source == folder {
			return f
		}
	}
	r.t.Fatalf("no folder %s in %+v", folder, folders)
	return engine.FolderTally{}
}

// TestGmailSource copies a mailbox whose messages have many labels, one, or none: each once for each label, and into the archive what has none; over
// passes in which labels come and go.
func TestGmailSource(t *testing.T) {
	t.Parallel()
	source, destination := gmail(t), other(t, imaptest.ProviderOptions{})
	const sent, starred, important, mueller = "[Gmail]/Gesendet", "[Gmail]/Markiert", "[Gmail]/Wichtig", "Kunden/M&APw-ller"
	both := source.Deliver("anna", letter("both"), imaptest.Inbox, mueller, important)
	source.Deliver("anna", letter("inbox", `\Seen`), imaptest.Inbox)
	source.Deliver("anna", letter("sent"), sent)
	source.Deliver("anna", letter("starred", `\Flagged`), imaptest.Inbox, starred)
	bare := source.Deliver("anna", letter("bare"))
	source.Deliver("anna", letter("bare.starred", `\Flagged`), starred, important)
	source.Deliver("anna", letter("draft"), "[Gmail]/Entw&APw-rfe")
	r := providers(t, source, destination, setup{})

	if p := r.run(engine.Preview); p.Tally.New != 8 || p.State != engine.PassCompleted {
		t.Errorf("preview: %+v", p)
	}
	if p := r.complete(engine.NewItems, 8); p.Tally.Skipped != 5+4 {
		t.Errorf("%d skipped by rule: %+v", p.Tally.Skipped, p.Tally)
	}
	want := map[string]string{imaptest.Inbox: "both inbox starred", mueller: "both", "Sent Items": "sent", "Archive": "bare bare.starred", "Drafts": "draft", "Kunden": "",
		important: "", starred: "", "[Gmail]/Chats": "", allMail: ""}
	subjects(t, destination, want)
	p := r.complete(engine.NewItems, 0)
	all := r.tally(p, allMail)
	if all.Messages != 7 || all.Before != 2 || all.Skipped != 5 || all.Destination != "Archive" {
		t.Errorf("all mail, with nothing new: %+v", all)
	}
	for folder, why := range map[string]engine.Placing{starred: engine.Virtual, important: engine.Virtual, "[Gmail]/Chats": engine.Chats} {
		if f := r.tally(p, folder); f.Why != why || f.Destination != "" || f.Unexplained() != 0 {
			t.Errorf("%s: %+v", folder, f)
		}
	}

	source.Unlabel("anna", both, imaptest.Inbox) // the last labels go: it is there already
	source.Unlabel("anna", both, mueller)
	source.Label("anna", bare, "Kunden") // a label comes: migrated again, into that folder
	source.Deliver("anna", letter("later"), imaptest.Inbox)
	source.Deliver("anna", letter("later.bare"))
	r.complete(engine.NewItems, 3)
	want[imaptest.Inbox], want["Kunden"], want["Archive"] = "both inbox later starred", "bare", "bare bare.starred later.bare"
	subjects(t, destination, want)
	r.from.Forget()
	r.complete(engine.NewItems, 0)
	for _, c := range r.from.Commands() {
		if strings.Contains(c.Line, "X-GM-MSGID") {
			t.Errorf("nothing is new, and %s was asked", c.Line)
		}
	}
	if p := r.run(engine.Verify); p.Tally.Removed+p.Tally.Different != 0 || p.Tally.Verified != 11 {
		t.Errorf("verify: %+v", p.Tally)
	}
	subjects(t, destination, want)
}

// TestGmailLabelOfAFolderThatFails: what a folder holds that fails is not taken for unlabelled; it goes there later, once.
func TestGmailLabelOfAFolderThatFails(t *testing.T) {
	t.Parallel()
	failing := true
	source, destination := gmail(t), other(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if failing && strings.HasPrefix(command, `APPEND "Kunden"`) {
			return "NO [TOOBIG] too big today"
		}
		return ""
	}})
	source.Deliver("anna", letter("customer"), "Kunden")
	source.Deliver("anna", letter("bare"))
	r := providers(t, source, destination, setup{})
	p := r.run(engine.NewItems)
	if p.State != engine.PassCompletedWithErrors || p.Tally.Copied != 1 || p.Tally.Failed != 1 || p.Tally.Left != 1 {
		t.Errorf("%+v", p)
	}
	if f := r.tally(p, allMail); f.Unexplained() != 0 || f.Left != 1 {
		t.Errorf("%+v", f)
	}
	subjects(t, destination, map[string]string{"Kunden": "", "Archive": "bare"})
	failing = false
	r.complete(engine.NewItems, 1)
	subjects(t, destination, map[string]string{"Kunden": "customer", "Archive": "bare"})
	r.complete(engine.NewItems, 0)
}

// TestGmailRules: what rules leave out by name does not come by the archive, what they only do not name does; and what they ask for by name comes
// though it is virtual.
func TestGmailRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules engine.Rules
		want  map[string]string
	}{
		{engine.Rules{Exclude: []string{"Kunden"}}, map[string]string{"Kunden": "", "Archive": "bare", "INBOX": "both"}},
		{engine.Rules{Include: []string{`\All`}}, map[string]string{"Kunden": "", "Archive": "bare both customer", "INBOX": ""}},
		{engine.Rules{Map: []engine.Mapping{{From: `\Important`, To: "Important"}}}, map[string]string{"Kunden": "both customer", "Archive": "", "Important": "bare", "INBOX": "both"}},
		{engine.Rules{NoRoles: true, Map: []engine.Mapping{{From: `\All`, To: "Rest"}}}, map[string]string{"Kunden": "both customer", "Archive": "", "Rest": "bare", "INBOX": "both"}},
	} {
		t.Run(fmt.Sprint(c.rules), func(t *testing.T) {
			t.Parallel()
			source, destination := gmail(t), other(t, imaptest.ProviderOptions{})
			source.Deliver("anna", letter("customer"), "Kunden")
			source.Deliver("anna", letter("both"), "Kunden", imaptest.Inbox)
			source.Deliver("anna", letter("bare"), "[Gmail]/Wichtig")
			r := providers(t, source, destination, setup{settings: engine.Settings{Rules: c.rules}})
			for range 2 {
				if p := r.run(engine.NewItems); p.State != engine.PassCompleted {
					t.Errorf("%+v", p)
				}
				subjects(t, destination, c.want)
			}
		})
	}
}

// notes returns what a pass has noted.
func (r *rig) notes(p engine.Pass) (all []engine.Note) {
	r.t.Helper()
	record, kept, err := r.ledger.PassRecord(r.t.Context(), p.ID)
	r.must(err)
	if !kept {
		r.t.Error("no record")
	}
	return record.Notes
}

// exchange serves an account as Exchange Online does.
func exchange(t *testing.T, o imaptest.ProviderOptions) *imaptest.Provider {
	o.Greeting, o.ID, o.Budget = "The Microsoft Exchange IMAP4 service is ready. [TABPADUA]", "Microsoft.Exchange.Imap4.Imap4Server", 10
	o.Permanent, o.Loses, o.SizeOff = `(\Seen \Answered \Flagged \Deleted \Draft $MDNSent)`, []string{`\Flagged`}, 137
	o.Reserved = []string{"files", "conversation history", "secret"}
	return other(t, o)
}

// TestExchangeDestination: sizes are guesses, flags get lost, names are reserved, and it asks to wait; nothing of that costs a message.
func TestExchangeDestination(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	source := other(t, imaptest.ProviderOptions{})
	destination := exchange(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if strings.HasPrefix(command, "APPEND") && asked.Add(1) == 2 {
			return "NO Request is throttled. Suggested Backoff Time: 700 milliseconds"
		}
		return ""
	}})
	source.Deliver("anna", letter("plain", `\Seen`), imaptest.Inbox)
	source.Deliver("anna", letter("flagged", `\Flagged`, `\Seen`), "Files")
	source.Deliver("anna", letter("keyword", "Important"), "Conversation History")
	source.Deliver("anna", letter("secret"), "Secret")
	r := providers(t, source, destination, setup{})
	began := time.Now()
	p := r.complete(engine.NewItems, 4)
	if took := time.Since(began); took < 700*time.Millisecond {
		t.Errorf("it was asked to wait for 700 ms, and took %v", took)
	}
	subjects(t, destination, map[string]string{"INBOX": "plain", "Files_": "flagged", "Conversation History_": "keyword", "Secret_": "secret"})
	var got []string
	for _, n := range r.notes(p) {
		got = append(got, fmt.Sprintf("%s %d %s", n.What, n.Count, n.Text))
	}
	slices.Sort(got)
	if want := []string{`flags 1 Important`, `flags lost 1 \flagged`}; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
	if f := r.tally(p, "Files"); f.Why != engine.Renamed || f.Destination != "Files_" {
		t.Errorf("%+v", f)
	}
	r.complete(engine.NewItems, 0)
	if p := r.run(engine.Verify); p.Tally.Verified != 4 || p.Tally.Different+p.Tally.Removed != 0 {
		t.Errorf("verify: %+v", p.Tally)
	}
}

// TestExchangeErrorBudget: a connection that has refused much is given up before the service ends it, so that nothing is ever in doubt.
func TestExchangeErrorBudget(t *testing.T) {
	t.Parallel()
	source := other(t, imaptest.ProviderOptions{})
	destination := exchange(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if strings.HasPrefix(command, "APPEND") && strings.Contains(command, "Draft") {
			return "NO [CANNOT] Command Argument Error. 11"
		}
		return ""
	}})
	for i := range 30 {
		flags := []string{`\Draft`}
		if i%5 == 0 {
			flags = nil
		}
		source.Deliver("anna", letter(fmt.Sprint("m", i), flags...), imaptest.Inbox)
	}
	r := providers(t, source, destination, setup{settings: engine.Settings{Lanes: 1}})
	p := r.run(engine.NewItems)
	if p.State != engine.PassCompletedWithErrors || p.Tally.Copied != 6 || p.Tally.Failed != 24 || p.Tally.Left != 0 {
		t.Errorf("%s: %+v", p.State, p.Tally)
	}
	t.Log("ended by the service:", destination.Byes(), "connections:", r.to.Connections())
	if destination.Byes() > 0 || strings.Contains(r.log.String(), "unknown outcome") {
		t.Errorf("the service has ended %d connections", destination.Byes())
	}
}

// TestExchangeSource: the sizes that it tells are estimates, and what it asks to wait is waited.
func TestExchangeSource(t *testing.T) {
	t.Parallel()
	asked := false
	source := exchange(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if strings.HasPrefix(command, "UID FETCH") && strings.Contains(command, "BODY.PEEK[]") && !asked {
			asked = true
			return "BAD Request is throttled. Suggested Backoff Time: 500 milliseconds"
		}
		return ""
	}})
	destination := other(t, imaptest.ProviderOptions{})
	for i := range 5 {
		source.Deliver("anna", letter(fmt.Sprint("m", i)), imaptest.Inbox)
	}
	r := providers(t, source, destination, setup{settings: engine.Settings{Lanes: 1}})
	r.complete(engine.NewItems, 5)
	r.complete(engine.NewItems, 0)
	if d := source.Read("anna").Diff(destination.Read("anna")); len(d.Missing)+len(d.Extra) > 0 {
		t.Errorf("%s", d)
	}
}

// TestYahooSource: a folder that shows just as much as the service shows of any is noted, in a preview and in a pass, with the host that shows more; and
// a message without an end of its last line stays as it is.
func TestYahooSource(t *testing.T) {
	t.Parallel()
	source, destination := other(t, imaptest.ProviderOptions{Shown: 10}), other(t, imaptest.ProviderOptions{})
	for i := range 14 {
		m := letter(fmt.Sprint("m", i))
		m.Bytes = m.Bytes[:len(m.Bytes)-1]
		source.Deliver("anna", m, imaptest.Inbox)
	}
	source.Deliver("anna", letter("sent"), "Sent Items")
	r := providers(t, source, destination, setup{provider: func(engine.Endpoint) engine.Provider {
		return engine.Provider{Shows: []int64{10}, Export: "export.example.org"}
	}})
	want := []engine.Note{{What: engine.NoteShown, Folder: "INBOX", Count: 10, Text: "export.example.org"}}
	if p := r.run(engine.Preview); p.Tally.New != 11 || !slices.Equal(r.notes(p), want) {
		t.Errorf("preview: %+v, %+v", p.Tally, r.notes(p))
	}
	if p := r.complete(engine.NewItems, 11); !slices.Equal(r.notes(p), want) {
		t.Errorf("%+v", r.notes(p))
	}
	r.complete(engine.NewItems, 0)
	for _, m := range destination.Read("anna")["INBOX"] {
		if long := len("Subject: m10\nMessage-ID: <m10@example.org>\n\ntext of m10"); m.Size != long && m.Size != long-3 {
			t.Errorf("a message of %d bytes", m.Size)
		}
	}
}

// TestWithheldMessagesAreNoticed copies from a service that says OK without telling of messages, when it is asked which there are or for the messages
// themselves: what it tells when it is asked again is copied, what it never tells stands open, and comes with a later pass.
func TestWithheldMessagesAreNoticed(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"BODY.PEEK[]", "INTERNALDATE RFC822.SIZE)", "UID "} {
		for _, times := range []int64{1, 1000} {
			t.Run(fmt.Sprint(what, times), func(t *testing.T) {
				t.Parallel()
				withhold(t, what, times)
			})
		}
	}
}

func withhold(t *testing.T, what string, times int64) {
	var withheld atomic.Int64
	source := other(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if strings.HasPrefix(command, "UID ") && strings.Contains(command, what) && withheld.Add(-1) >= 0 {
			return "OK nothing to see"
		}
		return ""
	}})
	destination := other(t, imaptest.ProviderOptions{})
	r := providers(t, source, destination, setup{})
	have, subject := "", 0
	for range 3 {
		for range 4 {
			name := fmt.Sprint("m", subject)
			source.Deliver("anna", letter(name), imaptest.Inbox)
			have, subject = strings.TrimSpace(have+" "+name), subject+1
		}
		withheld.Store(times)
		copied := 4
		if times > 1 {
			p := r.run(engine.NewItems)
			if f := r.tally(p, "INBOX"); p.State == engine.PassCompleted && f.Copied < 4 && f.Unexplained() == 0 && f.Error == "" {
				t.Errorf("the pass hides what it did not get: %+v", f)
			}
			withheld.Store(0)
			copied -= int(p.Tally.Copied)
		}
		r.complete(engine.NewItems, copied)
		list := strings.Fields(have)
		slices.Sort(list)
		subjects(t, destination, map[string]string{"INBOX": strings.Join(list, " ")})
	}
	r.complete(engine.NewItems, 0)
}

// TestLocalUser: a service that knows users by the first part of their addresses is asked for that first, and for the address if it does not.
func TestLocalUser(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"anna", "anna@example.org", "nobody"} {
		p := other(t, imaptest.ProviderOptions{SignIn: func(user string) bool { return user == known }})
		r := providers(t, p, p, setup{provider: func(engine.Endpoint) engine.Provider { return engine.Provider{LocalUser: true} }})
		err := r.engine.Check(t.Context(), engine.Credential{To: p.Endpoint(), Account: engine.Account{User: "anna@example.org"}, Own: engine.NewSecret(imaptest.Password)})
		if known == "nobody" && engine.KindOf(err) != engine.Denied || known != "nobody" && err != nil {
			t.Errorf("known as %s: %v", known, err)
		}
	}
}

// TestGmailDestination keeps one copy of equal messages in a folder: all count as copied, the numbers add up, and nothing is sent again.
func TestGmailDestination(t *testing.T) {
	t.Parallel()
	source := other(t, imaptest.ProviderOptions{})
	destination := imaptest.ServeProvider(t, imaptest.ProviderOptions{Merges: true, Folders: gmailFolders[:1], Caps: "SPECIAL-USE X-GM-EXT-1"})
	for i := range 9 {
		source.Deliver("anna", letter(fmt.Sprint("m", i/3)), imaptest.Inbox)
	}
	source.Deliver("anna", letter("m0"), "Kunden")
	r := providers(t, source, destination, setup{})
	p := r.complete(engine.NewItems, 10)
	if f := r.tally(p, "INBOX"); f.Messages != 9 || f.Copied != 9 {
		t.Errorf("%+v", f)
	}
	subjects(t, destination, map[string]string{"INBOX": "m0 m1 m2", "Kunden": "m0"})
	source.Deliver("anna", letter("m1"), imaptest.Inbox)
	r.complete(engine.NewItems, 1)
	r.complete(engine.NewItems, 0)
	if p := r.run(engine.Verify); p.State != engine.PassCompleted || p.Tally.Verified != 11 || p.Tally.Removed != 0 {
		t.Errorf("verify: %+v", p.Tally)
	}
	subjects(t, destination, map[string]string{"INBOX": "m0 m1 m2", "Kunden": "m0"})
}

// TestGmailSourceCutShort cuts connections again and again, and stops and starts; labels still decide rightly, and nothing is there twice.
func TestGmailSourceCutShort(t *testing.T) {
	t.Parallel()
	var stop atomic.Pointer[*rig]
	var appends atomic.Int32
	source, destination := gmail(t), other(t, imaptest.ProviderOptions{Refuse: func(_, command string) string {
		if r := stop.Load(); r != nil && strings.HasPrefix(command, "APPEND") && appends.Add(1) == 12 {
			go (*r).engine.Stop((*r).project)
		}
		return ""
	}})
	want := map[string][]string{}
	for i := range 60 {
		subject, folders := fmt.Sprintf("m%02d", i), [][]string{{imaptest.Inbox}, {"Kunden"}, {imaptest.Inbox, "Kunden"}, nil}[i%4]
		source.Deliver("anna", letter(subject), folders...)
		if folders == nil {
			folders = []string{"Archive"}
		}
		for _, f := range folders {
			want[f] = append(want[f], subject)
		}
	}
	r := providers(t, source, destination, setup{settings: engine.Settings{Lanes: 1, PassLimit: 100}})
	r.from.Break(imaptest.Fault{Before: "BODY[]"}, imaptest.Fault{Before: "X-GM-LABELS"}, imaptest.Fault{Before: "X-GM-MSGID"})
	r.to.Break(imaptest.Fault{Before: "APPENDUID"}, imaptest.Fault{Before: "COPYUID"}, imaptest.Fault{Before: "APPENDUID"}, imaptest.Fault{Before: "COPYUID"})
	stop.Store(&r)
	r.run(engine.NewItems)
	stop.Store(nil)
	r.run(engine.NewItems)
	if from, to := r.from.Broken(), r.to.Broken(); from == 0 || to == 0 {
		t.Errorf("%d and %d connections were cut", from, to)
	}
	r.from.Mend()
	r.to.Mend()
	if p := r.run(engine.NewItems); p.State != engine.PassCompleted {
		t.Errorf("%+v", p)
	}
	r.complete(engine.NewItems, 0)
	for folder, list := range want {
		subjects(t, destination, map[string]string{folder: strings.Join(list, " ")})
	}
}
