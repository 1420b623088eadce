package imap

import (
	"bytes"
	"io"
	"slices"
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
	source, err := from.List(t.Context())
	must(t, err)
	destination, err := to.List(t.Context())
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
