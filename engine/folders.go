package engine

import "context"

// FolderMap signs in on both sides of a mailbox and returns where every folder would go, and why, by the project's rules: Messages and Size are what is at
// the source, Before what earlier passes have settled. Nothing is changed, nor written to the ledger. s may be nil: the keychain's secrets are used.
func (e *Engine) FolderMap(ctx context.Context, project ProjectID, mailbox MailboxID, s *Secrets) ([]FolderTally, error) {
	at, err := e.mailboxOf(ctx, project, mailbox)
	if err != nil {
		return nil, err
	}
	p := newActivePass(e, Pass{Mailbox: mailbox, Kind: Preview, State: Running}, at.project, at.mailbox)
	defer p.relief()
	defer context.AfterFunc(ctx, func() { p.stop(context.Cause(ctx)) })()
	if s != nil {
		given := *s
		p.secrets = &given
	}
	if err := p.readSecrets(); err != nil {
		return nil, err
	}
	defer p.dismiss()
	if err := p.open(); err != nil {
		return nil, err
	}
	var all []FolderTally
	for _, f := range p.folders {
		settled := f.items().Settled()
		f.write(func(t *FolderTally) { t.Before = min(settled, t.Messages) })
		all = append(all, f.read())
	}
	return all, nil
}

// SharedFolder is a folder of the destination that several folders of the source go to.
type SharedFolder struct {
	Destination string // display name
	Sources     []string
}

// Shared returns the folders that are shared, in the order of their first sources.
func Shared(folders []FolderTally) (shared []SharedFolder) {
	at := map[string]int{}
	var all []SharedFolder
	for _, f := range folders {
		if f.Destination == "" {
			continue
		}
		i, known := at[f.Destination]
		if !known {
			i = len(all)
			at[f.Destination] = i
			all = append(all, SharedFolder{Destination: f.Destination})
		}
		all[i].Sources = append(all[i].Sources, f.Source)
	}
	for _, s := range all {
		if len(s.Sources) > 1 {
			shared = append(shared, s)
		}
	}
	return shared
}
