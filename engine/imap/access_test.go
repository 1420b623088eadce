package imap

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/engine/oauth"
	"mwiz/engine/oauth/oauthtest"
)

// by returns an endpoint with a way to sign in.
func by(to engine.Endpoint, a engine.Access) engine.Endpoint {
	to.Access = a
	return to
}

// dialAs signs in and says whether it may, whose mail it sees, and why not.
func dialAs(t *testing.T, to engine.Endpoint, user, secret string) error {
	t.Helper()
	s, err := NewDialer(Options{}).Dial(t.Context(), engine.Source, to, user, engine.NewSecret(secret))
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.List(t.Context(), true)
	return err
}

// denied fails the test unless err says that a sign-in was denied.
func denied(t *testing.T, what string, err error) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Denied || e.Text == "" || strings.Contains(err.Error(), "canary") {
		t.Errorf("%s: %v", what, err)
	}
}

// TestAdministratorSignsIn: at Dovecot as user*master and by an authorisation identity, with SASL-IR and without, at Cyrus by the latter.
func TestAdministratorSignsIn(t *testing.T) {
	t.Parallel()
	d := imaptest.Dovecot(t, imaptest.Options{Master: "root", Passwords: map[string]string{"anna": "hers"}})
	c := imaptest.Cyrus(t, imaptest.CyrusOptions{})
	imaptest.SignIn(t, c.Addr(), "anna").Close()
	master := engine.Access{Method: engine.MasterUser, Admin: "root"}
	plain := engine.Access{Method: engine.PlainAdmin, Admin: "root"}
	for _, to := range []engine.Endpoint{d.TLSEndpoint(), d.Endpoint(), d.StartTLSEndpoint()} {
		must(t, dialAs(t, by(to, master), "anna", imaptest.Password))
		must(t, dialAs(t, by(to, plain), "anna", imaptest.Password))
	}
	denied(t, "a wrong master password", dialAs(t, by(d.Endpoint(), master), "anna", "wrong"))
	denied(t, "no master", dialAs(t, by(d.Endpoint(), engine.Access{Method: engine.PlainAdmin, Admin: "bob"}), "anna", imaptest.Password))
	denied(t, "another separator", dialAs(t, by(d.Endpoint(), engine.Access{Method: engine.MasterUser, Admin: "root", Separator: "+"}), "anna", imaptest.Password))
	denied(t, "a name with a line in it", dialAs(t, by(d.Endpoint(), master), "anna\r\nx", imaptest.Password))

	cyrus := engine.Access{Method: engine.PlainAdmin, Admin: imaptest.CyrusAdmin}
	must(t, dialAs(t, by(c.TLSEndpoint(), cyrus), "anna", imaptest.Password))
	denied(t, "a wrong administrator", dialAs(t, by(c.TLSEndpoint(), cyrus), "anna", "wrong"))
	denied(t, "nobody's administrator", dialAs(t, by(c.TLSEndpoint(), engine.Access{Method: engine.PlainAdmin, Admin: "bob"}), "anna", imaptest.Password))
}

// TestAccessTokens: XOAUTH2 and OAUTHBEARER at Dovecot, which asks the identity provider whose a token is.
func TestAccessTokens(t *testing.T) {
	t.Parallel()
	p := oauthtest.New(t)
	d := imaptest.Dovecot(t, imaptest.Options{Introspect: [2]string{p.Introspect(), p.IntrospectAll()}})
	tokens := oauth.New(oauth.Options{Microsoft: p.As(oauth.Microsoft())})
	mine := engine.Access{Method: engine.OAuthMicrosoft, Client: oauthtest.ClientID}
	app := engine.Access{Method: engine.AppMicrosoft, Client: oauthtest.AppID, Tenant: oauthtest.Tenant}
	for _, announced := range []string{"", "auth_mechanisms = plain oauthbearer\n"} {
		d.Change(func(o *imaptest.Options) { o.Extra = announced })
		to := by(d.TLSEndpoint(), mine)
		token := func(c engine.Credential) string {
			s, err := tokens.Token(context.Background(), c, engine.Secret{})
			must(t, err)
			return s.Reveal()
		}
		annas := token(engine.Credential{To: to, Account: engine.Account{User: "anna@example.org"}, Own: engine.NewSecret(p.Issue("anna@example.org"))})
		must(t, dialAs(t, to, "anna@example.org", annas))
		denied(t, "somebody else's token", dialAs(t, to, "bob@example.org", annas))
		denied(t, "no token", dialAs(t, to, "anna@example.org", "canary-nothing"))
		p.ExpireAccess("anna@example.org")
		denied(t, "an expired token", dialAs(t, to, "anna@example.org", annas))

		all := by(d.TLSEndpoint(), app)
		every := token(engine.Credential{To: all, Shared: engine.NewSecret(oauthtest.AppSecret)})
		must(t, dialAs(t, all, "anna@example.org", every))
		must(t, dialAs(t, all, "bob@example.org", every))
	}
	plain := imaptest.Dovecot(t, imaptest.Options{})
	denied(t, "a server that takes none", dialAs(t, by(plain.TLSEndpoint(), mine), "anna", "canary"))
}

// TestTokenWithoutInitialResponse: a server without SASL-IR asks first, and one that refuses a token says why in JSON and wants an answer to that.
func TestTokenWithoutInitialResponse(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		s := scripted(t, "IMAP4rev1", func(string) string { return "" })
		s.hello = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=" + mechanism + "] ready\r\n"
		step := 0
		s.signIn = func(line string) string {
			step++
			switch {
			case step == 1 && line == "AUTHENTICATE "+mechanism:
				return "+ \r\n"
			case step == 2 && len(line) > 20: // the token; {"status":"invalid_token","schemes":"Bearer"}
				return "+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6IkJlYXJlciJ9\r\n"
			case step == 3 && line == "AQ==":
				return "$ NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n"
			}
			return "$ BAD step\r\n"
		}
		err := dialAs(t, by(s.endpoint(), engine.Access{Method: engine.OAuthGoogle}), "a,b=c@example.org", "token")
		var e *engine.Error
		if !errors.As(err, &e) || e.Kind != engine.Denied || !strings.Contains(e.Text, "Invalid credentials") || !strings.Contains(e.Text, "invalid_token") {
			t.Errorf("%s: %v", mechanism, err)
		}
	}
	want(t, escapeName("a,b=c"), "a=2Cb=3Dc")
}
