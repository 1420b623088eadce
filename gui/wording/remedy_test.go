package wording

import (
	"net/url"
	"strings"
	"testing"

	"mwiz/assets"
	"mwiz/engine"
)

// Every remedy has its two sentences, and a page that it is taken from.
func TestEveryRemedyIsTold(t *testing.T) {
	list, err := assets.Remedies()
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	for _, r := range list {
		for _, lang := range []string{"en", "de"} {
			for _, part := range []string{".sentence", ".step"} {
				if said := newCatalogue(lang).say("trouble." + r.Problem + part); strings.HasPrefix(said, "trouble.") {
					t.Errorf("%s: %s is not there", lang, said)
				}
			}
		}
		for _, text := range append(r.Texts, r.Not...) {
			if text == "" || text != strings.ToLower(text) {
				t.Errorf("%s: text %q", r.Problem, text)
			}
		}
		if u, err := url.Parse(r.Source); err != nil || u.Scheme != "https" {
			t.Errorf("%s: source %q", r.Problem, r.Source)
		}
	}
}

// What providers say, and what people are told then.
func TestRemedies(t *testing.T) {
	for _, c := range []struct{ host, text, want string }{
		{"imap.gmail.com", "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", "app_password"},
		{"imap.gmail.com", "Invalid credentials (Failure)", "app_password_only"},
		{"imap.gmail.com", "Invalid credentials (Failure) (access token refused, status 400)", "token_refused"},
		{"imap.gmail.com", "Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)", "imap_off"},
		{"imap.gmail.com", "IMAP access is disabled for your domain. Please contact your domain administrator for questions about this feature. (Failure)", "policy"},
		{"imap.gmail.com", "Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)", "web_login"},
		{"imap.gmail.com", "Too many simultaneous connections. (Failure)", "too_many"},
		{"imap.gmail.com", "unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.", "delegation"},
		{"imap.gmail.com", "invalid_grant: Invalid email or User ID", "no_such_user"},
		{"outlook.office365.com", "LOGIN failed.", "no_passwords"},
		{"outlook.office365.com", "AUTHENTICATE failed.", "no_passwords"},
		{"outlook.office365.com", "AUTHENTICATE failed. (access token refused)", "token_refused"},
		{"outlook.office365.com", "User is authenticated but not connected.", "not_connected"},
		{"outlook.office365.com", "invalid_client: AADSTS7000215: Invalid client secret provided.", "application_secret"},
		{"outlook.office365.com", "invalid_client: AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.", "application_secret"},
		{"outlook.office365.com", "invalid_client: AADSTS700016: Application with identifier 'x' was not found in the directory", "application"},
		{"outlook.office365.com", "invalid_grant: AADSTS65001: The user or administrator has not consented to use the application", "consent"},
		{"outlook.office365.com", "access_denied: AADSTS53003: Access has been blocked by Conditional Access policies.", "policy"},
		{"imap.mail.yahoo.com", "LOGIN Invalid credentials", "app_password_only"},
		{"imap.mail.me.com", "Authentication Failed", "app_password_only"},
		{"imap.mail.ru", "NEOBHODIM parol prilozheniya https://help.mail.ru/mail/security/protection/external / Aplication password is REQUIRED", "app_password"},
		{"imap.yandex.com", "LOGIN invalid credentials or IMAP is disabled sc=1", "imap_off_or_password"},
		{"imap.gmx.net", "authentication failed", "imap_off_or_password"},
		{"mail.old", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", "too_many"},
		{"mail.old", "Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "needs_tls"},
		{"mail.old", "Authentication failed.", ""},
		{"notgmail.com", "Invalid credentials (Failure)", ""},
	} {
		got, _ := remedyOf(engine.Denied, c.host, c.text)
		if got.Problem != c.want {
			t.Errorf("%s, %q: %q, want %q", c.host, c.text, got.Problem, c.want)
		}
	}
	if _, ok := remedyOf(engine.Refused, "imap.gmail.com", "Invalid credentials"); ok {
		t.Error("a message's refusal has a remedy for sign-ins")
	}
	yahoo := TroubleOf(&engine.Error{Kind: engine.Denied, Host: "imap.mail.yahoo.com", Text: "LOGIN Invalid credentials"}, "anna@yahoo.com")
	want(t, yahoo.Sentence(), "imap.mail.yahoo.com refused the password of anna@yahoo.com.")
	want(t, yahoo.Step(), "Only an app password is taken here, the usual password never is. Make one (login.yahoo.com/account/security) and enter it.")
	want(t, yahoo.NeedsPassword(), true)
	again, _ := TroubleOfPass(engine.Pass{State: engine.PassFailed, Cause: engine.Denied, Host: "mail.new", Side: engine.Destination,
		Error: engine.ErrSignInAgain.Error() + ": AADSTS700082"}, "anna@old", "anna@new")
	want(t, again.Sentence(), "Sign in to anna@new again: mail.new no longer accepts the saved sign-in.")
	want(t, again.NeedsSignIn(), true)
	none, _ := TroubleOfPass(engine.Pass{State: engine.PassFailed, Cause: engine.Denied, Host: "mail.new", Error: engine.ErrNotSignedIn.Error()}, "anna@old", "anna@new")
	want(t, none.Sentence(), "Nobody has signed in to anna@old yet.")
}
