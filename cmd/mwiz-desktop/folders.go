package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// foldersCmd shows where every folder goes.
type foldersCmd struct{ scope }

// placeLine is a folder's place, as JSON shows it.
type placeLine struct {
	Source      string         `json:"source"`
	Destination string         `json:"destination"` // "" for a folder that rules leave out
	Why         engine.Placing `json:"why"`
	Messages    int64          `json:"messages"`
	Size        *int64         `json:"size"` // null: not known
	Before      int64          `json:"before"`
	Error       string         `json:"error"`
}

// mapLine is a mailbox's folders, as JSON shows them.
type mapLine struct {
	Source  string      `json:"source"`
	Folders []placeLine `json:"folders"`
	Error   string      `json:"error"`
}

// mapped is what is known of one mailbox's folders.
type mapped struct {
	mailbox engine.Mailbox
	folders []engine.FolderTally
	err     error
}

// mapsAtOnce is how many mailboxes are asked at the same time.
const mapsAtOnce = 8

func (c foldersCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		request, err := c.request(ctx, p, ledger, project, engine.Preview)
		if err != nil {
			return err
		}
		mailboxes, err := ledger.Mailboxes(ctx, project.ID)
		if err != nil {
			return err
		}
		mailboxes = slices.DeleteFunc(mailboxes, func(m engine.Mailbox) bool {
			return request.Mailboxes != nil && !slices.Contains(request.Mailboxes, m.ID)
		})
		return p.withKeys(func(keychain engine.Keychain) error {
			return p.showMaps(project, mapAll(ctx, p.newEngine(ledger, keychain), request, mailboxes))
		})
	})
}

// mapAll asks for the folders of every mailbox, in their order.
func mapAll(ctx context.Context, e *engine.Engine, r engine.Request, mailboxes []engine.Mailbox) []mapped {
	list := make([]mapped, len(mailboxes))
	var all errgroup.Group
	all.SetLimit(mapsAtOnce)
	for i, m := range mailboxes {
		all.Go(func() error {
			var secrets *engine.Secrets
			if s, given := r.Secrets[m.ID]; given {
				secrets = &s
			}
			folders, err := e.FolderMap(ctx, r.Project, m.ID, secrets)
			list[i] = mapped{m, folders, err}
			return nil
		})
	}
	_ = all.Wait() // each keeps its error
	return list
}

// showMaps tells where the folders of each mailbox go.
func (p *program) showMaps(project engine.Project, list []mapped) error {
	failed := false
	for _, m := range list {
		failed = failed || m.err != nil
	}
	show := p.printMaps
	if p.json {
		show = func(list []mapped) error { return p.writeMaps(project, list) }
	}
	if err := show(list); err != nil {
		return err
	}
	if failed {
		return &ending{code: exitFailed}
	}
	return nil
}

func (p *program) writeMaps(project engine.Project, list []mapped) error {
	lines := make([]mapLine, 0, len(list))
	for _, m := range list {
		line := mapLine{Source: m.mailbox.Source.Address, Folders: make([]placeLine, 0, len(m.folders))}
		if m.err != nil {
			line.Error = withDetails(wording.TroubleOf(m.err, m.mailbox.Source.Address))
		}
		for _, f := range m.folders {
			one := placeLine{f.Source, f.Destination, f.Why, f.Messages, nil, f.Before, f.Error}
			if f.Size >= 0 {
				one.Size = &f.Size
			}
			line.Folders = append(line.Folders, one)
		}
		lines = append(lines, line)
	}
	return p.writeJSON(struct {
		Project   string    `json:"project"`
		Mailboxes []mapLine `json:"mailboxes"`
	}{project.Name, lines})
}

func (p *program) printMaps(list []mapped) error {
	t := newTable("mailbox", "folder", "#messages", "#size", "tofolder", "why")
	for _, m := range list {
		for _, f := range m.folders {
			size, to, why := "-", f.Destination, wording.Placing(f.Why)
			if f.Size >= 0 {
				size = wording.Bytes(f.Size)
			}
			if f.Why.LeavesOut() {
				to = "-"
			}
			if f.Error != "" {
				why = f.Error
			}
			t.add(m.mailbox.Source.Address, f.Source, wording.Number(f.Messages), size, to, why)
		}
	}
	if err := p.print(t); err != nil {
		return err
	}
	for _, m := range list {
		for _, names := range engine.Shared(m.folders) {
			if err := p.say("cli.folders.shared", "Address", wording.Display(m.mailbox.Source.Address, 80), "Folder", wording.Display(names.Destination, 80),
				"Names", wording.Display(strings.Join(names.Sources, ", "), 300)); err != nil {
				return err
			}
		}
		if m.err != nil {
			trouble := withDetails(wording.TroubleOf(m.err, m.mailbox.Source.Address))
			if _, err := fmt.Fprintf(p.stdout, "%s: %s\n", wording.Display(m.mailbox.Source.Address, 80), trouble); err != nil {
				return err
			}
		}
	}
	return nil
}
