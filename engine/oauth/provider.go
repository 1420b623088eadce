// Package oauth gets access tokens from identity providers: for accounts whose owners have signed in, in a browser or by a device code, and for
// applications and service accounts that may open every mailbox of a company. It implements engine.Tokens. Refresh tokens and keys lie in the keychain alone;
// access tokens are never written down.
package oauth

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"mwiz/engine"
)

// Provider is how to reach an identity provider, and what to ask it for.
type Provider struct {
	Name      string // as people know it
	Authorize string // addresses; {tenant} stands for Access.Tenant
	Token     string
	Device    string
	Host      string // of the address that the browser comes back to: "localhost" or "127.0.0.1", whichever the provider takes with any port
	Tenant    string // where Access has none

	Scopes    []string // for an account whose owner signs in
	AllScopes []string // for a credential that opens every mailbox
	Ask       map[string]string
	Pages     []string // hosts of the pages on which a device's code is typed; what lies below them too
}

// The scopes are those that the providers name for IMAP: learn.microsoft.com/exchange/client-developer/legacy-protocols/
// how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth, developers.google.com/workspace/gmail/imap/xoauth2-protocol and, for gmail.imap_admin,
// developers.google.com/workspace/gmail/imap/imap-smtp.

// Microsoft returns the provider of Microsoft 365 and Outlook.com.
func Microsoft() Provider {
	const authority = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
	return Provider{
		Name:      "Microsoft",
		Authorize: authority + "/authorize",
		Token:     authority + "/token",
		Device:    authority + "/devicecode",
		Host:      "localhost",
		Tenant:    "common",
		Scopes:    []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"},
		AllScopes: []string{"https://outlook.office365.com/.default"},
		Ask:       map[string]string{"prompt": "select_account"},
		Pages:     []string{"microsoft.com", "login.microsoftonline.com", "login.live.com"},
	}
}

// Google returns the provider of Gmail and Google Workspace. Its device flow knows no scope for mail, so it has none.
func Google() Provider {
	return Provider{
		Name:      "Google",
		Authorize: "https://accounts.google.com/o/oauth2/v2/auth",
		Token:     "https://oauth2.googleapis.com/token",
		Host:      "127.0.0.1",
		Scopes:    []string{"https://mail.google.com/"},
		AllScopes: []string{"https://mail.google.com/", "https://www.googleapis.com/auth/gmail.imap_admin"},
		Ask:       map[string]string{"access_type": "offline", "prompt": "consent select_account"},
		Pages:     []string{"google.com"},
	}
}

// Client is an application as it is known to a provider.
type Client struct{ ID, Secret string }

// Clients are the applications that were built in when the program was packaged; none by default.
type Clients struct{ Microsoft, Google Client }

// providerOf returns the provider of a method, and the application that was built in for it.
func (t *Tokens) providerOf(m engine.Method) (Provider, Client) {
	switch m {
	case engine.OAuthGoogle, engine.ServiceAccount:
		return t.o.Google, t.o.Clients.Google
	case engine.OAuthMicrosoft, engine.AppMicrosoft:
		return t.o.Microsoft, t.o.Clients.Microsoft
	}
	return Provider{}, Client{}
}

// BuiltIn reports whether an application was built in for a method.
func (t *Tokens) BuiltIn(m engine.Method) bool {
	_, client := t.providerOf(m)
	return m.Asks() && client.ID != ""
}

// Codes reports whether the provider of a method has a device flow.
func (t *Tokens) Codes(m engine.Method) bool {
	provider, _ := t.providerOf(m)
	return m.Asks() && provider.Device != ""
}

// at returns an address with the tenant in it.
func (p Provider) at(address, tenant string) string {
	if tenant == "" {
		tenant = p.Tenant
	}
	return strings.ReplaceAll(address, "{tenant}", url.PathEscape(tenant))
}

// config returns what asks for a user's token, as the credential has it: of its own application, whose secret is the keychain's unless it is given, or of
// the one that was built in.
func (t *Tokens) config(ctx context.Context, c engine.Credential) (Provider, *oauth2.Config, error) {
	provider, client := t.providerOf(c.To.Access.Method)
	if id := c.To.Access.Client; id != "" {
		if ref := c.To.Access.Secret; c.Shared.Empty() && ref != "" {
			var err error
			if c.Shared, err = t.o.Keychain.Get(ctx, ref); err != nil {
				return provider, nil, &engine.Error{Op: "read the password", Kind: engine.Locked, Side: c.Side, Err: err}
			}
		}
		client = Client{id, c.Shared.Reveal()}
	}
	if client.ID == "" || provider.Token == "" {
		return provider, nil, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: engine.ErrNoClient.Error(), Err: engine.ErrNoClient}
	}
	tenant := c.To.Access.Tenant
	return provider, &oauth2.Config{ClientID: client.ID, ClientSecret: client.Secret, Scopes: provider.Scopes, Endpoint: oauth2.Endpoint{
		AuthURL: provider.at(provider.Authorize, tenant), TokenURL: provider.at(provider.Token, tenant), DeviceAuthURL: provider.at(provider.Device, tenant),
		AuthStyle: oauth2.AuthStyleInParams}}, nil
}

// owns reports whether a page is one of the provider's, over TLS.
func (p Provider) owns(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && slices.ContainsFunc(p.Pages, func(host string) bool {
		return u.Hostname() == host || strings.HasSuffix(u.Hostname(), "."+host)
	})
}
