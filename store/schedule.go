package store

import (
	"context"
	"database/sql"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"mwiz/engine"
)

var _ engine.Schedules = (*Ledger)(nil)

// Schedules implements engine.Schedules.
func (l *Ledger) Schedules(ctx context.Context) (all []engine.Schedule, err error) {
	err = l.read(ctx, "read the schedules", func(rows *sql.Rows) error {
		var s engine.Schedule
		var next, until, missed sql.NullInt64
		var every int64
		err := rows.Scan(&s.Project, &next, &every, &until, &missed)
		s.Next, s.Every, s.Until, s.Missed = orZero(next), time.Duration(every)*time.Millisecond, orZero(until), orZero(missed)
		all = append(all, s)
		return err
	}, "SELECT project, next, every, until, missed FROM schedule ORDER BY project")
	return all, err
}

// KeepSchedule implements engine.Schedules.
func (l *Ledger) KeepSchedule(ctx context.Context, s engine.Schedule) error {
	return l.write(ctx, "keep the schedule", func(t *tx) error {
		_, err := t.exec("INSERT OR REPLACE INTO schedule(project, next, every, until, missed) VALUES(?, ?, ?, ?, ?)",
			s.Project, milliseconds(s.Next), s.Every.Milliseconds(), milliseconds(s.Until), milliseconds(s.Missed))
		if extended(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY {
			return engine.ErrNotFound
		}
		return err
	})
}

// DropSchedule implements engine.Schedules.
func (l *Ledger) DropSchedule(ctx context.Context, project engine.ProjectID) error {
	return l.write(ctx, "delete the schedule", func(t *tx) error {
		_, err := t.exec("DELETE FROM schedule WHERE project = ?", project)
		return err
	})
}

// milliseconds is orZero the other way round.
func milliseconds(at time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: at.UnixMilli(), Valid: !at.IsZero()}
}
