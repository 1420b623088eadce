package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// copyAgain marks what the last verifying pass has found removed, and returns how many items.
func (r *rig) copyAgain() (marked int) {
	r.t.Helper()
	removed, err := r.ledger.RemovedItems(r.t.Context(), r.project)
	r.must(err)
	for _, f := range removed {
		n, err := r.ledger.CopyAgain(r.t.Context(), f.FolderID, f.UIDs)
		r.must(err)
		marked += n
	}
	return marked
}

// TestRemovedCopiesAreCopiedAgain removes copies, one by one and a folder as a whole. They stay removed until the user asks for them;
// then they are there once.
func TestRemovedCopiesAreCopiedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60, Folders: []string{imaptest.Inbox, "Old", "Sent"}})
	r.complete(engine.NewItems, 60)
	all := r.mail(engine.Destination)
	old := len(all["Old"])
	files, err := filepath.Glob(filepath.Join(r.root(engine.Destination), "cur", "*:2,*"))
	r.must(err)
	r.must(os.Remove(files[0]))
	r.must(os.Remove(files[2]))
	r.complete(engine.NewItems, 0)
	r.must(os.RemoveAll(imaptest.FolderDir(r.root(engine.Destination), "Old")))
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Removed != int64(2+old) || v.Tally.Verified != int64(58-old) {
		t.Errorf("verify: %s, %+v, want %d removed", v.State, v.Tally, 2+old)
	}
	if n := r.copyAgain(); n != 2+old {
		t.Errorf("%d items marked, want %d", n, 2+old)
	}
	if n := r.copyAgain(); n != 0 {
		t.Errorf("%d items marked twice", n)
	}
	r.complete(engine.Retry, 2+old)
	r.holds(all)
	r.complete(engine.NewItems, 0)
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Verified != 60 {
		t.Errorf("verify in the end: %s, %+v", v.State, v.Tally)
	}
	r.holds(all)
}

// TestCopyAgainOfWhatIsGone asks for a copy again whose message is no longer at the source: the next pass says so and keeps nothing to retry.
func TestCopyAgainOfWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, kind := range []engine.PassKind{engine.Retry, engine.NewItems} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			copyAgainOfWhatIsGone(t, kind)
		})
	}
}

func copyAgainOfWhatIsGone(t *testing.T, kind engine.PassKind) {
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 6, Folders: []string{imaptest.Inbox}})
	r.complete(engine.NewItems, 6)
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		c := imaptest.SignIn(t, map[engine.Side]*imaptest.Server{engine.Source: r.pair.source, engine.Destination: r.pair.destination}[side].Addr(), r.user)
		c.Must("SELECT INBOX")
		c.Must(`STORE 2 +FLAGS (\Deleted)`)
		c.Must("EXPUNGE")
		c.Close()
	}
	r.run(engine.Verify)
	if n := r.copyAgain(); n != 1 {
		t.Fatalf("%d items marked", n)
	}
	r.run(kind)
	rows, err := r.ledger.MailboxRows(r.t.Context(), r.project, engine.Page{Limit: 1})
	r.must(err)
	if i := rows[0].Items; i.Failed != 0 || i.Skipped != 1 || i.Copied != 5 {
		t.Errorf("the items are %+v", i)
	}
	r.complete(engine.NewItems, 0)
}

// TestMovedCopyIsNotRemoved gives a copy another UID in its folder, as a user does who moves it away and back: it is there, and must not be copied
// again.
func TestMovedCopyIsNotRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Folders: []string{imaptest.Inbox}})
	r.complete(engine.NewItems, 20)
	all := r.mail(engine.Destination)
	c := imaptest.SignIn(t, r.pair.destination.Addr(), r.user)
	c.Must("CREATE Aside")
	c.Must("SELECT INBOX")
	c.Must("UID MOVE 3:5 Aside")
	c.Must("SELECT Aside")
	c.Must("UID MOVE 1:3 INBOX")
	c.Must("SELECT INBOX")
	c.Must("DELETE Aside")
	c.Close()
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Verified != 20 || v.Tally.Removed != 0 {
		t.Errorf("verify: %s, %+v", v.State, v.Tally)
	}
	if n := r.copyAgain(); n != 0 {
		t.Errorf("%d items are to be copied again that are there", n)
	}
	r.holds(all)
}

// TestCopyUnderAnotherValidityIsFound gives the destination folder another UIDVALIDITY: the copies are found by their content, and only what is
// gone is told as removed.
func TestCopyUnderAnotherValidityIsFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Folders: []string{imaptest.Inbox}})
	r.complete(engine.NewItems, 20)
	all := r.mail(engine.Destination)
	list, err := os.ReadFile(filepath.Join(r.root(engine.Destination), "dovecot-uidlist"))
	r.must(err)
	before, after, _ := strings.Cut(string(list), " V")
	r.must(os.WriteFile(filepath.Join(r.root(engine.Destination), "dovecot-uidlist"), []byte(before+" V1"+after), 0o600))
	caches, err := filepath.Glob(filepath.Join(r.root(engine.Destination), "dovecot.index*"))
	r.must(err)
	for _, c := range caches {
		r.must(os.Remove(c))
	}
	files, err := filepath.Glob(filepath.Join(r.root(engine.Destination), "cur", "*:2,*"))
	r.must(err)
	r.must(os.Remove(files[7]))
	if v := r.run(engine.Verify); v.Tally.Verified != 19 || v.Tally.Removed != 1 {
		t.Errorf("verify: %s %s, %+v", v.State, v.Error, v.Tally)
	}
	if n := r.copyAgain(); n != 1 {
		t.Errorf("%d items marked", n)
	}
	r.complete(engine.Retry, 1)
	r.holds(all)
}
