package store

import (
	"context"
	"database/sql"
	"errors"

	"mwiz/engine"
)

// DoomSecrets implements engine.Roster. A reference that a mailbox holds is left alone: a secret in use is never doomed.
func (l *Ledger) DoomSecrets(ctx context.Context, refs []engine.SecretRef) error {
	return l.write(ctx, "note secrets to delete", func(t *tx) error { return t.doom(refs...) })
}

// DoomedSecrets implements engine.Roster.
func (l *Ledger) DoomedSecrets(ctx context.Context) (refs []engine.SecretRef, err error) {
	err = l.read(ctx, "read secrets to delete", func(rows *sql.Rows) error {
		var ref engine.SecretRef
		err := rows.Scan(&ref)
		refs = append(refs, ref)
		return err
	}, "SELECT ref FROM doomed_secret ORDER BY at, ref")
	return refs, err
}

// ForgetSecrets implements engine.Roster.
func (l *Ledger) ForgetSecrets(ctx context.Context, refs []engine.SecretRef) error {
	if len(refs) == 0 {
		return nil
	}
	return l.write(ctx, "forget deleted secrets", func(t *tx) error {
		_, err := t.exec("DELETE FROM doomed_secret WHERE ref IN (SELECT value FROM json_each(?))", list(refs))
		return err
	})
}

// doom notes references that no mailbox holds.
func (t *tx) doom(refs ...engine.SecretRef) error {
	for _, ref := range refs {
		if ref == "" {
			continue
		}
		if _, err := t.exec(`INSERT INTO doomed_secret(ref, at) SELECT ?1, ?2
			WHERE NOT EXISTS(SELECT 1 FROM mailbox WHERE source_secret = ?1) AND NOT EXISTS(SELECT 1 FROM mailbox WHERE destination_secret = ?1)
			AND NOT EXISTS(SELECT 1 FROM project WHERE source ->> '$.access.secret' = ?1 OR destination ->> '$.access.secret' = ?1)
			ON CONFLICT(ref) DO NOTHING`, string(ref), now()); err != nil {
			return err
		}
	}
	return nil
}

// shared returns the references of a project's endpoints to secrets.
func (t *tx) shared(id engine.ProjectID) (refs []engine.SecretRef, err error) {
	refs = make([]engine.SecretRef, 2)
	err = t.row([]any{&refs[0], &refs[1]}, `SELECT coalesce(source ->> '$.access.secret', ''), coalesce(destination ->> '$.access.secret', '')
		FROM project WHERE id = ?`, id)
	return refs, orNotFound(err)
}

// SetSharedSecret implements engine.Roster.
func (l *Ledger) SetSharedSecret(ctx context.Context, project engine.ProjectID, side engine.Side, ref engine.SecretRef) error {
	statement := "UPDATE project SET source = json_set(source, '$.access.secret', ?), updated = ? WHERE id = ?"
	if side == engine.Destination {
		statement = "UPDATE project SET destination = json_set(destination, '$.access.secret', ?), updated = ? WHERE id = ?"
	}
	return l.write(ctx, "note which secret signs in", func(t *tx) error {
		old, err := t.shared(project)
		if err != nil {
			return err
		}
		if _, err := t.exec(statement, string(ref), now(), project); err != nil {
			return err
		}
		if err := t.spareRefs(ref); err != nil {
			return err
		}
		return t.doom(old...)
	})
}

// spare takes a mailbox's secrets off the list of the doomed.
func (t *tx) spare(m engine.Mailbox) error { return t.spareRefs(m.Source.Secret, m.Destination.Secret) }

func (t *tx) spareRefs(refs ...engine.SecretRef) error {
	for _, ref := range refs {
		if ref == "" {
			continue
		}
		if _, err := t.exec("DELETE FROM doomed_secret WHERE ref = ?", string(ref)); err != nil {
			return err
		}
	}
	return nil
}

// orNotFound turns "no such row" into engine.ErrNotFound.
func orNotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return engine.ErrNotFound
	}
	return err
}
