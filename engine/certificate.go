package engine

import (
	"encoding/hex"
	"errors"
	"time"
)

// Distrust says why a certificate does not prove who a mail service is.
type Distrust uint8

// What can be wrong; the first is nothing.
const (
	Trusted       Distrust = iota // nothing is
	UnknownIssuer                 // it was issued by nobody that this computer or the user trusts
	WrongName                     // it is for other hosts
	Expired                       // its time is over
	TooEarly                      // its time has not come
	OtherKey                      // its key is another one than the pinned one
	Unusable                      // something else
)

var distrusts = [...]string{Trusted: "trusted", UnknownIssuer: "issuer", WrongName: "name", Expired: "expired", TooEarly: "early", OtherKey: "key", Unusable: "unusable"}

func (d Distrust) String() string { return distrusts[d] }

// MarshalText implements encoding.TextMarshaler.
func (d Distrust) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Certificate is what a mail service has shown to prove who it is. Its names are whatever their issuer wrote: foreign text.
type Certificate struct {
	Names  []string    // hosts and addresses that it is for
	Issuer string      // who issued it
	Own    bool        // it was issued by itself
	From   time.Time   // when it begins to be valid
	Until  time.Time   // and ends
	Key    Fingerprint // of its public key (SPKI): what Endpoint.Pin holds
	Whole  Fingerprint // of the whole certificate: what browsers and providers tell
	Wrong  Distrust
}

// Fingerprint is a SHA-256.
type Fingerprint [32]byte

// String returns the fingerprint in hexadecimal digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// MarshalText implements encoding.TextMarshaler.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// CertificateOf returns the certificate because of which err is of kind Untrusted; nil where there is none.
func CertificateOf(err error) *Certificate {
	var e *Error
	if errors.As(err, &e) {
		return e.Certificate
	}
	return nil
}
