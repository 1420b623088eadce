//go:build !unix

package imaptest

import "testing"

// own has nothing to do where there is no Dovecot.
func own(testing.TB, string) {}
