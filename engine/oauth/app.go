package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"mwiz/engine"
)

// askAsApp gets a token that opens every mailbox of a tenant in which the application has IMAP.AccessAsApp.
func (t *Tokens) askAsApp(ctx context.Context, c engine.Credential) (*oauth2.Token, error) {
	provider, _ := t.providerOf(c.To.Access.Method)
	config := clientcredentials.Config{ClientID: c.To.Access.Client, ClientSecret: c.Shared.Reveal(), Scopes: provider.AllScopes,
		TokenURL: provider.at(provider.Token, c.To.Access.Tenant), AuthStyle: oauth2.AuthStyleInParams}
	if isCertificate(config.ClientSecret) {
		signs, err := parseCertificate(config.ClientSecret)
		if err == nil {
			config.ClientSecret = ""
			config.EndpointParams, err = signs.assertion(config.ClientID, config.TokenURL, time.Now())
		}
		if err != nil {
			return nil, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: err.Error()}
		}
	}
	token, err := config.Token(ctx)
	if err != nil {
		return nil, fail(ctx, c, err, config.ClientSecret, config.EndpointParams.Get("client_assertion"))
	}
	return token, nil
}

// serviceKey is what this program reads of a service account's key, as Google hands it out. Where it says to send it is not asked: it goes to Google.
type serviceKey struct {
	Type    string `json:"type"`
	Email   string `json:"client_email"`
	Key     string `json:"private_key"`
	ID      string `json:"private_key_id"`
	Account string `json:"client_id"`
}

// askAsService gets a token for one mailbox, in whose name the service account signs.
func (t *Tokens) askAsService(ctx context.Context, c engine.Credential) (*oauth2.Token, error) {
	provider, _ := t.providerOf(c.To.Access.Method)
	key, err := parseKey(c.Shared.Reveal())
	if err != nil {
		return nil, &engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Text: err.Error()}
	}
	config := jwt.Config{Email: key.Email, PrivateKey: []byte(key.Key), PrivateKeyID: key.ID, Subject: c.Account.User, Scopes: provider.AllScopes,
		TokenURL: provider.at(provider.Token, ""), Expires: time.Hour}
	token, err := config.TokenSource(ctx).Token()
	if err != nil {
		return nil, fail(ctx, c, err, key.Key)
	}
	return token, nil
}

// parseKey reads a service account's key. The error holds nothing of it.
func parseKey(text string) (serviceKey, error) {
	var key serviceKey
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		return serviceKey{}, errNoKey
	}
	if key.Type != "service_account" || key.Email == "" || key.Key == "" {
		return serviceKey{}, errNoKey
	}
	return key, nil
}

var errNoKey = errors.New("this is not the JSON key of a service account")

// CheckKey reports why a text is no key of a service account.
func CheckKey(text string) error {
	_, err := parseKey(text)
	return err
}
