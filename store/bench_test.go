package store

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mwiz/engine"
)

// randomClaim returns a claim of n items from uid on, with digests as random as real ones.
func randomClaim(h house, uid engine.UID, n int) engine.Claim {
	c := engine.Claim{Pass: h.pass, Folder: h.folder, Destination: "INBOX", Validity: 9, UIDNext: 100, Items: make([]engine.ClaimedItem, n)}
	for i := range c.Items {
		item := engine.ClaimedItem{UID: uid + engine.UID(i), Size: rand.Int64N(1 << 17)}
		item.Date.Time = c.At.AddDate(2020, 0, i)
		for j := range item.Head {
			item.Head[j], item.Body[j] = byte(rand.Uint32()), byte(rand.Uint32())
		}
		c.Items[i] = item
	}
	return c
}

// outcomesOf returns that every item of a claim was copied.
func outcomesOf(c engine.Claim) []engine.Outcome {
	outcomes := make([]engine.Outcome, len(c.Items))
	for i, item := range c.Items {
		outcomes[i] = engine.Outcome{UID: item.UID, State: engine.Copied, DestinationUID: item.UID + 1000}
	}
	return outcomes
}

// BenchmarkClaimSettle claims and settles batches, as one lane does.
func BenchmarkClaimSettle(b *testing.B) {
	for _, n := range []int{1, 16, 128} {
		b.Run(fmt.Sprint("batch=", n), func(b *testing.B) {
			h := mustBuild(b, mustOpen(b, b.TempDir()))
			uid := engine.UID(1)
			for b.Loop() {
				c := randomClaim(h, uid, n)
				_, err := h.Claim(b.Context(), c)
				must(b, err)
				must(b, h.Settle(b.Context(), h.pass, h.folder, outcomesOf(c)))
				uid += engine.UID(n)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
			info, err := os.Stat(h.Path())
			must(b, err)
			b.ReportMetric(float64(info.Size())/float64(uid-1), "B/item")
		})
	}
}

// BenchmarkGroupCommit has many lanes claim and settle single items at once.
func BenchmarkGroupCommit(b *testing.B) {
	for _, lanes := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("lanes=", lanes), func(b *testing.B) {
			h := mustBuild(b, mustOpen(b, b.TempDir()))
			folders := make([]house, lanes)
			for i := range folders {
				folders[i] = h
				folders[i].folder = h.mustKeep(b, engine.FolderName(fmt.Sprint(i)), 1).ID
			}
			b.ResetTimer()
			var next atomic.Int64
			var wg sync.WaitGroup
			for _, h := range folders {
				wg.Go(func() {
					for {
						n := next.Add(1)
						if n > int64(b.N) {
							return
						}
						c := randomClaim(h, engine.UID(n), 1)
						if _, err := h.Claim(b.Context(), c); err != nil {
							b.Error(err)
							return
						}
						if err := h.Settle(b.Context(), h.pass, h.folder, outcomesOf(c)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

func BenchmarkKnownUIDs(b *testing.B) {
	for name, gap := range map[string]int{"dense": 1, "gaps": 2} {
		b.Run(name, func(b *testing.B) {
			h := mustBuild(b, mustOpen(b, b.TempDir()))
			const items = 100_000
			fill(b, h.Ledger, h.folder, items, gap)
			for b.Loop() {
				set, err := h.KnownUIDs(b.Context(), h.folder, 0)
				must(b, err)
				if set.Count() != items {
					b.Fatal(set.Count())
				}
			}
		})
	}
}

// large is a ledger of 10,000 mailboxes with 4 folders each, three passes each, and the given number of items.
func large(t testing.TB, dir string, items int) (l *Ledger, project engine.ProjectID) {
	t.Helper()
	l, err := Open(t.Context(), dir, nil)
	must(t, err)
	project, err = l.AddProject(t.Context(), engine.Project{Name: "large"})
	must(t, err)
	const mailboxes, folders = 10_000, 4
	all := make([]engine.Mailbox, mailboxes)
	for i := range all {
		all[i].Source.Address = fmt.Sprintf("user%d@old.example", i)
		all[i].Source.Secret = engine.SecretRef(fmt.Sprintf("k-abcdefghijklmnopqrstuvwx%d", i))
	}
	_, err = l.AddMailboxes(t.Context(), project, all)
	must(t, err)
	must(t, l.write(t.Context(), "fill", func(tx *tx) error {
		for _, q := range []string{
			`INSERT INTO pass(mailbox, kind, state, number, queued, started, ended, seen, copied, bytes)
				SELECT mailbox.id, 'new', 'completed', n.value, n.value, n.value, n.value, n.value, 50, 1000000 FROM json_each('[1,2,3]') n, mailbox`,
			`INSERT INTO folder(mailbox, name, validity, display, destination)
				SELECT mailbox.id, CAST('Folder ' || n.value AS BLOB), 1, 'Folder ' || n.value, CAST('Folder ' || n.value AS BLOB) FROM mailbox, json_each('[1,2,3,4]') n`,
			`INSERT INTO folder_tally(pass, position, folder, source, destination, why, size, messages, before, new, copied, adopted, skipped, failed, vanished, "left", bytes,
					verified, different, removed, error)
				SELECT pass.id, folder.id % 4, folder.id, folder.display, folder.display, 'name', -1, 5, 0, 5, 5, 0, 0, 0, 0, 0, 100000, 0, 0, 0, '' FROM pass JOIN folder ON folder.mailbox = pass.mailbox`,
			`INSERT INTO claim(pass, folder, destination, validity, uidnext, at) SELECT min(pass.id), folder.id, folder.destination, 1, 1, 1
				FROM folder JOIN pass ON pass.mailbox = folder.mailbox GROUP BY folder.id`,
		} {
			if err := tx.run(q); err != nil {
				return err
			}
		}
		if _, err := tx.exec(`INSERT INTO item(folder, uid, state, size, date, head, body, claim, destination_uid)
			SELECT folder.id, n.value, CASE WHEN folder.id % 10 = 0 AND n.value = 1 THEN 4 ELSE 2 END, 20000, 1700000000 + n.value, randomblob(16), randomblob(16), folder.id, n.value
			FROM folder, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?) SELECT value FROM n) n`, items/mailboxes/folders); err != nil {
			return err
		}
		if err := tx.run(`INSERT INTO failure(folder, uid, pass, kind, text, subject, sender, message_id)
			SELECT item.folder, item.uid, claim.pass, 6, 'too big', 'a subject', 'a sender', 'an id' FROM item JOIN claim ON claim.id = item.claim WHERE state = 4`); err != nil {
			return err
		}
		return tx.run(`UPDATE folder SET copied = (SELECT count(*) FROM item WHERE folder = folder.id AND state = 2),
			failed = (SELECT count(*) FROM item WHERE folder = folder.id AND state = 4)`)
	}))
	return l, project
}

// BenchmarkLarge asks a ledger of 10,000 mailboxes and two million items what the window asks. MWIZ_BENCH_ITEMS=10000000 is another number of items.
func BenchmarkLarge(b *testing.B) {
	dir, err := os.MkdirTemp("", "mwiz")
	must(b, err)
	b.Cleanup(func() { os.RemoveAll(dir) })
	items := 2_000_000
	if n, err := strconv.Atoi(os.Getenv("MWIZ_BENCH_ITEMS")); err == nil {
		items = n
	}
	l, project := large(b, dir, items)
	must(b, l.Close())
	info, err := os.Stat(filepath.Join(dir, ledgerFile))
	must(b, err)
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			l, err := Open(b.Context(), dir, nil)
			must(b, err)
			_, err = l.InterruptPasses(b.Context())
			must(b, err)
			must(b, l.Close())
		}
		b.ReportMetric(float64(info.Size())/float64(items), "B/item")
	})
	b.Run("OpenAndShow", func(b *testing.B) {
		for b.Loop() {
			l, err := Open(b.Context(), dir, nil)
			must(b, err)
			_, err = l.ProjectRows(b.Context())
			must(b, err)
			b.StopTimer()
			must(b, l.Close())
			b.StartTimer()
		}
	})
	l = mustOpen(b, dir)
	mailboxes, err := l.Mailboxes(b.Context(), project)
	must(b, err)
	middle := mailboxes[len(mailboxes)/2].ID
	kept, err := l.KeptFolders(b.Context(), middle)
	must(b, err)
	one := kept[0].ID
	page := engine.Page{Offset: 5000, Limit: 100}
	for name, ask := range map[string]func() error{
		"ProjectRows": func() error { _, err := l.ProjectRows(b.Context()); return err },
		"Mailboxes":   func() error { _, err := l.Mailboxes(b.Context(), project); return err },
		"MailboxRows": func() error { _, err := l.MailboxRows(b.Context(), project, page); return err },
		"PassRows":    func() error { _, err := l.PassRows(b.Context(), project, page); return err },
		"CountPasses": func() error { _, err := l.CountPasses(b.Context(), project); return err },
		"FailureRows": func() error {
			_, err := l.FailureRows(b.Context(), project, engine.Page{Offset: 500, Limit: 100})
			return err
		},
		"CountFailures": func() error { _, err := l.CountFailures(b.Context(), project); return err },
		"KeptFolders":   func() error { _, err := l.KeptFolders(b.Context(), middle); return err },
		"OpenClaims":    func() error { _, _, err := l.OpenClaims(b.Context(), middle); return err },
		"FailedUIDs":    func() error { _, err := l.FailedUIDs(b.Context(), one, engine.NoError); return err },
		"Records": func() error {
			_, err := l.ItemRecords(b.Context(), one, engine.RecordQuery{MessageID: "none"})
			return err
		},
		"quick_check": func() error { return l.check(b.Context(), l.reading, "quick_check") },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, ask())
			}
		})
	}
	b.Run("DeleteMailboxes", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			must(b, l.DeleteMailboxes(b.Context(), []engine.MailboxID{mailboxes[i%len(mailboxes)].ID}))
			if i+1 == len(mailboxes) {
				b.Fatal("no mailboxes left")
			}
		}
	})
}

// No statement of the writer reads a table that grows from end to end.
func TestWriterScansNoLargeTable(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	h := mustBuild(t, l)
	must(t, h.claim(t, 1, 2, 3, 4))
	must(t, h.settle(t, engine.ItemFailed, 1, 2, 9))
	must(t, h.claim(t, 1))
	must(t, h.Release(t.Context(), h.folder, []engine.UID{1, 3}))
	must(t, h.settle(t, engine.Copied, 4, 2))
	must(t, h.Advance(t.Context(), h.folder, engine.Finished{Watermark: 9}))
	_, err := l.CountPass(t.Context(), h.pass)
	must(t, err)
	must(t, l.SeePass(t.Context(), h.pass, engine.Tally{}, engine.PassRecord{}))
	must(t, l.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassCompleted}, []engine.FolderTally{{}}, engine.PassRecord{}))
	h.mustRun(t, engine.Retry)
	_, err = l.InterruptPasses(t.Context())
	must(t, err)
	must(t, l.DeleteProject(t.Context(), h.project))
	must(t, l.Close())

	l = mustOpen(t, l.dir)
	statements := 0
	for query := range h.writer.stmts {
		if !strings.Contains("SELECT INSERT UPDATE DELETE", query[:6]) {
			continue
		}
		statements++
		must(t, l.read(t.Context(), "", func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			for _, table := range []string{"item", "failure", "claim", "pass", "folder", "folder_tally", "mailbox"} {
				if detail == "SCAN "+table {
					t.Errorf("%s: %s", detail, query)
				}
			}
			return err
		}, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...))
	}
	if statements < 30 {
		t.Errorf("only %d statements were looked at", statements)
	}
}
