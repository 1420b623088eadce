package main

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
	"mwiz/engine/oauth/oauthtest"
)

// A sign-in that was taken back is asked for at the terminal, in the browser or by a code, and the same pass goes on. Without a terminal the pass fails, and
// the next one goes on where it was.
func TestRevokedSignInIsAskedForAtTheTerminal(t *testing.T) {
	s, p, _ := signInShell(t)
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{Introspect: [2]string{p.Introspect(), p.IntrospectAll()}})
	imaptest.WriteCorpus(t, source.MailRoot("ann"), imaptest.CorpusOptions{Messages: 20})
	s.must(exitDone, "project", "add", "Acme", "--source", source.Endpoint().URL(), "--destination", destination.Endpoint().URL(),
		"--destination-auth", "oauth-microsoft", "--destination-client-id", oauthtest.ClientID)
	s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password\nann,pass\n"))
	s.must(exitDone, "signin", "Acme")

	p.Revoke("ann")
	if got := s.pass(exitFailed).Mailboxes[0]; got.Pass != 0 || got.Copied != 0 {
		t.Errorf("without a terminal: %+v", got)
	}
	s.attended = true
	said, asked := s.must(exitDone, "pass", "Acme", "--json")
	if got := decode[passResult](t, said).Mailboxes[0]; got.Copied != 20 || got.Pass != 1 {
		t.Errorf("in the browser: %+v", got)
	}
	if !strings.Contains(asked, "is no longer accepted. The pass waits") || !strings.Contains(asked, "authorize?") {
		t.Errorf("it was asked: %s", asked)
	}

	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" { // there is a browser always
		return
	}
	imaptest.WriteCorpus(t, source.MailRoot("ann"), imaptest.CorpusOptions{Messages: 5, Seed: 7})
	p.Revoke("ann")
	s.browse = nil // no browser here: by a code
	go func() {
		for p.Asked("urn:ietf:params:oauth:grant-type:device_code") == 0 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		p.TypeCode("ann")
	}()
	said, asked = s.must(exitDone, "pass", "Acme", "--json")
	if got := decode[passResult](t, said).Mailboxes[0]; got.Copied != 5 || got.Pass != 2 || !strings.Contains(asked, "ABCD-EFGH") {
		t.Errorf("by a code: %+v, %s", got, asked)
	}
}
