// Package oauthtest is an identity provider for tests: real HTTP on 127.0.0.1, with the flows that package oauth knows and the question by which a mail
// server asks whether a token is good. It checks what it is asked as the real ones do, and can take back, forget and break.
package oauthtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine/oauth"
)

// What every Provider knows.
const (
	ClientID     = "test-client"
	SecretID     = "test-client-with-secret" // a client that has to tell SecretOf it, as those of Google have
	SecretOf     = "canary-client-secret"
	AppID        = "test-app"
	AppSecret    = "canary-app-secret"
	Tenant       = "example.org"
	ServiceEmail = "mover@project.example.org"
	introspector = "dovecot:canary-introspection"
)

// Provider is an identity provider that belongs to one test.
type Provider struct {
	t      testing.TB
	server *httptest.Server
	key    *rsa.PrivateKey
	own    *x509.Certificate // of the application AppID, with the same key; nil until it is asked for

	mu     sync.Mutex
	life   time.Duration // of access tokens
	rotate bool
	prefix string              // of all that is secret
	codes  map[string]*started // by authorisation code
	device map[string]*started // by device code
	access map[string]*issued
	fresh  map[string]string // refresh tokens: whose
	asked  map[string]int    // questions, by grant type
	broken int               // status of the next answers to questions for tokens; 0: none is broken
	denies string            // the error with which a person comes back; "": none
}

// started is a sign-in that is not finished.
type started struct {
	user, challenge, redirect string
	done                      bool // a device's code was typed
}

// issued is an access token.
type issued struct {
	user string // "*": it opens every mailbox
	ends time.Time
}

// New starts a provider and ends it with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{t: t, life: time.Hour, rotate: true, prefix: "canary-token-", codes: map[string]*started{}, device: map[string]*started{},
		access: map[string]*issued{}, fresh: map[string]string{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/authorize", p.authorize)
	mux.HandleFunc("POST /{tenant}/token", p.token)
	mux.HandleFunc("POST /{tenant}/device", p.startDevice)
	mux.HandleFunc("/introspect", p.introspect)
	mux.HandleFunc("/introspect-all", p.introspect)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

// As returns one of the real providers with its addresses replaced by this one's.
func (p *Provider) As(real oauth.Provider) oauth.Provider {
	base := p.server.URL + "/{tenant}"
	real.Authorize, real.Token = base+"/authorize", base+"/token"
	if real.Device != "" {
		real.Device = base + "/device"
	}
	if real.Tenant == "" {
		real.Tenant = "common"
	}
	return real
}

// Introspect returns the address, with a password in it, at which a mail server asks for a token.
func (p *Provider) Introspect() string {
	return strings.Replace(p.server.URL, "://", "://"+introspector+"@", 1) + "/introspect"
}

// IntrospectAll is Introspect for tokens that open every mailbox, and for no others.
func (p *Provider) IntrospectAll() string { return p.Introspect() + "-all" }

// URL returns where the provider is.
func (p *Provider) URL() string { return p.server.URL }

// SetLife says how long access tokens are good from now on.
func (p *Provider) SetLife(d time.Duration) { p.locked(func() { p.life = d }) }

// SetRotate says whether refresh tokens are replaced at each use, and good once; they are by default.
func (p *Provider) SetRotate(on bool) { p.locked(func() { p.rotate = on }) }

// Break makes all questions for tokens fail with a status, 0 for none.
func (p *Provider) Break(status int) { p.locked(func() { p.broken = status }) }

// Deny makes people come back with an error, "" for none.
func (p *Provider) Deny(code string) { p.locked(func() { p.denies = code }) }

// Revoke takes back all that a user, or an application, was given.
func (p *Provider) Revoke(user string) {
	p.ExpireAccess(user)
	p.locked(func() {
		for token, whose := range p.fresh {
			if whose == user {
				delete(p.fresh, token)
			}
		}
	})
}

// ExpireAccess ends all access tokens of a user.
func (p *Provider) ExpireAccess(user string) {
	p.locked(func() {
		for _, a := range p.access {
			if a.user == user {
				a.ends = time.Time{}
			}
		}
	})
}

// Asked returns how many questions of a grant type have come, of all types for "".
func (p *Provider) Asked(grant string) (n int) {
	p.locked(func() {
		for g, times := range p.asked {
			if grant == "" || g == grant {
				n += times
			}
		}
	})
	return n
}

// Issue returns a refresh token as if a user had signed in.
func (p *Provider) Issue(user string) (token string) {
	p.locked(func() { token = p.newRefresh(user) })
	return token
}

// Newest reports whether a refresh token is one that is good now.
func (p *Provider) Newest(token string) (good bool) {
	p.locked(func() { _, good = p.fresh[token] })
	return good
}

func (p *Provider) locked(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// Visit is a person with a browser: it goes to an address, signs in as the user that the address hints at, or as another, and follows the provider back.
// It returns the page on which it ends.
func (p *Provider) Visit(address, as string) (page string, err error) {
	if as != "" {
		address += "&as=" + url.QueryEscape(as)
	}
	r, err := http.Get(address)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	var b strings.Builder
	_, err = io.Copy(&b, r.Body)
	return b.String(), err
}

// authorize stands for the pages on which a person signs in and consents.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case err != nil || back.Scheme != "http" || back.Hostname() != "localhost" && back.Hostname() != "127.0.0.1":
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	case q.Get("client_id") != ClientID && q.Get("client_id") != SecretID, q.Get("response_type") != "code", q.Get("scope") == "", q.Get("state") == "",
		q.Get("code_challenge_method") != "S256", len(q.Get("code_challenge")) != 43:
		http.Error(w, "bad request: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	p.locked(func() {
		if p.denies != "" {
			answer.Set("error", p.denies)
			answer.Set("error_description", "The user did not consent.")
			return
		}
		user := q.Get("as")
		if user == "" {
			user = q.Get("login_hint")
		}
		code := p.prefix + "code-" + rand.Text()
		p.codes[code] = &started{user: user, challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri")}
		answer.Set("code", code)
	})
	http.Redirect(w, r, back.String()+"/?"+answer.Encode(), http.StatusFound)
}

// startDevice begins a sign-in by a code.
func (p *Provider) startDevice(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("client_id") != ClientID || r.PostFormValue("scope") == "" {
		refuse(w, "invalid_client", "unknown client")
		return
	}
	code := p.prefix + "device-" + rand.Text()
	p.locked(func() { p.device[code] = &started{} })
	answer(w, map[string]any{"device_code": code, "user_code": "ABCD-EFGH", "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 60, "interval": 1})
}

// TypeCode is a person who types the code of whatever device waits.
func (p *Provider) TypeCode(user string) {
	p.locked(func() {
		for _, d := range p.device {
			d.user, d.done = user, true
		}
	})
}

// token answers questions for tokens.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	grant := r.PostFormValue("grant_type")
	p.asked[grant]++
	if p.broken != 0 {
		w.WriteHeader(p.broken)
		return
	}
	if id := r.PostFormValue("client_id"); id == SecretID && r.PostFormValue("client_secret") != SecretOf {
		refuse(w, "invalid_client", "client_secret is missing.")
		return
	}
	switch grant {
	case "authorization_code":
		p.redeem(w, r)
	case "refresh_token":
		p.renew(w, r)
	case "client_credentials":
		if r.PostFormValue("client_assertion") != "" {
			p.assertApp(w, r)
			return
		}
		if r.PostFormValue("client_id") != AppID || r.PostFormValue("client_secret") != AppSecret || r.PathValue("tenant") != Tenant {
			refuse(w, "invalid_client", "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value.\r\nTrace ID: 1")
			return
		}
		p.give(w, "*", "")
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		p.assert(w, r)
	case "urn:ietf:params:oauth:grant-type:device_code":
		switch d := p.device[r.PostFormValue("device_code")]; {
		case d == nil:
			refuse(w, "invalid_grant", "unknown device code")
		case p.denies != "":
			refuse(w, p.denies, "The user did not consent.")
		case !d.done:
			refuse(w, "authorization_pending", "")
		default:
			delete(p.device, r.PostFormValue("device_code"))
			p.give(w, d.user, p.newRefresh(d.user))
		}
	default:
		refuse(w, "unsupported_grant_type", grant)
	}
}

// redeem takes an authorisation code, once, from who began (RFC 7636).
func (p *Provider) redeem(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	s := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if s == nil || s.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || s.redirect != r.PostFormValue("redirect_uri") {
		refuse(w, "invalid_grant", "the code or its verifier is wrong")
		return
	}
	p.give(w, s.user, p.newRefresh(s.user))
}

// renew takes a refresh token.
func (p *Provider) renew(w http.ResponseWriter, r *http.Request) {
	token := r.PostFormValue("refresh_token")
	user, good := p.fresh[token]
	switch {
	case r.PostFormValue("client_id") != ClientID && r.PostFormValue("client_id") != SecretID:
		refuse(w, "invalid_client", "AADSTS700016: Application was not found in the directory.")
	case !good:
		refuse(w, "invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity. "+token+"\r\nTrace ID: 2")
	case p.rotate:
		delete(p.fresh, token)
		p.give(w, user, p.newRefresh(user))
	default:
		p.give(w, user, "")
	}
}

// assert takes what a service account has signed (RFC 7523).
func (p *Provider) assert(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.PostFormValue("assertion"), ".")
	var claims struct{ Iss, Sub, Aud, Scope string }
	if len(parts) == 3 && p.key != nil {
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		body, _ := base64.RawURLEncoding.DecodeString(parts[1])
		if rsa.VerifyPKCS1v15(&p.key.PublicKey, crypto.SHA256, sum[:], signature) == nil {
			_ = json.Unmarshal(body, &claims)
		}
	}
	switch {
	case claims.Iss != ServiceEmail || !strings.HasPrefix(claims.Aud, p.server.URL):
		refuse(w, "invalid_grant", "Invalid JWT Signature.")
	case !slices.Contains(strings.Fields(claims.Scope), "https://mail.google.com/") || claims.Sub == "":
		refuse(w, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
	default:
		p.give(w, claims.Sub, "")
	}
}

// ServiceKey returns the JSON key of a service account that the provider knows.
func (p *Provider) ServiceKey() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.makeKey()
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(p.key)})
	text, err := json.Marshal(map[string]string{"type": "service_account", "client_email": ServiceEmail, "private_key_id": "1", "private_key": string(block),
		"token_uri": "https://elsewhere.example.com/token", "padding": strings.Repeat("x", 600)})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// makeKey makes the provider's only key. p.mu is held.
func (p *Provider) makeKey() {
	if p.key != nil {
		return
	}
	var err error
	if p.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Provider) newRefresh(user string) string {
	token := p.prefix + "refresh-" + rand.Text()
	p.fresh[token] = user
	return token
}

// give answers with an access token.
func (p *Provider) give(w http.ResponseWriter, user, refresh string) {
	token := p.prefix + "access-" + rand.Text()
	p.access[token] = &issued{user, time.Now().Add(p.life)}
	m := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": max(1, int(p.life/time.Second))}
	if refresh != "" {
		m["refresh_token"] = refresh
	}
	answer(w, m)
}

// introspect tells a mail server whose a token is (RFC 7662).
func (p *Provider) introspect(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user+":"+password != introspector {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.access[r.FormValue("token")]
	all := strings.HasSuffix(r.URL.Path, "-all")
	if a == nil || time.Now().After(a.ends) || all != (a.user == "*") {
		answer(w, map[string]any{"active": false})
		return
	}
	answer(w, map[string]any{"active": true, "username": a.user})
}

func answer(w http.ResponseWriter, m map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(m)
}

// refuse answers as RFC 6749 has it.
func refuse(w http.ResponseWriter, code, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": text})
}
