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

// keepRecord writes what is kept of a pass beside its row and its folders.
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
	_, err = t.exec("INSERT INTO pass_record(pass, settings, step, points) VALUES(?, ?, ?, ?)", pass, string(settings), r.Throughput.Step.Milliseconds(), points)
	return err
}

// PassRecord returns what is kept of a pass beside its row and its folders, and false where nothing is: the pass has not ended, or was interrupted.
func (l *Ledger) PassRecord(ctx context.Context, pass engine.PassID) (r engine.PassRecord, kept bool, err error) {
	err = l.read(ctx, "read the pass's record", func(rows *sql.Rows) error {
		var settings string
		var step int64
		var points []byte
		if err := rows.Scan(&settings, &step, &points); err != nil {
			return err
		}
		kept = true
		r.Throughput.Step = time.Duration(step) * time.Millisecond
		r.Throughput.Points, err = readPoints(points)
		return errors.Join(err, json.Unmarshal([]byte(settings), &r.Settings))
	}, "SELECT settings, step, points FROM pass_record WHERE pass = ?", pass)
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
