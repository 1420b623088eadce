package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mwiz/engine"
)

func TestProjects(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	p := engine.Project{
		Name:        "  Zürich Büro ",
		Source:      engine.Endpoint{Host: "old.example", Port: 993, Encryption: engine.TLS, CA: []byte{1, 2}, Pin: []byte{3}},
		Destination: engine.Endpoint{Host: "new.example", Port: 143, Encryption: engine.STARTTLS, Preset: "x", AllowPlaintext: true},
		Settings:    engine.Settings{PassLimit: 3, NoAdopt: true},
	}
	id, err := l.AddProject(t.Context(), p)
	must(t, err)
	got, err := l.Project(t.Context(), id)
	must(t, err)
	p.ID, p.Name, p.Created = id, "Zürich Büro", got.Created
	want(t, "project", got, p)
	want(t, "created", got.Created.IsZero(), false)
	got, err = l.ProjectByName(t.Context(), "ZU\u0308RICH büro") // another case, another normal form
	must(t, err)
	want(t, "by name", got.ID, id)
	_, err = l.ProjectByName(t.Context(), "Zurich")
	wantErr(t, "by another name", err, engine.ErrNotFound)

	_, err = l.AddProject(t.Context(), engine.Project{Name: "zürich BÜRO"})
	wantErr(t, "same name", err, engine.ErrNameTaken)
	other, err := l.AddProject(t.Context(), engine.Project{Name: "Other"})
	must(t, err)
	wantErr(t, "same name by change", l.UpdateProject(t.Context(), engine.Project{ID: other, Name: "ZÜRICH Büro"}), engine.ErrNameTaken)
	must(t, l.UpdateProject(t.Context(), engine.Project{ID: other, Name: "OTHER", Settings: engine.Settings{Lanes: 9}}))
	got, err = l.Project(t.Context(), other)
	must(t, err)
	want(t, "changed", []any{got.Name, got.Settings.Lanes}, []any{"OTHER", 9})
	for _, empty := range []string{"", " \t"} {
		if _, err := l.AddProject(t.Context(), engine.Project{Name: empty}); err == nil || !strings.Contains(err.Error(), "needs a name") {
			t.Errorf("name %q: %v", empty, err)
		}
	}
	_, err = l.Project(t.Context(), 99)
	wantErr(t, "Project", err, engine.ErrNotFound)
	wantErr(t, "UpdateProject", l.UpdateProject(t.Context(), engine.Project{ID: 99, Name: "x"}), engine.ErrNotFound)
	wantErr(t, "DeleteProject", l.DeleteProject(t.Context(), 99), engine.ErrNotFound)
	_, err = l.Mailboxes(t.Context(), 99)
	wantErr(t, "Mailboxes", err, engine.ErrNotFound)
}

func TestProjectRows(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	empty, err := l.AddProject(t.Context(), engine.Project{Name: "empty"})
	must(t, err)
	h := mustBuild(t, l)
	more, err := l.AddMailboxes(t.Context(), h.project, make([]engine.Mailbox, 2))
	must(t, err)
	_, err = l.CountPass(t.Context(), h.pass)
	must(t, err)
	must(t, h.settle(t, engine.ItemFailed, 1, 2))
	must(t, h.settle(t, engine.Skipped, 3))
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompletedWithErrors, Tally: engine.Tally{Copied: 5}}, nil, engine.PassRecord{}))
	h2 := h
	h2.mailbox = more[0].ID
	running := h2.mustRun(t, engine.NewItems)
	must(t, l.SeePass(t.Context(), running, engine.Tally{Copied: 2}, engine.PassRecord{}))

	rows, err := l.ProjectRows(t.Context())
	must(t, err)
	want(t, "rows", len(rows), 2)
	r := rows[0]
	want(t, "newest first", r.ID, h.project)
	want(t, "row", []any{r.Mailboxes, r.LastNew, r.Passes, r.Failed, r.Status()}, []any{3, int64(7), 1, int64(2), engine.Processing})
	want(t, "statuses", r.Statuses, map[engine.Status]int{engine.CompletedWithErrors: 1, engine.Processing: 1, engine.Pending: 1})
	want(t, "empty", []any{rows[1].ID, rows[1].Mailboxes, rows[1].Status()}, []any{empty, 0, engine.Pending})
	if !r.Updated.After(rows[1].Updated) && !r.Updated.Equal(rows[1].Updated) {
		t.Error("not the newest first")
	}

	mailboxes, err := l.MailboxRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	want(t, "mailboxes", len(mailboxes), 3)
	want(t, "first", []any{mailboxes[0].Passes, mailboxes[0].Items, mailboxes[0].Last.ID}, []any{1, engine.ItemCounts{Failed: 2, Skipped: 1}, h.pass})
	want(t, "second", []any{mailboxes[1].Passes, mailboxes[1].Last.State, mailboxes[1].Last.Tally.Copied}, []any{0, engine.Running, int64(2)})
	want(t, "third", mailboxes[2].Last == nil && mailboxes[2].Items == engine.ItemCounts{}, true)
	page, err := l.MailboxRows(t.Context(), h.project, engine.Page{Offset: 1, Limit: 1})
	must(t, err)
	want(t, "page", len(page) == 1 && page[0].ID == more[0].ID, true)
}

func TestFailureRows(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	f := engine.Failure{Kind: engine.Refused, Text: "bad\xffbytes", Subject: strings.Repeat("ü", 5000), Sender: "a@b", MessageID: "<x>"}
	must(t, h.Settle(t.Context(), h.pass, h.folder, []engine.Outcome{
		{UID: 9, State: engine.ItemFailed, Failure: &f, ClaimedItem: engine.ClaimedItem{Size: 77}},
		{UID: 3, State: engine.Skipped, Failure: &engine.Failure{Text: "filtered"}},
		{UID: 4, State: engine.ItemFailed},
	}))
	rows, err := h.FailureRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	n, err := h.CountFailures(t.Context(), h.project)
	must(t, err)
	want(t, "rows", []int{len(rows), n}, []int{3, 3})
	want(t, "kinds", []engine.Kind{rows[0].Kind, rows[1].Kind}, []engine.Kind{engine.NoError, engine.Other})
	r := rows[2]
	want(t, "row", []any{r.UID, r.State, r.Size, r.Source, r.Folder, r.Text, r.Sender, r.MessageID, r.Pass, r.Mailbox},
		[]any{engine.UID(9), engine.ItemFailed, int64(77), "anna@old", "INBOX", "bad\uFFFDbytes", "a@b", "<x>", h.pass, h.mailbox})
	want(t, "subject is cut between runes", r.Subject, strings.Repeat("ü", 1000))
	page, err := h.FailureRows(t.Context(), h.project, engine.Page{Offset: 1, Limit: 1})
	must(t, err)
	want(t, "page", len(page) == 1 && page[0].UID == 4, true)

	causes, err := h.FailureCauses(t.Context(), h.project)
	must(t, err)
	want(t, "causes", causes, []engine.FailureCause{
		{State: engine.ItemFailed, Kind: engine.Refused, Count: 1, Mailboxes: []engine.MailboxID{h.mailbox}},
		{State: engine.ItemFailed, Kind: engine.Other, Count: 1, Mailboxes: []engine.MailboxID{h.mailbox}},
		{State: engine.Skipped, Kind: engine.NoError, Count: 1, Mailboxes: []engine.MailboxID{h.mailbox}}})
	of, err := h.FailuresOf(t.Context(), h.project, engine.ItemFailed, engine.Refused, engine.Page{Limit: 10})
	must(t, err)
	want(t, "refused", len(of) == 1 && of[0].UID == 9, true)

	must(t, h.claim(t, 9)) // being tried again
	rows, err = h.FailureRows(t.Context(), h.project, engine.Page{})
	must(t, err)
	want(t, "while tried", len(rows), 2)
	must(t, h.settle(t, engine.Copied, 9))
	var left int
	must(t, h.reading.QueryRow("SELECT count(*) FROM failure").Scan(&left))
	want(t, "the failure of a copied item", left, 2)
	wantSound(t, h.Ledger)
}

// What went wrong as a whole stands until a later pass does better.
func TestSetbacks(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	end := func(p engine.Pass, folders ...engine.FolderTally) {
		t.Helper()
		p.ID = h.pass
		must(t, h.FinishPass(t.Context(), p, folders, engine.PassRecord{}))
	}
	holds := func(told ...string) {
		t.Helper()
		all, err := h.Setbacks(t.Context(), h.project)
		must(t, err)
		var got []string
		for _, s := range all {
			if s.Source != "anna@old" || s.Destination != "anna@new" || s.Mailbox != h.mailbox {
				t.Errorf("of %+v", s)
			}
			if s.Folder == nil {
				got = append(got, fmt.Sprintf("%s: %s", s.State, s.Cause))
			} else {
				got = append(got, fmt.Sprintf("%s: %s at the %s: %s", s.Folder.Source, s.Folder.Cause, s.Folder.Side, s.Folder.Error))
			}
		}
		want(t, "setbacks", got, told)
	}
	end(engine.Pass{State: engine.PassCompletedWithErrors}, engine.FolderTally{Source: "INBOX"},
		engine.FolderTally{Source: "Old", Error: "NO", Cause: engine.Missing, Side: engine.Destination})
	holds("Old: missing at the destination: NO")
	h.pass = h.mustRun(t, engine.NewItems)
	holds("Old: missing at the destination: NO") // while it runs
	end(engine.Pass{State: engine.PassFailed, Cause: engine.Denied, Error: "no"})
	holds("failed: denied", "Old: missing at the destination: NO")
	h.pass = h.mustRun(t, engine.Preview) // tells nothing of the copies
	end(engine.Pass{State: engine.PassCompleted}, engine.FolderTally{Source: "Old"})
	holds("failed: denied", "Old: missing at the destination: NO")
	h.pass = h.mustRun(t, engine.NewItems)
	end(engine.Pass{State: engine.PassCompleted}, engine.FolderTally{Source: "Old"})
	holds()
}

func TestMailboxesAndSecrets(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	refs := []engine.SecretRef{"k-a", "k-b", "k-c", "k-d"}
	must(t, h.DoomSecrets(t.Context(), refs))
	added, err := h.AddMailboxes(t.Context(), h.project, []engine.Mailbox{{
		Source:      engine.Account{Address: "b@old", User: "b", Secret: "k-a"},
		Destination: engine.Account{Address: "b@new", User: "B", Secret: "k-b"},
	}})
	must(t, err)
	m := added[0]
	got, err := h.Mailbox(t.Context(), m.ID)
	must(t, err)
	want(t, "mailbox", got, m)
	wantDoomed(t, h.Ledger, "k-c", "k-d")
	must(t, h.DoomSecrets(t.Context(), []engine.SecretRef{"k-a"})) // in use: left alone
	wantDoomed(t, h.Ledger, "k-c", "k-d")

	m.Source.Secret, m.Destination.Secret, m.Source.User = "k-c", "", "b2"
	must(t, h.UpdateMailbox(t.Context(), m))
	got, err = h.Mailbox(t.Context(), m.ID)
	must(t, err)
	want(t, "changed", got, m)
	wantDoomed(t, h.Ledger, "k-d", "k-a", "k-b")
	must(t, h.ForgetSecrets(t.Context(), []engine.SecretRef{"k-a", "k-b", "k-x"}))
	wantDoomed(t, h.Ledger, "k-d")

	shared, err := h.AddMailboxes(t.Context(), h.project, []engine.Mailbox{{Source: engine.Account{Secret: "k-c"}}})
	must(t, err)
	must(t, h.DeleteMailboxes(t.Context(), []engine.MailboxID{m.ID}))
	wantDoomed(t, h.Ledger, "k-d") // another mailbox still refers to k-c
	must(t, h.DeleteMailboxes(t.Context(), []engine.MailboxID{shared[0].ID}))
	wantDoomed(t, h.Ledger, "k-c", "k-d")

	_, err = h.Mailbox(t.Context(), m.ID)
	wantErr(t, "Mailbox", err, engine.ErrNotFound)
	wantErr(t, "UpdateMailbox", h.UpdateMailbox(t.Context(), m), engine.ErrNotFound)
	wantErr(t, "DeleteMailboxes", h.DeleteMailboxes(t.Context(), []engine.MailboxID{h.mailbox, 99}), engine.ErrNotFound)
	_, err = h.AddMailboxes(t.Context(), 99, nil)
	wantErr(t, "AddMailboxes", err, engine.ErrNotFound)
	wantSound(t, h.Ledger)
}

func wantDoomed(t testing.TB, l *Ledger, refs ...engine.SecretRef) {
	t.Helper()
	got, err := l.DoomedSecrets(t.Context())
	must(t, err)
	is := map[engine.SecretRef]bool{}
	for _, r := range got {
		is[r] = true
	}
	wanted := map[engine.SecretRef]bool{}
	for _, r := range refs {
		wanted[r] = true
	}
	want(t, "doomed", is, wanted)
}

func TestDeleting(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	keep, h := mustBuild(t, l), house{}
	h = house{Ledger: l}
	var err error
	h.project, err = l.AddProject(t.Context(), engine.Project{Name: "goes"})
	must(t, err)
	for i := range 2 {
		added, err := l.AddMailboxes(t.Context(), h.project, []engine.Mailbox{{Source: engine.Account{Secret: engine.SecretRef(fmt.Sprint("k-", i))}}})
		must(t, err)
		h.mailbox = added[0].ID
		h.pass = h.mustRun(t, engine.NewItems)
		h.folder = h.mustKeep(t, "INBOX", 1).ID
		must(t, h.claim(t, 1, 2))
		must(t, h.settle(t, engine.ItemFailed, 2, 3))
		if i == 0 {
			must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, []engine.FolderTally{{Folder: h.folder}}, engine.PassRecord{}))
		}
	}
	wantErr(t, "while a pass runs", l.DeleteProject(t.Context(), h.project), engine.ErrUnfinished)
	wantErr(t, "while its pass runs", l.DeleteMailboxes(t.Context(), []engine.MailboxID{h.mailbox}), engine.ErrUnfinished)
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, nil, engine.PassRecord{}))
	must(t, l.DeleteProject(t.Context(), h.project))
	wantDoomed(t, l, "k-0", "k-1")
	for _, table := range []string{"project", "mailbox", "pass", "pass_record", "folder"} {
		var n int
		must(t, l.reading.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
		want(t, table, n, 1)
	}
	for _, table := range []string{"item", "claim", "failure", "folder_tally"} {
		var n int
		must(t, l.reading.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
		want(t, table, n, 0)
	}
	must(t, keep.claim(t, 1))
	again, err := l.AddProject(t.Context(), engine.Project{Name: "goes"})
	must(t, err)
	if again <= h.project {
		t.Error("a project id was given twice")
	}
	wantSound(t, l)
}

// TestSharedSecret: the secret that an endpoint's mailboxes share is doomed when nothing refers to it any more: another takes its place, another way to
// sign in is chosen, its project goes. A project made after another one's endpoints shares it.
func TestSharedSecret(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	ctx := t.Context()
	doomed := func(what string, refs ...engine.SecretRef) {
		t.Helper()
		got, err := l.DoomedSecrets(ctx)
		if err != nil || !slices.Equal(got, refs) {
			t.Errorf("%s: %v are doomed, want %v (%v)", what, got, refs, err)
		}
	}
	p := engine.Project{Name: "Acme", Source: engine.Endpoint{Host: "mail.old", Port: 993, Encryption: engine.TLS,
		Access: engine.Access{Method: engine.MasterUser, Admin: "root"}}}
	id, err := l.AddProject(ctx, p)
	must(t, err)
	must(t, l.DoomSecrets(ctx, []engine.SecretRef{"k-1", "k-2"}))
	must(t, l.SetSharedSecret(ctx, id, engine.Source, "k-1"))
	doomed("kept", "k-2")
	must(t, l.SetSharedSecret(ctx, id, engine.Source, "k-2"))
	doomed("replaced", "k-1")
	p, err = l.Project(ctx, id)
	must(t, err)
	if p.Source.Access != (engine.Access{Method: engine.MasterUser, Admin: "root", Secret: "k-2"}) || p.Destination.Access != (engine.Access{}) {
		t.Errorf("%+v", p)
	}
	must(t, l.DoomSecrets(ctx, []engine.SecretRef{"k-2"}))
	doomed("in use", "k-1")
	p.Name = "Copy"
	other, err := l.AddProject(ctx, p)
	must(t, err)
	must(t, l.DeleteProject(ctx, id))
	doomed("shared", "k-1")
	p.ID, p.Source.Access = other, engine.Access{}
	must(t, l.UpdateProject(ctx, p))
	doomed("another way", "k-1", "k-2")
	if err := l.SetSharedSecret(ctx, id, engine.Destination, "k-3"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("of no project: %v", err)
	}
}
