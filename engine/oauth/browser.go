package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"mwiz/engine"
)

// signInTime is how long a person may take to sign in.
const signInTime = 15 * time.Minute

// callback waits on loopback for the browser to come back from a provider. It takes one answer.
type callback struct {
	listener net.Listener
	server   *http.Server
	host     string
	state    string
	page     func(good bool) (title, text string)
	answer   chan returned
}

// returned is what the browser brings.
type returned struct{ code, refusal, text string }

// listen opens a port of this machine alone.
func listen(host string, page func(bool) (string, string)) (*callback, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &callback{listener: l, page: page, state: rand.Text() + rand.Text(), answer: make(chan returned, 1),
		host: net.JoinHostPort(host, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	go func() { _ = b.server.Serve(l) }()
	return b, nil
}

// address returns where the browser is to come back to.
func (b *callback) address() string { return "http://" + b.host }

// close ends the listener. A page that is on its way gets a second.
func (b *callback) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if b.server.Shutdown(ctx) != nil {
		_ = b.server.Close()
	}
}

// ServeHTTP implements http.Handler. What does not know the state is nobody whom this program has sent to the provider: it is turned away, and the wait
// goes on.
func (b *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	got := returned{q.Get("code"), q.Get("error"), q.Get("error_description")}
	switch {
	case r.Method != http.MethodGet || r.URL.Path != "/" || r.Host != b.host:
		http.NotFound(w, r)
		return
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(b.state)) != 1 || got.code == "" && got.refusal == "":
		http.Error(w, "This is not an answer to a sign-in of this program.", http.StatusBadRequest)
		return
	}
	select {
	case b.answer <- got:
	default: // it has been used
		http.Error(w, "This sign-in has ended.", http.StatusGone)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	title, text := b.page(got.refusal == "")
	_ = endPage.Execute(w, struct{ Title, Text string }{title, text})
}

var endPage = template.Must(template.New("end").Parse(`<!DOCTYPE html>
<meta charset="utf-8"><title>{{.Title}}</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1rem; color-scheme: light dark">
<h1 style="font-size: 1.4rem">{{.Title}}</h1><p>{{.Text}}</p>
`))

// page is what is said where a sign-in in the browser ends.
func page(good bool) (title, text string) {
	if !good {
		return "Not signed in", "The sign-in was not finished. You can close this window and try again in mwiz-desktop."
	}
	return "Signed in", "You can close this window and go back to mwiz-desktop."
}

// Browser lets the owner of an account sign in at the provider's page, which open shows to him, and returns what is to be kept of it: a refresh token.
// It waits a quarter of an hour at most. Errors are *engine.Error, and that of open.
func (t *Tokens) Browser(ctx context.Context, c engine.Credential, open func(address string) error) (engine.Secret, error) {
	provider, config, err := t.config(ctx, c)
	if err != nil {
		return engine.Secret{}, err
	}
	b, err := listen(provider.Host, t.o.Page)
	if err != nil {
		return engine.Secret{}, &engine.Error{Op: "sign in", Kind: engine.Unreachable, Side: c.Side, Text: "no port of this computer can be opened: " + clip(err.Error())}
	}
	defer b.close()
	config.RedirectURL = b.address()
	verifier := oauth2.GenerateVerifier()
	ask := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("login_hint", c.Account.User)}
	for name, value := range provider.Ask {
		ask = append(ask, oauth2.SetAuthURLParam(name, value))
	}
	if err := open(config.AuthCodeURL(b.state, ask...)); err != nil {
		return engine.Secret{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, signInTime, errors.New("nobody has signed in in time"))
	defer cancel()
	var got returned
	select {
	case got = <-b.answer:
	case <-ctx.Done():
		return engine.Secret{}, ended(ctx, c)
	}
	if got.refusal != "" {
		return engine.Secret{}, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: clip(got.refusal + ": " + got.text)}
	}
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, t.o.HTTP), got.code, oauth2.VerifierOption(verifier))
	if err != nil {
		return engine.Secret{}, fresh(fail(ctx, c, err, got.code, verifier, config.ClientSecret))
	}
	return t.begin(ctx, c, token)
}

// Device lets the owner of an account sign in on whatever device, by a code that show tells him, and returns what is to be kept of it: a refresh token.
func (t *Tokens) Device(ctx context.Context, c engine.Credential, show func(engine.DeviceCode)) (engine.Secret, error) {
	provider, config, err := t.config(ctx, c)
	if err != nil {
		return engine.Secret{}, err
	}
	if config.Endpoint.DeviceAuthURL == "" {
		return engine.Secret{}, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: provider.Name + " gives no codes for mail: use the browser"}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, signInTime, errors.New("nobody has signed in in time"))
	defer cancel()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.o.HTTP)
	device, err := config.DeviceAuth(ctx)
	if err != nil {
		return engine.Secret{}, fresh(fail(ctx, c, err, config.ClientSecret))
	}
	show(engine.DeviceCode{Code: clip(device.UserCode), Address: clip(device.VerificationURI), Known: provider.owns(device.VerificationURI), Expires: device.Expiry})
	token, err := config.DeviceAccessToken(ctx, device)
	if ctx.Err() != nil {
		return engine.Secret{}, ended(ctx, c)
	}
	if err != nil {
		return engine.Secret{}, fresh(fail(ctx, c, err, device.DeviceCode, config.ClientSecret))
	}
	return t.begin(ctx, c, token)
}

// begin takes in what a sign-in by the owner has brought.
func (t *Tokens) begin(ctx context.Context, c engine.Credential, token *oauth2.Token) (engine.Secret, error) {
	if token.RefreshToken == "" {
		return engine.Secret{}, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host,
			Text: "the identity provider has given no refresh token: the application must be allowed offline access"}
	}
	secret := engine.NewSecret(token.RefreshToken)
	c.Own = secret
	g := t.grantOf(c)
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return engine.Secret{}, ended(ctx, c)
	}
	t.take(g, c, token)
	return secret, nil
}

// ended says why a sign-in that nobody finished was given up.
func ended(ctx context.Context, c engine.Credential) error {
	cause := context.Cause(ctx)
	return &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: cause.Error(), Err: cause}
}

// fresh is for an error in the course of signing in: that it has to be done again says nothing there.
func fresh(e *engine.Error) error {
	if errors.Is(e, engine.ErrSignInAgain) {
		e.Err, e.Text = nil, e.Text[len(engine.ErrSignInAgain.Error())+2:]
	}
	return e
}
