package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"mwiz/engine"
)

// errClosed answers calls after Close.
var errClosed = errors.New("the ledger is closed")

// plain are the errors that callers look for; they go up as they are.
var plain = []error{
	engine.ErrNotFound, engine.ErrUnfinished, engine.ErrPassLimit, engine.ErrLocked, engine.ErrNewer, engine.ErrNameTaken,
	context.Canceled, context.DeadlineExceeded,
}

// broken makes err an *engine.Error of kind Broken that says what was tried; nil, plain errors and those that are an *engine.Error
// already stay as they are.
func (l *Ledger) broken(op string, err error) error {
	var done *engine.Error
	if err == nil || errors.As(err, &done) {
		return err
	}
	for _, p := range plain {
		if errors.Is(err, p) {
			return err
		}
	}
	e := &engine.Error{Op: op, Kind: engine.Broken, Err: err}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		e.Text = "the disk is full"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		e.Text = fmt.Sprintf("the ledger in %s cannot be written", l.dir)
	case sqlite3.SQLITE_IOERR:
		e.Text = fmt.Sprintf("the disk that holds %s does not answer as it should", l.dir)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		e.Text = fmt.Sprintf("the ledger in %s is damaged", l.dir)
		e.Err = fmt.Errorf("%w: %w", engine.ErrDamaged, err)
	}
	return e
}

// refuse returns an error for what the caller must not ask.
func refuse(format string, args ...any) error {
	return &engine.Error{Op: "write the ledger", Kind: engine.Broken, Text: fmt.Sprintf(format, args...)}
}

// code returns SQLite's primary result code of err, 0 where it is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// extended returns SQLite's extended result code of err, 0 where it is not SQLite's.
func extended(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code()
}
