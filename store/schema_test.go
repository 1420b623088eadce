package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	sqlite3 "modernc.org/sqlite/lib"

	"mwiz/engine"
)

// dump returns the whole schema of a ledger.
func dump(t testing.TB, l *Ledger) string {
	t.Helper()
	var b strings.Builder
	must(t, l.read(context.Background(), "", func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		fmt.Fprintf(&b, "%s;\n\n", s)
		return err
	}, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name"))
	return b.String()
}

// The golden file is the schema as it stands after all migrations. MWIZ_GOLDEN=write renews it.
func TestSchemaIsTheGoldenOne(t *testing.T) {
	const golden = "testdata/schema.golden.sql"
	got := dump(t, mustOpen(t, t.TempDir()))
	if os.Getenv("MWIZ_GOLDEN") == "write" {
		must(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	kept, err := os.ReadFile(golden)
	must(t, err)
	if got != strings.ReplaceAll(string(kept), "\r\n", "\n") {
		t.Errorf("the schema is not the one of %s: run the test with MWIZ_GOLDEN=write and read the difference", golden)
	}
}

func TestTablesAreStrict(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	var loose int
	must(t, l.reading.QueryRow("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict").Scan(&loose))
	want(t, "tables that are not STRICT", loose, 0)
}

// violations are one statement for every constraint of the schema.
var violations = map[string]string{
	"meta: one row":                 "INSERT INTO meta(id, digest_key, clean, created) VALUES(2, zeroblob(32), 0, 0)",
	"meta: key length":              "UPDATE meta SET digest_key = zeroblob(31)",
	"meta: clean":                   "UPDATE meta SET clean = 2",
	"project: name":                 "UPDATE project SET name = ''",
	"project: folded":               "UPDATE project SET folded = ''",
	"project: unique name":          "INSERT INTO project(name, folded, source, destination, settings, created, updated) SELECT name, folded, source, destination, settings, 0, 0 FROM project",
	"project: source is JSON":       "UPDATE project SET source = '{'",
	"project: source is an object":  "UPDATE project SET source = '[]'",
	"project: destination":          "UPDATE project SET destination = 'x'",
	"project: destination object":   "UPDATE project SET destination = '1'",
	"project: settings":             "UPDATE project SET settings = ''",
	"project: settings object":      "UPDATE project SET settings = 'null'",
	"schedule: project":             "INSERT INTO schedule(project, every) VALUES(99, 0)",
	"schedule: every":               "INSERT INTO schedule(project, every) SELECT id, -1 FROM project",
	"mailbox: project":              "UPDATE mailbox SET project = 99",
	"mailbox: source secret":        "UPDATE mailbox SET source_secret = ''",
	"mailbox: destination secret":   "UPDATE mailbox SET destination_secret = ''",
	"doomed_secret: ref":            "INSERT INTO doomed_secret(ref, at) VALUES('', 0)",
	"pass: mailbox":                 "UPDATE pass SET mailbox = 99",
	"pass: kind":                    "UPDATE pass SET kind = 'old'",
	"pass: state":                   "UPDATE pass SET state = 'done'",
	"pass: number":                  "UPDATE pass SET number = 0",
	"pass: number of another kind":  "UPDATE pass SET number = 1, kind = 'trial'",
	"pass: unique number":           "INSERT INTO pass(mailbox, kind, state, number, queued, started, ended, seen) SELECT mailbox, kind, 'failed', number, 0, 0, 0, 0 FROM pass",
	"pass: one unfinished":          "INSERT INTO pass(mailbox, kind, state, queued, seen) SELECT mailbox, 'trial', 'queued', 0, 0 FROM pass",
	"pass: ended while running":     "UPDATE pass SET ended = 1",
	"pass: completed without end":   "UPDATE pass SET state = 'completed'",
	"pass: queued but started":      "UPDATE pass SET state = 'queued'",
	"pass: running, not started":    "UPDATE pass SET started = NULL",
	"pass: completed, not started":  "UPDATE pass SET state = 'completed with errors', started = NULL, ended = 1",
	"pass: new":                     "UPDATE pass SET new = -1",
	"pass: copied":                  "UPDATE pass SET copied = -1",
	"pass: adopted":                 "UPDATE pass SET adopted = -1",
	"pass: skipped":                 "UPDATE pass SET skipped = -1",
	"pass: failed":                  "UPDATE pass SET failed = -1",
	"pass: vanished":                "UPDATE pass SET vanished = -1",
	"pass: left":                    `UPDATE pass SET "left" = -1`,
	"pass: bytes":                   "UPDATE pass SET bytes = -1",
	"pass: verified":                "UPDATE pass SET verified = -1",
	"pass: different":               "UPDATE pass SET different = -1",
	"pass: removed":                 "UPDATE pass SET removed = -1",
	"pass: lack of bytes":           "UPDATE pass SET lack_bytes = -1",
	"pass: lack of messages":        "UPDATE pass SET lack_messages = -1",
	"pass: cause":                   "UPDATE pass SET cause = -1",
	"pass: side":                    "UPDATE pass SET side = 2",
	"folder_tally: pass":            "UPDATE folder_tally SET pass = 99",
	"folder_tally: position":        "UPDATE folder_tally SET position = -1",
	"folder_tally: unique position": "INSERT INTO folder_tally SELECT * FROM folder_tally",
	"folder_tally: why":             "UPDATE folder_tally SET why = 'other'",
	"folder_tally: hidden":          "UPDATE folder_tally SET hidden = 2",
	"folder_tally: size":            "UPDATE folder_tally SET size = -2",
	"folder_tally: messages":        "UPDATE folder_tally SET messages = -1",
	"folder_tally: new":             "UPDATE folder_tally SET new = -1",
	"folder_tally: copied":          "UPDATE folder_tally SET copied = -1",
	"folder_tally: adopted":         "UPDATE folder_tally SET adopted = -1",
	"folder_tally: skipped":         "UPDATE folder_tally SET skipped = -1",
	"folder_tally: failed":          "UPDATE folder_tally SET failed = -1",
	"folder_tally: vanished":        "UPDATE folder_tally SET vanished = -1",
	"folder_tally: left":            `UPDATE folder_tally SET "left" = -1`,
	"folder_tally: bytes":           "UPDATE folder_tally SET bytes = -1",
	"folder_tally: verified":        "UPDATE folder_tally SET verified = -1",
	"folder_tally: different":       "UPDATE folder_tally SET different = -1",
	"folder_tally: removed":         "UPDATE folder_tally SET removed = -1",
	"folder_tally: there":           "UPDATE folder_tally SET there = -1",
	"folder_tally: cause":           "UPDATE folder_tally SET cause = -1",
	"folder_tally: side":            "UPDATE folder_tally SET side = 2",
	"pass_record: pass":             "UPDATE pass_record SET pass = 99",
	"pass_record: settings":         "UPDATE pass_record SET settings = '[]'",
	"pass_record: step":             "UPDATE pass_record SET step = -1",
	"pass_record: notes":            "UPDATE pass_record SET notes = '{}'",
	"volume: account":               "INSERT INTO volume(account, written, at, bytes) VALUES('', 0, 0, 0)",
	"volume: written":               "INSERT INTO volume(account, written, at, bytes) VALUES('a', 2, 0, 0)",
	"volume: bytes":                 "INSERT INTO volume(account, written, at, bytes) VALUES('a', 0, 0, -1)",
	"folder: destination validity":  "UPDATE folder SET destination_validity = 4294967296",
	"folder: destination next":      "UPDATE folder SET destination_next = 4294967296",
	"folder: mailbox":               "UPDATE folder SET mailbox = 99",
	"folder: name is bytes":         "UPDATE folder SET name = 'text'",
	"folder: unique":                "INSERT INTO folder(mailbox, name, validity, display, destination) SELECT mailbox, name, validity, '', destination FROM folder",
	"folder: left out":              "UPDATE folder SET filter = 'x', left_out = -1",
	"folder: left out by nothing":   "UPDATE folder SET left_out = 1",
	"folder: validity":              "UPDATE folder SET validity = 4294967296",
	"folder: validity below":        "UPDATE folder SET validity = -1",
	"folder: watermark":             "UPDATE folder SET watermark = 4294967296",
	"folder: watermark below":       "UPDATE folder SET watermark = -1",
	"folder: claimed":               "UPDATE folder SET claimed = -1",
	"folder: copied":                "UPDATE folder SET copied = -1",
	"folder: adopted":               "UPDATE folder SET adopted = -1",
	"folder: held":                  "UPDATE folder SET held = -1",
	"folder: skipped":               "UPDATE folder SET skipped = -1",
	"folder: failed":                "UPDATE folder SET failed = -1",
	"claim: pass":                   "UPDATE claim SET pass = 99",
	"claim: folder":                 "UPDATE claim SET folder = 99",
	"claim: validity":               "UPDATE claim SET validity = 4294967296",
	"claim: validity below":         "UPDATE claim SET validity = -1",
	"claim: uidnext":                "UPDATE claim SET uidnext = 4294967296",
	"claim: uidnext below":          "UPDATE claim SET uidnext = -1",
	"item: folder":                  "UPDATE item SET folder = 99",
	"item: uid":                     "UPDATE item SET uid = 0 WHERE uid = 1",
	"item: uid above":               "UPDATE item SET uid = 4294967296 WHERE uid = 1",
	"item: unique":                  "INSERT INTO item SELECT * FROM item",
	"item: state":                   "UPDATE item SET state = 0",
	"item: state above":             "UPDATE item SET state = 7",
	"item: size":                    "UPDATE item SET size = -2",
	"item: head":                    "UPDATE item SET head = zeroblob(15)",
	"item: body":                    "UPDATE item SET body = zeroblob(17)",
	"item: claimed without claim":   "UPDATE item SET state = 1, claim = NULL",
	"item: destination uid":         "UPDATE item SET destination_uid = 0",
	"item: destination uid above":   "UPDATE item SET destination_uid = 4294967296",
	"failure: item":                 "UPDATE failure SET uid = 77",
	"failure: pass":                 "UPDATE failure SET pass = 99",
	"failure: kind":                 "UPDATE failure SET kind = -1",
	"failure: kept with its item":   "DELETE FROM item WHERE state = 4",
	"removed: item":                 "UPDATE removed SET uid = 77",
	"removed: pass":                 "UPDATE removed SET pass = 99",
	"removed: kept with its item":   "DELETE FROM item WHERE state = 2",
	"mailbox: kept with its parts":  "DELETE FROM mailbox",
	"pass: kept with its parts":     "DELETE FROM pass",
	"folder: kept with its parts":   "DELETE FROM folder",
	"project: kept with its parts":  "DELETE FROM project",
}

func TestConstraintsHold(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	_, err := h.CountPass(t.Context(), h.pass)
	must(t, err)
	must(t, h.claim(t, 1, 2))
	must(t, h.settle(t, engine.ItemFailed, 2))
	must(t, h.settle(t, engine.Copied, 3))
	must(t, h.NoteRemoved(t.Context(), h.pass, h.folder, []engine.UID{3}))
	must(t, h.writeRaw(t, `INSERT INTO folder_tally(pass, position, source, destination, why, size, messages, before, new, copied, adopted, skipped, failed, vanished, "left", bytes, verified, different, removed, error)
		VALUES(?, 0, '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '')`, h.pass))
	must(t, h.writeRaw(t, "INSERT OR REPLACE INTO pass_record(pass, settings, step, points) VALUES(?, '{}', 0, x'')", h.pass))
	tried := map[string]bool{}
	for name, statement := range violations {
		err := h.writeRaw(t, statement)
		if code(err) != sqlite3.SQLITE_CONSTRAINT {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		_, check, _ := strings.Cut(err.Error(), "CHECK constraint failed: ")
		tried[strings.TrimSuffix(check, " (275)")] = true
	}
	wantSound(t, h.Ledger)
	for _, check := range checks(dump(t, h.Ledger)) {
		if !tried[check] {
			t.Errorf("nothing violates CHECK(%s)", check)
		}
	}
}

// checks returns the expression of every CHECK in a schema.
func checks(schema string) (all []string) {
	for _, rest := range strings.Split(schema, "CHECK(")[1:] {
		depth, end := 1, 0
		for ; depth > 0; end++ {
			switch rest[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		all = append(all, rest[:end-1])
	}
	return all
}

func TestStepsAreRead(t *testing.T) {
	_, err := readSteps(fstest.MapFS{"schema/0001_a.sql": {}, "schema/0003_c.sql": {}})
	if err == nil {
		t.Error("a gap was not noticed")
	}
}

// steps2 are the embedded migrations and one more.
func steps2(t testing.TB, sql string) []step {
	t.Helper()
	steps, err := embeddedSteps()
	must(t, err)
	return append(steps, step{len(steps) + 1, "next", sql})
}

func TestMigration(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	h := mustBuild(t, l)
	must(t, h.claim(t, 1, 2, 3))
	version := len(steps2(t, "")) - 1

	// A step that fails half-way leaves the ledger as it was.
	err := l.migrate(t.Context(), steps2(t, "CREATE TABLE next(a) STRICT; CREATE TABLE item(a)"), version)
	if err == nil {
		t.Fatal("a wrong step was taken")
	}
	before := dump(t, l)
	want(t, "version", userVersion(t, l.reading), version)
	want(t, "has the half step", strings.Contains(before, "TABLE next"), false)

	must(t, l.migrate(t.Context(), steps2(t, "CREATE TABLE next(a INTEGER) STRICT; UPDATE item SET size = 5"), version))
	want(t, "version", userVersion(t, l.reading), version+1)
	must(t, l.migrate(t.Context(), steps2(t, "this is not SQL"), version+1)) // not taken again
	wantSound(t, l)

	// The copy is the ledger before: it opens with this version.
	name := fmt.Sprintf("ledger.v%d.db", version)
	info, err := os.Stat(filepath.Join(l.dir, name))
	must(t, err)
	want(t, "mode of the copy", info.Mode().Perm(), os.FileMode(0o600))
	old := t.TempDir()
	must(t, os.Rename(filepath.Join(l.dir, name), filepath.Join(old, ledgerFile)))
	o := mustOpen(t, old)
	want(t, "schema of the copy", dump(t, o), before)
	want(t, "items of the copy", len(house{Ledger: o}.states(t, h.folder)), 3)
	want(t, "files", filesIn(t, l.dir), []string{ledgerFile, ledgerFile + "-shm", ledgerFile + "-wal", lockFile})
}

func userVersion(t testing.TB, db *sql.DB) (v int) {
	t.Helper()
	must(t, db.QueryRow("PRAGMA user_version").Scan(&v))
	return v
}

// Every ledger of a release in testdata becomes what a new one is, and keeps what is in it.
func TestKeptLedgersMigrate(t *testing.T) {
	kept, err := filepath.Glob("testdata/ledger-v*.db")
	must(t, err)
	if len(kept) == 0 {
		t.Fatal("no kept ledger in testdata")
	}
	fresh := dump(t, mustOpen(t, t.TempDir()))
	for _, path := range kept {
		content, err := os.ReadFile(path)
		must(t, err)
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, ledgerFile), content, 0o600))
		l := mustOpen(t, dir)
		want(t, path, dump(t, l), fresh)
		wantSound(t, l)
		p, err := l.ProjectByName(t.Context(), "Kept")
		must(t, err)
		rows, err := l.MailboxRows(t.Context(), p.ID, engine.Page{})
		must(t, err)
		want(t, "items of "+path, rows[0].Items, engine.ItemCounts{Claimed: 1, Copied: 1, Failed: 1})
		want(t, "last pass of "+path, rows[0].Last.State, engine.PassStopped)
		claims, _, err := l.OpenClaims(t.Context(), rows[0].ID)
		must(t, err)
		want(t, "in doubt in "+path, len(claims), 1)
		want(t, "key of "+path, l.DigestKey() != engine.DigestKey{}, true)
	}
}

// MWIZ_KEEP=n writes testdata/ledger-v<n>.db, for the release that brings schema n.
func TestKeepLedger(t *testing.T) {
	n := os.Getenv("MWIZ_KEEP")
	if n == "" {
		return
	}
	l := mustOpen(t, t.TempDir())
	h := house{Ledger: l}
	var err error
	h.project, err = l.AddProject(t.Context(), engine.Project{Name: "Kept", Source: engine.Endpoint{Host: "old.example"}})
	must(t, err)
	added, err := l.AddMailboxes(t.Context(), h.project, []engine.Mailbox{{Source: engine.Account{Address: "anna@old.example", Secret: "k-kept"}}})
	must(t, err)
	h.mailbox = added[0].ID
	h.pass, h.folder = h.mustRun(t, engine.NewItems), h.mustKeep(t, "INBOX", 7).ID
	must(t, h.claim(t, 1, 2, 3))
	must(t, h.settle(t, engine.Copied, 1))
	must(t, h.settle(t, engine.ItemFailed, 2))
	must(t, h.FinishPass(t.Context(), engine.Pass{ID: h.pass, State: engine.PassStopped}, []engine.FolderTally{{Folder: h.folder}}, engine.PassRecord{}))
	must(t, h.DoomSecrets(t.Context(), []engine.SecretRef{"k-doomed"}))
	path := "testdata/ledger-v" + n + ".db"
	must(t, errors.Join(os.RemoveAll(path)))
	_, err = l.conn.ExecContext(t.Context(), "VACUUM INTO ?", path)
	must(t, err)
}
