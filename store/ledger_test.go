package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"mwiz/engine"
)

// mustOpen opens the ledger in dir and closes it at the test's end.
func mustOpen(t testing.TB, dir string) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, errClosed) {
			t.Error(err)
		}
	})
	return l
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want compares.
func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantErr looks for an error in a chain.
func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// house is a project with one mailbox, a running pass and a kept folder.
type house struct {
	*Ledger
	project engine.ProjectID
	mailbox engine.MailboxID
	pass    engine.PassID
	folder  engine.FolderID
}

func mustBuild(t testing.TB, l *Ledger) house {
	t.Helper()
	h := house{Ledger: l}
	var err error
	h.project, err = l.AddProject(t.Context(), engine.Project{Name: "Acme " + t.Name()})
	must(t, err)
	added, err := l.AddMailboxes(t.Context(), h.project, []engine.Mailbox{{Source: engine.Account{Address: "anna@old"}, Destination: engine.Account{Address: "anna@new"}}})
	must(t, err)
	h.mailbox = added[0].ID
	h.pass = h.mustRun(t, engine.NewItems)
	h.folder = h.mustKeep(t, "INBOX", 7).ID
	return h
}

// mustRun queues and starts a pass.
func (h house) mustRun(t testing.TB, kind engine.PassKind) engine.PassID {
	t.Helper()
	queued, refused, err := h.QueuePasses(t.Context(), []engine.MailboxID{h.mailbox}, kind, 10)
	must(t, err)
	if len(queued) != 1 {
		t.Fatalf("pass refused: %v", refused)
	}
	must(t, h.StartPass(t.Context(), queued[0].ID, engine.PassRecord{}))
	return queued[0].ID
}

func (h house) mustKeep(t testing.TB, name engine.FolderName, v engine.Validity) engine.KeptFolder {
	t.Helper()
	f, err := h.KeepFolder(t.Context(), engine.KeptFolder{Mailbox: h.mailbox, Name: name, Validity: v, Display: string(name), Destination: name})
	must(t, err)
	return f
}

// claim claims items of the house's folder.
func (h house) claim(t testing.TB, uids ...engine.UID) error {
	_, err := h.Claim(t.Context(), claimOf(h, uids...))
	return err
}

// claimOf returns a claim with made-up items.
func claimOf(h house, uids ...engine.UID) engine.Claim {
	c := engine.Claim{Pass: h.pass, Folder: h.folder, Destination: "INBOX", Validity: 9, UIDNext: 100}
	for _, uid := range uids {
		c.Items = append(c.Items, engine.ClaimedItem{UID: uid, Size: 1000 + int64(uid), Head: engine.Digest{1, byte(uid)}, Body: engine.Digest{2, byte(uid)}})
	}
	return c
}

// settle settles items of the house's folder.
func (h house) settle(t testing.TB, state engine.ItemState, uids ...engine.UID) error {
	var outcomes []engine.Outcome
	for _, uid := range uids {
		outcomes = append(outcomes, engine.Outcome{UID: uid, State: state})
	}
	return h.Settle(t.Context(), h.pass, h.folder, outcomes)
}

// fill writes copied items behind the methods' backs; every gap-th UID is there.
func fill(t testing.TB, l *Ledger, folder engine.FolderID, items, gap int) {
	t.Helper()
	must(t, l.write(t.Context(), "fill", func(tx *tx) error {
		if _, err := tx.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO item(folder, uid, state, size, date, head, body, claim, destination_uid)
			SELECT ?, i * ?, 2, 20000, 1700000000 + i, randomblob(16), randomblob(16), 1, i FROM n`, items, folder, gap); err != nil {
			return err
		}
		_, err := tx.exec("UPDATE folder SET copied = copied + ? WHERE id = ?", items, folder)
		return err
	}))
}

// states returns the state of every item of a folder, as the table has it.
func (h house) states(t testing.TB, folder engine.FolderID) map[engine.UID]engine.ItemState {
	t.Helper()
	all := map[engine.UID]engine.ItemState{}
	must(t, h.read(t.Context(), "", func(rows *sql.Rows) error {
		var uid engine.UID
		var s engine.ItemState
		err := rows.Scan(&uid, &s)
		all[uid] = s
		return err
	}, "SELECT uid, state FROM item WHERE folder = ?", folder))
	return all
}

// wantSound counts every folder's items anew and looks for references that lead nowhere.
func wantSound(t testing.TB, l *Ledger) {
	t.Helper()
	for what, query := range map[string]string{
		"folders whose numbers are wrong": `SELECT count(*) FROM folder WHERE (claimed, copied, skipped, failed, adopted, held) <> (
			SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),
			count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 5), count(*) FILTER (WHERE state = 6) FROM item WHERE folder = folder.id)`,
		"items whose claim is missing":           "SELECT count(*) FROM item WHERE claim IS NOT NULL AND claim NOT IN (SELECT id FROM claim)",
		"tallies whose folder is missing":        "SELECT count(*) FROM folder_tally WHERE folder IS NOT NULL AND folder NOT IN (SELECT id FROM folder)",
		"failed or skipped items without reason": "SELECT count(*) FROM item LEFT JOIN failure USING(folder, uid) WHERE state IN (3, 4) AND failure.uid IS NULL",
		"items that are there and have a reason": "SELECT count(*) FROM item JOIN failure USING(folder, uid) WHERE state IN (2, 5, 6)",
		"removed items that have no copy":        "SELECT count(*) FROM removed JOIN item USING(folder, uid) WHERE state NOT IN (2, 5)",
		"claimed items below the watermark":      "SELECT count(*) FROM item JOIN folder ON folder.id = item.folder WHERE state = 1 AND uid <= watermark AND NOT EXISTS(SELECT 1 FROM failure WHERE failure.folder = item.folder AND failure.uid = item.uid)",
		"doomed secrets in use":                  "SELECT count(*) FROM doomed_secret JOIN mailbox ON ref IN (source_secret, destination_secret)",
		"broken references":                      "SELECT count(*) FROM pragma_foreign_key_check",
	} {
		var n int
		must(t, l.reading.QueryRowContext(context.Background(), query).Scan(&n))
		if n > 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	must(t, l.IntegrityCheck(context.Background()))
}

func TestOpenMakesPrivateFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b#c%20d?e", "ü")
	l := mustOpen(t, dir)
	mustBuild(t, l)
	if runtime.GOOS == "windows" {
		t.Skip("modes are of POSIX systems")
	}
	for path, mode := range map[string]fs.FileMode{dir: 0o700, l.Path(): 0o600, l.Path() + "-wal": 0o600, l.Path() + "-shm": 0o600, filepath.Join(dir, lockFile): 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		want(t, path, info.Mode().Perm(), mode)
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	h := mustBuild(t, l)
	key := l.DigestKey()
	must(t, l.Close())
	wantErr(t, "second Close", l.Close(), errClosed)
	wantErr(t, "write after Close", h.claim(t, 1), errClosed)
	want(t, "files", filesIn(t, dir), []string{ledgerFile, lockFile})

	var heard strings.Builder
	again, err := Open(t.Context(), dir, slog.New(slog.NewTextHandler(&heard, nil)))
	must(t, err)
	defer again.Close()
	want(t, "digest key", again.DigestKey(), key)
	want(t, "log", heard.String(), "") // nothing was migrated, nothing checked
	p, err := again.Project(t.Context(), h.project)
	must(t, err)
	want(t, "project", p.Name, "Acme "+t.Name())
}

func filesIn(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestDigestKeysDiffer(t *testing.T) {
	a, b := mustOpen(t, t.TempDir()), mustOpen(t, t.TempDir())
	if a.DigestKey() == b.DigestKey() || a.DigestKey() == (engine.DigestKey{}) {
		t.Error("two ledgers share a digest key")
	}
}

func TestReadersCannotWrite(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	if _, err := l.reading.Exec("DELETE FROM meta"); err == nil {
		t.Error("a reading connection wrote")
	}
	if _, err := l.conn.ExecContext(t.Context(), "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema"); err == nil {
		t.Error("the schema can be written: _defensive is not in force")
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	dir := t.TempDir()
	mustOpen(t, dir)
	_, err := Open(t.Context(), dir, nil)
	wantErr(t, "second Open", err, engine.ErrLocked)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Symlink(dir, other); err == nil {
		_, err = Open(t.Context(), other, nil)
		wantErr(t, "second Open by another path", err, engine.ErrLocked)
	}
}

func TestNewerLedgerIsLeftUntouched(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	mustBuild(t, l)
	must(t, l.Close())
	mustExec(t, l.Path(), "PRAGMA user_version = 99")
	before, err := os.ReadFile(l.Path())
	must(t, err)
	_, err = Open(t.Context(), dir, nil)
	wantErr(t, "Open", err, engine.ErrNewer)
	after, err := os.ReadFile(l.Path())
	must(t, err)
	if string(before) != string(after) {
		t.Error("the file was changed")
	}
}

// mustExec changes a closed ledger behind the program's back.
func mustExec(t testing.TB, path, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(query, args...)
	must(t, err)
}

// A run that was killed between making the file and filling it leaves nothing to be afraid of.
func TestEmptyFileIsANewLedger(t *testing.T) {
	dir := t.TempDir()
	must(t, createPrivate(filepath.Join(dir, ledgerFile)))
	mustBuild(t, mustOpen(t, dir))
}

func TestCancelledReads(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.ProjectRows(ctx)
	wantErr(t, "ProjectRows", err, context.Canceled)
	wantErr(t, "IntegrityCheck", h.IntegrityCheck(ctx), context.Canceled)
	_, err = h.Claim(ctx, claimOf(h, 1))
	wantErr(t, "Claim", err, context.Canceled)
	want(t, "items", len(h.states(t, h.folder)), 0)
	_, err = Open(ctx, t.TempDir(), nil)
	wantErr(t, "Open", err, context.Canceled)
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	mustExec(t, filepath.Join(dir, ledgerFile), "CREATE TABLE t(a); PRAGMA user_version = 1")
	if _, err := Open(t.Context(), dir, nil); engine.KindOf(err) != engine.Broken {
		t.Errorf("got %v", err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root may write anywhere: only the sentence for a file in the way is tried")
	} else {
		dir := t.TempDir()
		must(t, os.Chmod(dir, 0o500))
		wantText(t, dir, "cannot be written")
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	wantText(t, filepath.Join(file, "below"), "cannot be written")
}

// wantText opens a ledger that does not open and looks for words in the error's text.
func wantText(t testing.TB, dir, words string) {
	t.Helper()
	_, err := Open(t.Context(), dir, nil)
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Broken || !strings.Contains(e.Text, words) {
		t.Errorf("got %v, want kind broken and %q", err, words)
	}
}
