package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/term"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// At a terminal a pass whose saved sign-in is no longer accepted waits, and whoever sits there is asked to sign in again: it is the same pass that goes on.
// Without a terminal it fails, and says what to do.

// attendedWait is how long a pass waits for somebody at the terminal.
const attendedWait = 30 * time.Minute

// mostRenewals is how often somebody is asked for one sign-in that does not succeed.
const mostRenewals = 3

// attended reports whether somebody sits at a terminal who can be asked.
func (p *program) attended() bool {
	if p.person != nil {
		return *p.person
	}
	for _, stream := range []any{p.stdin, p.stderr} {
		if f, ok := stream.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
			return false
		}
	}
	return true
}

// renewing is an account that is to be signed in to again.
type renewing struct {
	mailbox engine.MailboxID
	side    engine.Side
}

// renew asks people to sign in again wherever a pass waits for that, one after the other, until ctx ends.
func (p *program) renew(ctx context.Context, w *works, keychain engine.Keychain) {
	asked := map[renewing]int{}
	pictures := w.engine.Watch(ctx)
	for {
		var picture engine.Snapshot
		select {
		case picture = <-pictures:
		case <-ctx.Done():
			return
		}
		for _, pass := range picture.Passes {
			one := renewing{pass.Mailbox, pass.Awaited}
			if pass.Phase != engine.AwaitingSignIn || asked[one] >= mostRenewals {
				continue
			}
			asked[one]++
			done, err := p.renewOne(ctx, w, keychain, pass.Project, one)
			if err != nil && ctx.Err() == nil {
				p.log.Warn("nobody could be asked to sign in again", "mailbox", one.mailbox, "err", err)
			}
			if done {
				delete(asked, one)
			}
			break // what the picture shows of the others may be over
		}
	}
}

// renewOne lets the owner of an account sign in again, keeps what that brings, and lets the pass go on.
func (p *program) renewOne(ctx context.Context, w *works, keychain engine.Keychain, id engine.ProjectID, one renewing) (done bool, err error) {
	project, err := w.ledger.Project(ctx, id)
	if err != nil {
		return false, err
	}
	m, err := w.ledger.Mailbox(ctx, one.mailbox)
	if err != nil {
		return false, err
	}
	account := m.On(one.side)
	account.Secret = ""
	s := signer{p: p, tokens: p.tokensFor(keychain), engine: w.engine, enroller: w.enroller}
	s.c.Device = !p.canBrowse() && s.tokens.Codes(project.On(one.side).Access.Method)
	p.noteLines(wording.T("cli.signin.again", "Address", wording.Display(account.User, 80), "Side", wording.T("trouble.side."+one.side.String())))
	line, secret, err := s.signIn(ctx, owner{m, engine.Credential{Side: one.side, To: project.On(one.side), Account: account}})
	if err != nil || !line.Done {
		return false, err
	}
	if m, err = w.ledger.Mailbox(ctx, one.mailbox); err != nil {
		return false, err
	}
	w.engine.SignedIn(m, one.side, secret)
	return true, nil
}

// canBrowse reports whether a browser can be opened here.
func (p *program) canBrowse() bool {
	return p.browse != nil || slices.Contains([]string{"windows", "darwin"}, runtime.GOOS) || p.env("DISPLAY")+p.env("WAYLAND_DISPLAY") != ""
}

// noteLines writes lines for people beside whatever is drawn on the terminal.
func (p *program) noteLines(lines string) {
	if s := p.drawn.Load(); s != nil {
		s.above(lines)
		return
	}
	fmt.Fprintln(p.stderr, lines)
}
