package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLostLedgerCopiesNothingTwice loses the ledger behind the program's back. What was copied is recognised at the destination; what
// came meanwhile is copied.
func TestLostLedgerCopiesNothingTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 80})
	imaptest.AddOdd(t, r.root(engine.Source), imaptest.Inbox)
	if first := r.run(engine.NewItems); first.State != engine.PassCompleted {
		t.Fatalf("first pass: %+v", first)
	}
	there := int64(r.mail(engine.Destination).Count())
	r.close()
	r.must(os.RemoveAll(r.dir))
	r.open()
	r.addProject()
	c.AddMessages(imaptest.Inbox, 4)
	c.AddMessages("New", 1)
	if again := r.complete(engine.NewItems, 5); again.Tally.Adopted != there {
		t.Errorf("%d adopted of %d", again.Tally.Adopted, there)
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}

// TestOlderLedgerCopiesNothingTwice puts an older copy of the ledger in the place of the one that knows of the last pass. What that pass copied is
// recognised at the destination, in folders that were finished before it as well as in new ones, though other mail has come there too.
func TestOlderLedgerCopiesNothingTwice(t *testing.T) {
	t.Parallel()
	for _, without := range []string{"", "UIDPLUS"} {
		t.Run("without "+without, func(t *testing.T) {
			t.Parallel()
			r := newPair(t, imaptest.Options{}, imaptest.Options{Without: strings.Fields(without)}).rig(t, "anna@example.org", setup{})
			c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60})
			r.complete(engine.NewItems, 60)
			r.close()
			older := filepath.Join(t.TempDir(), "older")
			r.must(os.CopyFS(older, os.DirFS(r.dir)))
			r.open()
			c.AddMessages(imaptest.Inbox, 6)
			c.AddMessages("New", 2)
			r.complete(engine.NewItems, 8)
			r.close()
			r.must(os.RemoveAll(r.dir))
			r.must(os.Rename(older, r.dir))
			r.open()

			note := func(side engine.Side, name, subject string) {
				imaptest.Put(t, r.root(side), imaptest.Inbox, name, imaptest.Message{Bytes: []byte("Subject: " + subject + "\r\n\r\nx\r\n"), Date: time2020})
			}
			note(engine.Destination, "foreign", "foreign")
			want := r.mail(engine.Destination).Minus(r.mail(engine.Source))
			note(engine.Destination, "twin", "twin")
			note(engine.Source, "twin1", "twin")
			note(engine.Source, "twin2", "twin") // one of the two is there already
			c.AddMessages(imaptest.Inbox, 3)
			want.Add(r.mail(engine.Source))
			if p := r.complete(engine.NewItems, 4); p.Tally.Adopted != 9 {
				t.Errorf("%d adopted, 8 were forgotten and 1 was there", p.Tally.Adopted)
			}
			r.holds(want)
			r.complete(engine.NewItems, 0)
		})
	}
}

// TestDestinationSetBack restores the destination to an earlier state. The user is told, what is new is copied, and the UIDs that are given a second
// time are not taken for the copies that had them first.
func TestDestinationSetBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Folders: []string{imaptest.Inbox}})
	r.complete(engine.NewItems, 20)
	older := filepath.Join(t.TempDir(), "older")
	copyTree := func(from, to string) { // keeps the owners, whom Dovecot minds
		if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
			t.Fatalf("cp: %v: %s", err, out)
		}
	}
	root := r.root(engine.Destination)
	copyTree(root, older)
	c.AddMessages(imaptest.Inbox, 5)
	r.complete(engine.NewItems, 5)
	before := r.mail(engine.Source)
	r.must(os.RemoveAll(root))
	copyTree(older, root)
	want := r.mail(engine.Destination)

	c.AddMessages(imaptest.Inbox, 2)
	want.Add(r.mail(engine.Source).Minus(before))
	if p := r.run(engine.NewItems); p.State != engine.PassCompletedWithErrors || p.Tally.Copied != 2 {
		t.Errorf("the pass is %s with %d copied: %s", p.State, p.Tally.Copied, p.Error)
	}
	r.holds(want)
	if p := r.run(engine.Verify); p.Tally.Verified != 22 || p.Tally.Removed != 5 {
		t.Errorf("%d copies verified, %d gone", p.Tally.Verified, p.Tally.Removed)
	}
	r.complete(engine.NewItems, 0)
}
