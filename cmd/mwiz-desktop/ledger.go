package main

import (
	"context"
	"errors"
	"os"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// ledgerCmd is the verbs that look after the migration history.
type ledgerCmd struct {
	Check   ledgerCheckCmd   `cmd:"" help:"Read the whole migration history and say whether it is sound."`
	Restore ledgerRestoreCmd `cmd:"" help:"Put the last daily copy in the place of a damaged migration history, which is kept."`
	Rebuild ledgerRebuildCmd `cmd:"" help:"Recognise what is at the destination already, after the history was lost. Nothing is copied."`
}

// ledgerCheckCmd reads the whole ledger. Opening it has found the coarse damage already.
type ledgerCheckCmd struct{}

func (c ledgerCheckCmd) Run(ctx context.Context, p *program) error {
	return p.with(ctx, func(ledger *store.Ledger) error {
		if err := ledger.IntegrityCheck(ctx); err != nil {
			return err
		}
		if p.json {
			return p.writeJSON(struct {
				Ledger string `json:"ledger"`
				Sound  bool   `json:"sound"`
			}{ledger.Path(), true})
		}
		return p.say("cli.ledger.sound", "File", wording.Display(ledger.Path(), 300))
	})
}

// ledgerRestoreCmd puts a copy in the ledger's place. No ledger need be there that can be opened.
type ledgerRestoreCmd struct {
	Copy string `help:"The copy to restore; the latest one by default." placeholder:"FILE" type:"existingfile"`
}

func (c ledgerRestoreCmd) Run(ctx context.Context, p *program) error {
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return err
	}
	chosen, err := c.choose(dir)
	if err != nil {
		return err
	}
	aside, err := store.Restore(ctx, dir, chosen)
	if err != nil {
		return err
	}
	if p.json {
		return p.writeJSON(struct {
			Copy string    `json:"copy"`
			Made time.Time `json:"made"`
			Kept string    `json:"kept,omitempty"`
		}{chosen.Path, chosen.Time, aside})
	}
	if err := p.say("cli.ledger.restored", "Time", wording.Moment(chosen.Time.Local())); err != nil || aside == "" {
		return err
	}
	return p.say("cli.ledger.kept", "File", wording.Display(aside, 300))
}

// choose returns the copy that the user has named, or the latest.
func (c ledgerRestoreCmd) choose(dir string) (store.Copy, error) {
	if c.Copy != "" {
		info, err := os.Stat(c.Copy)
		if err != nil {
			return store.Copy{}, err
		}
		return store.Copy{Path: c.Copy, Time: info.ModTime()}, nil
	}
	copies, err := store.Copies(dir)
	if err == nil && len(copies) == 0 {
		err = &ending{code: exitFailed, cause: errors.New(wording.T("cli.ledger.no_copy", "Folder", wording.Display(dir, 300)))}
	}
	if err != nil {
		return store.Copy{}, err
	}
	return copies[0], nil
}

// ledgerRebuildCmd makes the ledger know again what lies at the destination.
type ledgerRebuildCmd struct{ scope }

func (c ledgerRebuildCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		request, err := c.request(ctx, p, ledger, project, engine.Rebuild)
		if err != nil {
			return err
		}
		return p.finishPass(ctx, ledger, project, request)
	})
}
