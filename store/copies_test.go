package store

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mwiz/engine"
)

// TestDailyCopies makes copies of ledgers of several ages and of clocks that went back.
func TestDailyCopies(t *testing.T) {
	ago := func(d time.Duration) string {
		return copyPrefix + time.Now().Add(-d).UTC().Format(copyStamp) + copySuffix
	}
	const day = 24 * time.Hour
	for _, v := range []struct {
		name  string
		age   time.Duration // of the ledger
		there []string
		kept  int // copies afterwards
		made  bool
	}{
		{"new ledger", time.Hour, nil, 0, false},
		{"no copy", 2 * day, nil, 1, true},
		{"fresh copy", 9 * day, []string{ago(time.Hour)}, 1, false},
		{"old copy", 9 * day, []string{ago(25 * time.Hour)}, 2, true},
		{"four copies", 9 * day, []string{ago(2 * day), ago(3 * day), ago(4 * day), ago(5 * day)}, 3, true},
		{"copy of a time to come", 9 * day, []string{ago(-3 * day)}, 2, true},
		{"ledger of a time to come", -9 * day, nil, 1, true},
		{"other files", 9 * day, []string{copyPrefix + "x.db", "ledger.v1.db", ago(25*time.Hour) + ".part"}, 1, true},
	} {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			h := mustBuild(t, mustOpen(t, dir))
			_, err := h.conn.ExecContext(t.Context(), "UPDATE meta SET created = ?", time.Now().Add(-v.age).UnixMilli())
			must(t, err)
			for _, name := range v.there {
				must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
			}
			made, err := h.KeepDailyCopy(t.Context())
			must(t, err)
			want(t, "made", made, v.made)
			copies, err := Copies(dir)
			must(t, err)
			want(t, "copies", len(copies), v.kept)
			for _, c := range copies {
				info, err := os.Stat(c.Path)
				must(t, err)
				want(t, "mode", info.Mode().Perm(), fs.FileMode(0o600))
			}
		})
	}
}

// TestRestore damages a ledger and restores its copy, as well as a copy that is damaged itself.
func TestRestore(t *testing.T) {
	dir := t.TempDir()
	h := mustBuild(t, mustOpen(t, dir))
	must(t, h.settle(t, engine.Copied, 1, 2))
	_, err := h.conn.ExecContext(t.Context(), "UPDATE meta SET created = 0")
	must(t, err)
	made, err := h.KeepDailyCopy(t.Context())
	must(t, err)
	want(t, "made", made, true)
	must(t, h.settle(t, engine.Copied, 3))
	copies, err := Copies(dir)
	must(t, err)
	_, err = Restore(t.Context(), dir, copies[0])
	wantErr(t, "restore an open ledger", err, engine.ErrLocked)
	must(t, h.Close())

	damage(t, h.Path())
	damaged, err := os.ReadFile(h.Path())
	must(t, err)
	must(t, os.WriteFile(h.Path()+"-wal", []byte("torn"), 0o600))
	bad := Copy{filepath.Join(dir, copyPrefix+"20200101-000000"+copySuffix), time.Now()}
	must(t, os.WriteFile(bad.Path, damaged, 0o600))
	_, err = Restore(t.Context(), dir, bad)
	wantErr(t, "restore a damaged copy", err, engine.ErrDamaged)
	now, err := os.ReadFile(h.Path())
	must(t, err)
	want(t, "the ledger is left", string(now) == string(damaged), true)

	aside, err := Restore(t.Context(), dir, copies[0])
	must(t, err)
	for path, text := range map[string]string{aside: string(damaged), aside + "-wal": "torn"} {
		got, err := os.ReadFile(path)
		must(t, err)
		want(t, fmt.Sprintf("%s is kept", path), string(got) == text, true)
	}
	l := mustOpen(t, dir)
	must(t, l.IntegrityCheck(t.Context()))
	known, err := l.KnownUIDs(t.Context(), h.folder, 0)
	must(t, err)
	want(t, "items", known.Count(), int64(2))
	want(t, "key", l.DigestKey(), h.DigestKey())
}

// damage overwrites the middle of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	junk := make([]byte, info.Size()/2)
	for i := range junk {
		junk[i] = 0xa5
	}
	_, err = f.WriteAt(junk, info.Size()/4)
	must(t, err)
}
