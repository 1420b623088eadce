package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestReceipts asks for single messages: copied, refused, not seen yet, gone at the source, removed at the destination, changed there.
func TestReceipts(t *testing.T) {
	t.Parallel()
	r := newPair(t, imaptest.Options{}, imaptest.Options{MaxSize: 50_000}).rig(t, "anna@example.org", setup{})
	day := time.Date(2026, time.March, 14, 10, 22, 0, 0, time.UTC)
	put := func(folder, id string, size int) string {
		text := "From: ben@example.org\r\nSubject: About " + id + "\r\nMessage-ID: <" + id + ">\r\n\r\n" + strings.Repeat("text\r\n", size/6)
		return imaptest.Put(t, r.root(engine.Source), folder, id, imaptest.Message{Bytes: []byte(text), Date: day, Flags: []string{`\Seen`}})
	}
	put(imaptest.Inbox, "one@x", 600)
	put(imaptest.Inbox, "one@xy", 600) // whose Message-ID holds the other's
	put("Büro/2026", "two@x", 1200)
	put("Büro/2026", "huge@x", 90_000)
	gone := put("Büro/2026", "gone@x", 1800)
	if first := r.run(engine.NewItems); first.State != engine.PassCompletedWithErrors || first.Tally.Copied != 4 {
		t.Fatalf("first pass: %+v", first)
	}
	put(imaptest.Inbox, "new@x", 600)
	r.must(os.Remove(gone))

	ask := func(what string, q engine.ReceiptQuery, n int) []engine.Receipt {
		t.Helper()
		q.Project, q.Mailbox = r.project, r.mailbox
		found, err := r.engine.Receipts(t.Context(), q)
		if err != nil || len(found) != n {
			t.Fatalf("%s: %d found, want %d: %v\n%+v", what, len(found), n, err, found)
		}
		return found
	}
	one := ask("copied", engine.ReceiptQuery{MessageID: "<one@x>", ReadBack: true}, 1)[0]
	if !one.Migrated() || !one.AtSource || one.State != engine.Copied || one.Number != 1 || one.Kind != engine.NewItems || one.DestinationUID == 0 || one.Proof != engine.Equal ||
		one.Destination != "INBOX" || time.Since(one.At) > time.Hour {
		t.Errorf("copied: %+v", one)
	}
	two := ask("copied", engine.ReceiptQuery{MessageID: "two@x"}, 1)[0]
	if two.Folder != "Büro/2026" || two.Destination != "Büro/2026" || two.Proof != engine.NotRead {
		t.Errorf("copied: %+v", two)
	}
	huge := ask("refused", engine.ReceiptQuery{MessageID: "huge@x", ReadBack: true}, 1)[0]
	if huge.Migrated() || huge.State != engine.ItemFailed || huge.Failure == nil || huge.Failure.Kind != engine.Refused || huge.Number != 1 || huge.Proof != engine.NotRead {
		t.Errorf("refused: %+v", huge)
	}
	if fresh := ask("not seen yet", engine.ReceiptQuery{MessageID: "new@x"}, 1)[0]; fresh.Migrated() || fresh.State != 0 || fresh.Folder != "INBOX" || !fresh.AtSource || fresh.UID == 0 {
		t.Errorf("not seen yet: %+v", fresh)
	}
	if left := ask("gone at the source", engine.ReceiptQuery{MessageID: "gone@x", ReadBack: true}, 1)[0]; !left.Migrated() || left.AtSource || left.Proof != engine.Equal || left.Folder != "Büro/2026" {
		t.Errorf("gone at the source: %+v", left)
	}
	ask("never there", engine.ReceiptQuery{MessageID: "never@x"}, 0)
	ask("in another folder", engine.ReceiptQuery{MessageID: "one@x", Folder: "büro/2026"}, 0)
	ask("not what a server searches for", engine.ReceiptQuery{MessageID: "ü@x"}, 0)

	// From the ledger alone.
	of := engine.RecordQuery{From: day.Truncate(24 * time.Hour), Until: day.AddDate(0, 0, 1)}
	ask("by folder and date", engine.ReceiptQuery{Folder: "BÜRO/2026", Records: of}, 3)
	ask("by date", engine.ReceiptQuery{Records: of}, 5)
	of.Limit = 4
	ask("the first four", engine.ReceiptQuery{Records: of}, 4)
	ask("by size", engine.ReceiptQuery{Records: engine.RecordQuery{Size: one.Size}}, 1)
	ask("by subject", engine.ReceiptQuery{Records: engine.RecordQuery{Subject: "ABOUT huge"}}, 1)

	// What becomes of copies.
	r.alter(t, "INBOX", "one@x>")
	if changed := ask("changed", engine.ReceiptQuery{MessageID: "one@x", ReadBack: true}, 1)[0]; changed.Migrated() || changed.Proof != engine.NotThere {
		t.Errorf("changed: %+v", changed)
	}
	r.run(engine.Verify)
	if removed := ask("removed", engine.ReceiptQuery{MessageID: "one@x"}, 1)[0]; removed.Migrated() || removed.RemovedBy == 0 || removed.RemovedAt.IsZero() {
		t.Errorf("removed: %+v", removed)
	}
}

// alter removes the copy whose header holds a text, as its user might.
func (r *rig) alter(t *testing.T, folder, text string) {
	t.Helper()
	dir := imaptest.FolderDir(r.root(engine.Destination), folder)
	for _, sub := range []string{"cur", "new"} {
		files, err := os.ReadDir(filepath.Join(dir, sub))
		r.must(err)
		for _, f := range files {
			file := filepath.Join(dir, sub, f.Name())
			raw, err := os.ReadFile(file)
			r.must(err)
			if strings.Contains(string(raw), text) {
				r.must(os.Remove(file))
				return
			}
		}
	}
	t.Fatalf("no message of %s holds %q", folder, text)
}
