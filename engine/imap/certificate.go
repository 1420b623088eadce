package imap

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"mwiz/engine"
)

// Certificate connects, and returns what the service at e shows to prove who it is, believed or not. Nobody signs in. An error says that the service
// has not shown any.
func (d *Dialer) Certificate(ctx context.Context, side engine.Side, e engine.Endpoint) (*engine.Certificate, error) {
	p := place{side, e.Host}
	if e.Encryption == engine.Plaintext {
		return nil, p.ours("connect", engine.Untrusted, "a connection without encryption shows no certificate")
	}
	c, _, err := d.connect(ctx, e)
	if err != nil {
		err = p.fail(ctx, "connect", err)
		if shown := engine.CertificateOf(err); shown != nil {
			return shown, nil
		}
		return nil, err
	}
	defer c.Close()
	return factsOf(c.(*tls.Conn).ConnectionState().PeerCertificates[0], engine.Trusted), nil
}

// certificateOf returns the certificate that a handshake failed by; nil where it failed by something else.
func certificateOf(err error) *engine.Certificate {
	var pin *pinError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &pin) && pin.shown != nil:
		return factsOf(pin.shown, engine.OtherKey)
	case errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0:
		return factsOf(verification.UnverifiedCertificates[0], distrustOf(verification))
	}
	return nil
}

// distrustOf says what is wrong with a certificate.
func distrustOf(err *tls.CertificateVerificationError) engine.Distrust {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return engine.WrongName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return engine.TooEarly
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return engine.Expired
	case errors.As(err, &authority):
		return engine.UnknownIssuer
	}
	return engine.Unusable
}

// mostNames is how many names of a certificate are told.
const mostNames = 20

// factsOf returns what is told of a certificate.
func factsOf(c *x509.Certificate, wrong engine.Distrust) *engine.Certificate {
	shown := &engine.Certificate{Issuer: clip(issuerOf(c)), Own: string(c.RawIssuer) == string(c.RawSubject), From: c.NotBefore, Until: c.NotAfter,
		Key: sha256.Sum256(c.RawSubjectPublicKeyInfo), Whole: sha256.Sum256(c.Raw), Wrong: wrong}
	all := names(c)
	if len(all) == 0 && c.Subject.CommonName != "" {
		all = []string{c.Subject.CommonName}
	}
	for _, name := range all[:min(len(all), mostNames)] {
		shown.Names = append(shown.Names, clip(name))
	}
	return shown
}

// issuerOf names who has issued a certificate.
func issuerOf(c *x509.Certificate) string {
	switch i := c.Issuer; {
	case len(i.Organization) > 0 && i.CommonName != "":
		return i.Organization[0] + ", " + i.CommonName
	case len(i.Organization) > 0:
		return i.Organization[0]
	case i.CommonName != "":
		return i.CommonName
	}
	return c.Issuer.String()
}
