package engine_test

import (
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestCheckTellsTheCertificate tries a sign-in at a Dovecot that nobody vouches for: what it shows is told, its key can be trusted, and the key of another
// one in its place is not.
func TestCheckTellsTheCertificate(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	server, renewed := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{})
	check := func(to engine.Endpoint) error {
		return r.engine.Check(t.Context(), engine.Credential{Side: engine.Destination, To: to, Account: engine.Account{User: "anna"}, Own: engine.NewSecret(imaptest.Password)})
	}
	for _, to := range []engine.Endpoint{server.TLSEndpoint(), server.StartTLSEndpoint()} {
		to.CA = nil
		err := check(to)
		shown := engine.CertificateOf(err)
		if engine.KindOf(err) != engine.Untrusted || shown == nil || shown.Wrong != engine.UnknownIssuer || !shown.Own {
			t.Fatalf("%v: %+v", err, shown)
		}
		to.Pin = shown.Key[:]
		r.must(check(to))

		to.Port = renewed.TLSEndpoint().Port
		if to.Encryption == engine.STARTTLS {
			to.Port = renewed.StartTLSEndpoint().Port
		}
		again := engine.CertificateOf(check(to))
		if again == nil || again.Wrong != engine.OtherKey || again.Key == shown.Key {
			t.Errorf("the other one's: %+v", again)
		}
	}
}
