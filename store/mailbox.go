package store

import (
	"context"
	"database/sql"

	"mwiz/engine"
)

const mailboxColumns = `mailbox.id, mailbox.project, mailbox.source_address, mailbox.source_user, coalesce(mailbox.source_secret, ''),
	mailbox.destination_address, mailbox.destination_user, coalesce(mailbox.destination_secret, '')`

// mailboxFields returns where mailboxColumns go.
func mailboxFields(m *engine.Mailbox) []any {
	return []any{&m.ID, &m.Project, &m.Source.Address, &m.Source.User, &m.Source.Secret,
		&m.Destination.Address, &m.Destination.User, &m.Destination.Secret}
}

// Mailbox implements engine.Roster.
func (l *Ledger) Mailbox(ctx context.Context, id engine.MailboxID) (m engine.Mailbox, err error) {
	err = l.read(ctx, "read the mailbox", func(rows *sql.Rows) error { return rows.Scan(mailboxFields(&m)...) },
		"SELECT "+mailboxColumns+" FROM mailbox WHERE id = ?", id)
	if err == nil && m.ID == 0 {
		err = engine.ErrNotFound
	}
	return m, err
}

// Mailboxes implements engine.Projects; in the order they were added.
func (l *Ledger) Mailboxes(ctx context.Context, project engine.ProjectID) (all []engine.Mailbox, err error) {
	err = l.read(ctx, "read the mailboxes", func(rows *sql.Rows) error {
		var m engine.Mailbox
		err := rows.Scan(mailboxFields(&m)...)
		all = append(all, m)
		return err
	}, "SELECT "+mailboxColumns+" FROM mailbox WHERE project = ? ORDER BY id", project)
	if err == nil && len(all) == 0 {
		_, err = l.Project(ctx, project)
	}
	return all, err
}

// AddMailboxes implements engine.Roster: all of them, or none.
func (l *Ledger) AddMailboxes(ctx context.Context, project engine.ProjectID, mailboxes []engine.Mailbox) (added []engine.Mailbox, err error) {
	err = l.write(ctx, "add mailboxes", func(t *tx) error {
		var there bool
		if err := t.row([]any{&there}, "SELECT EXISTS(SELECT 1 FROM project WHERE id = ?)", project); err != nil {
			return err
		}
		if !there {
			return engine.ErrNotFound
		}
		added = make([]engine.Mailbox, len(mailboxes))
		for i, m := range mailboxes {
			m.Project = project
			id, err := t.insert(`INSERT INTO mailbox(project, source_address, source_user, source_secret,
				destination_address, destination_user, destination_secret) VALUES(?, ?, ?, ?, ?, ?, ?)`, append([]any{project}, accountArgs(m)...)...)
			if err != nil {
				return err
			}
			if err := t.spare(m); err != nil {
				return err
			}
			m.ID = engine.MailboxID(id)
			added[i] = m
		}
		return t.touch(project)
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// accountArgs returns the columns source_address to destination_secret.
func accountArgs(m engine.Mailbox) []any {
	args := make([]any, 0, 6)
	for _, a := range []engine.Account{m.Source, m.Destination} {
		args = append(args, clean(a.Address), clean(a.User), orNull(a.Secret != "", string(a.Secret)))
	}
	return args
}

// orNull returns value where it is known, else NULL.
func orNull(known bool, value any) any {
	if known {
		return value
	}
	return nil
}

// UpdateMailbox implements engine.Roster. The mailbox stays in its project.
func (l *Ledger) UpdateMailbox(ctx context.Context, m engine.Mailbox) error {
	return l.write(ctx, "change the mailbox", func(t *tx) error {
		var was engine.Mailbox
		err := t.row(mailboxFields(&was), "SELECT "+mailboxColumns+" FROM mailbox WHERE id = ?", m.ID)
		if err != nil {
			return orNotFound(err)
		}
		if _, err := t.exec(`UPDATE mailbox SET source_address = ?, source_user = ?, source_secret = ?,
			destination_address = ?, destination_user = ?, destination_secret = ? WHERE id = ?`, append(accountArgs(m), m.ID)...); err != nil {
			return err
		}
		if err := t.doom(was.Source.Secret, was.Destination.Secret); err != nil {
			return err
		}
		if err := t.spare(m); err != nil {
			return err
		}
		return t.touch(was.Project)
	})
}

// DeleteMailboxes implements engine.Roster: all of them, or none.
func (l *Ledger) DeleteMailboxes(ctx context.Context, ids []engine.MailboxID) error {
	return l.write(ctx, "delete mailboxes", func(t *tx) error {
		projects := map[engine.ProjectID]bool{}
		for _, id := range ids {
			var project engine.ProjectID
			if err := t.row([]any{&project}, "SELECT project FROM mailbox WHERE id = ?", id); err != nil {
				return orNotFound(err)
			}
			projects[project] = true
		}
		if err := t.deleteMailboxes(ids); err != nil {
			return err
		}
		for project := range projects {
			if err := t.touch(project); err != nil {
				return err
			}
		}
		return nil
	})
}

// mailboxParts are the statements that delete what belongs to a mailbox: children before their parents.
var mailboxParts = [...]string{
	"DELETE FROM failure WHERE folder IN (SELECT id FROM folder WHERE mailbox = ?)",
	"DELETE FROM removed WHERE folder IN (SELECT id FROM folder WHERE mailbox = ?)",
	"DELETE FROM labelled WHERE mailbox = ?",
	"DELETE FROM item WHERE folder IN (SELECT id FROM folder WHERE mailbox = ?)",
	"DELETE FROM claim WHERE folder IN (SELECT id FROM folder WHERE mailbox = ?)",
	"DELETE FROM folder WHERE mailbox = ?",
	"DELETE FROM folder_tally WHERE pass IN (SELECT id FROM pass WHERE mailbox = ?)",
	"DELETE FROM pass_record WHERE pass IN (SELECT id FROM pass WHERE mailbox = ?)",
	"DELETE FROM pass WHERE mailbox = ?",
	"DELETE FROM mailbox WHERE id = ?",
}

// deleteMailboxes deletes mailboxes with all that belongs to them and dooms their secrets; engine.ErrUnfinished while one has a pass that
// is not ended.
func (t *tx) deleteMailboxes(ids []engine.MailboxID) error {
	var unfinished bool
	if err := t.row([]any{&unfinished}, `SELECT EXISTS(SELECT 1 FROM pass WHERE state IN ('queued', 'running')
		AND mailbox IN (SELECT value FROM json_each(?)))`, list(ids)); err != nil {
		return err
	}
	if unfinished {
		return engine.ErrUnfinished
	}
	for _, id := range ids {
		var m engine.Mailbox
		if err := t.row(mailboxFields(&m), "SELECT "+mailboxColumns+" FROM mailbox WHERE id = ?", id); err != nil {
			return orNotFound(err)
		}
		for _, part := range mailboxParts {
			if _, err := t.exec(part, id); err != nil {
				return err
			}
		}
		if err := t.doom(m.Source.Secret, m.Destination.Secret); err != nil {
			return err
		}
	}
	return nil
}
