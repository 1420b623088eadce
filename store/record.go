package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"mwiz/engine"
)

// ItemRecords implements engine.Records.
func (l *Ledger) ItemRecords(ctx context.Context, folder engine.FolderID, q engine.RecordQuery) (records []engine.ItemRecord, err error) {
	where, args := recordWhere(folder, q)
	err = l.read(ctx, "read what is known of messages", func(rows *sql.Rows) error {
		var r recordRow
		err := rows.Scan(r.fields()...)
		records = append(records, r.record())
		return err
	}, `SELECT item.folder, folder.display, folder.destination_validity, `+itemColumns+`, item.state, coalesce(item.destination_uid, 0),
		coalesce(claim.destination, folder.destination),
		coalesce((SELECT destination FROM folder_tally WHERE pass = claim.pass AND folder = item.folder LIMIT 1),
			(SELECT folder_tally.destination FROM pass JOIN folder_tally ON folder_tally.pass = pass.id AND folder_tally.folder = item.folder
				WHERE pass.mailbox = folder.mailbox ORDER BY pass.id DESC LIMIT 1), ''),
		claim.at, coalesce(pass.id, 0), coalesce(pass.number, 0), coalesce(pass.kind, ''),
		failure.kind, coalesce(failure.text, ''), coalesce(failure.subject, ''), coalesce(failure.sender, ''), coalesce(failure.message_id, ''),
		coalesce(removed.pass, 0), checked.started
		FROM item JOIN folder ON folder.id = item.folder
		LEFT JOIN claim ON claim.id = item.claim
		LEFT JOIN failure ON failure.folder = item.folder AND failure.uid = item.uid
		LEFT JOIN pass ON pass.id = coalesce(failure.pass, claim.pass)
		LEFT JOIN removed ON removed.folder = item.folder AND removed.uid = item.uid
		LEFT JOIN pass AS checked ON checked.id = removed.pass
		WHERE `+where+` ORDER BY item.uid LIMIT ?`, append(args, limit(engine.Page{Limit: q.Limit}))...)
	if err == nil && len(records) == 0 {
		err = l.haveFolder(ctx, folder)
	}
	return records, err
}

// recordWhere writes the conditions of a query.
func recordWhere(folder engine.FolderID, q engine.RecordQuery) (string, []any) {
	where, args := []string{"item.folder = ?"}, []any{folder}
	add := func(condition string, arg any) { where, args = append(where, condition), append(args, arg) }
	if q.UIDs != nil {
		add("item.uid IN (SELECT value FROM json_each(?))", list(q.UIDs))
	}
	if q.DestinationUIDs != nil {
		add("item.state IN (2, 5) AND item.destination_uid IN (SELECT value FROM json_each(?))", list(q.DestinationUIDs))
	}
	if !q.From.IsZero() {
		add("item.date >= ?", q.From.Unix())
	}
	if !q.Until.IsZero() {
		add("item.date < ?", q.Until.Unix())
	}
	if q.Size > 0 {
		add("item.size = ?", q.Size)
	}
	if q.Subject != "" {
		add("instr(lower(failure.subject), lower(?)) > 0", q.Subject)
	}
	if q.MessageID != "" {
		add("failure.message_id = ?", q.MessageID)
	}
	return strings.Join(where, " AND "), args
}

// recordRow receives what is known of an item.
type recordRow struct {
	item             itemRow
	is               engine.ItemRecord
	at, kind, passed sql.NullInt64 // when it was claimed, the failure's kind, when the verifying pass began
	failure          engine.Failure
}

func (r *recordRow) fields() []any {
	fields := append([]any{&r.is.FolderID, &r.is.Folder, &r.is.Validity}, r.item.fields()...)
	return append(fields, &r.is.State, &r.is.DestinationUID, &r.is.Name, &r.is.Destination, &r.at, &r.is.Pass, &r.is.Number, &r.is.Kind,
		&r.kind, &r.failure.Text, &r.failure.Subject, &r.failure.Sender, &r.failure.MessageID, &r.is.RemovedBy, &r.passed)
}

// record returns what was received. A folder whose name for people is not known has the one that its service writes.
func (r *recordRow) record() engine.ItemRecord {
	r.is.ClaimedItem = r.item.claimed()
	if r.is.Destination == "" {
		r.is.Destination = clean(string(r.is.Name))
	}
	if r.at.Valid {
		r.is.At = time.UnixMilli(r.at.Int64)
	}
	if r.passed.Valid {
		r.is.RemovedAt = time.UnixMilli(r.passed.Int64)
	}
	if r.kind.Valid {
		r.failure.Kind = kind(int(r.kind.Int64))
		r.is.Failure = &r.failure
	}
	return r.is
}
