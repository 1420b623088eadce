package imaptest

import (
	"slices"
	"strings"
	"testing"
)

func TestCorpusIsServedAsWritten(t *testing.T) {
	s := Dovecot(t, Options{})
	root := s.MailRoot("alice")
	c := WriteCorpus(t, root, CorpusOptions{})
	if n := ReadMail(t, root).Count(); n != 200 {
		t.Fatalf("%d messages written", n)
	}
	cl := SignIn(t, s.Addr(), "alice")
	for _, f := range DefaultFolders() {
		cl.Must("SELECT %s", Quote(EncodeName(f)))
	}
	before := ReadMail(t, root)
	for _, step := range []struct {
		name   string
		change func() int
		want   func(d Diff) int
	}{
		{"add", func() int { c.AddMessages("Clients/Acme", 3); return 3 }, func(d Diff) int { return len(d.Extra) }},
		{"move", func() int { return c.MoveMessages(Inbox, "Empty", 4) }, func(d Diff) int { return len(d.Missing) }},
		{"delete", func() int { return c.DeleteMessages(Inbox, 5) }, func(d Diff) int { return len(d.Missing) }},
		{"reflag", func() int { return c.Reflag(Inbox, 6) }, func(d Diff) int { return len(d.Flags) }},
		{"rewrite", func() int { return c.Rewrite(Inbox, 7) }, func(d Diff) int { return len(d.Missing) }},
	} {
		n := step.change()
		after := ReadMail(t, root)
		d := before.Diff(after)
		if got := step.want(d); got != n || n == 0 {
			t.Errorf("%s: %d messages, want %d\n%s", step.name, got, n, d)
		}
		if step.name == "move" && before.Count() != after.Count() {
			t.Errorf("move: %d messages, %d before", after.Count(), before.Count())
		}
		before = after
	}
}

func TestSameSeedSameCorpus(t *testing.T) {
	a, b, c := t.TempDir(), t.TempDir(), t.TempDir()
	WriteCorpus(t, a, CorpusOptions{Messages: 20, Seed: 5})
	WriteCorpus(t, b, CorpusOptions{Messages: 20, Seed: 5})
	WriteCorpus(t, c, CorpusOptions{Messages: 20, Seed: 6})
	if d := Compare(t, a, b); !d.Empty() {
		t.Errorf("the same seed gives other mail:\n%s", d)
	}
	if d := Compare(t, a, c); len(d.Missing) != 20 {
		t.Errorf("another seed gives the same mail:\n%s", d)
	}
}

// TestOddMessagesPassThroughDovecot holds what Odd says of each message to what Dovecot does with it: a message is put on disk,
// fetched and appended by a bare client, and compared on disk.
func TestOddMessagesPassThroughDovecot(t *testing.T) {
	s := Dovecot(t, Options{})
	odd := OddMessages()
	if len(odd) < 140 {
		t.Errorf("only %d odd messages", len(odd))
	}
	from, to := SignIn(t, s.Addr(), "alice"), SignIn(t, s.Addr(), "bob")
	var names []string
	for _, o := range odd {
		names = append(names, o.Name)
		Put(t, s.MailRoot("alice"), o.Name, o.Name, Message{Bytes: o.Bytes, Date: o.Date, Flags: []string{`\Seen`}})
		from.Must("EXAMINE %s", o.Name)
		to.Must("CREATE %s", o.Name)
		var body []byte
		date := ""
		for _, l := range from.Must("UID FETCH 1:* (INTERNALDATE BODY.PEEK[])") {
			if strings.Contains(l.Text, " FETCH ") && len(l.Literals) == 1 {
				body = l.Literals[0]
			}
			if _, rest, ok := strings.Cut(l.Text, `INTERNALDATE "`); ok {
				date, _, _ = strings.Cut(rest, `"`)
			}
		}
		tagged, err := to.Append(o.Name, `\Seen`, date, body)
		if err != nil {
			t.Fatalf("%s: %v", o.Name, err)
		}
		if o.Unstorable == strings.HasPrefix(tagged, "OK") {
			t.Errorf("%s: unstorable %v, but: %s", o.Name, o.Unstorable, tagged)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(odd) {
		t.Error("names of odd messages are not unique")
	}
	want, got := ReadMail(t, s.MailRoot("alice")), ReadMail(t, s.MailRoot("bob"))
	for _, o := range odd {
		d := Mail{o.Name: want[o.Name]}.Diff(Mail{o.Name: got[o.Name]})
		if exact := d.Empty(); exact == (o.Altered || o.Unstorable) {
			t.Errorf("%s: altered %v, unstorable %v, but\n%s", o.Name, o.Altered, o.Unstorable, d)
		}
	}
	t.Logf("%d odd messages", len(odd))
}
