package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"mwiz/engine"
)

const passColumns = `pass.id, pass.mailbox, pass.kind, pass.state, coalesce(pass.number, 0), pass.queued, pass.started, pass.ended, pass.seen,
	pass.new, pass.copied, pass.adopted, pass.skipped, pass.failed, pass.vanished, pass."left", pass.bytes,
	pass.verified, pass.different, pass.removed, pass.lack_bytes, pass.lack_messages, pass.cause, pass.side, pass.host, pass.error`

// passRow receives passColumns.
type passRow struct {
	engine.Pass
	queued, seen   int64
	started, ended sql.NullInt64
	cause          int
}

func (r *passRow) fields() []any {
	p := &r.Pass
	return append(append([]any{&p.ID, &p.Mailbox, &p.Kind, &p.State, &p.Number, &r.queued, &r.started, &r.ended, &r.seen},
		tallyFields(&p.Tally)...), &p.Lack.Bytes, &p.Lack.Messages, &r.cause, &p.Side, &p.Host, &p.Error)
}

// pass returns what was received.
func (r *passRow) pass() engine.Pass {
	p := r.Pass
	p.Queued, p.Seen = time.UnixMilli(r.queued), time.UnixMilli(r.seen)
	p.Started, p.Ended = orZero(r.started), orZero(r.ended)
	p.Cause = kind(r.cause)
	return p
}

// orZero returns the time that n tells, the zero Time for NULL.
func orZero(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64)
}

// kind returns the engine.Kind of a number: one that the engine does not know is Other.
func kind(n int) engine.Kind {
	if n < 0 || n >= len(engine.Answers) {
		return engine.Other
	}
	return engine.Kind(n)
}

// tallyFields returns where the columns new to removed go.
func tallyFields(t *engine.Tally) []any {
	return []any{&t.New, &t.Copied, &t.Adopted, &t.Skipped, &t.Failed, &t.Vanished, &t.Left, &t.Bytes,
		&t.Verified, &t.Different, &t.Removed}
}

// tallyArgs returns the columns new to removed.
func tallyArgs(t engine.Tally) []any {
	return []any{t.New, t.Copied, t.Adopted, t.Skipped, t.Failed, t.Vanished, t.Left, t.Bytes, t.Verified, t.Different, t.Removed}
}

// QueuePasses implements engine.Passes. An id that names no mailbox is refused with engine.ErrNotFound.
func (l *Ledger) QueuePasses(ctx context.Context, mailboxes []engine.MailboxID, kind engine.PassKind, limit int) (
	queued []engine.Pass, refused map[engine.MailboxID]error, err error) {
	err = l.write(ctx, "queue passes", func(t *tx) error {
		queued, refused = nil, map[engine.MailboxID]error{}
		projects := map[engine.ProjectID]bool{}
		for _, id := range mailboxes {
			project, err := t.mayQueue(id, kind, limit)
			if err != nil {
				if !isRefusal(err) {
					return err
				}
				refused[id] = err
				continue
			}
			p, err := t.queuePass(id, kind)
			if err != nil {
				return err
			}
			queued = append(queued, p)
			projects[project] = true
		}
		for project := range projects {
			if err := t.touch(project); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return queued, refused, nil
}

// isRefusal reports whether err refuses one mailbox only.
func isRefusal(err error) bool {
	return errors.Is(err, engine.ErrNotFound) || errors.Is(err, engine.ErrUnfinished) || errors.Is(err, engine.ErrPassLimit)
}

// mayQueue returns a mailbox's project, or why it gets no pass.
func (t *tx) mayQueue(id engine.MailboxID, kind engine.PassKind, limit int) (project engine.ProjectID, err error) {
	var unfinished bool
	var counted int
	err = t.row([]any{&project, &unfinished, &counted}, `SELECT project,
		EXISTS(SELECT 1 FROM pass WHERE mailbox = mailbox.id AND state IN ('queued', 'running')),
		(SELECT count(number) FROM pass WHERE mailbox = mailbox.id AND state <> 'interrupted')
		FROM mailbox WHERE id = ?`, id)
	switch {
	case err != nil:
		return 0, orNotFound(err)
	case unfinished:
		return 0, engine.ErrUnfinished
	case kind == engine.NewItems && counted >= limit:
		return 0, engine.ErrPassLimit
	}
	return project, nil
}

func (t *tx) queuePass(mailbox engine.MailboxID, kind engine.PassKind) (engine.Pass, error) {
	at := now()
	id, err := t.insert("INSERT INTO pass(mailbox, kind, state, queued, seen) VALUES(?, ?, 'queued', ?, ?)", mailbox, string(kind), at, at)
	return engine.Pass{ID: engine.PassID(id), Mailbox: mailbox, Kind: kind, State: engine.Queued,
		Queued: time.UnixMilli(at), Seen: time.UnixMilli(at)}, err
}

// StartPass implements engine.Passes. A pass that is not queued is refused.
func (l *Ledger) StartPass(ctx context.Context, id engine.PassID, r engine.PassRecord) error {
	return l.write(ctx, "start the pass", func(t *tx) error {
		p, err := t.pass(id)
		if err != nil {
			return err
		}
		if p.State != engine.Queued {
			return refuse("pass %d is %s, not queued", id, p.State)
		}
		at := now()
		if _, err := t.exec("UPDATE pass SET state = 'running', started = ?, seen = ? WHERE id = ?", at, at, id); err != nil {
			return err
		}
		if err := t.keepRecord(id, r); err != nil {
			return err
		}
		return t.touchOf(p.Mailbox)
	})
}

// pass returns a pass.
func (t *tx) pass(id engine.PassID) (engine.Pass, error) {
	var r passRow
	err := t.row(r.fields(), "SELECT "+passColumns+" FROM pass WHERE id = ?", id)
	return r.pass(), orNotFound(err)
}

// touchOf notes that something of a mailbox's project changed.
func (t *tx) touchOf(mailbox engine.MailboxID) error {
	_, err := t.exec("UPDATE project SET updated = ? WHERE id = (SELECT project FROM mailbox WHERE id = ?)", now(), mailbox)
	return err
}

// CountPass implements engine.Passes. A pass of a kind that does not count gets the number 0. A pass that was interrupted gives its number
// to the one that goes on with it: a crash costs the user nothing.
func (l *Ledger) CountPass(ctx context.Context, id engine.PassID) (number int, err error) {
	err = l.write(ctx, "count the pass", func(t *tx) error {
		p, err := t.pass(id)
		number = p.Number
		if err != nil || p.Number > 0 || p.Kind != engine.NewItems {
			return err
		}
		if _, err := t.exec("UPDATE pass SET number = NULL WHERE mailbox = ? AND state = 'interrupted' AND number IS NOT NULL", p.Mailbox); err != nil {
			return err
		}
		if err := t.row([]any{&number}, "SELECT coalesce(max(number), 0) + 1 FROM pass WHERE mailbox = ?", p.Mailbox); err != nil {
			return err
		}
		_, err = t.exec("UPDATE pass SET number = ? WHERE id = ?", number, id)
		return err
	})
	return number, err
}

// SeePass implements engine.Passes.
func (l *Ledger) SeePass(ctx context.Context, id engine.PassID, tally engine.Tally, r engine.PassRecord) error {
	return l.write(ctx, "note the pass's progress", func(t *tx) error {
		n, err := t.exec(`UPDATE pass SET seen = ?, new = ?, copied = ?, adopted = ?, skipped = ?, failed = ?, vanished = ?, "left" = ?, bytes = ?,
			verified = ?, different = ?, removed = ? WHERE id = ? AND state = 'running'`, append(append([]any{now()}, tallyArgs(tally)...), id)...)
		if err != nil {
			return err
		}
		if n == 1 {
			return t.keepRecord(id, r)
		}
		p, err := t.pass(id)
		if err != nil {
			return err
		}
		return refuse("pass %d is %s, not running", id, p.State)
	})
}

// FinishPass implements engine.Passes. A pass that is not unfinished is refused, as is a state that does not end it.
func (l *Ledger) FinishPass(ctx context.Context, p engine.Pass, folders []engine.FolderTally, r engine.PassRecord) error {
	return l.write(ctx, "end the pass", func(t *tx) error {
		was, err := t.pass(p.ID)
		switch {
		case err != nil:
			return err
		case was.State.Ended():
			return refuse("pass %d is %s already", p.ID, was.State)
		case !p.State.Ended():
			return refuse("%q does not end pass %d", p.State, p.ID)
		}
		at := now()
		args := append(append([]any{string(p.State), at, at}, tallyArgs(p.Tally)...), p.Lack.Bytes, p.Lack.Messages, int(p.Cause), p.Side, clean(p.Host), clean(p.Error), p.ID)
		if _, err := t.exec(`UPDATE pass SET state = ?, ended = ?, seen = ?, new = ?, copied = ?, adopted = ?, skipped = ?, failed = ?, vanished = ?,
			"left" = ?, bytes = ?, verified = ?, different = ?, removed = ?, lack_bytes = ?, lack_messages = ?, cause = ?, side = ?, host = ?, error = ? WHERE id = ?`, args...); err != nil {
			return err
		}
		if err := t.keepTallies(p.ID, folders); err != nil {
			return err
		}
		if err := t.keepRecord(p.ID, r); err != nil {
			return err
		}
		return t.touchOf(was.Mailbox)
	})
}

// InterruptPasses implements engine.Passes. The passes ended, as far as can be known, when they were last seen.
func (l *Ledger) InterruptPasses(ctx context.Context) (interrupted int, err error) {
	err = l.write(ctx, "interrupt passes", func(t *tx) error {
		if _, err := t.exec(`UPDATE project SET updated = ? WHERE id IN (SELECT mailbox.project FROM pass JOIN mailbox ON mailbox.id = pass.mailbox
			WHERE pass.state IN ('queued', 'running'))`, now()); err != nil {
			return err
		}
		n, err := t.exec("UPDATE pass SET state = 'interrupted', ended = seen WHERE state IN ('queued', 'running')")
		interrupted = int(n)
		return err
	})
	return interrupted, err
}

// PassRows returns a page of the passes of all mailboxes of a project, the newest first.
func (l *Ledger) PassRows(ctx context.Context, project engine.ProjectID, page engine.Page) (rows []engine.PassRow, err error) {
	err = l.read(ctx, "read passes", func(r *sql.Rows) error {
		var p passRow
		var row engine.PassRow
		err := r.Scan(append(p.fields(), &row.Source, &row.Destination)...)
		row.Pass = p.pass()
		rows = append(rows, row)
		return err
	}, "SELECT "+passColumns+`, mailbox.source_address, mailbox.destination_address
		FROM pass JOIN mailbox ON mailbox.id = pass.mailbox WHERE pass.id IN (
			SELECT pass.id FROM mailbox CROSS JOIN pass ON pass.mailbox = mailbox.id WHERE mailbox.project = ? ORDER BY pass.id DESC LIMIT ? OFFSET ?)
		ORDER BY pass.id DESC`,
		project, limit(page), page.Offset)
	return rows, err
}

// CountPasses returns how many passes PassRows has.
func (l *Ledger) CountPasses(ctx context.Context, project engine.ProjectID) (n int, err error) {
	err = l.read(ctx, "count passes", func(r *sql.Rows) error { return r.Scan(&n) },
		"SELECT count(*) FROM mailbox JOIN pass ON pass.mailbox = mailbox.id WHERE mailbox.project = ?", project)
	return n, err
}
