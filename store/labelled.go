package store

import (
	"context"
	"database/sql"

	"mwiz/engine"
)

// keepMessages notes which messages items are of, as far as they tell. It is done with the claim, so that it is known of whatever is found at the
// destination later.
func (t *tx) keepMessages(mailbox engine.MailboxID, folder engine.FolderID, items []engine.ClaimedItem) error {
	var rows [][2]int64
	for _, item := range items {
		if item.Message != 0 {
			rows = append(rows, [2]int64{int64(item.Message), int64(item.UID)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := t.exec("INSERT OR IGNORE INTO labelled(mailbox, message, folder, uid) SELECT ?, value ->> 0, ?, value ->> 1 FROM json_each(?)",
		mailbox, folder, list(rows))
	return err
}

// LabelledItems implements engine.Items.
func (l *Ledger) LabelledItems(ctx context.Context, mailbox engine.MailboxID, messages []uint64) (items []engine.LabelledItem, err error) {
	numbers := make([]int64, len(messages))
	for i, m := range messages {
		numbers[i] = int64(m)
	}
	err = l.read(ctx, "read the items of messages", func(rows *sql.Rows) error {
		var r itemRow
		var c engine.LabelledItem
		var message int64
		err := rows.Scan(append(r.fields(), &c.State, &c.DestinationUID, &c.Folder, &c.Destination, &c.Validity, &message)...)
		c.ClaimedItem = r.claimed()
		c.Message = uint64(message)
		items = append(items, c)
		return err
	}, "SELECT "+itemColumns+`, item.state, coalesce(item.destination_uid, 0), folder.id, folder.destination, folder.destination_validity, labelled.message
		FROM json_each(?) AS wanted CROSS JOIN labelled ON labelled.mailbox = ? AND labelled.message = wanted.value
		JOIN item ON item.folder = labelled.folder AND item.uid = labelled.uid AND item.state IN (1, 2)
		JOIN folder ON folder.id = labelled.folder ORDER BY labelled.message, labelled.folder, labelled.uid`, list(numbers), mailbox)
	if err == nil && len(items) == 0 {
		_, err = l.Mailbox(ctx, mailbox)
	}
	return items, err
}
