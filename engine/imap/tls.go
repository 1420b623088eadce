package imap

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"

	"mwiz/engine"
)

// tlsConfig returns how the service at e must prove who it is: by a certificate for its host name that leads to one of the
// system's roots or e.CA, or by the one public key that the user has pinned.
func (d *Dialer) tlsConfig(e engine.Endpoint) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: e.Host, ClientSessionCache: d.sessionCache(e)}
	if len(e.Pin) > 0 {
		if len(e.Pin) != sha256.Size {
			return nil, &pinError{text: fmt.Sprintf("the pinned key has %d bytes instead of %d", len(e.Pin), sha256.Size)}
		}
		pin := append([]byte(nil), e.Pin...)
		config.InsecureSkipVerify = true // #nosec G402 -- VerifyConnection compares the key that the user has pinned
		// Not VerifyPeerCertificate, which a resumed session passes by.
		config.VerifyConnection = func(s tls.ConnectionState) error { return checkPin(pin, s) }
		return config, nil
	}
	if len(e.CA) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(e.CA) {
			return nil, &pinError{text: "the added certificate cannot be read"}
		}
		config.RootCAs = roots
	}
	return config, nil
}

// sessionCache returns where TLS sessions with e are kept, to be resumed by the next connection, which spares both ends the proof of a
// key: half the processor time of a handshake. Endpoints with other trust share none.
func (d *Dialer) sessionCache(e engine.Endpoint) tls.ClientSessionCache {
	trust := sha256.Sum256(e.CA)
	key := e.Address() + " " + string(trust[:]) + string(e.Pin)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sessions[key] == nil {
		d.sessions[key] = tls.NewLRUClientSessionCache(8)
	}
	return d.sessions[key]
}

// pinError is a service that has another key than the pinned one, or a pin that cannot be used.
type pinError struct {
	text  string
	shown *x509.Certificate // nil where it is the pin that is wrong
}

func (e *pinError) Error() string { return e.text }

var errNoCertificate = errors.New("tls: the service shows no certificate")

func checkPin(pin []byte, s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errNoCertificate
	}
	key := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if subtle.ConstantTimeCompare(pin, key[:]) != 1 {
		return &pinError{"the service has another key than the pinned one: " + hex.EncodeToString(key[:]), s.PeerCertificates[0]}
	}
	return nil
}
