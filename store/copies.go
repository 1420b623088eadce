package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mwiz/engine"
)

// A copy of the ledger lies beside it under a name that says when it was made, in UTC.
const (
	copyPrefix = "ledger.copy-"
	copyStamp  = "20060102-150405"
	copySuffix = ".db"
)

// copiesKept is how many copies there are at most; copyEvery how old the last one must be before a new one is made.
const (
	copiesKept = 3
	copyEvery  = 24 * time.Hour
)

// Copy is a copy of a ledger.
type Copy struct {
	Path string
	Time time.Time // when it was made
}

// Copies returns the copies of the ledger in dir, the latest first.
func Copies(dir string) ([]Copy, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	var copies []Copy
	for _, e := range entries {
		stamp, ok := strings.CutPrefix(e.Name(), copyPrefix)
		at, err := time.Parse(copyStamp+copySuffix, stamp)
		if ok && err == nil && e.Type().IsRegular() {
			copies = append(copies, Copy{filepath.Join(dir, e.Name()), at})
		}
	}
	slices.SortFunc(copies, func(a, b Copy) int { return b.Time.Compare(a.Time) })
	return copies, nil
}

// KeepDailyCopy makes a copy of the ledger unless there is one of the last day, or the ledger itself is younger, and removes all but the last
// three. It reports whether it did; while it works, about half a second a million items, the ledger can be used. A copy of a time to come, made
// before the clock went back, counts as none.
func (l *Ledger) KeepDailyCopy(ctx context.Context) (made bool, err error) {
	defer func() { err = l.broken("copy the ledger", err) }()
	now := time.Now()
	copies, err := Copies(l.dir)
	if err != nil {
		return false, err
	}
	last, err := l.created(ctx)
	if err != nil {
		return false, err
	}
	for _, c := range copies {
		if c.Time.After(last) && !c.Time.After(now) {
			last = c.Time
		}
	}
	if now.Sub(last) < copyEvery && !last.After(now) {
		return false, nil
	}
	fresh := Copy{filepath.Join(l.dir, copyPrefix+now.UTC().Format(copyStamp)+copySuffix), now}
	if err := l.copyTo(ctx, fresh.Path); err != nil {
		return false, err
	}
	for i, c := range copies {
		if i >= copiesKept-1 {
			err = errors.Join(err, os.Remove(c.Path))
		}
	}
	return true, err
}

// created returns when the ledger was made.
func (l *Ledger) created(ctx context.Context) (time.Time, error) {
	var at int64
	err := l.reading.QueryRowContext(ctx, "SELECT created FROM meta").Scan(&at)
	return time.UnixMilli(at), err
}

// copyTo writes the ledger as it stands to a file of that name, over a connection of its own. The file appears whole or not at all.
func (l *Ledger) copyTo(ctx context.Context, final string) error {
	db, err := sql.Open("sqlite", l.dsn("mode=ro"))
	if err != nil {
		return err
	}
	defer db.Close()
	part := final + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createPrivate(part); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := flush(part); err != nil {
		return err
	}
	return os.Rename(part, final)
}

// Restore puts a copy in the place of the ledger in dir, which no program may have open, and returns where the ledger that was there is kept now,
// "" if there was none. What passes did after the copy was made is not known to it: the next pass finds it at the destination.
//
// Errors: engine.ErrLocked while a program has the ledger open, engine.ErrDamaged when the copy is no better.
func Restore(ctx context.Context, dir string, c Copy) (aside string, err error) {
	l := &Ledger{dir: dir}
	defer func() { err = l.broken("restore the ledger", err) }()
	if err := l.own(); err != nil {
		return "", err
	}
	defer l.release()
	if err := soundFile(ctx, c.Path); err != nil {
		return "", err
	}
	part := l.Path() + ".part"
	if err := duplicate(c.Path, part); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	kept := filepath.Join(dir, "ledger.damaged-"+time.Now().UTC().Format(copyStamp)+copySuffix)
	switch err := duplicate(l.Path(), kept); { // there is a ledger by the name at every moment
	case err == nil:
		aside = kept
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(l.Path()+suffix, kept+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, os.Rename(part, l.Path())
}

// soundFile reads a whole ledger file that no program writes to.
func soundFile(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: slashed(path)}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	var finding string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&finding); err != nil {
		return err
	}
	if finding != "ok" {
		return &engine.Error{Op: "restore the ledger", Kind: engine.Broken, Text: fmt.Sprintf("the copy %s is damaged: %s", path, finding), Err: engine.ErrDamaged}
	}
	return nil
}

// duplicate writes a file's bytes to a private file of another name, durably.
func duplicate(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
