package imap

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// signIn reads the greeting, signs in and learns what the server can do. One round trip behind the greeting where the server
// tells its capabilities unasked.
func (s *session) signIn(ctx context.Context, to engine.Endpoint, user string, secret engine.Secret) error {
	const op = "sign in"
	defer s.conn.Watch(ctx)()
	if err := s.client.WaitGreeting(); err != nil {
		return s.fail(ctx, "connect", s.cause(err))
	}
	switch s.client.State() {
	case goimap.ConnStateNotAuthenticated:
	case goimap.ConnStateLogout: // gone right behind its greeting
		return s.fail(ctx, "connect", s.cause(io.ErrUnexpectedEOF))
	default:
		return s.ours(op, engine.Untrusted, "the service calls itself signed in before it has been told who we are")
	}
	caps := s.client.Caps()
	if caps == nil {
		return s.fail(ctx, "connect", s.cause(errNoCapabilities))
	}
	if err := s.signInBy(ctx, caps, to, user, secret.Reveal()); err != nil {
		return err
	}
	if err := s.learnCapabilities(); err != nil {
		return s.fail(ctx, op, s.cause(err))
	}
	switch {
	case s.has("LITERAL+"):
		s.conn.SetLiterals(wire.LiteralPlus)
	case s.has("LITERAL-"):
		s.conn.SetLiterals(wire.LiteralMinus)
	}
	s.compress(ctx)
	return nil
}

// learnCapabilities learns what the server can do for somebody who is signed in: what it said before does not count.
func (s *session) learnCapabilities() (err error) {
	if s.conn.ToldCapabilities() {
		s.caps = s.client.Caps()
	} else if s.caps, err = s.client.Capability().Wait(); err != nil {
		return err
	}
	if len(s.caps) == 0 {
		return errNoCapabilities
	}
	if limit, ok := s.lookFor("MESSAGELIMIT"); ok { // RFC 9738: Yahoo
		s.log.Warn("the service may not show all messages of a folder", "limit", limit)
	}
	return nil
}

var errNoCapabilities = errors.New("the service does not say what it can do")

var (
	errNoMechanism = errors.New("the service takes no password here")
	errNoToken     = errors.New("the service takes no sign-in by an access token (OAuth) here")
	errNoAdmin     = errors.New("the service does not let an administrator sign in for others (no AUTH=PLAIN)")
	errName        = errors.New("the user name has a control character")
)

// signInBy signs in as the endpoint's access says.
func (s *session) signInBy(ctx context.Context, caps goimap.CapSet, to engine.Endpoint, user, secret string) error {
	const op = "sign in"
	method := to.Access.Method
	if method != engine.ByPassword && strings.ContainsFunc(user+to.Access.Admin, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return s.denied(ctx, op, errName)
	}
	switch {
	case method.Facts().Token:
		token := newXOAUTH2(user, secret)
		if !caps.Has("AUTH=XOAUTH2") {
			if !caps.Has("AUTH=OAUTHBEARER") {
				return s.denied(ctx, op, errNoToken)
			}
			token = newOAuthBearer(to.Host, to.Port, user, secret)
		}
		err := s.client.Authenticate(token)
		if err == nil {
			return nil
		}
		err = s.denied(ctx, op, err)
		var refused *engine.Error
		if errors.As(err, &refused) && refused.Kind == engine.Denied {
			refused.Text += " (" + token.why() + ")"
		}
		return err
	case method == engine.PlainAdmin:
		if !caps.Has("AUTH=PLAIN") {
			return s.denied(ctx, op, errNoAdmin)
		}
		if err := s.client.Authenticate(sasl.NewPlainClient(user, to.Access.Admin, secret)); err != nil {
			return s.denied(ctx, op, err)
		}
		return nil
	}
	if err := s.authenticate(caps, to.Access.Login(user), secret); err != nil {
		return s.denied(ctx, op, err)
	}
	return nil
}

// authenticate picks the way with the fewest round trips that the server offers.
func (s *session) authenticate(caps goimap.CapSet, user, password string) error {
	plain := caps.Has("AUTH=PLAIN")
	switch {
	case plain && caps.Has(goimap.CapSASLIR):
		return s.client.Authenticate(sasl.NewPlainClient("", user, password))
	case !caps.Has(goimap.CapLoginDisabled) && !(plain && needsSASL(user+password)):
		return s.client.Login(user, password).Wait()
	case plain:
		return s.client.Authenticate(sasl.NewPlainClient("", user, password))
	case caps.Has("AUTH=LOGIN"):
		return s.client.Authenticate(sasl.NewLoginClient(user, password))
	}
	return errNoMechanism
}

// needsSASL reports whether s is safer in SASL than in a quoted string, which some servers do not read as they should.
func needsSASL(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
}

// denied makes the error of a refused sign-in: the service's own words, an alert's before the refusal's.
func (s *session) denied(ctx context.Context, op string, err error) error {
	if slices.Contains([]error{errNoMechanism, errNoToken, errNoAdmin, errName}, err) {
		return s.ours(op, engine.Denied, "%v", err)
	}
	var refusal *goimap.Error
	if ctx.Err() != nil || !errors.As(err, &refusal) {
		return s.fail(ctx, op, s.cause(err))
	}
	e := s.refuse(op, wire.Status{Type: string(refusal.Type), Code: strings.ToUpper(string(refusal.Code)), Text: refusal.Text})
	if e.Kind != engine.Throttled {
		e.Kind = engine.Denied
	}
	for _, said := range s.conn.Said() {
		if said.Code == "ALERT" && said.Text != "" {
			e.Text = clip(said.Text)
		}
	}
	return e
}
