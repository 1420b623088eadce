package oauthtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// assertion is what the provider reads of what an application has signed.
type assertion struct {
	Alg, Thumb         string
	Aud, Iss, Sub, Jti string
	Nbf, Exp           int64
}

// assertApp takes what an application has signed with its certificate's key (RFC 7523, 2.2), each once.
func (p *Provider) assertApp(w http.ResponseWriter, r *http.Request) {
	a, signed := p.readAssertion(r.PostFormValue("client_assertion"))
	now := time.Now().Unix()
	switch {
	case r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", r.PostFormValue("client_secret") != "",
		r.PostFormValue("client_id") != AppID, r.PathValue("tenant") != Tenant:
		refuse(w, "invalid_request", "AADSTS900144: The request body is not what it must be.")
	case !signed:
		refuse(w, "invalid_client", "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.\r\nTrace ID: 3")
	case a.Iss != AppID || a.Sub != AppID || a.Aud != p.server.URL+"/"+Tenant+"/token":
		refuse(w, "invalid_client", "AADSTS700023: Client assertion audience claim does not match Realm issuer.")
	case a.Exp < now || a.Exp > now+900 || a.Nbf > now || a.Jti == "" || p.asked["jti "+a.Jti] > 0:
		refuse(w, "invalid_client", "AADSTS700024: Client assertion is not within its valid time range.")
	default:
		p.asked["jti "+a.Jti]++
		p.give(w, "*", "")
	}
}

// readAssertion reads an assertion and reports whether the key of the certificate that it names has signed it.
func (p *Provider) readAssertion(text string) (a assertion, signed bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || p.own == nil {
		return a, false
	}
	decode := func(i int) []byte { b, _ := base64.RawURLEncoding.DecodeString(parts[i]); return b }
	var head struct {
		Alg   string `json:"alg"`
		Thumb string `json:"x5t#S256"`
	}
	_ = json.Unmarshal(decode(0), &head)
	_ = json.Unmarshal(decode(1), &a)
	thumb := sha256.Sum256(p.own.Raw)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if head.Thumb != base64.RawURLEncoding.EncodeToString(thumb[:]) {
		return a, false
	}
	switch head.Alg {
	case "PS256":
		return a, rsa.VerifyPSS(&p.key.PublicKey, crypto.SHA256, sum[:], decode(2), &rsa.PSSOptions{SaltLength: sha256.Size}) == nil
	case "RS256":
		return a, rsa.VerifyPKCS1v15(&p.key.PublicKey, crypto.SHA256, sum[:], decode(2)) == nil
	}
	return a, false
}

// AppCertificate returns a certificate that the application AppID signs with, and its key, as a PEM file, and as a PKCS #12 file with a password.
func (p *Provider) AppCertificate(password string) (pemFile, pfxFile []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.makeKey()
	if p.own == nil {
		p.own = p.Certify(time.Now().Add(time.Hour))
	}
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	pfxFile, err = pkcs12.Modern.Encode(p.key, p.own, nil, password)
	if err != nil {
		p.t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.own.Raw})...), pfxFile
}

// Certify makes a certificate for the provider's key.
func (p *Provider) Certify(until time.Time) *x509.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mwiz-desktop"}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &p.key.PublicKey, p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}
