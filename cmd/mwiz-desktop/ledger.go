package main

import (
	"context"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// ledgerCmd is the verbs that look after the migration history.
type ledgerCmd struct {
	Check   ledgerCheckCmd   `cmd:"" help:"Read the whole migration history and say whether it is sound."`
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

// ledgerRebuildCmd makes the ledger know again what lies at the destination.
type ledgerRebuildCmd struct{ scope }

func (c ledgerRebuildCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		request, err := c.request(ctx, p, ledger, project, engine.Rebuild)
		if err != nil {
			return err
		}
		list, err := p.runPass(ctx, ledger, request)
		if err != nil {
			return err
		}
		if err := p.showPass(project, list); err != nil {
			return err
		}
		return ended(list)
	})
}
