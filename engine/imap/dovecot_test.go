package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// mustDial signs in at a Dovecot of imaptest.
func mustDial(t testing.TB, d *Dialer, side engine.Side, e engine.Endpoint, user string) engine.Session {
	t.Helper()
	s, err := d.Dial(t.Context(), side, e, user, engine.NewSecret(imaptest.Password))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// want fails the test if got is not want.
func want[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// must fails the test if err is not nil.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// copied is a message read with Fetch.
type copied struct {
	engine.Meta
	body []byte
}

// fetchAll reads every message of a folder into memory.
func fetchAll(t testing.TB, s engine.Session, f engine.Opening, set engine.UIDSet) (out []copied) {
	t.Helper()
	_, err := s.Fetch(t.Context(), f, set, func(m engine.Message, lost error) error {
		if lost != nil {
			t.Errorf("UID %d lost: %v", m.UID, lost)
			return nil
		}
		b, err := io.ReadAll(m.Body)
		if err == nil && int64(len(b)) != m.Size {
			t.Errorf("UID %d has %d bytes of %d", m.UID, len(b), m.Size)
		}
		out = append(out, copied{m.Meta, b})
		return err
	})
	must(t, err)
	return out
}

// everything is the set of all UIDs.
func everything() engine.UIDSet { return engine.UIDSet{{First: 1, Last: engine.MaxUID}} }

// mustAppend appends messages as one batch and fails the test for any error.
func mustAppend(t testing.TB, s engine.Session, folder engine.FolderName, messages ...copied) []engine.Appended {
	t.Helper()
	answers := appendAll(t, s, folder, messages)
	for i, a := range answers {
		if a.Err != nil {
			t.Errorf("message %d: %v", i, a.Err)
		}
	}
	return answers
}

func appendAll(t testing.TB, s engine.Session, folder engine.FolderName, messages []copied) []engine.Appended {
	t.Helper()
	batch := make([]engine.Message, len(messages))
	for i, m := range messages {
		m.Size = int64(len(m.body))
		batch[i] = engine.Message{Meta: m.Meta, Body: bytes.NewReader(m.body)}
	}
	return s.Append(t.Context(), folder, batch)()
}

// copyMailbox copies all folders of one session to another.
func copyMailbox(t testing.TB, from, to engine.Session) {
	t.Helper()
	source, err := from.List(t.Context(), true)
	must(t, err)
	destination, err := to.List(t.Context(), true)
	must(t, err)
	source.Folders = slices.DeleteFunc(source.Folders, func(f engine.Folder) bool { return !f.Selectable })
	var names []engine.FolderName
	for _, f := range source.Folders {
		name, err := to.Encode(destination, f.Path)
		must(t, err)
		names = append(names, name)
	}
	for i, r := range to.Create(t.Context(), names, nil) {
		if r.Err != nil {
			t.Errorf("create %s: %v", names[i], r.Err)
		}
	}
	for i, f := range source.Folders {
		if f.Status.Messages == 0 {
			continue
		}
		all := fetchAll(t, from, engine.Opening{Folder: f.Name, Validity: f.Status.Validity}, everything())
		want(t, int64(len(all)), f.Status.Messages)
		for part := range slices.Chunk(all, 100) {
			mustAppend(t, to, names[i], part...)
		}
	}
}

// TestCopyBetweenDovecots copies a realistic and an odd mailbox in each form of APPEND, over each kind of encryption.
func TestCopyBetweenDovecots(t *testing.T) {
	forms := []struct {
		name    string
		without []string
		point   func(*imaptest.Server) engine.Endpoint
	}{
		{"multiappend", nil, (*imaptest.Server).TLSEndpoint},
		{"pipelined", []string{"MULTIAPPEND", "LIST-STATUS", "LIST-EXTENDED"}, (*imaptest.Server).StartTLSEndpoint},
		{"synchronising", []string{"MULTIAPPEND", "LITERAL+", "SASL-IR", "UIDPLUS"}, (*imaptest.Server).Endpoint},
	}
	source := imaptest.Dovecot(t, imaptest.Options{})
	imaptest.WriteCorpus(t, source.MailRoot("anna"), imaptest.CorpusOptions{})
	imaptest.AddOdd(t, source.MailRoot("anna"), "Odd")
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			destination := imaptest.Dovecot(t, imaptest.Options{Separator: ".", Prefix: "INBOX.", Without: form.without})
			d := NewDialer(Options{})
			from := mustDial(t, d, engine.Source, source.TLSEndpoint(), "anna")
			to := mustDial(t, d, engine.Destination, form.point(destination), "anna")
			before := imaptest.TakeSnapshot(t, source.MailRoot("anna"))
			began := time.Now()
			copyMailbox(t, from, to)
			t.Logf("copied in %v", time.Since(began))
			if diff := imaptest.Compare(t, source.MailRoot("anna"), destination.MailRoot("anna")); !diff.Empty() {
				t.Error(diff)
			}
			if changed := before.Changes(imaptest.TakeSnapshot(t, source.MailRoot("anna"))); len(changed) > 0 {
				t.Errorf("the source changed: %v", changed)
			}
		})
	}
}

// TestCommands: what leaves for the source changes nothing there, and how few commands a look and a copy take.
func TestCommands(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{})
	imaptest.WriteCorpus(t, server.MailRoot("anna"), imaptest.CorpusOptions{Messages: 30})
	wire := imaptest.Wire(t, server.Addr(), imaptest.WireOptions{Record: true})
	s := mustDial(t, NewDialer(Options{}), engine.Source, wire.Endpoint(server.Endpoint()), "anna")
	l, err := s.List(t.Context(), true)
	must(t, err)
	want(t, verbs(wire), "AUTHENTICATE NAMESPACE ID LIST")
	wire.Forget()

	inbox := engine.Opening{Folder: "INBOX", Validity: l.Folders[slices.IndexFunc(l.Folders, func(f engine.Folder) bool { return f.Role == engine.RoleInbox })].Status.Validity}
	var uids []engine.UID
	_, err = s.Scan(t.Context(), inbox, everything(), func(m engine.Meta) error { uids = append(uids, m.UID); return nil })
	must(t, err)
	fetchAll(t, s, inbox, engine.SetOf(uids...))
	_, err = s.Headers(t.Context(), inbox, engine.SetOf(uids...), func(h engine.Header) error {
		want(t, bytes.HasSuffix(h.Bytes, []byte("\r\n\r\n")), true)
		return nil
	})
	must(t, err)
	must(t, s.Close())
	for end := time.Now().Add(10 * time.Second); wire.Open() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond) // Close does not wait for what it wrote to arrive
	}
	want(t, verbs(wire), "EXAMINE UID FETCH UID FETCH UID FETCH EXAMINE UID FETCH LOGOUT")
	for _, c := range wire.Commands() {
		if strings.Contains(c.Line, "BODY[") {
			t.Errorf("%s would mark messages as seen", c.Line)
		}
	}
}

func verbs(p *imaptest.Proxy) string {
	var out []string
	for _, c := range p.Commands() {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}

// TestRefusals: what a real server says when it does not take a message, a folder or a person.
func TestRefusals(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{Messages: 3, MaxSize: 10_000, Connections: 2, Passwords: map[string]string{"eve": "other"}})
	d := NewDialer(Options{})
	s := mustDial(t, d, engine.Destination, server.TLSEndpoint(), "anna")

	want(t, outcome(appendAll(t, s, "None", notes("Subject: 1\r\n\r\nx", "Subject: 2\r\n\r\nx"))), "missing missing")
	want(t, outcome(appendAll(t, s, "INBOX", notes("Subject: 1\r\n\r\n"+strings.Repeat("x\r\n", 5000)))), "refused")
	want(t, outcome(appendAll(t, s, "INBOX", notes(""))), "refused")
	answers := mustAppend(t, s, "INBOX", notes("Subject: 1\r\n\r\nx", "Subject: 2\r\n\r\nx")...)
	want(t, answers[0].UID, 1)
	want(t, answers[1].UID, 2)
	want(t, outcome(appendAll(t, s, "INBOX", notes("Subject: 3\r\n\r\nx", "Subject: 4\r\n\r\nx"))), "full full") // all or none
	mustAppend(t, s, "INBOX", note("Subject: 3\r\n\r\nx"))
	want(t, s.Alive(), true)

	_, err := s.Examine(t.Context(), "None")
	wantError(t, err, engine.Missing, "doesn't exist")
	status, err := s.Examine(t.Context(), "INBOX")
	must(t, err)
	want(t, status.Messages, 3)
	want(t, status.UIDNext, 4)
	_, err = s.Fetch(t.Context(), engine.Opening{Folder: "INBOX", Validity: status.Validity + 1}, everything(), func(engine.Message, error) error {
		t.Error("a message of a folder that is another")
		return nil
	})
	wantError(t, err, engine.Renumbered, "UIDVALIDITY")

	_, err = d.Dial(t.Context(), engine.Source, server.TLSEndpoint(), "eve", engine.NewSecret("wrong"))
	wantError(t, err, engine.Denied, "failed")
	mustDial(t, d, engine.Source, server.TLSEndpoint(), "anna")
	_, err = d.Dial(t.Context(), engine.Source, server.TLSEndpoint(), "anna", engine.NewSecret(imaptest.Password))
	wantError(t, err, engine.Throttled, "connections")
}

// TestFetchEnds: a caller's error, and a cut, end a fetch; nothing short passes for a message.
func TestFetchEnds(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{})
	imaptest.WriteCorpus(t, server.MailRoot("anna"), imaptest.CorpusOptions{Messages: 50, Folders: []string{imaptest.Inbox}})
	d := NewDialer(Options{})
	s := mustDial(t, d, engine.Source, server.TLSEndpoint(), "anna")
	enough, n := errors.New("enough"), 0
	_, err := s.Fetch(t.Context(), engine.Opening{Folder: "INBOX"}, everything(), func(m engine.Message, lost error) error {
		if n++; n == 3 {
			return enough
		}
		return nil // unread: skipped
	})
	want(t, err, enough)
	want(t, s.Alive(), false)

	for cut := int64(2000); cut < 60_000; cut += 5701 {
		wire := imaptest.Wire(t, server.Addr(), imaptest.WireOptions{})
		wire.Break(imaptest.Fault{After: cut, Mode: imaptest.Close})
		s := mustDial(t, d, engine.Source, wire.Endpoint(server.Endpoint()), "anna")
		_, err := s.Fetch(t.Context(), engine.Opening{Folder: "INBOX"}, everything(), func(m engine.Message, lost error) error {
			b, err := io.ReadAll(m.Body)
			if err == nil && int64(len(b)) != m.Size {
				t.Errorf("%d bytes of %d without an error", len(b), m.Size)
			}
			return err
		})
		want(t, engine.KindOf(err), engine.Unreachable)
		want(t, s.Alive(), false)
	}
}

// TestAppendCut: wherever an append is cut, no message is answered as stored that is not, and none as refused.
func TestAppendCut(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{})
	d := NewDialer(Options{})
	body := "Subject: x\r\n\r\n" + strings.Repeat("0123456789\r\n", 300)
	for i, mode := range []imaptest.Mode{imaptest.Reset, imaptest.Close, imaptest.Reset, imaptest.Close} {
		user := fmt.Sprintf("user%d", i)
		wire := imaptest.Wire(t, server.Addr(), imaptest.WireOptions{})
		wire.Break(imaptest.Fault{Up: true, After: 3000 + int64(i)*2000, Mode: mode})
		s := mustDial(t, d, engine.Destination, wire.Endpoint(server.Endpoint()), user)
		for _, a := range appendAll(t, s, "INBOX", notes(body, body, body)) {
			want(t, engine.KindOf(a.Err), engine.Unreachable)
		}
		want(t, s.Alive(), false)
		want(t, imaptest.ReadMail(t, server.MailRoot(user)).Count(), 0)
	}
}
