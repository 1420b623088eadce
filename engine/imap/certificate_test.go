package imap

import (
	"crypto/tls"
	"testing"
	"time"

	"mwiz/engine"
)

// TestUntrustedTellsTheCertificate: an error of a service that is not believed says what it has shown, and what is wrong with it; its key can be pinned.
func TestUntrustedTellsTheCertificate(t *testing.T) {
	now := time.Now()
	good := makeCertificate(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))
	other := makeCertificate(t, "mail.example.com", now.Add(-time.Hour), now.Add(time.Hour))
	expired := makeCertificate(t, "127.0.0.1", now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	early := makeCertificate(t, "127.0.0.1", now.Add(24*time.Hour), now.Add(48*time.Hour))
	for _, test := range []struct {
		name   string
		server certificate
		ca     []byte
		pin    []byte
		wrong  engine.Distrust
		names  string
	}{
		{"self-signed", good, nil, nil, engine.UnknownIssuer, "127.0.0.1"},
		{"wrong host", other, other.pem, nil, engine.WrongName, "mail.example.com"},
		{"expired", expired, expired.pem, nil, engine.Expired, "127.0.0.1"},
		{"not yet valid", early, early.pem, nil, engine.TooEarly, "127.0.0.1"},
		{"renewed key", good, nil, other.pin, engine.OtherKey, "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := scripted(t, "IMAP4rev1", nothing).encrypted(test.server, 0)
			e.CA, e.Pin = test.ca, test.pin
			shown := engine.CertificateOf(dialError(t, e))
			if shown == nil {
				t.Fatal("the error tells no certificate")
			}
			want(t, shown.Wrong, test.wrong)
			want(t, shown.Names[0], test.names)
			want(t, shown.Issuer, test.names)
			want(t, shown.Own, true)
			want(t, string(shown.Key[:]), string(test.server.pin))
			want(t, shown.From.Before(shown.Until), true)

			asked, err := NewDialer(Options{}).Certificate(t.Context(), engine.Source, e)
			must(t, err)
			want(t, asked.Wrong, test.wrong)
			e.CA, e.Pin = nil, shown.Key[:]
			must(t, dialError(t, e))
			asked, err = NewDialer(Options{}).Certificate(t.Context(), engine.Source, e)
			must(t, err)
			want(t, asked.Wrong, engine.Trusted)
			want(t, asked.Key, shown.Key)
		})
	}
}

// TestOtherErrorsTellNoCertificate: nothing is offered to be trusted where nothing was shown.
func TestOtherErrorsTellNoCertificate(t *testing.T) {
	c := makeCertificate(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	e := scripted(t, "IMAP4rev1", nothing).encrypted(c, tls.VersionTLS11)
	want(t, engine.CertificateOf(dialError(t, e)) == nil, true)
	e.Pin = []byte{1}
	want(t, engine.CertificateOf(dialError(t, e)) == nil, true)
	e.Encryption = engine.Plaintext
	_, err := NewDialer(Options{}).Certificate(t.Context(), engine.Source, e)
	wantError(t, err, engine.Untrusted, "no certificate")
}
