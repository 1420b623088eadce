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
			ON CONFLICT(ref) DO NOTHING`, string(ref), now()); err != nil {
			return err
		}
	}
	return nil
}

// spare takes a mailbox's secrets off the list of the doomed.
func (t *tx) spare(m engine.Mailbox) error {
	for _, ref := range []engine.SecretRef{m.Source.Secret, m.Destination.Secret} {
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
