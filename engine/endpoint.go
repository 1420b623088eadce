package engine

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// Side is one end of a migration.
type Side uint8

// The two sides.
const (
	Source Side = iota
	Destination
)

func (s Side) String() string {
	if s == Source {
		return "source"
	}
	return "destination"
}

// Encryption says how a connection to an endpoint is protected.
type Encryption string

// TLS and STARTTLS both mean required: there is no "if available" (RFC 8314).
const (
	TLS       Encryption = "tls"
	STARTTLS  Encryption = "starttls"
	Plaintext Encryption = "plaintext" // only to loopback, or when AllowPlaintext is set
)

// Endpoint is how to reach a mail service.
type Endpoint struct {
	Host           string     `json:"host"`
	Port           int        `json:"port"`
	Encryption     Encryption `json:"encryption"`
	Preset         string     `json:"preset,omitempty"`          // provider preset it was made from
	CA             []byte     `json:"ca,omitempty"`              // PEM: certificates trusted besides the system's
	Pin            []byte     `json:"pin,omitempty"`             // SHA-256 of the one public key (SPKI) accepted instead of a verified chain
	AllowPlaintext bool       `json:"allow_plaintext,omitempty"` // the user's explicit word
	Access         Access     `json:"access,omitzero"`           // how accounts sign in
}

// Address returns host:port as net.Dial takes it.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// Loopback reports whether the endpoint can only be this machine.
func (e Endpoint) Loopback() bool {
	ip := net.ParseIP(e.Host)
	return e.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// URL returns the form that ParseEndpoint reads.
func (e Endpoint) URL() string {
	scheme := map[Encryption]string{TLS: "imaps", STARTTLS: "imap+starttls", Plaintext: "imap"}[e.Encryption]
	return scheme + "://" + e.Address()
}

// ParseEndpoint reads imaps://host[:993], imap+starttls://host[:143] or imap://host[:143].
// It does not judge plaintext: see Validate.
func ParseEndpoint(s string) (Endpoint, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Endpoint{}, fmt.Errorf("%q is not an address such as imaps://mail.example.com", s)
	}
	e := Endpoint{Host: u.Hostname()}
	switch u.Scheme {
	case "imaps":
		e.Encryption, e.Port = TLS, 993
	case "imap+starttls":
		e.Encryption, e.Port = STARTTLS, 143
	case "imap":
		e.Encryption, e.Port = Plaintext, 143
	default:
		return Endpoint{}, fmt.Errorf("%q must begin with imaps://, imap+starttls:// or imap://", s)
	}
	if p := u.Port(); p != "" {
		if e.Port, err = strconv.Atoi(p); err != nil {
			return Endpoint{}, fmt.Errorf("%q has no usable port", s)
		}
	}
	return e, e.complete(s)
}

// complete reports what is missing or impossible in e, named as the user wrote it.
func (e Endpoint) complete(name string) error {
	switch {
	case e.Host == "":
		return fmt.Errorf("%q names no host", name)
	case e.Port < 1 || e.Port > 65535:
		return fmt.Errorf("%q: the port must be between 1 and 65535", name)
	}
	return nil
}

// Validate reports why e cannot be used as it stands: incomplete, or plaintext to another machine without the user's word.
func (e Endpoint) Validate() error {
	if err := e.complete(e.Host); err != nil {
		return err
	}
	if e.Encryption == Plaintext && !e.Loopback() && !e.AllowPlaintext {
		return fmt.Errorf("%s without encryption would send passwords in the clear", e.Host)
	}
	return nil
}
