package store

import (
	"context"
	"database/sql"

	"mwiz/engine"
)

const folderColumns = `folder.id, folder.mailbox, folder.name, folder.display, folder.validity, folder.destination, folder.mapped,
	folder.destination_validity, folder.destination_next, folder.watermark, folder.filter, folder.left_out,
	folder.claimed, folder.copied, folder.adopted, folder.skipped, folder.failed, folder.held`

// folderFields returns where folderColumns go.
func folderFields(f *engine.KeptFolder) []any {
	return []any{&f.ID, &f.Mailbox, &f.Name, &f.Display, &f.Validity, &f.Destination, &f.Mapped,
		&f.DestinationValidity, &f.DestinationNext, &f.Watermark, &f.Filter, &f.LeftOut,
		&f.Items.Claimed, &f.Items.Copied, &f.Items.Adopted, &f.Items.Skipped, &f.Items.Failed, &f.Items.Held}
}

// KeptFolders implements engine.Items; in the order they were first seen.
func (l *Ledger) KeptFolders(ctx context.Context, mailbox engine.MailboxID) (folders []engine.KeptFolder, err error) {
	err = l.read(ctx, "read folders", func(rows *sql.Rows) error {
		var f engine.KeptFolder
		err := rows.Scan(folderFields(&f)...)
		folders = append(folders, f)
		return err
	}, "SELECT "+folderColumns+" FROM folder WHERE mailbox = ? ORDER BY id", mailbox)
	if err == nil && len(folders) == 0 {
		_, err = l.Mailbox(ctx, mailbox)
	}
	return folders, err
}

// KeepFolder implements engine.Items.
func (l *Ledger) KeepFolder(ctx context.Context, f engine.KeptFolder) (kept engine.KeptFolder, err error) {
	err = l.write(ctx, "keep the folder", func(t *tx) error {
		var there bool
		if err := t.row([]any{&there}, "SELECT EXISTS(SELECT 1 FROM mailbox WHERE id = ?)", f.Mailbox); err != nil {
			return err
		}
		if !there {
			return engine.ErrNotFound
		}
		name := []byte(f.Name)
		if _, err := t.exec(`INSERT INTO folder(mailbox, name, validity, display, destination, mapped) VALUES(?, ?, ?, ?, ?, ?)
			ON CONFLICT(mailbox, name, validity, destination) DO UPDATE SET display = excluded.display, mapped = excluded.mapped`,
			f.Mailbox, name, f.Validity, clean(f.Display), []byte(f.Destination), clean(f.Mapped)); err != nil {
			return err
		}
		if err := t.row(folderFields(&kept), "SELECT "+folderColumns+" FROM folder WHERE mailbox = ? AND name = ? AND validity = ? AND destination = ?",
			f.Mailbox, name, f.Validity, []byte(f.Destination)); err != nil {
			return err
		}
		return t.keepDestination(&kept, f)
	})
	return kept, err
}

// keepDestination notes the UIDVALIDITY of a folder's destination as it is now, unless it is not known, and forgets the destination UIDs that
// mean nothing any more.
func (t *tx) keepDestination(f *engine.KeptFolder, now engine.KeptFolder) error {
	var from engine.UID // forgotten from here on
	switch {
	case now.DestinationValidity == 0:
		return nil
	case now.DestinationValidity == f.DestinationValidity:
		if now.DestinationNext == 0 || now.DestinationNext >= f.DestinationNext {
			return nil
		}
		from = now.DestinationNext
	case f.DestinationValidity != 0:
		from = 1
	}
	if from > 0 {
		f.DestinationNext = from
		if _, err := t.exec("UPDATE item SET destination_uid = NULL WHERE folder = ? AND destination_uid >= ?", f.ID, from); err != nil {
			return err
		}
	}
	f.DestinationValidity = now.DestinationValidity
	_, err := t.exec("UPDATE folder SET destination_validity = ?, destination_next = ? WHERE id = ?", f.DestinationValidity, f.DestinationNext, f.ID)
	return err
}

// Advance implements engine.Items. What is not above the folder's changes nothing.
func (l *Ledger) Advance(ctx context.Context, folder engine.FolderID, to engine.Finished) error {
	return l.write(ctx, "advance the watermark", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		to.Watermark, to.DestinationNext = max(to.Watermark, f.Watermark), max(to.DestinationNext, f.DestinationNext)
		if to == (engine.Finished{Watermark: f.Watermark, DestinationNext: f.DestinationNext, Filter: f.Filter, LeftOut: f.LeftOut}) {
			return nil
		}
		var claimed engine.UID
		if err := t.row([]any{&claimed}, "SELECT coalesce(min(uid), 0) FROM item INDEXED BY item_in_doubt WHERE folder = ? AND state = 1 AND uid <= ?", folder, to.Watermark); err != nil {
			return err
		}
		if claimed > 0 {
			return refuse("the watermark of folder %d cannot pass item %d, which is claimed", folder, claimed)
		}
		_, err = t.exec("UPDATE folder SET watermark = ?, destination_next = ?, filter = ?, left_out = ? WHERE id = ?",
			to.Watermark, to.DestinationNext, to.Filter, to.LeftOut, folder)
		return err
	})
}

// folder returns a folder.
func (t *tx) folder(id engine.FolderID) (f engine.KeptFolder, err error) {
	err = t.row(folderFields(&f), "SELECT "+folderColumns+" FROM folder WHERE id = ?", id)
	return f, orNotFound(err)
}

// counts is how the numbers of items in each state of a folder change; index it by engine.ItemState.
type counts [7]int64

// move notes that an item goes from one state to another; state 0 is absent.
func (c *counts) move(from, to engine.ItemState) {
	c[from]--
	c[to]++
}

// moveMany notes that so many items go from one state to another.
func (c *counts) moveMany(from, to engine.ItemState, n int) {
	c[from] -= int64(n)
	c[to] += int64(n)
}

// recount applies changes to a folder's numbers.
func (t *tx) recount(folder engine.FolderID, c counts) error {
	_, err := t.exec("UPDATE folder SET claimed = claimed + ?, copied = copied + ?, skipped = skipped + ?, failed = failed + ?, adopted = adopted + ?, held = held + ? WHERE id = ?",
		c[engine.Claimed], c[engine.Copied], c[engine.Skipped], c[engine.ItemFailed], c[engine.Adopted], c[engine.Held], folder)
	return err
}

// keepTallies writes what a pass did in its folders.
func (t *tx) keepTallies(pass engine.PassID, folders []engine.FolderTally) error {
	for i, f := range folders {
		args := append([]any{pass, i, orNull(f.Folder != 0, int64(f.Folder)), clean(f.Source), clean(f.Destination), string(f.Why), f.Size, f.Hidden, f.Messages, f.Before},
			append(tallyArgs(f.Tally), orNull(f.There >= 0, f.There), clean(f.Error), int(f.Cause), f.Side)...)
		if _, err := t.exec(`INSERT INTO folder_tally(pass, position, folder, source, destination, why, size, hidden, messages, before,
			new, copied, adopted, skipped, failed, vanished, "left", bytes, verified, different, removed, there, error, cause, side)
			VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// PassFolders returns what a pass did in each folder, in the order that FinishPass was told.
func (l *Ledger) PassFolders(ctx context.Context, pass engine.PassID) (folders []engine.FolderTally, err error) {
	err = l.read(ctx, "read what the pass did", func(rows *sql.Rows) error {
		var f folderTallyRow
		err := rows.Scan(f.fields()...)
		folders = append(folders, f.tally())
		return err
	}, "SELECT "+folderTallyColumns+" FROM folder_tally WHERE pass = ? ORDER BY position", pass)
	return folders, err
}

const folderTallyColumns = `coalesce(folder_tally.folder, 0), folder_tally.source, folder_tally.destination, folder_tally.why, folder_tally.size, folder_tally.hidden,
	folder_tally.messages, folder_tally.before, folder_tally.new, folder_tally.copied, folder_tally.adopted, folder_tally.skipped, folder_tally.failed, folder_tally.vanished, folder_tally."left", folder_tally.bytes,
	folder_tally.verified, folder_tally.different, folder_tally.removed, coalesce(folder_tally.there, -1), folder_tally.error, folder_tally.cause, folder_tally.side`

// folderTallyRow receives folderTallyColumns.
type folderTallyRow struct {
	engine.FolderTally
	cause int
}

func (r *folderTallyRow) fields() []any {
	f := &r.FolderTally
	return append(append([]any{&f.Folder, &f.Source, &f.Destination, &f.Why, &f.Size, &f.Hidden, &f.Messages, &f.Before}, tallyFields(&f.Tally)...), &f.There, &f.Error, &r.cause, &f.Side)
}

// tally returns what was received.
func (r *folderTallyRow) tally() engine.FolderTally {
	r.Cause = kind(r.cause)
	return r.FolderTally
}
