package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// applicationID marks the file as a ledger of this program: "mwiz" in ASCII.
const applicationID = 0x6d77697a

//go:embed schema/*.sql
var schema embed.FS

// step is one migration: the SQL that leads to its version.
type step struct {
	version int
	name    string
	sql     string
}

// embeddedSteps returns the migrations that this program knows, in order.
func embeddedSteps() ([]step, error) { return readSteps(schema) }

// readSteps reads schema/0001_*.sql, 0002_*.sql … without a gap.
func readSteps(files fs.FS) ([]step, error) {
	names, err := fs.Glob(files, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []step
	for i, name := range names {
		if !strings.HasPrefix(filepath.Base(name), fmt.Sprintf("%04d_", i+1)) {
			return nil, fmt.Errorf("%s is not migration %d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{i + 1, name, string(text)})
	}
	return steps, nil
}

// SchemaVersion returns the version of the ledger's schema.
func (l *Ledger) SchemaVersion(ctx context.Context) (version int, err error) {
	err = l.read(ctx, "read the schema's version", func(rows *sql.Rows) error { return rows.Scan(&version) }, "SELECT user_version FROM pragma_user_version")
	return version, err
}

// migrate takes the steps above version. A ledger that holds anything is copied first.
func (l *Ledger) migrate(ctx context.Context, steps []step, version int) error {
	if version >= len(steps) {
		return nil
	}
	if version > 0 {
		if err := l.copyTo(ctx, filepath.Join(l.dir, fmt.Sprintf("ledger.v%d.db", version))); err != nil {
			return fmt.Errorf("copy the ledger before its migration: %w", err)
		}
	}
	for _, s := range steps[version:] {
		start := time.Now()
		if err := migrateTo(ctx, l.conn, s); err != nil {
			return fmt.Errorf("migrate the ledger to version %d: %w", s.version, err)
		}
		l.log.Info("migrated the ledger", "version", s.version, "took", time.Since(start))
	}
	return nil
}

// migrateTo takes one step: all of it, or nothing.
func migrateTo(ctx context.Context, conn *sql.Conn, s step) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, s.sql); err != nil {
		return err
	}
	if s.version == 1 {
		if _, err := tx.ExecContext(ctx, "INSERT INTO meta(id, digest_key, clean, created) VALUES(1, ?, 1, ?)", newDigestKey(), time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	// The pragmas take no parameters. They write the file's header, and so belong to the transaction.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, s.version)); err != nil {
		return err
	}
	return tx.Commit()
}

// flush waits until the disk has the file.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
