package store

import (
	"context"
	"database/sql"
	"time"

	"mwiz/engine"
)

// keptVolume is how long a slot is kept after it began.
const keptVolume = 24*time.Hour + engine.VolumeSlot

// AddVolume implements engine.Volumes.
func (l *Ledger) AddVolume(ctx context.Context, v engine.Volume) error {
	return l.write(ctx, "keep the day's volume", func(t *tx) error {
		if _, err := t.exec("DELETE FROM volume WHERE at < ?", now()-keptVolume.Milliseconds()); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO volume(account, written, at, bytes) VALUES(?, ?, ?, ?)
			ON CONFLICT(account, written, at) DO UPDATE SET bytes = bytes + excluded.bytes`, clean(v.Account), v.Written, v.At.UnixMilli(), v.Bytes)
		return err
	})
}

// Volumes implements engine.Volumes.
func (l *Ledger) Volumes(ctx context.Context, account string, written bool, after time.Time) (all []engine.Volume, err error) {
	err = l.read(ctx, "read the day's volume", func(rows *sql.Rows) error {
		v := engine.Volume{Account: account, Written: written}
		var at int64
		err := rows.Scan(&at, &v.Bytes)
		v.At = time.UnixMilli(at)
		all = append(all, v)
		return err
	}, "SELECT at, bytes FROM volume WHERE account = ? AND written = ? AND at > ? ORDER BY at", clean(account), written, after.UnixMilli())
	return all, err
}
