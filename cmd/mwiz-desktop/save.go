package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// saved is what became of a message that was to be saved.
type saved struct {
	file string // its name; "": it was not saved
	why  error  // why not
}

// saver saves source messages as .eml files in a folder.
type saver struct {
	dir     *os.Root
	engine  *engine.Engine
	project engine.ProjectID
	secrets map[engine.MailboxID]engine.Secrets
	shared  engine.Secrets
	barred  map[engine.MailboxID]error // mailboxes that cannot be signed in to: one try each is enough
}

// saveErrors saves each message of rows in a folder, which is made where it is missing. The answers are in the order of rows.
func (p *program) saveErrors(ctx context.Context, ledger *store.Ledger, project engine.ProjectID, c errorsCmd, rows []engine.FailureRow) (list []saved, err error) {
	mailboxes, err := ledger.Mailboxes(ctx, project)
	if err != nil {
		return nil, err
	}
	kept, err := ledger.Project(ctx, project)
	if err != nil {
		return nil, err
	}
	secrets, err := p.credentialsOf(c.Credentials, kept, mailboxes)
	if err != nil {
		return nil, err
	}
	shared, err := c.sharedFiles.read(p, kept)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Save, 0o700); err != nil {
		return nil, usage(err)
	}
	dir, err := os.OpenRoot(c.Save)
	if err != nil {
		return nil, usage(err)
	}
	defer dir.Close()
	err = p.withKeys(func(keychain engine.Keychain) error {
		s := saver{dir, p.newEngine(ledger, keychain), project, secrets, shared, map[engine.MailboxID]error{}}
		for _, row := range rows {
			name, err := s.save(ctx, row)
			if err := context.Cause(ctx); err != nil {
				return err
			}
			list = append(list, saved{name, err})
		}
		return nil
	})
	return list, err
}

// save saves one message and returns the name of its file.
func (s saver) save(ctx context.Context, row engine.FailureRow) (string, error) {
	if err := s.barred[row.Mailbox]; err != nil {
		return "", err
	}
	f, err := s.create(row)
	if err != nil {
		return "", err
	}
	given := engine.Given{Shared: s.shared}
	if own, ok := s.secrets[row.Mailbox]; ok {
		given.Own = &own
	}
	out := bufio.NewWriterSize(f, 64<<10)
	err = s.engine.SaveMessage(ctx, s.project, row, given, out)
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = s.dir.Remove(filepath.Base(f.Name()))
		if engine.Answers[engine.KindOf(err)].Spoils >= engine.SpoilsPass {
			s.barred[row.Mailbox] = err
		}
		return "", err
	}
	return filepath.Base(f.Name()), nil
}

// create makes the file for a message, readable by its owner alone. One that is there already is left, and the name gets a number.
func (s saver) create(row engine.FailureRow) (*os.File, error) {
	const most = 1000
	name := wording.FileName(row)
	for n := 1; ; n++ {
		numbered := name + ".eml"
		if n > 1 {
			numbered = fmt.Sprintf("%s-%d.eml", name, n)
		}
		f, err := s.dir.OpenFile(numbered, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || n == most {
			return f, err
		}
	}
}

// showSaved says how many messages were saved, and why others were not.
func (p *program) showSaved(c errorsCmd, rows []engine.FailureRow, list []saved) error {
	var count int
	var told []string
	for i, one := range list {
		if one.why == nil {
			count++
			continue
		}
		line := fmt.Sprintf("%s, %s, UID %d: %s", wording.Display(rows[i].Source, 80), wording.Display(rows[i].Folder, 80), rows[i].UID, sentence(one.why))
		if !slices.Contains(told, line) {
			told = append(told, line)
		}
	}
	for _, line := range told {
		if _, err := io.WriteString(p.stderr, line+"\n"); err != nil {
			return err
		}
	}
	return p.say("cli.saved", "Count", count, "Total", wording.Number(len(list)), "Folder", wording.Display(c.Save, 300))
}
