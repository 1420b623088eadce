package discover

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// prove reports why a service could not prove its name, nil where it could.
func prove(s tls.ConnectionState, c *tls.Config) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("it shows no certificate")
	}
	options := x509.VerifyOptions{Roots: c.RootCAs, DNSName: c.ServerName, Intermediates: x509.NewCertPool()}
	for _, between := range s.PeerCertificates[1:] {
		options.Intermediates.AddCert(between)
	}
	_, err := s.PeerCertificates[0].Verify(options)
	return err
}
