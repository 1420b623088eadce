package engine

import (
	"fmt"
	"io"
	"log/slog"
)

// SecretRef is the random name under which a secret lies in the keychain, e.g. "k-3f9c…". It says nothing about its owner.
type SecretRef string

// Secret is a password or token. It prints as "[secret]" whatever the verb: fmt reaches into fields, not into closures.
type Secret struct{ open func() string }

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns what NewSecret was given, "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}

// Empty reports whether there is nothing to sign in with.
func (s Secret) Empty() bool { return s.Reveal() == "" }

const redacted = "[secret]"

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }

// Secrets are the two secrets of a mailbox.
type Secrets struct{ Source, Destination Secret }

// set replaces the secret of a side.
func (s *Secrets) set(side Side, to Secret) {
	if side == Source {
		s.Source = to
	} else {
		s.Destination = to
	}
}

// On returns the secret of a side.
func (s Secrets) On(side Side) Secret {
	if side == Source {
		return s.Source
	}
	return s.Destination
}
