package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// largestBatch is the largest number of operations that share a transaction.
const largestBatch = 256

// writer is the one goroutine that writes. What waits while a transaction is on its way to the disk shares the next one
// (group commit), so that many callers cost as few flushes as one.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // prepared once; the goroutine's own
	queue chan *operation
	ended chan struct{}

	mu     sync.RWMutex // held for reading while an operation is handed over
	closed bool
}

// operation is one caller's part of a transaction.
type operation struct {
	ctx  context.Context
	do   func(*tx) error
	err  error
	done chan struct{}
}

func newWriter(conn *sql.Conn) *writer {
	w := &writer{conn: conn, stmts: map[string]*sql.Stmt{}, queue: make(chan *operation, largestBatch), ended: make(chan struct{})}
	go w.run()
	return w
}

// write runs do inside a transaction and returns when the disk has it, or with do's error and nothing of it kept. op says what it is.
// Once it has begun it is not given up: ctx counts until then.
func (l *Ledger) write(ctx context.Context, op string, do func(*tx) error) error {
	o := &operation{ctx: ctx, do: do, done: make(chan struct{})}
	if !l.writer.hand(o) {
		return l.broken(op, errClosed)
	}
	<-o.done
	return l.broken(op, o.err)
}

// hand passes o to the goroutine; false after close.
func (w *writer) hand(o *operation) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return false
	}
	w.queue <- o
	return true
}

// close lets the goroutine write what waits, and returns when it has ended.
func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errClosed
	}
	w.closed = true
	close(w.queue)
	<-w.ended
	return nil
}

func (w *writer) run() {
	defer close(w.ended)
	batch := make([]*operation, 0, largestBatch)
	for first := range w.queue {
		batch = w.gather(append(batch[:0], first))
		w.transact(batch)
		for _, o := range batch {
			close(o.done)
		}
	}
	for _, s := range w.stmts {
		_ = s.Close()
	}
}

// gather adds what waits to batch.
func (w *writer) gather(batch []*operation) []*operation {
	for len(batch) < largestBatch {
		select {
		case o, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// transact writes a batch in one transaction and sets the error of each operation.
func (w *writer) transact(batch []*operation) {
	t := &tx{w}
	err := t.run("BEGIN IMMEDIATE")
	if err == nil {
		err = t.operate(batch)
		if err == nil {
			err = t.run("COMMIT")
		}
		if err != nil {
			_ = t.run("ROLLBACK") // SQLite may have done so itself, as on a full disk
		}
	}
	if err != nil {
		for _, o := range batch {
			if o.err == nil {
				o.err = err
			}
		}
	}
}

// operate runs each operation in a savepoint of its own: one that fails takes back what it did, and nothing else. It returns the error
// that spoils the transaction.
func (t *tx) operate(batch []*operation) error {
	for _, o := range batch {
		if o.err = o.ctx.Err(); o.err != nil {
			continue
		}
		if err := t.run("SAVEPOINT operation"); err != nil {
			return err
		}
		if o.err = o.do(t); o.err != nil {
			if err := t.run("ROLLBACK TO operation"); err != nil {
				return o.err // SQLite has given up the whole transaction because of it
			}
		}
		if err := t.run("RELEASE operation"); err != nil {
			return err
		}
	}
	return nil
}

// tx is the transaction that operations write in. Its methods belong to the writer's goroutine.
type tx struct{ w *writer }

// stmt returns the prepared statement of a query.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.w.stmts[query] = s
	}
	return s, err
}

// run executes a statement that takes and returns nothing.
func (t *tx) run(query string) error {
	_, err := t.exec(query)
	return err
}

// exec executes a statement and returns how many rows it wrote.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert executes an INSERT and returns the new row's id.
func (t *tx) insert(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// row reads the one row of a query into dest; sql.ErrNoRows where there is none.
func (t *tx) row(dest []any, query string, args ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	return s.QueryRow(args...).Scan(dest...)
}

// rows calls each for every row of a query.
func (t *tx) rows(each func(*sql.Rows) error, query string, args ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return err
	}
	return drain(rows, each)
}

// read calls each for every row of a query outside of any transaction of the writer.
func (l *Ledger) read(ctx context.Context, op string, each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := l.reading.QueryContext(ctx, query, args...)
	if err == nil {
		err = drain(rows, each)
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // SQLite says "interrupted"
	}
	return l.broken(op, err)
}

// drain calls each for every row and closes rows.
func drain(rows *sql.Rows, each func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// list returns values as JSON for json_each: one prepared statement serves lists of any length.
func list[T any](values []T) string {
	if values == nil {
		return "[]"
	}
	b, _ := json.Marshal(values) // numbers and strings always can
	return string(b)
}

// now returns the time as the ledger writes it.
func now() int64 { return time.Now().UnixMilli() }
