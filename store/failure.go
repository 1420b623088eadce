package store

import (
	"context"
	"database/sql"

	"mwiz/engine"
)

// hasFailures reports whether a folder keeps any failure, so that most batches need not look for one item by item.
func (t *tx) hasFailures(folder engine.FolderID) (has bool, err error) {
	err = t.row([]any{&has}, "SELECT EXISTS(SELECT 1 FROM failure WHERE folder = ?)", folder)
	return has, err
}

// keepFailure writes why an item is not at the destination. Every failed or skipped item has a failure, if only an empty one.
func (t *tx) keepFailure(pass engine.PassID, folder engine.FolderID, o engine.Outcome) error {
	f := engine.Failure{Kind: engine.Other}
	if o.State == engine.Skipped {
		f.Kind = engine.NoError
	}
	if o.Failure != nil {
		f = *o.Failure
	}
	_, err := t.exec(`INSERT OR REPLACE INTO failure(folder, uid, pass, kind, text, subject, sender, message_id) VALUES(?, ?, ?, ?, ?, ?, ?, ?)`,
		folder, o.UID, pass, int(f.Kind), clean(f.Text), clean(f.Subject), clean(f.Sender), clean(f.MessageID))
	return err
}

// dropFailure forgets why an item was not at the destination: now it is.
func (t *tx) dropFailure(folder engine.FolderID, uid engine.UID) error {
	_, err := t.exec("DELETE FROM failure WHERE folder = ? AND uid = ?", folder, uid)
	return err
}

// FailureRows returns a page of the items of a project that are not at the destination, by mailbox and folder.
// Items that are just being tried again are not among them.
func (l *Ledger) FailureRows(ctx context.Context, project engine.ProjectID, page engine.Page) (all []engine.FailureRow, err error) {
	err = l.read(ctx, "read errors", func(rows *sql.Rows) error {
		var f engine.FailureRow
		var cause int
		var sent sql.NullInt64
		err := rows.Scan(&f.Mailbox, &f.Source, &f.FolderID, &f.Folder, &f.UID, &f.State, &f.Size, &sent, &f.Pass, &cause, &f.Text, &f.Subject, &f.Sender, &f.MessageID)
		f.Date, f.Kind = date(sent), kind(cause)
		all = append(all, f)
		return err
	}, `SELECT mailbox.id, mailbox.source_address, folder.id, folder.display, item.uid, item.state, item.size, item.date,
		failure.pass, failure.kind, failure.text, failure.subject, failure.sender, failure.message_id
		FROM mailbox CROSS JOIN folder ON folder.mailbox = mailbox.id AND folder.failed + folder.skipped > 0
		CROSS JOIN failure ON failure.folder = folder.id
		CROSS JOIN item ON item.folder = failure.folder AND item.uid = failure.uid AND item.state IN (3, 4)
		WHERE mailbox.project = ? ORDER BY mailbox.id, folder.id, failure.uid LIMIT ? OFFSET ?`, project, limit(page), page.Offset)
	return all, err
}

// CountFailures returns how many items FailureRows has.
func (l *Ledger) CountFailures(ctx context.Context, project engine.ProjectID) (n int, err error) {
	err = l.read(ctx, "count errors", func(rows *sql.Rows) error { return rows.Scan(&n) },
		"SELECT coalesce(sum(folder.failed + folder.skipped), 0) FROM mailbox JOIN folder ON folder.mailbox = mailbox.id WHERE mailbox.project = ?", project)
	return n, err
}
