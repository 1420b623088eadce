package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// againCmd copies again what was removed at the destination.
type againCmd struct {
	scope
	Folder []string `sep:"none" placeholder:"NAME" help:"Only this folder, by its name at the source. May be given more than once."`
	Yes    bool     `short:"y" help:"Do not ask."`
}

func (c againCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		request, err := c.request(ctx, p, ledger, project, engine.Retry)
		if err != nil {
			return err
		}
		removed, err := c.removed(ctx, ledger, request)
		if err != nil {
			return err
		}
		if len(removed) == 0 {
			if p.json {
				return p.showPass(project, nil)
			}
			return p.say("cli.again.none", "Name", wording.Display(project.Name, 80))
		}
		if err := c.ask(p, removed); err != nil {
			return err
		}
		request.Mailboxes = nil
		for _, r := range removed {
			if _, err := ledger.CopyAgain(ctx, r.FolderID, r.UIDs); err != nil {
				return err
			}
			if !slices.Contains(request.Mailboxes, r.Mailbox) {
				request.Mailboxes = append(request.Mailboxes, r.Mailbox)
			}
		}
		return p.finishPass(ctx, ledger, project, request)
	})
}

// removed returns what the last verifying passes have found removed, of the mailboxes and folders that the user has named.
func (c againCmd) removed(ctx context.Context, ledger *store.Ledger, r engine.Request) ([]engine.Removed, error) {
	if _, err := ledger.InterruptPasses(ctx); err != nil { // none is at work: this program has the ledger for itself
		return nil, err
	}
	all, err := ledger.RemovedItems(ctx, r.Project)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(one engine.Removed) bool {
		return r.Mailboxes != nil && !slices.Contains(r.Mailboxes, one.Mailbox) ||
			c.Folder != nil && !slices.ContainsFunc(c.Folder, func(name string) bool { return strings.EqualFold(name, one.Folder) })
	}), nil
}

// ask shows what is to be copied again and asks for a yes, at a terminal; elsewhere --yes must have been given.
func (c againCmd) ask(p *program, removed []engine.Removed) error {
	count := 0
	t := newTable("mailbox", "folder", "#removed")
	for _, r := range removed {
		count += len(r.UIDs)
		t.add(r.Source, r.Folder, wording.Number(len(r.UIDs)))
	}
	if c.Yes {
		return nil
	}
	if f, ok := p.stdin.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) || c.Credentials == "-" {
		return usage(errors.New(wording.T("cli.again.yes", "Count", count)))
	}
	if err := p.print(t); err != nil {
		return err
	}
	p.note("cli.again.ask", "Count", count)
	answer, err := bufio.NewReader(p.stdin).ReadString('\n')
	said := []string{"y", "yes", wording.T("cli.yes.letter"), wording.T("cli.yes")}
	if err != nil || !slices.Contains(said, strings.ToLower(strings.TrimSpace(answer))) {
		return &ending{code: exitStopped}
	}
	return nil
}
