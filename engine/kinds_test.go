package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestPreviewChangesNothing also holds that it counts what the pass then copies.
func TestPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60})
	imaptest.MakeFolder(t, r.root(engine.Destination), imaptest.Inbox) // Dovecot would, at the first sign-in
	for n := 60; n > 0; n -= 55 {
		before := imaptest.TakeSnapshot(t, r.root(engine.Destination))
		p := r.run(engine.Preview)
		if p.State != engine.PassCompleted || p.Tally.Copied != 0 || p.Tally.New != int64(n) || p.Tally.Bytes == 0 {
			t.Errorf("preview counts %d new, %d bytes; want %d", p.Tally.New, p.Tally.Bytes, n)
		}
		if changes := before.Changes(imaptest.TakeSnapshot(t, r.root(engine.Destination))); len(changes) > 0 {
			t.Errorf("preview changed the destination: %q", changes)
		}
		r.complete(engine.NewItems, n)
		c.AddMessages("Sent", 5)
	}
}

// TestTrialCopiesALittle holds its limits, and that the pass after it copies nothing twice.
func TestTrialCopiesALittle(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 40, Folders: []string{imaptest.Inbox, "Sent"}})
	c.AddMessages(imaptest.Inbox, 10)
	want := 0
	for _, list := range r.mail(engine.Source) {
		want += min(10, len(list))
	}
	if p := r.run(engine.Trial); p.Tally.Copied != int64(want) || p.State != engine.PassCompleted || p.Number != 0 {
		t.Errorf("trial of %d: %+v", want, p)
	}
	for folder, list := range r.mail(engine.Destination) {
		if len(list) > 10 {
			t.Errorf("trial copied %d messages into %s", len(list), folder)
		}
	}
	r.complete(engine.NewItems, 50-want)
	r.holds(r.mail(engine.Source))
}

// TestVerifyReadsTheCopiesBack damages one copy and removes another.
func TestVerifyReadsTheCopiesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60, Folders: []string{imaptest.Inbox, "Sent"}})
	r.complete(engine.NewItems, 60)
	if p := r.run(engine.Verify); p.State != engine.PassCompleted || p.Tally.Verified != 60 || p.Tally.Different+p.Tally.Removed != 0 {
		t.Errorf("verify of 60 good copies: %s, %+v", p.State, p.Tally)
	}
	if removed, err := r.ledger.RemovedItems(t.Context(), r.project); err != nil || len(removed) > 0 {
		t.Errorf("removed: %+v, %v", removed, err)
	}
	files, err := filepath.Glob(filepath.Join(r.root(engine.Destination), "*", "*:2,*"))
	r.must(err)
	b, err := os.ReadFile(files[0])
	r.must(err)
	copy(b[len(b)-10:], "damaged!")
	r.must(os.WriteFile(files[0], b, 0o600))
	r.must(os.Remove(files[1]))
	if p := r.run(engine.Verify); p.State != engine.PassCompletedWithErrors || p.Tally.Verified != 58 || p.Tally.Different != 1 || p.Tally.Removed != 1 {
		t.Errorf("verify of 58 good copies, one damaged, one removed: %s, %+v", p.State, p.Tally)
	}
}

// TestTenPassesAMailbox holds rule 1: what counts, and what the eleventh gets.
func TestTenPassesAMailbox(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 30, Median: 800})
	for _, kind := range []engine.PassKind{engine.Preview, engine.Trial, engine.Verify, engine.Retry} {
		if p := r.run(kind); p.Number != 0 || p.State != engine.PassCompleted {
			t.Errorf("%s: number %d, state %s (%s)", kind, p.Number, p.State, p.Error)
		}
	}
	wrong := engine.NewSecret("wrong")
	s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems,
		Secrets: map[engine.MailboxID]engine.Secrets{r.mailbox: {Source: wrong, Destination: wrong}}})
	r.must(err)
	if p := r.wait(s.Passes[0].ID); p.State != engine.PassFailed || p.Cause != engine.Denied || p.Number != 0 {
		t.Errorf("a pass that is not let in: %+v", p)
	}
	for n := 1; n <= 10; n++ {
		if n%3 == 0 {
			c.AddMessages(imaptest.Inbox, 1)
		}
		if p := r.run(engine.NewItems); p.Number != n || p.State != engine.PassCompleted {
			t.Errorf("pass %d: number %d, state %s", n, p.Number, p.State)
		}
	}
	s, err = r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems})
	if err != nil || len(s.Passes) > 0 || !errors.Is(s.Refused[r.mailbox], engine.ErrPassLimit) {
		t.Errorf("the eleventh pass: %+v, %v", s, err)
	}
	for _, kind := range []engine.PassKind{engine.Verify, engine.Retry} {
		if p := r.run(kind); p.State != engine.PassCompleted {
			t.Errorf("%s after ten passes is %s", kind, p.State)
		}
	}
	r.holds(r.mail(engine.Source))
}

// TestStatusIsProcessingAtOnce holds rule 6: before anything is done, and until the end.
func TestStatusIsProcessingAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20})
	status := func() engine.Status {
		rows, err := r.ledger.ProjectRows(t.Context())
		r.must(err)
		return rows[0].Status()
	}
	if s := status(); s != engine.Pending {
		t.Errorf("status %s before the first pass", s)
	}
	r.from.Limit(2000)
	id := r.start(engine.NewItems)
	if s := status(); s != engine.Processing {
		t.Errorf("status %s when the pass has been started", s)
	}
	s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems})
	if err != nil || len(s.Passes) > 0 || !errors.Is(s.Refused[r.mailbox], engine.ErrUnfinished) {
		t.Errorf("a second pass beside the first: %+v, %v", s, err)
	}
	r.from.Limit(0)
	r.wait(id)
	if s := status(); s != engine.Completed {
		t.Errorf("status %s when the pass has ended", s)
	}
}
