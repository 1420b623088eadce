package store

import (
	"context"
	"database/sql"

	"mwiz/engine"
)

// NoteRemoved implements engine.Items.
func (l *Ledger) NoteRemoved(ctx context.Context, pass engine.PassID, folder engine.FolderID, uids []engine.UID) error {
	return l.write(ctx, "note removed copies", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		if err := t.seen(pass, f.Mailbox); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM removed WHERE folder = ?", folder); err != nil {
			return err
		}
		for _, uid := range uids {
			if _, err := t.exec("INSERT OR IGNORE INTO removed(folder, uid, pass) SELECT folder, uid, ? FROM item WHERE folder = ? AND uid = ? AND state IN (2, 5)",
				pass, folder, uid); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemovedItems returns what the last verifying passes of a project's mailboxes have found removed, by mailbox and folder; only folders where
// there is something.
func (l *Ledger) RemovedItems(ctx context.Context, project engine.ProjectID) (all []engine.Removed, err error) {
	err = l.read(ctx, "read removed copies", func(rows *sql.Rows) error {
		var r engine.Removed
		var uid engine.UID
		if err := rows.Scan(&r.Mailbox, &r.Source, &r.FolderID, &r.Folder, &r.Pass, &uid); err != nil {
			return err
		}
		if n := len(all); n == 0 || all[n-1].FolderID != r.FolderID {
			all = append(all, r)
		}
		last := &all[len(all)-1]
		last.UIDs = append(last.UIDs, uid)
		return nil
	}, `SELECT mailbox.id, mailbox.source_address, folder.id, folder.display, removed.pass, removed.uid
		FROM mailbox CROSS JOIN folder ON folder.mailbox = mailbox.id CROSS JOIN removed ON removed.folder = folder.id
		WHERE mailbox.project = ? ORDER BY mailbox.id, folder.id, removed.uid`, project)
	return all, err
}

// CopyAgain marks copied and adopted items whose copies are gone as failed, so that a retrying pass, or the next one, copies them again; items in
// another state stay as they are. It returns how many were marked, and engine.ErrUnfinished while a pass of their mailbox is not ended.
// Whether the copies are gone is not looked up: what is marked while its copy is there will be there twice.
func (l *Ledger) CopyAgain(ctx context.Context, folder engine.FolderID, uids []engine.UID) (marked int, err error) {
	err = l.write(ctx, "mark items to be copied again", func(t *tx) error {
		marked = 0
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		last, err := t.idlePass(f.Mailbox)
		if err != nil {
			return err
		}
		var change counts
		for _, uid := range uids {
			was, err := t.itemState(folder, uid)
			if err != nil {
				return err
			}
			if was != engine.Copied && was != engine.Adopted {
				continue
			}
			if err := t.forgetCopy(last, folder, uid, was); err != nil {
				return err
			}
			change.move(was, engine.ItemFailed)
			marked++
		}
		if err := t.recount(folder, change); err != nil {
			return err
		}
		return t.touchOf(f.Mailbox)
	})
	if err != nil {
		return 0, err
	}
	return marked, nil
}

// idlePass returns the last pass of a mailbox; engine.ErrUnfinished where one is not ended, engine.ErrNotFound where there was none.
func (t *tx) idlePass(mailbox engine.MailboxID) (last engine.PassID, err error) {
	var unfinished bool
	if err := t.row([]any{&last, &unfinished}, `SELECT coalesce(max(id), 0), coalesce(max(state IN ('queued', 'running')), 0) FROM pass WHERE mailbox = ?`,
		mailbox); err != nil {
		return 0, err
	}
	switch {
	case unfinished:
		return 0, engine.ErrUnfinished
	case last == 0:
		return 0, engine.ErrNotFound
	}
	return last, nil
}

// forgetCopy makes an item with a copy a failed one.
func (t *tx) forgetCopy(pass engine.PassID, folder engine.FolderID, uid engine.UID, was engine.ItemState) error {
	if _, err := t.exec("UPDATE item SET state = 4, destination_uid = NULL WHERE folder = ? AND uid = ?", folder, uid); err != nil {
		return err
	}
	if err := t.dropRemoved(folder, uid, was); err != nil {
		return err
	}
	why := engine.Failure{Kind: engine.Gone, Text: "removed at the destination; to be copied again"}
	return t.keepFailure(pass, folder, engine.Outcome{UID: uid, State: engine.ItemFailed, Failure: &why})
}

// dropRemoved forgets that the copy of an item was not found: the item counts as copied no more. Only what had a copy can have lost it.
func (t *tx) dropRemoved(folder engine.FolderID, uid engine.UID, was engine.ItemState) error {
	if was != engine.Copied && was != engine.Adopted {
		return nil
	}
	_, err := t.exec("DELETE FROM removed WHERE folder = ? AND uid = ?", folder, uid)
	return err
}
