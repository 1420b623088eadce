package engine_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestClockWentBack interrupts a pass, sets the ledger's times ten years ahead, as if the computer's clock had gone back since, and ten years back. What
// is in doubt is looked up all the same, and the wait for it is no longer than ever.
func TestClockWentBack(t *testing.T) {
	t.Parallel()
	for name, years := range map[string]int{"ahead": 10, "behind": -10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, setup{settings: engine.Settings{LateCommitWait: 1}})
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 30, Folders: []string{imaptest.Inbox}})
			r.to.Break(imaptest.Fault{Up: true, After: 20_000, Mode: imaptest.Hole})
			id := r.start(engine.NewItems)
			for end := time.Now().Add(30 * time.Second); r.to.Broken() == 0; {
				if time.Now().After(end) {
					t.Fatal("the pass sends nothing")
				}
				time.Sleep(5 * time.Millisecond)
			}
			r.engine.Stop(r.project)
			r.to.Cut()
			r.wait(id)
			r.close()
			db, err := sql.Open("sqlite", filepath.Join(r.dir, "ledger.db"))
			r.must(err)
			by := (time.Duration(years) * 365 * 24 * time.Hour).Milliseconds()
			for _, change := range []string{"UPDATE claim SET at = at + ?", "UPDATE pass SET queued = queued + ?1, started = started + ?1, ended = ended + ?1, seen = seen + ?1"} {
				changed, err := db.Exec(change, by)
				r.must(err)
				if n, _ := changed.RowsAffected(); n == 0 {
					t.Fatalf("nothing to change: %s", change)
				}
			}
			r.must(db.Close())
			r.to.Mend()
			r.open()
			r.run(engine.NewItems)
			r.holds(r.mail(engine.Source))
			r.complete(engine.NewItems, 0)
		})
	}
}
