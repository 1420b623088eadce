package store

import (
	"context"
	"database/sql"
	"time"

	"mwiz/engine"
)

// FolderRows returns the source folders of all mailboxes of a project, by mailbox, in the order in which the last pass that looked at them told
// them; behind them those that it did not find any more and that messages were migrated from.
func (l *Ledger) FolderRows(ctx context.Context, project engine.ProjectID) ([]engine.FolderRow, error) {
	const op = "read the folders"
	told, err := l.foldersTold(ctx, op, project)
	if err != nil {
		return nil, err
	}
	kept, err := l.foldersKept(ctx, op, project)
	if err != nil {
		return nil, err
	}
	var all []engine.FolderRow
	for _, m := range told {
		named := map[string]int{}
		at := map[engine.FolderID]engine.KeptFolder{}
		for _, k := range kept[m.mailbox] {
			at[k.ID] = k
		}
		for _, row := range m.rows {
			if i, there := named[row.Source]; there && row.Why == engine.Earlier { // what went to another place before
				all[i].Messages += row.Messages
				all[i].Before += row.Before
				all[i].Tally.Add(row.Tally)
				continue
			}
			row.Items = at[row.Folder].Items
			named[row.Source] = len(all)
			all = append(all, row)
		}
		for _, k := range kept[m.mailbox] { // of one that its service has renumbered the last counts
			i, there := named[k.Display]
			switch {
			case there && !all[i].Gone:
				if now := at[all[i].Folder]; now.ID != k.ID && now.Name == k.Name && now.Validity == k.Validity {
					all[i].Elsewhere += k.Items.Copied + k.Items.Adopted
				}
				continue
			case !there && k.Items.All() == 0:
				continue
			case !there:
				i = len(all)
				named[k.Display] = i
				all = append(all, engine.FolderRow{})
			}
			all[i] = engine.FolderRow{Mailbox: m.mailbox, Address: m.address, Kind: m.kind, Seen: m.seen, Gone: true, Items: k.Items,
				FolderTally: engine.FolderTally{Folder: k.ID, Source: k.Display, Destination: clean(string(k.Destination)), There: -1}}
		}
	}
	return all, nil
}

// mailboxFolders is what the last pass told of a mailbox's folders.
type mailboxFolders struct {
	mailbox    engine.MailboxID
	address    string
	last, news engine.PassID // the last pass that told of folders, and the last for new items; 0: none
	kind       engine.PassKind
	outdated   bool
	seen       time.Time
	rows       []engine.FolderRow
}

// lastTold is the id of the last ended pass of a mailbox that told of folders; the first gap takes a further condition.
const lastTold = `(SELECT pass.id FROM pass WHERE pass.mailbox = mailbox.id AND pass.state NOT IN ('queued', 'running')`
const toldSome = ` AND EXISTS(SELECT 1 FROM folder_tally WHERE folder_tally.pass = pass.id) ORDER BY pass.id DESC LIMIT 1)`

// foldersTold returns what the last passes of a project's mailboxes told, of those that had one.
func (l *Ledger) foldersTold(ctx context.Context, op string, project engine.ProjectID) (all []mailboxFolders, err error) {
	at := map[engine.MailboxID]int{}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var m mailboxFolders
		var ended int64
		err := rows.Scan(&m.mailbox, &m.address, &m.last, &m.news, &m.kind, &ended, &m.outdated)
		m.seen = time.UnixMilli(ended)
		at[m.mailbox] = len(all)
		all = append(all, m)
		return err
	}, `WITH told(mailbox, address, last, news) AS (SELECT mailbox.id, mailbox.source_address, `+lastTold+toldSome+`, coalesce(`+lastTold+` AND pass.kind = 'new'`+toldSome+`, 0)
		FROM mailbox WHERE mailbox.project = ?)
		SELECT told.mailbox, told.address, told.last, told.news, pass.kind, pass.ended,
		EXISTS(SELECT 1 FROM pass AS later WHERE later.mailbox = told.mailbox AND later.id > told.last AND (later.state = 'running' OR later.copied + later.adopted > 0)) FROM told JOIN pass ON pass.id = told.last ORDER BY told.mailbox`, project)
	if err != nil {
		return nil, err
	}
	var passes []engine.PassID
	for _, m := range all {
		if passes = append(passes, m.last); m.news != 0 && m.news != m.last {
			passes = append(passes, m.news)
		}
	}
	vanished := map[engine.MailboxID]map[string]int64{}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var pass engine.PassID
		var mailbox engine.MailboxID
		var f folderTallyRow
		if err := rows.Scan(append([]any{&pass, &mailbox}, f.fields()...)...); err != nil {
			return err
		}
		m := &all[at[mailbox]]
		if pass == m.last {
			m.rows = append(m.rows, engine.FolderRow{Mailbox: mailbox, Address: m.address, Kind: m.kind, Seen: m.seen, Outdated: m.outdated, FolderTally: f.tally()})
		}
		if pass == m.news {
			if vanished[mailbox] == nil {
				vanished[mailbox] = map[string]int64{}
			}
			vanished[mailbox][f.Source] = f.Vanished
		}
		return nil
	}, "SELECT folder_tally.pass, pass.mailbox, "+folderTallyColumns+` FROM json_each(?) CROSS JOIN pass ON pass.id = json_each.value
		CROSS JOIN folder_tally ON folder_tally.pass = pass.id ORDER BY folder_tally.pass, folder_tally.position`, list(passes))
	for _, m := range all {
		for i := range m.rows {
			m.rows[i].Vanished = vanished[m.mailbox][m.rows[i].Source]
		}
	}
	return all, err
}

// foldersKept returns the folders that are kept of a project's mailboxes, in the order they were first seen.
func (l *Ledger) foldersKept(ctx context.Context, op string, project engine.ProjectID) (map[engine.MailboxID][]engine.KeptFolder, error) {
	kept := map[engine.MailboxID][]engine.KeptFolder{}
	err := l.read(ctx, op, func(rows *sql.Rows) error {
		var f engine.KeptFolder
		err := rows.Scan(folderFields(&f)...)
		kept[f.Mailbox] = append(kept[f.Mailbox], f)
		return err
	}, "SELECT "+folderColumns+" FROM mailbox CROSS JOIN folder ON folder.mailbox = mailbox.id WHERE mailbox.project = ? ORDER BY folder.id", project)
	return kept, err
}
