package store

import (
	"context"

	"mwiz/engine"
)

// TakeFailed implements engine.Items. An item that the other folder has already is dropped.
func (l *Ledger) TakeFailed(ctx context.Context, from, to engine.FolderID) error {
	return l.write(ctx, "take over failed items", func(t *tx) error {
		for _, id := range []engine.FolderID{from, to} {
			if _, err := t.folder(id); err != nil {
				return err
			}
		}
		taken, err := t.exec(`INSERT OR IGNORE INTO item(folder, uid, state, size, date, head, body, claim)
			SELECT ?, uid, 4, size, date, head, body, claim FROM item INDEXED BY item_failed WHERE folder = ? AND state = 4`, to, from)
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT OR IGNORE INTO failure(folder, uid, pass, kind, text, subject, sender, message_id)
			SELECT ?1, uid, pass, kind, text, subject, sender, message_id FROM failure
			WHERE folder = ?2 AND uid IN (SELECT uid FROM item INDEXED BY item_failed WHERE folder = ?2 AND state = 4) AND uid IN (SELECT uid FROM item INDEXED BY item_failed WHERE folder = ?1 AND state = 4)`,
			to, from); err != nil {
			return err
		}
		var left counts
		if left[engine.ItemFailed], err = t.forgetFailed(from, "state = 4"); err != nil {
			return err
		}
		left[engine.ItemFailed] = -left[engine.ItemFailed]
		if err := t.recount(from, left); err != nil {
			return err
		}
		return t.recount(to, counts{engine.ItemFailed: taken})
	})
}

// ForgetFailed implements engine.Items. Items that have not failed stay.
func (l *Ledger) ForgetFailed(ctx context.Context, folder engine.FolderID, uids []engine.UID) error {
	return l.write(ctx, "forget failed items", func(t *tx) error {
		if _, err := t.folder(folder); err != nil {
			return err
		}
		n, err := t.forgetFailed(folder, "state = 4 AND uid IN (SELECT value FROM json_each(?))", list(uids))
		if err != nil {
			return err
		}
		return t.recount(folder, counts{engine.ItemFailed: -n})
	})
}

// forgetFailed deletes items of a folder with their failures and returns how many.
func (t *tx) forgetFailed(folder engine.FolderID, where string, args ...any) (int64, error) {
	args = append([]any{folder}, args...)
	if _, err := t.exec("DELETE FROM failure WHERE folder = ? AND uid IN (SELECT uid FROM item INDEXED BY item_failed WHERE folder = ? AND "+where+")",
		append([]any{folder}, args...)...); err != nil {
		return 0, err
	}
	return t.exec("DELETE FROM item INDEXED BY item_failed WHERE folder = ? AND "+where, args...)
}
