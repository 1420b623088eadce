package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/oauth"
	"mwiz/engine/oauth/oauthtest"
)

// keychain is one in memory; broken makes it refuse.
type keychain struct {
	mu     sync.Mutex
	kept   map[engine.SecretRef]string
	sets   int
	broken error
}

func (k *keychain) Get(_ context.Context, ref engine.SecretRef) (engine.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return engine.NewSecret(k.kept[ref]), k.broken
}

func (k *keychain) Set(_ context.Context, ref engine.SecretRef, s engine.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken == nil {
		k.kept[ref] = s.Reveal()
		k.sets++
	}
	return k.broken
}

func (k *keychain) Delete(context.Context, engine.SecretRef) error { return nil }

func (k *keychain) breakWith(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broken = err
}

func (k *keychain) at(ref engine.SecretRef) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[ref]
}

// rig is Tokens at a provider of the test's own.
type rig struct {
	*oauth.Tokens
	t        *testing.T
	provider *oauthtest.Provider
	keychain *keychain
	log      bytes.Buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, provider: oauthtest.New(t), keychain: &keychain{kept: map[engine.SecretRef]string{}}}
	r.start()
	t.Cleanup(func() {
		if strings.Contains(r.log.String(), "canary") {
			t.Errorf("a secret is in the log: %s", &r.log)
		}
	})
	return r
}

// start makes new Tokens, as the program does when it starts.
func (r *rig) start() {
	r.Tokens = oauth.New(oauth.Options{Keychain: r.keychain, Log: slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Microsoft: r.provider.As(oauth.Microsoft()), Google: r.provider.As(oauth.Google())})
}

// anna returns the credential of an account, with what is kept for it under "k-anna".
func (r *rig) anna(m engine.Method) engine.Credential {
	return engine.Credential{Side: engine.Destination, To: engine.Endpoint{Host: "mail.new", Access: engine.Access{Method: m, Client: oauthtest.ClientID}},
		Account: engine.Account{User: "anna@example.org", Secret: "k-anna"}, Own: engine.NewSecret(r.keychain.at("k-anna"))}
}

// keep keeps what a sign-in has brought.
func (r *rig) keep(s engine.Secret) {
	r.t.Helper()
	if err := r.keychain.Set(r.t.Context(), "k-anna", s); err != nil {
		r.t.Fatal(err)
	}
}

// token asks for a token that must come.
func (r *rig) token(c engine.Credential, refused engine.Secret) engine.Secret {
	r.t.Helper()
	s, err := r.Token(r.t.Context(), c, refused)
	if err != nil || s.Empty() {
		r.t.Fatalf("no token: %v", err)
	}
	return s
}

// browse signs in by a browser that goes where it is sent, as somebody.
func (r *rig) browse(c engine.Credential, as string) (engine.Secret, string, error) {
	page := make(chan string, 1)
	s, err := r.Browser(r.t.Context(), c, func(address string) error {
		go func() {
			text, err := r.provider.Visit(address, as)
			page <- fmt.Sprint(text, err)
		}()
		return nil
	})
	return s, <-page, err
}

func refusal(t *testing.T, what string, err error, kind engine.Kind, cause error, words string) {
	t.Helper()
	var e *engine.Error
	switch {
	case !errors.As(err, &e) || e.Kind != kind || cause != nil && !errors.Is(err, cause) || cause == nil && errors.Is(err, engine.ErrSignInAgain):
		t.Errorf("%s: %v, want %s", what, err, kind)
	case !strings.Contains(e.Text, words) || strings.Contains(err.Error(), "canary"):
		t.Errorf("%s: %q, want %q and no secret", what, e.Text, words)
	}
}

func TestSignInByBrowser(t *testing.T) {
	for _, m := range []engine.Method{engine.OAuthMicrosoft, engine.OAuthGoogle} {
		r := newRig(t)
		c := r.anna(m)
		c.Own = engine.Secret{}
		_, err := r.Token(t.Context(), c, engine.Secret{})
		refusal(t, "before", err, engine.Denied, engine.ErrNotSignedIn, "")

		s, page, err := r.browse(c, "")
		if err != nil || s.Empty() || !strings.Contains(page, "close this window") {
			t.Fatalf("%s: %v, page %q", m, err, page)
		}
		r.keep(s)
		r.token(r.anna(m), engine.Secret{})
		if n := r.provider.Asked(""); n != 1 {
			t.Errorf("%s: the token that came with the sign-in is not used: %d questions", m, n)
		}
		r.provider.Deny("access_denied")
		_, page, err = r.browse(c, "")
		refusal(t, "a refusal", err, engine.Denied, nil, "access_denied")
		if !strings.Contains(page, "not finished") {
			t.Errorf("page %q", page)
		}
	}
}

// TestClientSecret: a client of Google's has to tell its secret, which lies in the keychain unless it is given.
func TestClientSecret(t *testing.T) {
	r := newRig(t)
	c := r.anna(engine.OAuthGoogle)
	c.To.Access.Client = oauthtest.SecretID
	_, _, err := r.browse(c, "")
	refusal(t, "no secret", err, engine.Denied, nil, "client_secret is missing")
	c.Shared = engine.NewSecret(oauthtest.SecretOf)
	if _, _, err = r.browse(c, ""); err != nil {
		t.Errorf("given: %v", err)
	}
	c.Shared, c.To.Access.Secret = engine.Secret{}, "k-client"
	r.keychain.kept["k-client"] = oauthtest.SecretOf
	s, _, err := r.browse(c, "")
	if err != nil {
		t.Fatalf("kept: %v", err)
	}
	r.start()
	c.Own = s
	r.token(c, engine.Secret{})
	r.keychain.breakWith(engine.ErrNoKeychain)
	_, err = r.Browser(t.Context(), c, func(string) error { t.Error("it goes on without the secret"); return nil })
	refusal(t, "a locked keychain", err, engine.Locked, engine.ErrNoKeychain, "")
}

// TestBrowserTakesOneAnswer: from who was sent, at the address that was named; others change nothing.
func TestBrowserTakesOneAnswer(t *testing.T) {
	r := newRig(t)
	var statuses []int
	s, err := r.Browser(t.Context(), r.anna(engine.OAuthMicrosoft), func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		q := u.Query()
		back, state := q.Get("redirect_uri"), q.Get("state")
		if !strings.HasPrefix(back, "http://localhost:") || len(state) < 40 || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "https://outlook.office.com/IMAP.AccessAsUser.All offline_access" {
			t.Errorf("it asks %s", address)
		}
		for _, path := range []string{"/favicon.ico", "/", "/?code=x&state=wrong", "/?state=" + state, "/elsewhere?code=x&state=" + state} {
			statuses = append(statuses, status(t, back+path, ""))
		}
		statuses = append(statuses, status(t, back+"/?code=x&state="+state, "evil.example.com"))
		go func() { _, _ = r.provider.Visit(address, "") }()
		return nil
	})
	if err != nil || s.Empty() {
		t.Fatal(err)
	}
	if fmt.Sprint(statuses) != "[404 400 400 400 404 404]" {
		t.Errorf("answers: %v", statuses)
	}
	var back string
	gone := errors.New("not now")
	if _, err := r.Browser(t.Context(), r.anna(engine.OAuthMicrosoft), func(address string) error {
		u, _ := url.Parse(address)
		back = u.Query().Get("redirect_uri")
		return gone
	}); !errors.Is(err, gone) {
		t.Error(err)
	}
	if r, err := http.Get(back); err == nil {
		r.Body.Close()
		t.Error("the port is still open")
	}
}

func status(t *testing.T, address, host string) int {
	t.Helper()
	q, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Host = host
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	return a.StatusCode
}

func TestSignInByCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.anna(engine.OAuthMicrosoft)
	var shown engine.DeviceCode
	s, err := r.Device(t.Context(), c, func(d engine.DeviceCode) { shown = d; r.provider.TypeCode("anna@example.org") })
	if err != nil || s.Empty() || shown.Code != "ABCD-EFGH" || !shown.Known || shown.Expires.IsZero() {
		t.Fatalf("%v, %+v", err, shown)
	}
	r.keep(s)
	r.token(r.anna(engine.OAuthMicrosoft), engine.Secret{})
	r.provider.Deny("access_denied")
	_, err = r.Device(t.Context(), c, func(engine.DeviceCode) {})
	refusal(t, "a refusal", err, engine.Denied, nil, "access_denied")
	_, err = r.Device(t.Context(), r.anna(engine.OAuthGoogle), func(engine.DeviceCode) {})
	refusal(t, "Google", err, engine.Denied, nil, "use the browser")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = r.Device(ctx, c, func(engine.DeviceCode) { cancel(engine.ErrStopped) })
	if !errors.Is(err, engine.ErrStopped) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestRotation: many ask at once and one question goes out; what replaces the refresh token is kept before its access token is used.
func TestRotation(t *testing.T) {
	r := newRig(t)
	r.keep(engine.NewSecret(r.provider.Issue("anna@example.org")))
	c := r.anna(engine.OAuthMicrosoft) // as a pass has it: read once
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if s, err := r.Token(t.Context(), c, engine.Secret{}); err != nil || s.Empty() {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := r.provider.Asked("refresh_token"); n != 1 {
		t.Errorf("%d questions", n)
	}
	for i := range 3 {
		token := r.token(c, engine.Secret{})
		if again := r.token(c, token); again.Reveal() == token.Reveal() {
			t.Errorf("%d: a refused token is handed out again", i)
		}
		if !r.provider.Newest(r.keychain.at("k-anna")) {
			t.Errorf("%d: what is kept is not the newest", i)
		}
	}
	r.start() // and after a restart what is kept is good
	r.token(r.anna(engine.OAuthMicrosoft), engine.Secret{})

	// A keychain that locks at night stops nothing, and gets what it has missed.
	c = r.anna(engine.OAuthMicrosoft)
	r.keychain.breakWith(&engine.Error{Kind: engine.Locked})
	r.token(c, r.token(c, engine.Secret{}))
	if r.provider.Newest(r.keychain.at("k-anna")) {
		t.Error("a broken keychain keeps")
	}
	r.keychain.breakWith(nil)
	r.token(c, engine.Secret{})
	if !r.provider.Newest(r.keychain.at("k-anna")) {
		t.Error("what was missed is not kept")
	}
}

// TestRotationOutlivesWhoAsked: the answer is kept also when nobody waits for it any more.
func TestRotationOutlivesWhoAsked(t *testing.T) {
	r := newRig(t)
	r.keep(engine.NewSecret(r.provider.Issue("anna@example.org")))
	c := r.anna(engine.OAuthMicrosoft)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Token(ctx, c, engine.Secret{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	r.token(c, engine.Secret{})
	if !r.provider.Newest(r.keychain.at("k-anna")) {
		t.Error("what is kept is not the newest")
	}
}

func TestShortLivedTokens(t *testing.T) {
	r := newRig(t)
	r.provider.SetLife(time.Second)
	r.keep(engine.NewSecret(r.provider.Issue("anna@example.org")))
	c := r.anna(engine.OAuthMicrosoft)
	first := r.token(c, engine.Secret{})
	if r.token(c, engine.Secret{}).Reveal() != first.Reveal() {
		t.Error("a token is used once only")
	}
	deadline := time.Now().Add(10 * time.Second)
	for r.token(c, engine.Secret{}).Reveal() == first.Reveal() {
		if time.Now().After(deadline) {
			t.Fatal("a token is used beyond its life")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t)
	r.keep(engine.NewSecret(r.provider.Issue("anna@example.org")))
	c := r.anna(engine.OAuthMicrosoft)
	r.token(c, engine.Secret{})
	r.provider.Revoke("anna@example.org")
	_, err := r.Token(t.Context(), c, r.token(c, engine.Secret{}))
	refusal(t, "revoked", err, engine.Denied, engine.ErrSignInAgain, "AADSTS700082")
	asked := r.provider.Asked("")
	_, err = r.Token(t.Context(), c, engine.Secret{})
	refusal(t, "revoked, again", err, engine.Denied, engine.ErrSignInAgain, "AADSTS700082")
	if n := r.provider.Asked(""); n != asked {
		t.Error("what is revoked is asked for again at once")
	}
	s, _, err := r.browse(c, "")
	if err != nil {
		t.Fatal(err)
	}
	r.keep(s)
	r.token(r.anna(engine.OAuthMicrosoft), engine.Secret{})

	other := r.anna(engine.OAuthMicrosoft)
	other.To.Access.Client = "another"
	_, err = r.Token(t.Context(), other, engine.Secret{})
	refusal(t, "an unknown application", err, engine.Denied, nil, "AADSTS700016")
	other.To.Access.Client = ""
	_, err = r.Token(t.Context(), other, engine.Secret{})
	refusal(t, "no application", err, engine.Denied, engine.ErrNoClient, "")

	r.provider.Break(503)
	_, err = r.Token(t.Context(), c, engine.Secret{})
	refusal(t, "revoked before", err, engine.Denied, engine.ErrSignInAgain, "")
	_, err = r.Token(t.Context(), r.anna(engine.OAuthMicrosoft), r.token(r.anna(engine.OAuthMicrosoft), engine.Secret{}))
	refusal(t, "a broken provider", err, engine.Throttled, nil, "503")
	far := oauth.New(oauth.Options{Keychain: r.keychain, Microsoft: oauth.Provider{Token: "http://127.0.0.1:1/token"}})
	_, err = far.Token(t.Context(), c, engine.Secret{})
	refusal(t, "no provider", err, engine.Unreachable, nil, "")
}

func TestOneCredentialForAll(t *testing.T) {
	r := newRig(t)
	app := engine.Credential{To: engine.Endpoint{Host: "mail.new", Access: engine.Access{Method: engine.AppMicrosoft, Client: oauthtest.AppID, Tenant: oauthtest.Tenant}},
		Shared: engine.NewSecret(oauthtest.AppSecret), Account: engine.Account{User: "anna@example.org"}}
	first := r.token(app, engine.Secret{})
	app.Account.User = "bob@example.org"
	if r.token(app, engine.Secret{}).Reveal() != first.Reveal() {
		t.Error("a tenant's token is asked for per mailbox")
	}
	app.Shared = engine.NewSecret("canary-wrong")
	_, err := r.Token(t.Context(), app, engine.Secret{})
	refusal(t, "a wrong secret", err, engine.Denied, nil, "AADSTS7000215")

	service := engine.Credential{To: engine.Endpoint{Host: "mail.new", Access: engine.Access{Method: engine.ServiceAccount}},
		Shared: engine.NewSecret(r.provider.ServiceKey()), Account: engine.Account{User: "anna@example.org"}}
	annas := r.token(service, engine.Secret{})
	service.Account.User = "bob@example.org"
	if r.token(service, engine.Secret{}).Reveal() == annas.Reveal() {
		t.Error("a service account has one token for two mailboxes")
	}
	service.Shared = engine.NewSecret(`{"type": "authorized_user", "canary": 1}`)
	_, err = r.Token(t.Context(), service, engine.Secret{})
	refusal(t, "another key", err, engine.Denied, nil, "not the JSON key")
	service.Shared = engine.NewSecret(oauthtest.New(t).ServiceKey())
	_, err = r.Token(t.Context(), service, engine.Secret{})
	refusal(t, "another's key", err, engine.Denied, nil, "Invalid JWT Signature")
	if r.keychain.sets != 0 {
		t.Error("something was kept")
	}
}
