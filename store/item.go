package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mwiz/engine"
)

// absent is the state of an item that is not in the ledger.
const absent engine.ItemState = 0

const itemColumns = "item.uid, item.size, item.date, item.head, item.body"

// itemRow receives itemColumns.
type itemRow struct {
	uid        engine.UID
	size       int64
	date       sql.NullInt64
	head, body []byte
}

func (r *itemRow) fields() []any { return []any{&r.uid, &r.size, &r.date, &r.head, &r.body} }

// claimed returns what was received.
func (r *itemRow) claimed() engine.ClaimedItem {
	item := engine.ClaimedItem{UID: r.uid, Size: r.size, Date: date(r.date)}
	copy(item.Head[:], r.head)
	copy(item.Body[:], r.body)
	return item
}

// date returns the date that n tells, the zero Date for NULL.
func date(n sql.NullInt64) engine.Date {
	if !n.Valid {
		return engine.Date{}
	}
	return engine.Date{Time: time.Unix(n.Int64, 0).UTC()}
}

// dateArg returns a date as a column, NULL for the zero one.
func dateArg(d engine.Date) any { return orNull(!d.IsZero(), d.Unix()) }

// digestArg returns a digest as a column, NULL for the zero one.
func digestArg(d engine.Digest) any { return orNull(d != engine.Digest{}, d[:]) }

// KnownUIDs implements engine.Items.
func (l *Ledger) KnownUIDs(ctx context.Context, folder engine.FolderID, above engine.UID) (engine.UIDSet, error) {
	return l.uids(ctx, folder, "item", "state <> 4", above)
}

// FailedUIDs implements engine.Items.
func (l *Ledger) FailedUIDs(ctx context.Context, folder engine.FolderID, cause engine.Kind) (engine.UIDSet, error) {
	where := "state = 4"
	if cause != engine.NoError {
		where += fmt.Sprintf(" AND EXISTS(SELECT 1 FROM failure WHERE failure.folder = item.folder AND failure.uid = item.uid AND failure.kind = %d)", cause)
	}
	return l.uids(ctx, folder, "item INDEXED BY item_failed", where, 0)
}

// HeldUIDs implements engine.Items.
func (l *Ledger) HeldUIDs(ctx context.Context, folder engine.FolderID) (engine.UIDSet, error) {
	return l.uids(ctx, folder, "item", "state = 6", 0)
}

// uids returns the UIDs above the given one of a folder's items that fulfil a condition. They come as one text: four times as quick as
// row by row.
func (l *Ledger) uids(ctx context.Context, folder engine.FolderID, from, where string, above engine.UID) (set engine.UIDSet, err error) {
	err = l.read(ctx, "read UIDs", func(rows *sql.Rows) error {
		var all string
		if err := rows.Scan(&all); err != nil {
			return err
		}
		var uids []engine.UID
		for text := range strings.SplitSeq(all, ",") {
			uid, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return err
			}
			uids = append(uids, engine.UID(uid))
		}
		set = engine.SetOf(uids...)
		return nil
	}, "SELECT group_concat(uid) AS uids FROM "+from+" WHERE folder = ? AND uid > ? AND "+where+" HAVING uids IS NOT NULL",
		folder, above)
	if err == nil && set == nil {
		err = l.haveFolder(ctx, folder)
	}
	return set, err
}

// haveFolder returns engine.ErrNotFound where the id names no folder.
func (l *Ledger) haveFolder(ctx context.Context, id engine.FolderID) error {
	found := false
	err := l.read(ctx, "read the folder", func(*sql.Rows) error { found = true; return nil }, "SELECT 1 FROM folder WHERE id = ?", id)
	if err == nil && !found {
		err = engine.ErrNotFound
	}
	return err
}

// CopiedItems implements engine.Items.
func (l *Ledger) CopiedItems(ctx context.Context, folder engine.FolderID, after engine.UID, limit int) (items []engine.CopiedItem, err error) {
	err = l.read(ctx, "read copied items", func(rows *sql.Rows) error {
		var r itemRow
		var c engine.CopiedItem
		err := rows.Scan(append(r.fields(), &c.State, &c.DestinationUID)...)
		c.ClaimedItem = r.claimed()
		items = append(items, c)
		return err
	}, "SELECT "+itemColumns+", state, coalesce(destination_uid, 0) FROM item WHERE folder = ? AND uid > ? AND state IN (2, 5) ORDER BY uid LIMIT ?",
		folder, after, limit)
	if err == nil && len(items) == 0 {
		err = l.haveFolder(ctx, folder)
	}
	return items, err
}

// itemState returns the state of an item.
func (t *tx) itemState(folder engine.FolderID, uid engine.UID) (s engine.ItemState, err error) {
	err = t.row([]any{&s}, "SELECT state FROM item WHERE folder = ? AND uid = ?", folder, uid)
	if errors.Is(err, sql.ErrNoRows) {
		return absent, nil
	}
	return s, err
}

// Settle implements engine.Items. What an item is found to be replaces whatever it was: a copy that a verifying pass misses may become
// failed.
func (l *Ledger) Settle(ctx context.Context, pass engine.PassID, folder engine.FolderID, outcomes []engine.Outcome) error {
	return l.write(ctx, "settle items", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		if err := t.seen(pass, f.Mailbox); err != nil {
			return err
		}
		failures, err := t.hasFailures(folder)
		if err != nil {
			return err
		}
		var change counts
		for i := 0; i < len(outcomes); i++ {
			o := outcomes[i]
			if run := copiedRun(outcomes[i:]); len(run) > 1 && !failures {
				settled, err := t.settleRun(folder, run)
				if err != nil {
					return err
				}
				if settled {
					change.moveMany(engine.Claimed, engine.Copied, len(run))
					i += len(run) - 1
					continue
				}
			}
			if o.State < engine.Copied || o.State > engine.Held {
				return refuse("item %d of folder %d cannot be settled as %s", o.UID, folder, o.State)
			}
			was, err := t.settleItem(folder, o)
			if err != nil {
				return err
			}
			change.move(was, o.State)
			switch there := o.State == engine.Copied || o.State == engine.Adopted || o.State == engine.Held; {
			case !there:
				if err = t.dropRemoved(folder, o.UID, was); err == nil {
					err = t.keepFailure(pass, folder, o)
				}
				failures = true
			case failures:
				err = t.dropFailure(folder, o.UID)
			}
			if err != nil {
				return err
			}
		}
		return t.recount(folder, change)
	})
}

// copiedRun returns how far outcomes begin with copies that follow each other on both sides.
func copiedRun(outcomes []engine.Outcome) []engine.Outcome {
	for i, o := range outcomes {
		first := outcomes[0]
		if o.State != engine.Copied || o.DestinationUID == 0 || o.UID != first.UID+engine.UID(i) || o.DestinationUID != first.DestinationUID+engine.UID(i) {
			return outcomes[:i]
		}
	}
	return outcomes
}

// settleRun settles copies that follow each other by one statement, if all of them are claimed and known by their digests.
func (t *tx) settleRun(folder engine.FolderID, run []engine.Outcome) (settled bool, err error) {
	first, last := run[0], run[len(run)-1]
	var claimed int
	if err := t.row([]any{&claimed}, "SELECT count(*) FROM item WHERE folder = ? AND uid BETWEEN ? AND ? AND state = 1 AND body IS NOT NULL",
		folder, first.UID, last.UID); err != nil || claimed != len(run) {
		return false, err
	}
	n, err := t.exec("UPDATE item SET state = 2, destination_uid = uid + ? WHERE folder = ? AND uid BETWEEN ? AND ? AND state = 1",
		int64(first.DestinationUID)-int64(first.UID), folder, first.UID, last.UID)
	if err == nil && n != int64(len(run)) {
		err = refuse("%d items of folder %d were settled, not %d", n, folder, len(run))
	}
	return true, err
}

// settleItem writes the outcome of one item and returns the state that it was in. What is known of it already stays.
func (t *tx) settleItem(folder engine.FolderID, o engine.Outcome) (was engine.ItemState, err error) {
	item := o.ClaimedItem
	destination := orNull(o.DestinationUID != 0, int64(o.DestinationUID))
	n, err := t.exec("UPDATE item SET state = ?, destination_uid = ?, body = coalesce(body, ?) WHERE folder = ? AND uid = ? AND state = 1",
		o.State, destination, digestArg(item.Body), folder, o.UID)
	if err != nil || n == 1 {
		return engine.Claimed, err
	}
	was, err = t.itemState(folder, o.UID)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO item(folder, uid, state, size, date, head, body, destination_uid) VALUES(?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT(folder, uid) DO UPDATE SET state = excluded.state, destination_uid = excluded.destination_uid,
		date = coalesce(date, excluded.date), head = coalesce(head, excluded.head), body = coalesce(body, excluded.body)`,
		folder, o.UID, o.State, item.Size, dateArg(item.Date), digestArg(item.Head), digestArg(item.Body), destination)
	return was, err
}
