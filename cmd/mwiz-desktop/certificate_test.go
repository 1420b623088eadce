package main

import (
	"strings"
	"testing"

	"mwiz/engine/imap/imaptest"
)

// What a real server shows is told with the flag to trust it by; with that it is trusted, and a renewed key is refused and told.
func TestCertificateVerb(t *testing.T) {
	server, renewed := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{})
	imaptest.WriteCorpus(t, server.MailRoot("ann"), imaptest.CorpusOptions{Messages: 1, Seed: 1})
	pin := pinOf(t, server)
	s := newShell(t)
	out, _ := s.must(exitFailed, "certificate", server.TLSEndpoint().URL())
	for _, said := range []string{"127.0.0.1 has issued its certificate itself", "Issued for: localhost, 127.0.0.1", "itself (localhost)", "SHA-256 of its key: " + pin, "--source-pin " + pin} {
		if !strings.Contains(out, said) {
			t.Errorf("%q is not said:\n%s", said, out)
		}
	}

	s.must(exitDone, "project", "add", "Acme GmbH", "--source", server.StartTLSEndpoint().URL(), "--destination", server.TLSEndpoint().URL())
	out, _ = s.must(exitFailed, "certificate", "Acme GmbH")
	if want := `project set "Acme GmbH" --destination-pin ` + pin; !strings.Contains(out, want) {
		t.Errorf("%q is not said:\n%s", want, out)
	}
	s.must(exitDone, "project", "set", "Acme GmbH", "--source-pin", pin, "--destination-pin", pinOf(t, renewed))
	out, _ = s.must(exitFailed, "certificate", "Acme GmbH", "--json")
	lines := decode[[]map[string]any](t, out)
	if len(lines) != 2 || lines[0]["trusted"] != true || lines[0]["key"] != pin || lines[1]["trusted"] != false || lines[1]["wrong"] != "key" || lines[1]["side"] != "destination" {
		t.Errorf("%+v", lines)
	}
	s.must(exitDone, "project", "set", "Acme GmbH", "--destination-pin", pin)
	s.must(exitDone, "certificate", "Acme GmbH")
	s.must(exitDone, "project", "set", "Acme GmbH", "--destination-pin", "none")
	out, _ = s.must(exitFailed, "certificate", "Acme GmbH", "--json")
	if lines := decode[[]map[string]any](t, out); lines[0]["trusted"] != true || lines[1]["trusted"] != false || lines[1]["wrong"] != "issuer" {
		t.Errorf("after the pin was taken back: %+v", lines)
	}
	s.must(exitUsage, "certificate", "Nobody")
}
