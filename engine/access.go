package engine

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Method is by what means accounts sign in at an endpoint.
type Method string

// The methods; their texts stand in the ledger. With the first three every account has a secret of its own; with the others one credential,
// the endpoint's, signs in to all of them.
const (
	ByPassword     Method = ""                       // the account's password, or an app password
	OAuthMicrosoft Method = "oauth-microsoft"        // its owner has signed in at Microsoft: a refresh token
	OAuthGoogle    Method = "oauth-google"           // its owner has signed in at Google: a refresh token
	MasterUser     Method = "master"                 // an administrator as user*master, with his password (Dovecot)
	PlainAdmin     Method = "plain-admin"            // an administrator, by an authorisation identity (RFC 4616; Cyrus, Dovecot, Zimbra)
	AppMicrosoft   Method = "app-microsoft"          // an application of the tenant's with IMAP.AccessAsApp, by its client secret, or a certificate with its key
	ServiceAccount Method = "service-account-google" // a service account with domain-wide delegation, by its JSON key
)

// Need says whether a method asks for something.
type Need uint8

// The needs.
const (
	NotAsked Need = iota
	MayBeGiven
	MustBeGiven
)

// MethodFacts is what a method is and what it asks for.
type MethodFacts struct {
	Method Method
	ForAll bool // one credential signs in to every account
	Token  bool // what is shown to the service is an access token, which Tokens gets

	Client, Tenant, Admin, Separator Need // see Access
	Secret                           Need // the endpoint's
}

// Methods holds what every method is, in the order to offer them. The table is the only place that decides it.
var Methods = [...]MethodFacts{
	{Method: ByPassword},
	{Method: OAuthMicrosoft, Token: true, Client: MayBeGiven, Tenant: MayBeGiven},
	{Method: OAuthGoogle, Token: true, Client: MayBeGiven, Secret: MayBeGiven},
	{Method: AppMicrosoft, ForAll: true, Token: true, Client: MustBeGiven, Tenant: MustBeGiven, Secret: MustBeGiven},
	{Method: ServiceAccount, ForAll: true, Token: true, Secret: MustBeGiven},
	{Method: MasterUser, ForAll: true, Admin: MustBeGiven, Separator: MayBeGiven, Secret: MustBeGiven},
	{Method: PlainAdmin, ForAll: true, Admin: MustBeGiven, Secret: MustBeGiven},
}

// passwordName is what ByPassword is called where a name is needed.
const passwordName = "password"

func (m Method) String() string {
	if m == ByPassword {
		return passwordName
	}
	return string(m)
}

// ParseMethod reads what String returns, and "".
func ParseMethod(s string) (Method, error) {
	for _, f := range Methods {
		if s == string(f.Method) || s == f.Method.String() {
			return f.Method, nil
		}
	}
	return "", fmt.Errorf("%q is no way to sign in", s)
}

// Facts returns what the method is; those of ByPassword for one that is not known.
func (m Method) Facts() MethodFacts {
	for _, f := range Methods {
		if f.Method == m {
			return f
		}
	}
	return Methods[0]
}

// Own reports whether every account has a secret of its own.
func (m Method) Own() bool { return !m.Facts().ForAll }

// TakesPassword reports whether that secret is a password, which can be typed or stand in a list.
func (m Method) TakesPassword() bool { return m == ByPassword }

// Asks reports whether the owner of each account must sign in, in a browser or by a code.
func (m Method) Asks() bool { f := m.Facts(); return f.Token && !f.ForAll }

// Access is how accounts sign in at an endpoint. The zero value is: each with its password. It holds no secret.
type Access struct {
	Method    Method    `json:"method,omitempty"`
	Client    string    `json:"client,omitempty"`    // ID of the application at the identity provider; "": the one that was built in
	Tenant    string    `json:"tenant,omitempty"`    // of Microsoft: ID or domain; "": any
	Admin     string    `json:"admin,omitempty"`     // user name of who signs in for all
	Separator string    `json:"separator,omitempty"` // between the account and the master user; "": "*"
	Secret    SecretRef `json:"secret,omitempty"`    // of the endpoint: the administrator's password, the application's secret or key
}

// Validate reports what is missing or impossible, but for the secret.
func (a Access) Validate() error {
	f := a.Method.Facts()
	if f.Method != a.Method {
		return fmt.Errorf("%q is no way to sign in", string(a.Method))
	}
	for _, one := range []struct {
		need       Need
		text, name string
	}{{f.Client, a.Client, "client ID"}, {f.Tenant, a.Tenant, "tenant"}, {f.Admin, a.Admin, "administrator's user name"}} {
		switch {
		case one.need == MustBeGiven && strings.TrimSpace(one.text) == "":
			return fmt.Errorf("signing in by %s needs the %s", a.Method, one.name)
		case strings.ContainsFunc(one.text, func(r rune) bool { return r < ' ' || r == 0x7f }), strings.ContainsAny(one.text, "/?#&\\") && one.need != NotAsked && one.name != "administrator's user name":
			return fmt.Errorf("the %s has a character that it cannot have", one.name)
		}
	}
	return nil
}

// Login returns the user name by which an account signs in at a service that is told the administrator along with it.
func (a Access) Login(user string) string {
	if a.Method != MasterUser {
		return user
	}
	separator := a.Separator
	if separator == "" {
		separator = "*"
	}
	return user + separator + a.Admin
}

// Credential is all that it takes to sign in to an account.
type Credential struct {
	Side    Side
	To      Endpoint
	Account Account
	Own     Secret // kept for the account: a password or a refresh token; empty where Access needs none
	Shared  Secret // kept for the endpoint; empty where there is none
}

// DeviceCode is what a person types in a browser, on whatever device, to sign in.
type DeviceCode struct {
	Code    string
	Address string // of the page on which to type it
	Known   bool   // the page is one of the provider's, so that it may be opened
	Expires time.Time
}

// Errors of signing in that only a person can help with.
var (
	ErrSignInAgain  = errors.New("the saved sign-in is no longer accepted")
	ErrNotSignedIn  = errors.New("nobody has signed in yet")
	ErrAdminRefused = errors.New("the sign-in for all mailboxes was refused several times in a row")
	ErrKeyPassword  = errors.New("the file has another password")
	ErrNoClient     = errors.New("no application (client) ID is given")
)
