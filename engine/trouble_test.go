package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestRefusedMessagesAreListedAndRetried holds promise 4: what the destination does not take fails alone, and retrying does not count.
func TestRefusedMessagesAreListedAndRetried(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{MaxSize: 60_000})
	r := p.rig(t, "anna@example.org", setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60, Largest: 50_000})
	for i := range 3 {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("large", i), imaptest.Message{Date: time2020,
			Bytes: []byte(fmt.Sprintf("Subject: large %d\nFrom: boss@example.org\nMessage-ID: <large%d@x>\n\n%s\n", i, i, strings.Repeat("large ", 15_000)))})
	}
	imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "empty", imaptest.Message{Date: time2020})
	first := r.run(engine.NewItems)
	if first.State != engine.PassCompletedWithErrors || first.Tally.Copied != 60 || first.Tally.Failed != 4 {
		t.Errorf("first pass: %s, %+v", first.State, first.Tally)
	}
	failures, err := r.ledger.FailureRows(t.Context(), r.project, engine.Page{Limit: 100})
	r.must(err)
	subjects := ""
	for _, f := range failures {
		subjects += f.Subject + "; "
		if f.Kind != engine.Refused || f.Text == "" {
			t.Errorf("failure without a reason: %+v", f)
		}
	}
	if len(failures) != 4 || !strings.Contains(subjects, "large 0") {
		t.Errorf("%d failures: %s", len(failures), subjects)
	}
	p.destination.Change(func(o *imaptest.Options) { o.MaxSize = 0 })
	if retry := r.run(engine.Retry); retry.Tally.Copied != 3 || retry.Tally.Failed != 1 || retry.Number != 0 {
		t.Errorf("retry: %s, number %d, %+v", retry.State, retry.Number, retry.Tally)
	}
	d := r.mail(engine.Source).Diff(r.mail(engine.Destination))
	if len(d.Missing) != 1 || len(d.Extra)+len(d.Doubled)+len(d.Flags)+len(d.Dates) > 0 {
		t.Errorf("all but the empty message should be there:\n%s", d)
	}
}

// TestRetryOfOneCause tries again what failed for one cause: other failed items are not tried, though they would be taken now, nor given up.
func TestRetryOfOneCause(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{MaxSize: 60_000})
	r := p.rig(t, "anna@example.org", setup{})
	for i := range 4 {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("large", i), imaptest.Message{Date: time2020,
			Bytes: fmt.Appendf(nil, "Subject: large %d\n\n%s\n", i, strings.Repeat("large ", 15_000))})
	}
	first := r.run(engine.NewItems)
	failures, err := r.ledger.FailureRows(t.Context(), r.project, engine.Page{Limit: 100})
	r.must(err)
	if len(failures) != 4 {
		t.Fatalf("first pass: %s, %+v", first.State, first.Tally)
	}
	other := failures[1]
	other.Kind = engine.Unreadable
	r.must(r.ledger.Settle(t.Context(), first.ID, other.FolderID, []engine.Outcome{{UID: other.UID, State: engine.ItemFailed, Failure: &other.Failure}}))
	p.destination.Change(func(o *imaptest.Options) { o.MaxSize = 0 })

	retry := func(cause engine.Kind) engine.Pass {
		s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.Retry, Cause: cause})
		r.must(err)
		return r.wait(s.Passes[0].ID)
	}
	if done := retry(engine.Unreadable); done.State != engine.PassCompleted || done.Tally.Copied != 1 || done.Tally.Failed != 0 {
		t.Errorf("retry of one: %s, %+v", done.State, done.Tally)
	}
	left, err := r.ledger.FailureRows(t.Context(), r.project, engine.Page{Limit: 100})
	r.must(err)
	for _, f := range left {
		if f.Kind != engine.Refused || f.Pass != first.ID || f.UID == other.UID {
			t.Errorf("another was tried: %+v", f)
		}
	}
	if len(left) != 3 || len(r.mail(engine.Destination)) != 1 {
		t.Errorf("%d failed items are left", len(left))
	}
	if done := retry(engine.Full); done.State != engine.PassCompleted || done.Tally.Copied != 0 {
		t.Errorf("retry of what nothing failed for: %s, %+v", done.State, done.Tally)
	}
	if done := retry(engine.NoError); done.State != engine.PassCompleted || done.Tally.Copied != 3 {
		t.Errorf("retry of all: %s, %+v", done.State, done.Tally)
	}
	r.holds(r.mail(engine.Source))
}

// TestOneMailboxFailsAlone holds that the others of its project do not.
func TestOneMailboxFailsAlone(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{Passwords: map[string]string{"bob": "secret"}})
	r := p.rig(t, "anna", setup{})
	bob := r.enrol("bob")
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 30})
	s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems})
	r.must(err)
	for _, q := range s.Passes {
		p := r.wait(q.ID)
		switch {
		case p.Mailbox == bob && (p.State != engine.PassFailed || p.Cause != engine.Denied || p.Error == "" || p.Number != 0):
			t.Errorf("bob: %+v", p)
		case p.Mailbox != bob && p.State != engine.PassCompleted:
			t.Errorf("anna: %+v", p)
		}
	}
	r.holds(r.mail(engine.Source))
	rows, err := r.ledger.ProjectRows(t.Context())
	r.must(err)
	if st := rows[0].Status(); st != engine.CompletedWithErrors {
		t.Errorf("project is %s", st)
	}
}

// TestSecretsStayOut holds promise 5: nothing of a password or a message is in the log or the ledger's files.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	const password, subject, text = "canary-password-71", "canary-subject-72", "canary-text-73"
	users := map[string]string{"anna": password}
	p := newPair(t, imaptest.Options{Passwords: users}, imaptest.Options{Passwords: users, MaxSize: 20_000})
	r := p.rig(t, "anna", setup{settings: engine.Settings{NoDetails: true}})
	s := engine.NewSecret(password)
	r.must(engine.Enroller{Roster: r.ledger, Keychain: r.keychain}.SetSecrets(t.Context(), r.mailbox, engine.Secrets{Source: s, Destination: s}))
	for i, size := range []int{1, 3000} {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint(i), imaptest.Message{Date: time2020,
			Bytes: []byte("Subject: " + subject + "\nFrom: " + subject + "@example.org\nMessage-ID: <" + subject + "@x>\n\n" + strings.Repeat(text+"\n", size))})
	}
	if first := r.run(engine.NewItems); first.Tally.Copied != 1 || first.Tally.Failed != 1 {
		t.Fatalf("first pass: %s, %+v", first.State, first.Tally)
	}
	wrong := engine.NewSecret(password + "-wrong")
	started, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems,
		Secrets: map[engine.MailboxID]engine.Secrets{r.mailbox: {Source: wrong, Destination: s}}})
	r.must(err)
	if p := r.wait(started.Passes[0].ID); p.Cause != engine.Denied {
		t.Errorf("wrong password: %+v", p)
	}
	r.close()
	places := map[string]string{"the log": r.log.String()}
	files, err := os.ReadDir(r.dir)
	r.must(err)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(r.dir, f.Name()))
		r.must(err)
		places[f.Name()] = string(b)
	}
	for place, content := range places {
		for _, canary := range []string{password, subject, text} {
			if strings.Contains(content, canary) {
				t.Errorf("%s is in %s", canary, place)
			}
		}
	}
	if len(places["the log"]) < 100 || len(places["ledger.db"]) < 1000 {
		t.Error("nothing was looked at")
	}
}
