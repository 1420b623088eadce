package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"mwiz/engine"
)

// keepRecord writes what is kept of a pass beside its row and its folders, over what was before.
func (t *tx) keepRecord(pass engine.PassID, r engine.PassRecord) error {
	settings, err := json.Marshal(r.Settings)
	if err != nil {
		return err
	}
	points := []byte{}
	for _, p := range r.Throughput.Points {
		points = binary.AppendUvarint(points, uint64(max(0, p.Messages)))
		points = binary.AppendUvarint(points, uint64(max(0, p.Bytes)))
	}
	notes, err := json.Marshal(append([]engine.Note{}, r.Notes...))
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO pass_record(pass, settings, step, points, notes) VALUES(?, ?, ?, ?, ?)
		ON CONFLICT(pass) DO UPDATE SET settings = excluded.settings, step = excluded.step, points = excluded.points, notes = excluded.notes`, pass, string(settings), r.Throughput.Step.Milliseconds(), points, string(notes))
	return err
}

// PassRecord returns what is kept of a pass beside its row and its folders, and false where nothing is: the pass has not begun. Of one
// that was cut off, and of one at work, it is what was noted last.
func (l *Ledger) PassRecord(ctx context.Context, pass engine.PassID) (r engine.PassRecord, kept bool, err error) {
	err = l.read(ctx, "read the pass's record", func(rows *sql.Rows) error {
		var settings, notes string
		var step int64
		var points []byte
		if err := rows.Scan(&settings, &step, &points, &notes); err != nil {
			return err
		}
		kept = true
		r.Throughput.Step = time.Duration(step) * time.Millisecond
		r.Throughput.Points, err = readPoints(points)
		err = errors.Join(err, json.Unmarshal([]byte(settings), &r.Settings), json.Unmarshal([]byte(notes), &r.Notes))
		if len(r.Notes) == 0 {
			r.Notes = nil // as it was given
		}
		return err
	}, "SELECT settings, step, points, notes FROM pass_record WHERE pass = ?", pass)
	return r, kept, err
}

// readPoints reads what keepRecord has written.
func readPoints(b []byte) (points []engine.Point, err error) {
	for len(b) > 0 {
		messages, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errors.New("points of a pass cut short")
		}
		bytes, m := binary.Uvarint(b[n:])
		if m <= 0 {
			return nil, errors.New("points of a pass cut short")
		}
		points = append(points, engine.Point{Messages: int64(messages), Bytes: int64(bytes)})
		b = b[n+m:]
	}
	return points, nil
}

// Throughputs returns how fast the passes of a project went, of those that copied something.
func (l *Ledger) Throughputs(ctx context.Context, project engine.ProjectID) (map[engine.PassID]engine.Throughput, error) {
	all := map[engine.PassID]engine.Throughput{}
	err := l.read(ctx, "read how fast passes went", func(rows *sql.Rows) error {
		var id engine.PassID
		var step int64
		var points []byte
		if err := rows.Scan(&id, &step, &points); err != nil {
			return err
		}
		t := engine.Throughput{Step: time.Duration(step) * time.Millisecond}
		var err error
		t.Points, err = readPoints(points)
		all[id] = t
		return err
	}, `SELECT pass_record.pass, pass_record.step, pass_record.points FROM mailbox CROSS JOIN pass ON pass.mailbox = mailbox.id CROSS JOIN pass_record ON pass_record.pass = pass.id
		WHERE mailbox.project = ? AND pass_record.step > 0`, project)
	return all, err
}
