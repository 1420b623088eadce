package store

import (
	"testing"
	"time"

	"mwiz/engine"
)

func TestQueuePasses(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	more, err := h.AddMailboxes(t.Context(), h.project, make([]engine.Mailbox, 2))
	must(t, err)
	fresh, spent := more[0].ID, more[1].ID
	s := h
	s.mailbox = spent
	for range 2 {
		s.pass = s.mustRun(t, engine.NewItems)
		_, err := s.CountPass(t.Context(), s.pass)
		must(t, err)
		must(t, s.FinishPass(t.Context(), engine.Pass{ID: s.pass, State: engine.PassCompleted}, nil, engine.PassRecord{}))
	}
	queued, refused, err := h.QueuePasses(t.Context(), []engine.MailboxID{h.mailbox, fresh, spent, 99}, engine.NewItems, 2)
	must(t, err)
	if len(queued) != 1 || queued[0].Mailbox != fresh || queued[0].State != engine.Queued || queued[0].Queued.IsZero() {
		t.Errorf("queued: %+v", queued)
	}
	want(t, "refused", refused, map[engine.MailboxID]error{h.mailbox: engine.ErrUnfinished, spent: engine.ErrPassLimit, 99: engine.ErrNotFound})
	queued, _, err = h.QueuePasses(t.Context(), []engine.MailboxID{spent, spent}, engine.Retry, 2)
	must(t, err)
	want(t, "queued though all passes are used, once", len(queued), 1)
}

func TestCountPass(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	for number := 1; number <= 3; number++ {
		for range 2 {
			n, err := h.CountPass(t.Context(), h.pass)
			must(t, err)
			want(t, "number", n, number)
		}
		must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, nil, engine.PassRecord{}))
		for _, kind := range []engine.PassKind{engine.Verify, engine.Preview, engine.Trial, engine.Retry} {
			p := h.mustRun(t, kind)
			n, err := h.CountPass(t.Context(), p)
			must(t, err)
			want(t, "number of a pass that does not count", n, 0)
			must(t, h.FinishPass(t.Context(), engine.Pass{ID: p, State: engine.PassFailed}, nil, engine.PassRecord{}))
		}
		h.pass = h.mustRun(t, engine.NewItems)
	}
	_, err := h.CountPass(t.Context(), 99)
	wantErr(t, "unknown", err, engine.ErrNotFound)
}

// TestInterruptedPassIsGoneOnWith holds that crashes use up no passes.
func TestInterruptedPassIsGoneOnWith(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	for range 12 { // more crashes than the ten passes that mustRun allows
		n, err := h.CountPass(t.Context(), h.pass)
		must(t, err)
		want(t, "number", n, 1)
		_, err = h.InterruptPasses(t.Context())
		must(t, err)
		h.pass = h.mustRun(t, engine.NewItems)
	}
	_, err := h.CountPass(t.Context(), h.pass)
	must(t, err)
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, nil, engine.PassRecord{}))
	h.pass = h.mustRun(t, engine.NewItems)
	n, err := h.CountPass(t.Context(), h.pass)
	must(t, err)
	want(t, "number behind a pass that the user has stopped", n, 2)
}

func TestLifeOfAPass(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	if err := h.StartPass(t.Context(), h.pass, engine.PassRecord{}); engine.KindOf(err) != engine.Broken {
		t.Errorf("started twice: %v", err)
	}
	wantErr(t, "StartPass", h.StartPass(t.Context(), 99, engine.PassRecord{}), engine.ErrNotFound)
	wantErr(t, "SeePass", h.SeePass(t.Context(), 99, engine.Tally{}, engine.PassRecord{}), engine.ErrNotFound)
	wantErr(t, "FinishPass", h.FinishPass(t.Context(), engine.Pass{ID: 99, State: engine.PassFailed}, nil, engine.PassRecord{}), engine.ErrNotFound)
	must(t, h.SeePass(t.Context(), h.pass, engine.Tally{Copied: 3, Bytes: 1 << 40}, engine.PassRecord{}))
	rows, err := h.MailboxRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	want(t, "progress", rows[0].Last.Tally, engine.Tally{Copied: 3, Bytes: 1 << 40})
	if err := h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.Running}, nil, engine.PassRecord{}); engine.KindOf(err) != engine.Broken {
		t.Errorf("ended as running: %v", err)
	}
	tally := engine.Tally{New: 1, Copied: 2, Adopted: 3, Skipped: 4, Failed: 5, Vanished: 6, Left: 7, Bytes: 8}
	folders := []engine.FolderTally{
		{Folder: h.folder, Source: "Z", Destination: "Y", Messages: 40, Before: 2, Tally: tally, There: 12, Error: "why\x00", Cause: engine.Missing, Side: engine.Destination},
		{Source: "A", Destination: "B", There: -1},
	}
	so := engine.PassRecord{Settings: engine.Settings{Lanes: 2}, Throughput: engine.Throughput{Step: 250 * time.Millisecond, Points: []engine.Point{{Messages: 3, Bytes: 9}}}}
	must(t, h.SeePass(t.Context(), h.pass, engine.Tally{Copied: 3}, so))
	seen, there, err := h.PassRecord(t.Context(), h.pass)
	must(t, err)
	want(t, "a record before the end", there, true)
	want(t, "what was seen", seen, so)
	record := engine.PassRecord{Settings: engine.Settings{Lanes: 3, NoAdopt: true},
		Throughput: engine.Throughput{Step: 500 * time.Millisecond, Points: []engine.Point{{Messages: 3, Bytes: 1 << 40}, {}, {Messages: 128, Bytes: 1}}}}
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassFailed, Tally: tally, Cause: engine.Denied, Error: "no"}, folders, record))
	kept, ok, err := h.PassRecord(t.Context(), h.pass)
	must(t, err)
	want(t, "record kept", ok, true)
	want(t, "record", kept, record)
	all, err := h.Throughputs(t.Context(), h.project)
	must(t, err)
	want(t, "throughputs", all, map[engine.PassID]engine.Throughput{h.pass: record.Throughput})
	folders[0].Error = "why\uFFFD"
	got, err := h.PassFolders(t.Context(), h.pass)
	must(t, err)
	want(t, "folders", got, folders)
	if err := h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, nil, engine.PassRecord{}); engine.KindOf(err) != engine.Broken {
		t.Errorf("ended twice: %v", err)
	}
	if err := h.SeePass(t.Context(), h.pass, engine.Tally{}, engine.PassRecord{}); engine.KindOf(err) != engine.Broken {
		t.Errorf("seen after its end: %v", err)
	}
	passes, err := h.PassRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	p := passes[0]
	if p.Started.IsZero() || p.Ended.IsZero() || p.Source != "anna@old" || p.Destination != "anna@new" {
		t.Errorf("pass: %+v", p)
	}
	want(t, "pass", []any{p.State, p.Tally, p.Cause, p.Error}, []any{engine.PassFailed, tally, engine.Denied, "no"})
	wantSound(t, h.Ledger)
}

func TestInterruptPasses(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	more, err := h.AddMailboxes(t.Context(), h.project, make([]engine.Mailbox, 1))
	must(t, err)
	_, _, err = h.QueuePasses(t.Context(), []engine.MailboxID{more[0].ID}, engine.NewItems, 1)
	must(t, err)
	for _, n := range []int{2, 0} {
		got, err := h.InterruptPasses(t.Context())
		must(t, err)
		want(t, "interrupted", got, n)
	}
	passes, err := h.PassRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	want(t, "passes", len(passes), 2)
	for _, p := range passes {
		want(t, "pass", []any{p.State, p.Ended}, []any{engine.PassInterrupted, p.Seen})
	}
	want(t, "queued one", passes[0].Started.IsZero(), true)
	h.mustRun(t, engine.NewItems)
}

func TestPassRowsArePaged(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	ids := []engine.PassID{h.pass}
	for range 4 {
		must(t, h.FinishPass(t.Context(), engine.Pass{ID: ids[len(ids)-1], State: engine.PassCompleted}, nil, engine.PassRecord{}))
		ids = append(ids, h.mustRun(t, engine.Verify))
	}
	n, err := h.CountPasses(t.Context(), h.project)
	must(t, err)
	want(t, "count", n, 5)
	page, err := h.PassRows(t.Context(), h.project, engine.Page{Offset: 1, Limit: 2})
	must(t, err)
	want(t, "page", []engine.PassID{page[0].ID, page[1].ID}, []engine.PassID{ids[3], ids[2]})
	want(t, "length", len(page), 2)
}
