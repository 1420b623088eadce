package sandbox

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mwiz/engine"
)

func mustStart(t *testing.T) *Sandbox {
	t.Helper()
	s, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func mustDial(t *testing.T, s *server, user, password string) *imapclient.Client {
	t.Helper()
	client, err := imapclient.DialInsecure(s.listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if err := client.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

func mustCount(t *testing.T, s *Sandbox, side engine.Side) int64 {
	t.Helper()
	n, err := s.Messages(side)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStart(t *testing.T) {
	s := mustStart(t)
	if got := mustCount(t, s, engine.Source); got < 580 || got > 660 {
		t.Errorf("%d messages at the source, want about 600", got)
	}
	if got := mustCount(t, s, engine.Destination); got != 0 {
		t.Errorf("%d messages at the destination, want none", got)
	}
	p := s.Project()
	for _, e := range []engine.Endpoint{p.Source, p.Destination} {
		if err := e.Validate(); err != nil || !e.Loopback() {
			t.Errorf("%s: %v", e.URL(), err)
		}
	}
	for _, e := range s.Enrolments() {
		mustDial(t, s.source, e.Source.User, e.Secrets.Source.Reveal())
		mustDial(t, s.destination, e.Destination.User, e.Secrets.Destination.Reveal())
	}
}

func TestLogin(t *testing.T) {
	s := mustStart(t)
	for _, try := range [][2]string{{"ann@old.example", "wrong"}, {"nobody@old.example", "sandbox-ann"}} {
		client, err := imapclient.DialInsecure(s.source.listener.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Login(try[0], try[1]).Wait(); err == nil {
			t.Errorf("%s signed in", try[0])
		}
		_ = client.Close()
	}
}

func TestFolders(t *testing.T) {
	s := mustStart(t)
	client := mustDial(t, s.source, "ben@old.example", "sandbox-ben")
	list, err := client.List("", "*", &imap.ListOptions{ReturnSpecialUse: true, ReturnSubscribed: true, ReturnStatus: &imap.StatusOptions{NumMessages: true}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*imap.ListData{}
	for _, f := range list {
		got[f.Mailbox] = f
	}
	for name, want := range map[string]struct {
		role     imap.MailboxAttr
		messages uint32
	}{"INBOX": {"", 86}, "Sent Items": {imap.MailboxAttrSent, 41}, "Customers": {"", 0}, "Customers/日本": {"", 24}, "Customers/Müller & Söhne": {"", 17}} {
		f := got[name]
		if f == nil || f.Status == nil || *f.Status.NumMessages != want.messages {
			t.Errorf("%s: %+v, want %d messages", name, f, want.messages)
			continue
		}
		if want.role != "" && !slices.Contains(f.Attrs, want.role) || !slices.Contains(f.Attrs, imap.MailboxAttrSubscribed) {
			t.Errorf("%s: %v, want %s", name, f.Attrs, want.role)
		}
	}
}

func TestFoldersChange(t *testing.T) {
	s := mustStart(t)
	client := mustDial(t, s.destination, "ann@new.example", "sandbox-ann")
	names := func() string {
		list, err := client.List("", "*", nil).Collect()
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range list {
			all = append(all, f.Mailbox)
		}
		return strings.Join(all, ",")
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return client.Create("Zürich/R&D", nil).Wait() }, "Drafts,INBOX,Sent,Spam,Trash,Zürich/R&D"},
		{func() error { return client.Rename("Zürich/R&D", "Bern", nil).Wait() }, "Bern,Drafts,INBOX,Sent,Spam,Trash"},
		{func() error { return client.Delete("Bern").Wait() }, "Drafts,INBOX,Sent,Spam,Trash"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := names(); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
	if err := client.Subscribe("Bern").Wait(); err == nil {
		t.Error("a folder that is not there was subscribed")
	}
}

func TestDeliver(t *testing.T) {
	s := mustStart(t)
	before := mustCount(t, s, engine.Source)
	if err := s.Deliver(7); err != nil {
		t.Fatal(err)
	}
	if got := mustCount(t, s, engine.Source) - before; got != 7 {
		t.Errorf("%d messages arrived, want 7", got)
	}
}

func TestLimitSize(t *testing.T) {
	s := mustStart(t)
	s.LimitSize(10)
	client := mustDial(t, s.destination, "ann@new.example", "sandbox-ann")
	appended := func(text string) error {
		cmd := client.Append("INBOX", int64(len(text)), nil)
		if _, err := cmd.Write([]byte(text)); err != nil {
			return err
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		_, err := cmd.Wait()
		return err
	}
	if err := appended("Subject: too long\r\n\r\n"); err == nil || !strings.Contains(err.Error(), "TOOBIG") {
		t.Errorf("got %v, want TOOBIG", err)
	}
	if err := appended("A: b\r\n\r\n"); err != nil {
		t.Error(err)
	}
}

// A client that leaves in the middle of a message does not keep Close waiting: mustStart's clean-up would not return.
func TestCloseAfterCut(t *testing.T) {
	s := mustStart(t)
	big := message{bytes: append([]byte("Subject: large\r\n\r\n"), make([]byte, 16<<20)...), date: time.Now()}
	if err := s.source.account("ann@old.example").deliver("Drafts", big); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", s.source.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "a LOGIN ann@old.example sandbox-ann\r\nb EXAMINE Drafts\r\nc UID FETCH 1:* BODY.PEEK[]\r\n"); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewScanner(c); in.Scan() && in.Text() != "Subject: large"; {
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// A run of copies by hand, with every fault that Compare must find.
func TestCompare(t *testing.T) {
	a := func(folder string) seen { return seen{folder: folder} }
	for _, test := range []struct {
		name                string
		source, destination map[seen][]string
		want                Comparison
	}{
		{"all there", map[seen][]string{a("x"): {"f"}}, map[seen][]string{a("x"): {"f"}}, Comparison{Source: 1, Destination: 1, Copied: 1}},
		{"twice the same", map[seen][]string{a("x"): {"f", "f"}}, map[seen][]string{a("x"): {"f", "f"}}, Comparison{Source: 2, Destination: 2, Copied: 2}},
		{"missing", map[seen][]string{a("x"): {"f", "f"}}, map[seen][]string{a("x"): {"f"}}, Comparison{Source: 2, Destination: 1, Copied: 1, Missing: 1}},
		{"doubled", map[seen][]string{a("x"): {"f"}}, map[seen][]string{a("x"): {"f", "f"}}, Comparison{Source: 1, Destination: 2, Copied: 1, Doubled: 1}},
		{"elsewhere", map[seen][]string{a("x"): {"f"}}, map[seen][]string{a("y"): {"f"}}, Comparison{Source: 1, Destination: 1, Missing: 1, Doubled: 1}},
		{"changed", map[seen][]string{a("x"): {"f", "g"}}, map[seen][]string{a("x"): {"g", "h"}}, Comparison{Source: 2, Destination: 2, Copied: 2, Changed: 1}},
	} {
		var got Comparison
		got.add(test.source, test.destination)
		if got != test.want || got.Good() != (got.Missing+got.Doubled+got.Changed == 0) {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
	s := mustStart(t)
	all, err := s.Compare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := mustCount(t, s, engine.Source); all != (Comparison{Source: n, Missing: n}) {
		t.Errorf("before anything is copied: %+v", all)
	}
}

// The same mail is made up every time, so that what a demo shows can be told in a document.
func TestWriterRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newWriter(), newWriter()
		time.Sleep(time.Hour) // of the bubble's clock: both count from the same now
		for range 100 {
			if x, y := a.old(people[0], people[0].folders[0]), b.old(people[0], people[0].folders[0]); string(x.bytes) != string(y.bytes) {
				t.Fatalf("two writers differ:\n%s\n%s", x.bytes, y.bytes)
			}
		}
	})
}
