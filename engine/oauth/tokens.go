package oauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"mwiz/engine"
)

// Options are what Tokens are made of. Keychain must be set.
type Options struct {
	Keychain engine.Keychain
	Clients  Clients
	Log      *slog.Logger // nil: nothing is logged
	HTTP     *http.Client // nil: one that waits half a minute and follows nobody elsewhere

	Microsoft, Google Provider // zero: the real ones

	Page func(good bool) (title, text string) // of the page on which a sign-in in the browser ends; nil: in English
}

// Tokens gets access tokens and keeps the refresh tokens that come with them. It is safe for concurrent use.
type Tokens struct {
	o Options

	mu     sync.Mutex
	grants map[string]*grant // by what is kept of them: see key
}

var _ engine.Tokens = (*Tokens)(nil)

// New returns Tokens.
func New(o Options) *Tokens {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if o.Microsoft.Token == "" {
		o.Microsoft = Microsoft()
	}
	if o.Google.Token == "" {
		o.Google = Google()
	}
	if o.Page == nil {
		o.Page = page
	}
	return &Tokens{o: o, grants: map[string]*grant{}}
}

// patience is how long a provider may take to answer.
const patience = 30 * time.Second

// spare is how long an access token must be good for when it is handed out, time to sign in with it; less for one that has a short life.
const spare = 2 * time.Minute

// refusalTime is how long a refusal counts before the provider is asked again: its rules, or its clock, may have been set right.
const refusalTime = time.Minute

// grant is the right to access tokens: what an owner's sign-in has brought, or a credential for all mailboxes. All who were given the same share it:
// the lanes of a pass, and passes that come later.
type grant struct {
	turn chan struct{} // one place, held by who asks the provider, and by who reads or writes what follows

	access string    // "" for none
	good   time.Time // until then it is handed out

	refresh string           // the newest refresh token; "" for a credential for all mailboxes
	ref     engine.SecretRef // where it is kept; "" for nowhere
	kept    string           // what lies there
	refused error            // what the provider has said of it, if it takes it no longer,
	at      time.Time        // and when
}

// key returns what tells a credential's grant from others, given what is kept of it.
func key(c engine.Credential, kept string) string {
	a := c.To.Access
	sum := sha256.Sum256([]byte(kept))
	parts := []string{string(a.Method), a.Client, a.Tenant, string(sum[:])}
	if a.Method == engine.ServiceAccount { // a token for each mailbox; one of an application opens all
		parts = append(parts, strings.ToLower(c.Account.User))
	}
	return strings.Join(parts, "\x00")
}

// grantOf returns the grant of a credential.
func (t *Tokens) grantOf(c engine.Credential) *grant {
	kept := c.Shared.Reveal()
	own := c.To.Access.Method.Own()
	if own {
		kept = c.Own.Reveal()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	name := key(c, kept)
	g, ok := t.grants[name]
	if !ok {
		g = &grant{turn: make(chan struct{}, 1)}
		if own {
			g.refresh = kept
		}
		t.grants[name] = g
	}
	return g
}

// Token implements engine.Tokens. Many may ask for the same account: one asks the provider. What has been begun is finished and kept also when nobody
// waits for it any more, for the provider may have forgotten the refresh token that it was asked with.
func (t *Tokens) Token(ctx context.Context, c engine.Credential, refused engine.Secret) (engine.Secret, error) {
	if c.To.Access.Method.Own() && c.Own.Empty() {
		return engine.Secret{}, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: engine.ErrNotSignedIn.Error(), Err: engine.ErrNotSignedIn}
	}
	g := t.grantOf(c)
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return engine.Secret{}, fail(ctx, c, context.Cause(ctx))
	}
	type answer struct {
		token string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-g.turn }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
		defer cancel()
		token, err := t.token(ctx, g, c, refused.Reveal())
		done <- answer{token, err}
	}()
	select {
	case got := <-done:
		return engine.NewSecret(got.token), got.err
	case <-ctx.Done():
		return engine.Secret{}, fail(ctx, c, context.Cause(ctx))
	}
}

// token does the work of Token, in its turn.
func (t *Tokens) token(ctx context.Context, g *grant, c engine.Credential, refused string) (string, error) {
	if ref := c.Account.Secret; c.To.Access.Method.Own() && ref != "" && ref != g.ref {
		g.ref, g.kept = ref, c.Own.Reveal()
	}
	if g.refused != nil && time.Since(g.at) < refusalTime {
		return "", g.refused
	}
	if g.access == "" || g.access == refused || time.Now().After(g.good) {
		token, err := t.ask(ctx, g, c)
		if err != nil {
			if errors.Is(err, engine.ErrSignInAgain) {
				g.refused, g.at, g.access = err, time.Now(), ""
			}
			return "", err
		}
		t.take(g, c, token)
		t.o.Log.Debug("access token", "method", c.To.Access.Method.String(), "host", c.To.Host, "good until", g.good, "rotated", g.refresh != g.kept)
	}
	t.keep(ctx, g)
	return g.access, nil
}

// ask gets a new access token.
func (t *Tokens) ask(ctx context.Context, g *grant, c engine.Credential) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.o.HTTP)
	switch c.To.Access.Method {
	case engine.AppMicrosoft:
		return t.askAsApp(ctx, c)
	case engine.ServiceAccount:
		return t.askAsService(ctx, c)
	}
	_, config, err := t.config(ctx, c)
	if err != nil {
		return nil, err
	}
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: g.refresh}).Token()
	if err != nil {
		return nil, fail(ctx, c, err, g.refresh, config.ClientSecret)
	}
	return token, nil
}

// take takes in what the provider has given. A refresh token in the place of another leads to the same grant.
func (t *Tokens) take(g *grant, c engine.Credential, token *oauth2.Token) {
	life := 10 * time.Minute // where it does not say
	if !token.Expiry.IsZero() {
		life = time.Until(token.Expiry)
	}
	g.refused = nil
	g.access, g.good = token.AccessToken, time.Now().Add(life-min(spare, life/4))
	if token.RefreshToken != "" && c.To.Access.Method.Own() {
		g.refresh = token.RefreshToken
		t.mu.Lock()
		t.grants[key(c, g.refresh)] = g
		t.mu.Unlock()
	}
}

// keep writes a new refresh token to where the old one is kept, before anything is done with the access token that came with it. A keychain that does
// not open now stops nobody: the token is in memory, and kept as soon as the keychain opens.
func (t *Tokens) keep(ctx context.Context, g *grant) {
	if g.ref == "" || g.refresh == g.kept {
		return
	}
	if err := t.o.Keychain.Set(ctx, g.ref, engine.NewSecret(g.refresh)); err != nil {
		t.o.Log.Warn("a new sign-in token could not be kept; it will be tried again", "err", err)
		return
	}
	g.kept = g.refresh
}
