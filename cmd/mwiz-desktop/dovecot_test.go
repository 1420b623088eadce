package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"mwiz/engine/imap/imaptest"
)

// The main job by verbs alone, between two real servers with encryption: trusted by a certificate of the user's at the one, by the
// fingerprint of its key at the other. What has arrived is compared on disk. $MWIZ_MESSAGES makes the mailbox larger.
func TestVerbsOnDovecot(t *testing.T) {
	messages := 400
	if n, err := strconv.Atoi(os.Getenv("MWIZ_MESSAGES")); err == nil {
		messages = n
	}
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{})
	from, to := source.MailRoot("ann"), destination.MailRoot("ann")
	ann := imaptest.WriteCorpus(t, from, imaptest.CorpusOptions{Messages: messages, Seed: 3})
	messages += imaptest.AddOdd(t, from, "Odd")

	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", source.TLSEndpoint().URL(), "--destination", destination.StartTLSEndpoint().URL(),
		"--ca", s.file("ca.pem", string(source.CA())), "--destination-pin", pinOf(t, destination))
	s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password,Destination Password\nann,pass,pass\n"))
	pass := func(what string, want int, kind ...string) {
		t.Helper()
		if got := s.pass(exitDone, kind...).Mailboxes[0]; got.Copied != int64(want) || got.State != "completed" {
			t.Errorf("%s: %+v, want %d copied", what, got, want)
		}
	}
	want := imaptest.ReadMail(t, from)
	holds := func(what string) {
		t.Helper()
		if d := want.Diff(imaptest.ReadMail(t, to)); !d.Empty() {
			t.Errorf("%s: %s", what, d)
		}
	}
	pass("the first pass", messages)
	holds("after the first pass")
	pass("nothing new", 0)

	before := imaptest.ReadMail(t, from)
	moved := ann.MoveMessages(imaptest.Inbox, "Clients/Moved", 10)
	ann.AddMessages(imaptest.Inbox, 50)
	ann.DeleteMessages("Sent", 10)
	ann.Reflag("Trash", 10)
	now := imaptest.ReadMail(t, from)
	delete(before, "Trash") // its mail is there, with other flags that must not arrive
	delete(now, "Trash")
	want.Add(now.Minus(before))
	pass("50 new, 10 moved, 10 deleted, 10 with other flags", 50+moved)
	holds("after the third pass")
	pass("verified", 0, "--kind", "verify")
}

// Without the user's word a certificate of nobody's is not trusted, and a wrong fingerprint is not either.
func TestVerbsDoNotTrust(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{})
	url := server.TLSEndpoint().URL()
	for name, flags := range map[string][]string{
		"no word":           nil,
		"another's key":     {"--source-pin", strings.Repeat("ab", 32)},
		"one side's pin":    {"--destination-pin", pinOf(t, server)},
		"one side's wanted": {"--source-pin", pinOf(t, server)},
	} {
		s := newShell(t)
		s.must(exitDone, append([]string{"project", "add", "Acme", "--source", url, "--destination", url}, flags...)...)
		s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password,Destination Email,Destination Password\nann,pass,ben,pass\n"))
		if got := s.pass(exitFailed).Mailboxes[0]; !strings.Contains(got.Error, "certificate") && !strings.Contains(got.Error, "prove") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// pinOf returns the fingerprint of a server's key, as a user reads it off.
func pinOf(t *testing.T, server *imaptest.Server) string {
	t.Helper()
	c, err := tls.Dial("tcp", server.TLSAddr(), &tls.Config{InsecureSkipVerify: true}) // to see it, not to trust it
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sum := sha256.Sum256(c.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}
