package main

import (
	"time"

	"mwiz/engine"
	"mwiz/engine/oauth"
	"mwiz/gui/wording"
)

// The applications at the identity providers that whoever packages the program may build in (-ldflags "-X main.microsoftClient=…"); see
// docs/oauth.md. Without them everybody gives one of their own.
var (
	microsoftClient    string
	googleClient       string
	googleClientSecret string // of an installed application: Google wants it, and says that it is none
)

// longestSignIn is how long a pass waits, with the window open, for the owner of an account to sign in again.
const longestSignIn = 24 * time.Hour

// tokensFor returns what gets access tokens, one for the program's life.
func (p *program) tokensFor(keychain engine.Keychain) *oauth.Tokens {
	if p.tokens == nil {
		o := p.identity
		o.Keychain, o.Log = keychain, p.log
		if o.Clients == (oauth.Clients{}) {
			o.Clients = oauth.Clients{Microsoft: oauth.Client{ID: microsoftClient}, Google: oauth.Client{ID: googleClient, Secret: googleClientSecret}}
		}
		o.Page = func(good bool) (title, text string) {
			if good {
				return wording.T("signin.page.good"), wording.T("signin.page.good.text")
			}
			return wording.T("signin.page.bad"), wording.T("signin.page.bad.text")
		}
		p.tokens = oauth.New(o)
	}
	return p.tokens
}
