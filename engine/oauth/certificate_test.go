package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/oauth"
	"mwiz/engine/oauth/oauthtest"
)

// TestAppSignsWithItsCertificate: the provider checks the signature, for whom it is, and that no assertion comes twice.
func TestAppSignsWithItsCertificate(t *testing.T) {
	r := newRig(t)
	const password = "canary-pfx-password"
	pemFile, pfxFile := r.provider.AppCertificate(password)
	kept, err := oauth.ReadCertificate(pemFile, "")
	if err != nil {
		t.Fatal(err)
	}
	app := engine.Credential{To: engine.Endpoint{Host: "mail.new", Access: engine.Access{Method: engine.AppMicrosoft, Client: oauthtest.AppID, Tenant: oauthtest.Tenant}},
		Shared: kept, Account: engine.Account{User: "anna@example.org"}}
	first := r.token(app, engine.Secret{})
	if r.token(app, first).Reveal() == first.Reveal() {
		t.Error("a refused token came again")
	}
	if n := r.provider.Asked("client_credentials"); n != 2 {
		t.Errorf("asked %d times", n)
	}
	if _, err := oauth.ReadCertificate(pfxFile, "another"); !errors.Is(err, engine.ErrKeyPassword) {
		t.Errorf("another password: %v", err)
	}
	if app.Shared, err = oauth.ReadCertificate(pfxFile, password); err != nil {
		t.Fatal(err)
	}
	r.token(app, engine.Secret{})

	other, _ := oauthtest.New(t).AppCertificate("")
	app.Shared = engine.NewSecret(string(other))
	_, err = r.Token(t.Context(), app, engine.Secret{})
	refusal(t, "another's certificate", err, engine.Denied, nil, "AADSTS700027")
	app.Shared = engine.NewSecret(string(pemFile[:len(pemFile)/2]))
	_, err = r.Token(t.Context(), app, engine.Secret{})
	refusal(t, "half a file", err, engine.Denied, nil, "no certificate with its private key")
}

func TestWhatIsNoCertificate(t *testing.T) {
	p := oauthtest.New(t)
	pemFile, _ := p.AppCertificate("")
	key, certificate, _ := strings.Cut(string(pemFile), "-----BEGIN CERTIFICATE-----")
	certificate = "-----BEGIN CERTIFICATE-----" + certificate
	others, _ := oauthtest.New(t).AppCertificate("")
	_, stranger, _ := strings.Cut(string(others), "-----BEGIN CERTIFICATE-----")
	stranger = "-----BEGIN CERTIFICATE-----" + stranger
	old := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certify(time.Now().Add(-time.Hour)).Raw}))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	const none = "no certificate with its private key"
	for text, want := range map[string]string{
		"":                                     none,
		"a client secret":                      none,
		key:                                    none,
		certificate:                            none,
		key + stranger:                         none,
		stranger + certificate:                 none,
		key + old:                              "has expired on",
		key + stranger + "\n" + certificate:    "",
		"Bag Attributes\n" + certificate + key: "",
		strings.ReplaceAll(string(pemFile), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"):                                 "protected by a password",
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})) + certificate:                       "not an RSA key",
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("canary nonsense")})) + certificate: none,
	} {
		_, err := oauth.ReadCertificate([]byte(text), "")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%.60q …: %v, want %q", text, err, want)
		}
	}
}
