package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"

	"mwiz/engine"
)

// The files of a ledger.
const (
	ledgerFile = "ledger.db"
	lockFile   = "ledger.lock"
)

// readers is how many queries run at the same time.
const readers = 4

// Ledger is the durable account of every item and pass in one file. It implements what engine and gui ask of it (engine.Ledger,
// gui.Book); the methods' promises stand there. All methods are safe for concurrent use. What was asked before ctx ended is
// written whole: a ctx that ends later does not take it back.
type Ledger struct {
	dir  string
	log  *slog.Logger
	lock *flock.Flock

	writer    *writer
	writing   *sql.DB   // one connection,
	conn      *sql.Conn // the writer's
	reading   *sql.DB   // query-only
	digestKey engine.DigestKey
}

// Open opens the ledger in dir, which it makes if need be, and brings its schema up to date; a copy is kept beside it before that.
// After a run that was cut short it checks the file first, which takes about half a second a million items.
//
// Errors: engine.ErrLocked while another program has it open, engine.ErrNewer for one of a newer version (left
// untouched), engine.ErrDamaged for one that cannot be trusted (kept as it is), engine.ErrUnsuitable for a network drive or a folder that a
// service synchronises. log may be nil.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Ledger, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, log: log}
	if err := l.open(ctx); err != nil {
		l.release()
		return nil, l.broken("open the ledger", err)
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return l.unwritable(err)
	}
	if err := suitable(l.dir); err != nil {
		return err
	}
	if err := l.own(); err != nil {
		return err
	}
	if err := createPrivate(l.Path()); err != nil && !errors.Is(err, fs.ErrExist) {
		return l.unwritable(err)
	}
	version, err := l.probe(ctx)
	if err != nil {
		return err
	}
	if err := l.connect(ctx); err != nil {
		return err
	}
	steps, err := embeddedSteps()
	if err != nil {
		return err
	}
	if err := l.migrate(ctx, steps, version); err != nil {
		return err
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	l.reading, err = sql.Open("sqlite", l.dsn("_query_only=1"))
	if err != nil {
		return err
	}
	l.reading.SetMaxOpenConns(readers)
	l.reading.SetMaxIdleConns(readers)
	if err := l.checkReader(ctx); err != nil {
		return err
	}
	l.writer = newWriter(l.conn)
	return nil
}

// own takes the lock that makes this program the only one on the ledger. The lock is the system's: it cannot be left behind.
func (l *Ledger) own() error {
	l.lock = flock.New(filepath.Join(l.dir, lockFile), flock.SetPermissions(0o600))
	switch locked, err := l.lock.TryLock(); {
	case err != nil:
		return l.unwritable(err)
	case !locked:
		return engine.ErrLocked
	}
	return nil
}

// unwritable says that the ledger's folder cannot be used.
func (l *Ledger) unwritable(err error) error {
	return &engine.Error{Op: "open the ledger", Kind: engine.Broken, Text: fmt.Sprintf("the ledger in %s cannot be written", l.dir), Err: err}
}

// createPrivate makes an empty file that only its owner can read. SQLite itself would make it with whatever the umask allows.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn returns how to open the ledger. Without "file:" SQLite would drop the parameters silently. fullfsync acts on macOS, where a
// plain fsync leaves data in the drive's cache.
func (l *Ledger) dsn(params ...string) string {
	return "file:" + (&url.URL{Path: slashed(l.Path())}).EscapedPath() + "?" + strings.Join(append(params,
		"_busy_timeout=5000", "_foreign_keys=1", "_defensive=1",
		"_pragma=trusted_schema(0)", "_pragma=cell_size_check(1)", "_pragma=temp_store(2)"), "&")
}

// slashed returns path as it stands in a URL: C:\x is /C:/x there.
func slashed(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// probe reads the ledger's version without changing a byte of it; 0 means that it is new.
func (l *Ledger) probe(ctx context.Context) (version int, err error) {
	version, application, err := l.stamp()
	if err != nil {
		version, application, err = l.askStamp(ctx)
	}
	if err != nil {
		return 0, err
	}
	if version > 0 && application != applicationID {
		return 0, refuse("%s is not a ledger of this program", l.Path())
	}
	steps, err := embeddedSteps()
	if err == nil && version > len(steps) {
		err = engine.ErrNewer
	}
	return version, err
}

// stamp reads the ledger's version and whose file it is from its first bytes (https://sqlite.org/fileformat2.html, 1.3): to open a connection for
// it takes a tenth of a short run. An error says that SQLite has to be asked, for instance because the last run was cut short.
func (l *Ledger) stamp() (version int, application int64, err error) {
	if wal, err := os.Stat(l.Path() + "-wal"); err == nil && wal.Size() > 0 {
		return 0, 0, errAsk
	}
	f, err := os.Open(l.Path())
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	head := make([]byte, 72)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:16]) != "SQLite format 3\x00" {
		return 0, 0, errAsk
	}
	return int(int32(binary.BigEndian.Uint32(head[60:]))), int64(int32(binary.BigEndian.Uint32(head[68:]))), nil
}

var errAsk = errors.New("the first bytes do not tell")

// askStamp has SQLite tell what stamp reads.
func (l *Ledger) askStamp(ctx context.Context) (version int, application int64, err error) {
	db, err := sql.Open("sqlite", l.dsn("mode=ro", "_query_only=1"))
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id").Scan(&version, &application)
	return version, application, err
}

// connect opens the one connection that writes, and reads its settings back: a setting that is not in force must not go unseen.
func (l *Ledger) connect(ctx context.Context) error {
	sqlite.StrictPragmas(true)
	var err error
	l.writing, err = sql.Open("sqlite", l.dsn("_journal_mode=WAL", "_synchronous=FULL", "_txlock=immediate",
		"_pragma=fullfsync(1)", "_pragma=checkpoint_fullfsync(1)", "_pragma=secure_delete(fast)", "_pragma=journal_size_limit(67108864)"))
	if err != nil {
		return err
	}
	l.writing.SetMaxOpenConns(1)
	if l.conn, err = l.writing.Conn(ctx); err != nil {
		return err
	}
	return inForce(ctx, l.conn, map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "trusted_schema": "0",
		"cell_size_check": "1", "fullfsync": "1", "checkpoint_fullfsync": "1", "secure_delete": "2", "temp_store": "2", "journal_size_limit": "67108864",
	})
}

// checkReader reads the settings of a reading connection back.
func (l *Ledger) checkReader(ctx context.Context) error {
	conn, err := l.reading.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return inForce(ctx, conn, map[string]string{"query_only": "1", "foreign_keys": "1", "busy_timeout": "5000", "trusted_schema": "0"})
}

// inForce reports a pragma of conn that has another value than wanted.
func inForce(ctx context.Context, conn *sql.Conn, wanted map[string]string) error {
	for pragma, value := range wanted {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return fmt.Errorf("read back %s: %w", pragma, err)
		}
		if got != value {
			return refuse("%s of %s is %s, not %s", pragma, ledgerFile, got, value)
		}
	}
	return nil
}

// begin checks the ledger if the last run was cut short, marks it as open and reads its key.
func (l *Ledger) begin(ctx context.Context) error {
	var clean bool
	var key []byte
	if err := l.conn.QueryRowContext(ctx, "SELECT clean, digest_key FROM meta").Scan(&clean, &key); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return l.damaged("its key is missing")
		}
		return err
	}
	copy(l.digestKey[:], key)
	if !clean {
		start := time.Now()
		if err := l.check(ctx, l.conn, "quick_check"); err != nil {
			return err
		}
		l.log.Info("the last run was cut short, the ledger is sound", "took", time.Since(start))
	}
	_, err := l.conn.ExecContext(ctx, "UPDATE meta SET clean = 0")
	return err
}

// damaged says that the ledger cannot be trusted, and why.
func (l *Ledger) damaged(why string) error {
	return &engine.Error{Op: "open the ledger", Kind: engine.Broken, Text: fmt.Sprintf("the ledger in %s is damaged: %s", l.dir, why),
		Err: engine.ErrDamaged}
}

// querier is a connection or a pool.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// check runs quick_check or integrity_check.
func (l *Ledger) check(ctx context.Context, q querier, pragma string) error {
	var finding string
	if err := q.QueryRowContext(ctx, "PRAGMA "+pragma+"(1)").Scan(&finding); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if finding != "ok" {
		return l.damaged(finding)
	}
	return nil
}

// IntegrityCheck reads the whole ledger and compares every index with its table: about two seconds a million items. It
// returns engine.ErrDamaged when something is wrong.
func (l *Ledger) IntegrityCheck(ctx context.Context) error {
	return l.broken("check the ledger", l.check(ctx, l.reading, "integrity_check"))
}

// Path returns the ledger's file. Only for showing: see the package comment.
func (l *Ledger) Path() string { return filepath.Join(l.dir, ledgerFile) }

// DigestKey implements engine.Items.
func (l *Ledger) DigestKey() engine.DigestKey { return l.digestKey }

// Close writes what waits, marks the ledger as closed in order and gives it free. Calls that come later fail.
func (l *Ledger) Close() error {
	if err := l.writer.close(); err != nil {
		return l.broken("close the ledger", err)
	}
	err := l.reading.Close() // first: an open query would keep the checkpoint from ending
	if err == nil {
		err = l.end()
	}
	return l.broken("close the ledger", errors.Join(err, l.release()))
}

// end writes the mark of an orderly end and folds the WAL into the file, so that the file alone is the ledger.
func (l *Ledger) end() error {
	ctx := context.Background()
	if _, err := l.conn.ExecContext(ctx, "UPDATE meta SET clean = 1"); err != nil {
		return err
	}
	var busy, frames, folded int
	return l.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &folded)
}

// release closes whatever is open, the lock last.
func (l *Ledger) release() error {
	var errs []error
	if l.reading != nil {
		errs = append(errs, l.reading.Close())
	}
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
	}
	if l.writing != nil {
		errs = append(errs, l.writing.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Unlock())
	}
	return errors.Join(errs...)
}

// newDigestKey returns a random key.
func newDigestKey() []byte {
	key := make([]byte, len(engine.DigestKey{}))
	_, _ = rand.Read(key) // never fails
	return key
}
