package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"mwiz/engine"
)

const projectColumns = "project.id, project.name, project.source, project.destination, project.settings, project.created"

// scanProject reads projectColumns, and what follows them into more.
func scanProject(rows *sql.Rows, p *engine.Project, more ...any) error {
	var source, destination, settings string
	var created int64
	if err := rows.Scan(append([]any{&p.ID, &p.Name, &source, &destination, &settings, &created}, more...)...); err != nil {
		return err
	}
	p.Created = time.UnixMilli(created)
	return errors.Join(
		json.Unmarshal([]byte(source), &p.Source),
		json.Unmarshal([]byte(destination), &p.Destination),
		json.Unmarshal([]byte(settings), &p.Settings))
}

// Project implements engine.Projects.
func (l *Ledger) Project(ctx context.Context, id engine.ProjectID) (engine.Project, error) {
	return l.project(ctx, "project.id = ?", id)
}

// ProjectByName returns the project of a name, whatever its case; engine.ErrNotFound where there is none.
func (l *Ledger) ProjectByName(ctx context.Context, name string) (engine.Project, error) {
	return l.project(ctx, "project.folded = ?", fold(name))
}

func (l *Ledger) project(ctx context.Context, where string, arg any) (p engine.Project, err error) {
	err = l.read(ctx, "read the project", func(rows *sql.Rows) error { return scanProject(rows, &p) },
		"SELECT "+projectColumns+" FROM project WHERE "+where, arg)
	if err == nil && p.ID == 0 {
		err = engine.ErrNotFound
	}
	return p, err
}

// AddProject adds a project; p.ID and p.Created are ignored. Names are unique, whatever their case: engine.ErrNameTaken.
func (l *Ledger) AddProject(ctx context.Context, p engine.Project) (id engine.ProjectID, err error) {
	args, err := projectArgs(p)
	if err != nil {
		return 0, l.broken("add the project", err)
	}
	err = l.write(ctx, "add the project", func(t *tx) error {
		at := now()
		new, err := t.insert("INSERT INTO project(name, folded, source, destination, settings, created, updated) VALUES(?, ?, ?, ?, ?, ?, ?)",
			append(args, at, at)...)
		id = engine.ProjectID(new)
		if err != nil {
			return nameTaken(err, p.Name)
		}
		return t.spareRefs(p.Source.Access.Secret, p.Destination.Access.Secret)
	})
	return id, err
}

// UpdateProject writes p's name, endpoints and settings. Errors as AddProject.
func (l *Ledger) UpdateProject(ctx context.Context, p engine.Project) error {
	args, err := projectArgs(p)
	if err != nil {
		return l.broken("change the project", err)
	}
	return l.write(ctx, "change the project", func(t *tx) error {
		old, err := t.shared(p.ID)
		if err != nil {
			return err
		}
		_, err = t.exec("UPDATE project SET name = ?, folded = ?, source = ?, destination = ?, settings = ?, updated = ? WHERE id = ?",
			append(args, now(), p.ID)...)
		if err != nil {
			return nameTaken(err, p.Name)
		}
		if err := t.spareRefs(p.Source.Access.Secret, p.Destination.Access.Secret); err != nil {
			return err
		}
		return t.doom(old...)
	})
}

// projectArgs returns the columns name to settings.
func projectArgs(p engine.Project) ([]any, error) {
	name := clean(strings.TrimSpace(p.Name))
	if name == "" {
		return nil, &engine.Error{Op: "name the project", Kind: engine.Other, Text: "a project needs a name"}
	}
	source, err1 := json.Marshal(p.Source)
	destination, err2 := json.Marshal(p.Destination)
	settings, err3 := json.Marshal(p.Settings)
	return []any{name, fold(name), string(source), string(destination), string(settings)}, errors.Join(err1, err2, err3)
}

// fold returns name without what does not tell projects apart: case, and the way that the same characters are written.
func fold(name string) string {
	return cases.Fold().String(norm.NFKC.String(clean(strings.TrimSpace(name))))
}

// nameTaken turns the violation of the unique name into engine.ErrNameTaken.
func nameTaken(err error, name string) error {
	if extended(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return fmt.Errorf("%w: %s", engine.ErrNameTaken, name)
	}
	return err
}

// touch notes that something of a project changed.
func (t *tx) touch(project engine.ProjectID) error {
	_, err := t.exec("UPDATE project SET updated = ? WHERE id = ?", now(), project)
	return err
}

// DeleteProject implements engine.Roster.
func (l *Ledger) DeleteProject(ctx context.Context, id engine.ProjectID) error {
	return l.write(ctx, "delete the project", func(t *tx) error {
		var ids []engine.MailboxID
		err := t.rows(func(rows *sql.Rows) error {
			var m engine.MailboxID
			err := rows.Scan(&m)
			ids = append(ids, m)
			return err
		}, "SELECT id FROM mailbox WHERE project = ?", id)
		if err != nil {
			return err
		}
		shared, err := t.shared(id)
		if err != nil {
			return err
		}
		if err := t.deleteMailboxes(ids); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM schedule WHERE project = ?", id); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM project WHERE id = ?", id); err != nil {
			return err
		}
		return t.doom(shared...)
	})
}
