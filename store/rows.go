package store

import (
	"context"
	"database/sql"
	"time"

	"mwiz/engine"
)

// telling is the id of the pass that says where a mailbox stands: one that is not finished, or the last that was to copy, or that failed. A
// preview that went well says nothing of the mail.
const (
	telling = `(SELECT max(id) FROM pass WHERE pass.mailbox = mailbox.id AND ` + tells + `)`
	tells   = `(kind IN ('new', 'retry') OR state IN ('queued', 'running', 'failed'))`
)

// ProjectRows returns every project, the one with the newest activity first.
func (l *Ledger) ProjectRows(ctx context.Context) (projects []engine.ProjectRow, err error) {
	const op = "read the projects"
	at := map[engine.ProjectID]int{}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		p := engine.ProjectRow{Statuses: map[engine.Status]int{}}
		var updated int64
		err := scanProject(rows, &p.Project, &updated)
		p.Updated = time.UnixMilli(updated)
		at[p.ID] = len(projects)
		projects = append(projects, p)
		return err
	}, "SELECT "+projectColumns+", updated FROM project ORDER BY updated DESC, id DESC")
	if err != nil {
		return nil, err
	}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var id engine.ProjectID
		var state engine.PassState
		var n, passes int
		var copied int64
		if err := rows.Scan(&id, &state, &n, &copied, &passes); err != nil {
			return err
		}
		if i, there := at[id]; there {
			p := &projects[i]
			p.Mailboxes += n
			p.Statuses[engine.StatusOf(state)] += n
			p.LastNew += copied
			p.Passes = max(p.Passes, passes)
		}
		return nil
	}, `SELECT mailbox.project, coalesce((SELECT state FROM pass WHERE pass.mailbox = mailbox.id AND `+tells+` ORDER BY id DESC LIMIT 1), ''), count(*),
		coalesce(sum((SELECT copied FROM pass WHERE pass.mailbox = mailbox.id AND kind = 'new' ORDER BY id DESC LIMIT 1)), 0),
		coalesce(max((SELECT max(number) FROM pass WHERE pass.mailbox = mailbox.id)), 0)
		FROM mailbox GROUP BY 1, 2`)
	if err != nil {
		return nil, err
	}
	err = l.read(ctx, op, func(rows *sql.Rows) error {
		var id engine.ProjectID
		var failed int64
		if err := rows.Scan(&id, &failed); err != nil {
			return err
		}
		if i, there := at[id]; there {
			projects[i].Failed = failed
		}
		return nil
	}, "SELECT mailbox.project, sum(folder.failed) FROM folder JOIN mailbox ON mailbox.id = folder.mailbox WHERE folder.failed > 0 GROUP BY 1")
	return projects, err
}

// MailboxRows returns a page of a project's mailboxes in the order they were added.
func (l *Ledger) MailboxRows(ctx context.Context, project engine.ProjectID, page engine.Page) (mailboxes []engine.MailboxRow, err error) {
	err = l.read(ctx, "read the mailboxes", func(rows *sql.Rows) error {
		var m engine.MailboxRow
		c := &m.Items
		err := rows.Scan(append(mailboxFields(&m.Mailbox), &m.Passes, &c.Claimed, &c.Copied, &c.Adopted, &c.Skipped, &c.Failed, &c.Held)...)
		mailboxes = append(mailboxes, m)
		return err
	}, "SELECT "+mailboxColumns+`, (SELECT count(number) FROM pass WHERE pass.mailbox = mailbox.id),
		coalesce(sum(folder.claimed), 0), coalesce(sum(folder.copied), 0), coalesce(sum(folder.adopted), 0), coalesce(sum(folder.skipped), 0),
		coalesce(sum(folder.failed), 0), coalesce(sum(folder.held), 0)
		FROM mailbox LEFT JOIN folder ON folder.mailbox = mailbox.id
		WHERE mailbox.id IN (SELECT id FROM mailbox WHERE project = ? ORDER BY id LIMIT ? OFFSET ?)
		GROUP BY mailbox.id ORDER BY mailbox.id`, project, limit(page), page.Offset)
	if err != nil || len(mailboxes) == 0 {
		return nil, err
	}
	return mailboxes, l.lastPasses(ctx, mailboxes)
}

// lastPasses fills in the last pass of mailboxes in the order of their ids.
func (l *Ledger) lastPasses(ctx context.Context, mailboxes []engine.MailboxRow) error {
	at := make(map[engine.MailboxID]int, len(mailboxes))
	ids := make([]engine.MailboxID, len(mailboxes))
	for i, m := range mailboxes {
		at[m.ID], ids[i] = i, m.ID
	}
	return l.read(ctx, "read the last passes", func(rows *sql.Rows) error {
		var r passRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		p := r.pass()
		mailboxes[at[p.Mailbox]].Last = &p
		return nil
	}, "SELECT "+passColumns+" FROM json_each(?) CROSS JOIN mailbox ON mailbox.id = json_each.value CROSS JOIN pass ON pass.id = "+telling, list(ids))
}

// limit returns a page's limit as SQL takes it: 0 means all.
func limit(p engine.Page) int {
	if p.Limit <= 0 {
		return -1
	}
	return p.Limit
}
