package oauth

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"mwiz/engine"
)

// An application of Microsoft's shows who it is by a client secret, or by what it signs with the key of a certificate that is known there. What is kept of a
// certificate is a text in PEM: the certificate and its key.

// certificate is what an application signs with.
type certificate struct {
	key  *rsa.PrivateKey
	sum  [sha256.Size]byte // of the certificate
	ends time.Time
}

// isCertificate reports whether a secret is a certificate, or is meant to be one.
func isCertificate(secret string) bool { return strings.Contains(secret, "-----BEGIN ") }

// IsCertificate reports whether a file looks like one that ReadCertificate takes, good or bad: PEM, or the beginning of PKCS #12.
func IsCertificate(file []byte) bool {
	return isCertificate(string(file)) || len(file) > 4 && file[0] == 0x30 && file[1] >= 0x80
}

// Certificate is ReadCertificate, for the window.
func (*Tokens) Certificate(file []byte, password string) (engine.Secret, error) {
	return ReadCertificate(file, password)
}

// The reasons why a text or a file is no certificate to sign with. They hold nothing of it.
var (
	errCertificate = errors.New("this holds no certificate with its private key")
	errKeyKind     = errors.New("the certificate's key is not an RSA key, which Microsoft asks for")
	errKeySealed   = errors.New("the private key is protected by a password: give it as .pfx, or without")
)

// parseCertificate reads a certificate and its key, in any order, out of PEM. Other certificates may stand beside them.
func parseCertificate(text string) (c certificate, err error) {
	var known []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		var key any
		switch block.Type {
		case "CERTIFICATE":
			if one, err := x509.ParseCertificate(block.Bytes); err == nil {
				known = append(known, one)
			}
			continue
		case "ENCRYPTED PRIVATE KEY":
			return c, errKeySealed
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				return c, errKeySealed
			}
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			return c, errKeyKind
		default:
			continue
		}
		if err != nil {
			return c, errCertificate
		}
		signs, ok := key.(*rsa.PrivateKey)
		if !ok {
			return c, errKeyKind
		}
		c.key = signs
	}
	if c.key == nil {
		return c, errCertificate
	}
	for _, one := range known {
		if c.key.PublicKey.Equal(one.PublicKey) {
			c.sum, c.ends = sha256.Sum256(one.Raw), one.NotAfter
			return c, nil
		}
	}
	return c, errCertificate
}

// ReadCertificate returns what to keep of a file with a certificate and its key, PEM or PKCS #12 (.pfx), which may have a password: engine.ErrKeyPassword
// where it has another one. An expired certificate is refused.
func ReadCertificate(file []byte, password string) (engine.Secret, error) {
	text := string(file)
	if !isCertificate(text) {
		var err error
		if text, err = fromPKCS12(file, password); err != nil {
			return engine.Secret{}, err
		}
	}
	c, err := parseCertificate(text)
	if err == nil && time.Now().After(c.ends) {
		err = fmt.Errorf("the certificate has expired on %s", c.ends.Format(time.DateOnly))
	}
	if err != nil {
		return engine.Secret{}, err
	}
	return engine.NewSecret(strings.TrimSpace(text) + "\n"), nil
}

// fromPKCS12 writes a certificate and its key as PEM.
func fromPKCS12(file []byte, password string) (string, error) {
	key, leaf, _, err := pkcs12.DecodeChain(file, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return "", engine.ErrKeyPassword
	case err != nil:
		return "", errCertificate
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", errKeyKind
	}
	var b bytes.Buffer
	for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: leaf.Raw}, {Type: "PRIVATE KEY", Bytes: der}} {
		if err := pem.Encode(&b, block); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// assertionType says that an application shows who it is by a signed assertion (RFC 7523, 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long an assertion is good: for one question. A clock may be off by half of it.
const assertionLife = 10 * time.Minute

// assertion is what an application tells a token endpoint in place of a secret: who it is, signed by its certificate's key (RFC 7523, 3;
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
func (c certificate) assertion(client, endpoint string, now time.Time) (url.Values, error) {
	head, err := json.Marshal(map[string]string{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(c.sum[:])})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{"aud": endpoint, "iss": client, "sub": client, "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Add(-assertionLife / 2).Unix(), "exp": now.Add(assertionLife / 2).Unix()})
	if err != nil {
		return nil, err
	}
	signed := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPSS(rand.Reader, c.key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		return nil, err
	}
	return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {signed + "." + base64.RawURLEncoding.EncodeToString(signature)}}, nil
}
