package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// gate keeps a credential that opens every account of an endpoint from being refused account after account, by which it would be locked. While nobody
// has been let in by it one tries at a time, and after some refusals in a row nobody for a while.
type gate struct {
	turn chan struct{} // one place, held by who tries

	mu      sync.Mutex
	open    bool  // somebody was let in, and not too many were refused since
	refused int   // in a row
	last    error // of these
	at      time.Time
}

const (
	mostRefused     = 3                // sign-ins in a row, before nobody tries
	mostRefusedOpen = 8                // in a row, of a credential that was accepted before: some accounts may not be there
	refusedPause    = 30 * time.Second // until the next one may
)

// signIn opens a session. A token that the service refuses is asked for once more: it may have been taken back before its time.
func (e *Engine) signIn(ctx context.Context, c Credential) (Session, error) {
	if !c.To.Access.Method.Facts().ForAll {
		return e.present(ctx, c)
	}
	g := e.gateOf(c.To)
	leave, err := g.enter(ctx, c)
	if err != nil {
		return nil, err
	}
	s, err := e.present(ctx, c)
	leave(err)
	return s, err
}

// present shows the service what it asks for.
func (e *Engine) present(ctx context.Context, c Credential) (Session, error) {
	facts := c.To.Access.Method.Facts()
	if !facts.Token {
		secret := c.Own
		if facts.ForAll {
			secret = c.Shared
		}
		local, _, whole := strings.Cut(c.Account.User, "@")
		if whole && local != "" && e.provider(c.To).LocalUser { // iCloud knows most users by this, some by their address
			if s, err := e.o.Dialer.Dial(ctx, c.Side, c.To, local, secret); KindOf(err) != Denied {
				return s, err
			}
		}
		return e.o.Dialer.Dial(ctx, c.Side, c.To, c.Account.User, secret)
	}
	if e.o.Tokens == nil {
		return nil, &Error{Op: "sign in", Kind: Denied, Side: c.Side, Host: c.To.Host, Text: "this program gets no access tokens"}
	}
	token, err := e.o.Tokens.Token(ctx, c, Secret{})
	if err != nil {
		return nil, err
	}
	s, err := e.o.Dialer.Dial(ctx, c.Side, c.To, c.Account.User, token)
	if KindOf(err) != Denied {
		return s, err
	}
	again, tokenErr := e.o.Tokens.Token(ctx, c, token)
	if tokenErr != nil {
		return nil, tokenErr
	}
	if again.Reveal() == token.Reveal() {
		return nil, err
	}
	return e.o.Dialer.Dial(ctx, c.Side, c.To, c.Account.User, again)
}

// gateOf returns the gate of an endpoint's credential.
func (e *Engine) gateOf(to Endpoint) *gate {
	key := to.Address() + " " + string(to.Access.Method) + " " + to.Access.Admin + " " + to.Access.Client + " " + string(to.Access.Secret)
	e.mu.Lock()
	defer e.mu.Unlock()
	g, ok := e.gates[key]
	if !ok {
		g = &gate{turn: make(chan struct{}, 1)}
		e.gates[key] = g
	}
	return g
}

// enter waits for the turn to try, if it takes one. leave must be called with what the service has answered.
func (g *gate) enter(ctx context.Context, c Credential) (leave func(error), err error) {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	if open {
		return g.answered, nil
	}
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	give := func() { <-g.turn }
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		give()
		return g.answered, nil
	}
	if g.refused >= mostRefused && time.Since(g.at) < refusedPause {
		give()
		return nil, &Error{Op: "sign in", Kind: Denied, Side: c.Side, Host: c.To.Host, Text: ErrAdminRefused.Error() + ": " + textOf(g.last),
			Err: errors.Join(ErrAdminRefused, g.last)}
	}
	return func(err error) { g.answered(err); give() }, nil
}

// answered takes in what became of a sign-in.
func (g *gate) answered(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case err == nil:
		g.open, g.refused, g.last = true, 0, nil
	case KindOf(err) == Denied:
		g.refused++
		g.last, g.at = err, time.Now()
		if g.refused >= mostRefusedOpen {
			g.open = false
		}
	}
}

// SignedIn tells a pass that waits for it that the owner of an account has signed in again. m is the mailbox as the ledger has it now, s what was
// kept of the sign-in.
func (e *Engine) SignedIn(m Mailbox, side Side, s Secret) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.passes {
		if p.mailbox.ID == m.ID {
			p.signedIn(m, side, s)
		}
	}
}

// signedIn takes what a later sign-in has brought.
func (p *activePass) signedIn(m Mailbox, side Side, s Secret) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secrets == nil {
		p.secrets = &Secrets{}
	}
	p.secrets.set(side, s)
	p.renewedRef[side] = m.On(side).Secret
	if c := p.renewal[side]; c != nil {
		close(c)
	}
	p.renewal[side] = nil
}

// awaitSignIn waits until the account of a side has been signed in to again, showing that it does; err is why.
func (p *activePass) awaitSignIn(ctx context.Context, side Side, err error) error {
	p.mu.Lock()
	if p.renewal[side] == nil {
		p.renewal[side] = make(chan struct{})
	}
	renewed := p.renewal[side]
	p.mu.Unlock()
	until := time.Now().Add(p.e.o.SignInWait)
	p.log.Info("waiting for somebody to sign in again", "side", side.String(), "until", until, "err", err)
	p.progress.phase(AwaitingSignIn, until, Denied)
	p.progress.write(func(g *Progress) { g.Awaited = side })
	p.parked.Store(true)
	defer p.parked.Store(false)
	p.e.poke()
	t := time.NewTimer(p.e.o.SignInWait)
	defer t.Stop()
	select {
	case <-renewed:
		return nil
	case <-t.C:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// awaits reports whether err, of a side that was signed in to before unless SignInFirst says otherwise, is one that the pass waits out until somebody signs in again.
func (p *activePass) awaits(side Side, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Is(err, ErrSignInAgain) && p.e.o.SignInWait > 0 && (p.accepted[side] || p.e.o.SignInFirst)
}
