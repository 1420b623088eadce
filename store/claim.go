package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"mwiz/engine"
)

// Claim implements engine.Items. A claim without a time is of now.
func (l *Ledger) Claim(ctx context.Context, c engine.Claim) (id engine.ClaimID, err error) {
	err = l.write(ctx, "claim items", func(t *tx) error {
		f, err := t.folder(c.Folder)
		if err != nil {
			return err
		}
		if err := t.seen(c.Pass, f.Mailbox); err != nil {
			return err
		}
		at := c.At.UnixMilli()
		if c.At.IsZero() {
			at = now()
		}
		n, err := t.insert("INSERT INTO claim(pass, folder, destination, validity, uidnext, at) VALUES(?, ?, ?, ?, ?, ?)",
			c.Pass, c.Folder, []byte(c.Destination), c.Validity, c.UIDNext, at)
		if err != nil {
			return err
		}
		id = engine.ClaimID(n)
		var change counts
		left, err := t.claimNew(c.Folder, id, c.Items)
		if err != nil {
			return err
		}
		change.moveMany(absent, engine.Claimed, len(c.Items)-len(left))
		for _, item := range left {
			was, err := t.claimItem(c.Folder, id, item)
			if err != nil {
				return err
			}
			change.move(was, engine.Claimed)
		}
		if err := t.keepMessages(f.Mailbox, c.Folder, c.Items); err != nil {
			return err
		}
		return t.recount(c.Folder, change)
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// A statement that writes claimed items, many at a time: what costs is the statement, not the row.
const (
	insertClaimed = `INSERT INTO item(folder, uid, state, size, date, head, body, claim)
		SELECT ?1, column1, 1, column2, column3, column4, column5, ?2 FROM (VALUES `
	claimedRow  = "(?, ?, ?, ?, ?)"
	claimedRows = claimedRow + ", " + claimedRow + ", " + claimedRow + ", " + claimedRow
	insertEight = insertClaimed + claimedRows + ", " + claimedRows + ")"
	insertMany  = insertClaimed + claimedRows + ", " + claimedRows + ", " + claimedRows + ", " + claimedRows + ", " +
		claimedRows + ", " + claimedRows + ", " + claimedRows + ", " + claimedRows + ")"
)

// claimNew writes items as claimed where none of them is in the ledger, and returns those that are left to write one by one.
func (t *tx) claimNew(folder engine.FolderID, claim engine.ClaimID, items []engine.ClaimedItem) (left []engine.ClaimedItem, err error) {
	const few, many = 8, 32
	if len(items) < few {
		return items, nil
	}
	least, most := items[0].UID, items[0].UID
	for i, item := range items {
		if i > 0 && item.UID <= items[i-1].UID {
			return items, nil // perhaps one of them twice
		}
		most = item.UID
	}
	var known bool
	if err := t.row([]any{&known}, "SELECT EXISTS(SELECT 1 FROM item WHERE folder = ? AND uid BETWEEN ? AND ?)", folder, least, most); err != nil || known {
		return items, err
	}
	args := make([]any, 0, 2+5*many)
	for len(items) >= few {
		n, query := few, insertEight
		if len(items) >= many {
			n, query = many, insertMany
		}
		args = append(args[:0], folder, claim)
		for i := range items[:n] {
			item := &items[i]
			args = append(args, item.UID, item.Size, dateArg(item.Date), digestArg(item.Head), digestArg(item.Body))
		}
		if _, err := t.exec(query, args...); err != nil {
			return items, err
		}
		items = items[n:]
	}
	return items, nil
}

// claimItem writes one item as claimed and returns the state that it was in: absent (0) or failed.
func (t *tx) claimItem(folder engine.FolderID, claim engine.ClaimID, item engine.ClaimedItem) (was engine.ItemState, err error) {
	n, err := t.exec(`INSERT INTO item(folder, uid, state, size, date, head, body, claim) VALUES(?, ?, 1, ?, ?, ?, ?, ?)
		ON CONFLICT(folder, uid) DO NOTHING`, folder, item.UID, item.Size, dateArg(item.Date), digestArg(item.Head), digestArg(item.Body), claim)
	if err != nil || n == 1 {
		return 0, err
	}
	n, err = t.exec(`UPDATE item SET state = 1, size = ?, date = ?, head = ?, body = ?, claim = ?, destination_uid = NULL
		WHERE folder = ? AND uid = ? AND state = 4`,
		item.Size, dateArg(item.Date), digestArg(item.Head), digestArg(item.Body), claim, folder, item.UID)
	if err != nil || n == 1 {
		return engine.ItemFailed, err
	}
	was, err = t.itemState(folder, item.UID)
	if err != nil {
		return 0, err
	}
	return 0, refuse("item %d of folder %d is %s: it cannot be claimed", item.UID, folder, was)
}

// seen notes that a pass of the mailbox writes.
func (t *tx) seen(pass engine.PassID, mailbox engine.MailboxID) error {
	n, err := t.exec("UPDATE pass SET seen = ? WHERE id = ? AND mailbox = ?", now(), pass, mailbox)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	return err
}

// Release implements engine.Items. An item that had failed before it was claimed is failed again, for its first reason. Items that
// are absent or failed stay so; any other state but claimed is refused.
func (l *Ledger) Release(ctx context.Context, folder engine.FolderID, uids []engine.UID) error {
	return l.write(ctx, "release items", func(t *tx) error {
		f, err := t.folder(folder)
		if err != nil {
			return err
		}
		var change counts
		for _, uid := range uids {
			was, err := t.itemState(folder, uid)
			if err != nil {
				return err
			}
			switch was {
			case absent, engine.ItemFailed:
				continue
			case engine.Claimed:
			default:
				return refuse("item %d of folder %d is %s: it cannot be released", uid, folder, was)
			}
			becomes, err := t.releaseItem(f, uid)
			if err != nil {
				return err
			}
			change.move(was, becomes)
		}
		return t.recount(folder, change)
	})
}

// releaseItem takes back the claim of one item and returns the state that it gets. Below the watermark an absent item would never be
// looked at again, so there it is failed.
func (t *tx) releaseItem(f engine.KeptFolder, uid engine.UID) (engine.ItemState, error) {
	var hasFailed bool
	if err := t.row([]any{&hasFailed}, "SELECT EXISTS(SELECT 1 FROM failure WHERE folder = ? AND uid = ?)", f.ID, uid); err != nil {
		return 0, err
	}
	if !hasFailed && uid > f.Watermark {
		_, err := t.exec("DELETE FROM item WHERE folder = ? AND uid = ?", f.ID, uid)
		return absent, err
	}
	if !hasFailed {
		if _, err := t.exec(`INSERT INTO failure(folder, uid, pass, kind, text, subject, sender, message_id)
			SELECT item.folder, item.uid, claim.pass, ?, 'not copied when the pass was cut short', '', '', ''
			FROM item JOIN claim ON claim.id = item.claim WHERE item.folder = ? AND item.uid = ?`, int(engine.Unreachable), f.ID, uid); err != nil {
			return 0, err
		}
	}
	_, err := t.exec("UPDATE item SET state = 4 WHERE folder = ? AND uid = ?", f.ID, uid)
	return engine.ItemFailed, err
}

// OpenClaims implements engine.Items. seen is when the pass was last seen that claimed last what is in doubt: bytes of its connections
// may still arrive for a while after that. Without claims it is when the mailbox's last pass was seen, zero without one.
func (l *Ledger) OpenClaims(ctx context.Context, mailbox engine.MailboxID) (claims []engine.OpenClaim, seen time.Time, err error) {
	byID := map[engine.ClaimID]*engine.OpenClaim{}
	err = l.read(ctx, "read claims in doubt", func(rows *sql.Rows) error {
		var c engine.OpenClaim
		var item itemRow
		var at, passSeen int64
		if err := rows.Scan(append([]any{&c.ID, &c.Pass, &c.Folder, &c.Destination, &c.Validity, &c.UIDNext, &at, &passSeen}, item.fields()...)...); err != nil {
			return err
		}
		known := byID[c.ID]
		if known == nil {
			c.At = time.UnixMilli(at)
			known = &c
			byID[c.ID] = known
		}
		known.Items = append(known.Items, item.claimed())
		if s := time.UnixMilli(passSeen); s.After(seen) {
			seen = s
		}
		return nil
	}, `SELECT claim.id, claim.pass, claim.folder, claim.destination, claim.validity, claim.uidnext, claim.at, pass.seen, `+itemColumns+`
		FROM folder CROSS JOIN item INDEXED BY item_in_doubt ON item.folder = folder.id AND item.state = 1 JOIN claim ON claim.id = item.claim JOIN pass ON pass.id = claim.pass
		WHERE folder.mailbox = ? ORDER BY item.folder, item.uid`, mailbox)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, c := range byID {
		claims = append(claims, *c)
	}
	slices.SortFunc(claims, func(a, b engine.OpenClaim) int { return cmp.Compare(a.ID, b.ID) })
	if len(claims) == 0 {
		seen, err = l.lastSeen(ctx, mailbox)
	}
	return claims, seen, err
}

// lastSeen returns when a mailbox's last pass was seen.
func (l *Ledger) lastSeen(ctx context.Context, mailbox engine.MailboxID) (seen time.Time, err error) {
	found := false
	err = l.read(ctx, "read the last pass", func(rows *sql.Rows) error {
		var n sql.NullInt64
		err := rows.Scan(&n)
		seen, found = orZero(n), true
		return err
	}, "SELECT (SELECT seen FROM pass WHERE mailbox = mailbox.id ORDER BY id DESC LIMIT 1) FROM mailbox WHERE id = ?", mailbox)
	if err == nil && !found {
		err = engine.ErrNotFound
	}
	return seen, err
}
