package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

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
func (l *Ledger) FailureRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.FailureRow, error) {
	return l.failureRows(ctx, "item.state IN (3, 4)", []any{project, limit(page), page.Offset})
}

// FailuresOf returns a page of those of FailureRows that have one cause.
func (l *Ledger) FailuresOf(ctx context.Context, project engine.ProjectID, state engine.ItemState, k engine.Kind, page engine.Page) ([]engine.FailureRow, error) {
	return l.failureRows(ctx, "item.state = ? AND failure.kind = ?", []any{state, int(k), project, limit(page), page.Offset})
}

// failureRows reads failures whose items are wanted. args are the condition's, then the project, the limit and the offset.
func (l *Ledger) failureRows(ctx context.Context, wanted string, args []any) (all []engine.FailureRow, err error) {
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
		CROSS JOIN item ON item.folder = failure.folder AND item.uid = failure.uid AND `+wanted+`
		WHERE mailbox.project = ? ORDER BY mailbox.id, folder.id, failure.uid LIMIT ? OFFSET ?`, args...)
	return all, err
}

// FailureCauses counts what FailureRows has by cause: failed before skipped, the most frequent first.
func (l *Ledger) FailureCauses(ctx context.Context, project engine.ProjectID) (causes []engine.FailureCause, err error) {
	err = l.read(ctx, "count errors", func(rows *sql.Rows) error {
		var state engine.ItemState
		var cause int
		var mailbox engine.MailboxID
		var n int64
		if err := rows.Scan(&state, &cause, &mailbox, &n); err != nil {
			return err
		}
		i := slices.IndexFunc(causes, func(c engine.FailureCause) bool { return c.State == state && c.Kind == kind(cause) })
		if i < 0 {
			i = len(causes)
			causes = append(causes, engine.FailureCause{State: state, Kind: kind(cause)})
		}
		causes[i].Count += n
		causes[i].Mailboxes = append(causes[i].Mailboxes, mailbox)
		return nil
	}, `SELECT item.state, failure.kind, mailbox.id, count(*)
		FROM mailbox CROSS JOIN folder ON folder.mailbox = mailbox.id AND folder.failed + folder.skipped > 0
		CROSS JOIN failure ON failure.folder = folder.id
		CROSS JOIN item ON item.folder = failure.folder AND item.uid = failure.uid AND item.state IN (3, 4)
		WHERE mailbox.project = ? GROUP BY item.state, failure.kind, mailbox.id ORDER BY mailbox.id`, project)
	slices.SortStableFunc(causes, func(a, b engine.FailureCause) int {
		return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(b.Count, a.Count))
	})
	return causes, err
}

// CountFailures returns how many items FailureRows has.
func (l *Ledger) CountFailures(ctx context.Context, project engine.ProjectID) (n int, err error) {
	err = l.read(ctx, "count errors", func(rows *sql.Rows) error { return rows.Scan(&n) },
		"SELECT coalesce(sum(folder.failed + folder.skipped), 0) FROM mailbox JOIN folder ON folder.mailbox = mailbox.id WHERE mailbox.project = ?", project)
	return n, err
}

// Setbacks returns the mailboxes of a project whose last pass failed or was interrupted, then the folders that the last pass of their mailbox
// left, in the order in which the mailboxes were added.
func (l *Ledger) Setbacks(ctx context.Context, project engine.ProjectID) (all []engine.Setback, err error) {
	const op = "read what went wrong"
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var p passRow
		var s engine.Setback
		err := rows.Scan(append(p.fields(), &s.Source, &s.Destination)...)
		s.Pass = p.pass()
		all = append(all, s)
		return err
	}, "SELECT "+passColumns+`, mailbox.source_address, mailbox.destination_address FROM mailbox CROSS JOIN pass ON pass.id = `+telling+`
		WHERE mailbox.project = ? AND pass.state IN ('failed', 'interrupted') ORDER BY mailbox.id`, project)
	if err != nil {
		return nil, err
	}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var p passRow
		var f folderTallyRow
		var s engine.Setback
		err := rows.Scan(append(append(p.fields(), f.fields()...), &s.Source, &s.Destination)...)
		tally := f.tally()
		s.Pass, s.Folder = p.pass(), &tally
		all = append(all, s)
		return err
	}, "SELECT "+passColumns+", "+folderTallyColumns+`, mailbox.source_address, mailbox.destination_address
		FROM mailbox CROSS JOIN pass ON pass.id = `+lastTold+` AND pass.kind IN ('new', 'retry')`+toldSome+`
		CROSS JOIN folder_tally ON folder_tally.pass = pass.id AND folder_tally.error <> ''
		WHERE mailbox.project = ? ORDER BY mailbox.id, folder_tally.position`, project)
	return all, err
}
