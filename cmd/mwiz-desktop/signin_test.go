package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
	"mwiz/engine/oauth"
	"mwiz/engine/oauth/oauthtest"
)

// signInShell is a shell with an identity provider of the test's own, whose people sign in as as, or as who they are.
func signInShell(t *testing.T) (s *shell, p *oauthtest.Provider, as *string) {
	t.Helper()
	s, p, as = newShell(t), oauthtest.New(t), new(string)
	s.identity = oauth.Options{Microsoft: p.As(oauth.Microsoft()), Google: p.As(oauth.Google())}
	s.browse = func(page string) error {
		go func() { _, _ = p.Visit(page, *as) }()
		return nil
	}
	return s, p, as
}

// The owner of a mailbox signs in in a browser, or by a code; who signs in as somebody else is not taken. No secret is anywhere on disk, in what is said
// or in the list of processes.
func TestSignInVerb(t *testing.T) {
	s, p, as := signInShell(t)
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{Introspect: [2]string{p.Introspect(), p.IntrospectAll()}})
	imaptest.WriteCorpus(t, source.MailRoot("ann"), imaptest.CorpusOptions{Messages: 20})
	said := ""
	run := func(code int, args ...string) string {
		t.Helper()
		stdout, stderr := s.must(code, append([]string{"-v"}, args...)...)
		said += stdout + stderr
		return stdout + stderr
	}
	run(exitDone, "project", "add", "Acme", "--source", source.Endpoint().URL(), "--destination", destination.Endpoint().URL(),
		"--destination-auth", "oauth-microsoft", "--destination-client-id", oauthtest.ClientID)
	if out := run(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email,Source Password,Destination Password\nann,pass,canary-password\n")); !strings.Contains(out, "left out") {
		t.Errorf("import says %s", out)
	}
	if got := s.pass(exitFailed).Mailboxes[0]; !strings.Contains(got.Error, "Nobody has signed in to ann yet") {
		t.Errorf("%+v", got)
	}
	*as = "bob"
	if out := run(exitFailed, "signin", "Acme"); !strings.Contains(out, "does not let this sign-in open ann") && !strings.Contains(out, "refused") {
		t.Errorf("bob signs in as ann: %s", out)
	}
	*as = ""
	if out := run(exitDone, "signin", "Acme"); !strings.Contains(out, "1 sign-in kept") || !strings.Contains(out, "authorize?") {
		t.Errorf("signin says %s", out)
	}
	if out := run(exitDone, "signin", "Acme"); !strings.Contains(out, "0 sign-ins kept") {
		t.Errorf("a second one says %s", out)
	}
	if got := s.pass(exitDone).Mailboxes[0]; got.Copied != 20 {
		t.Errorf("%+v", got)
	}
	p.Revoke("ann")
	if got := s.pass(exitFailed).Mailboxes[0]; !strings.Contains(got.Error, "Sign in to ann again") {
		t.Errorf("revoked: %+v", got)
	}
	p.TypeCode("")
	done := make(chan struct{})
	go func() { // types the code as soon as there is one
		defer close(done)
		for p.Asked("urn:ietf:params:oauth:grant-type:device_code") == 0 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		p.TypeCode("ann")
	}()
	if out := run(exitDone, "--json", "signin", "Acme", "--mailbox", "ann", "--device"); !strings.Contains(out, "ABCD-EFGH") || !strings.Contains(out, `"done": true`) {
		t.Errorf("by code: %s", out)
	}
	<-done
	if got := s.pass(exitDone).Mailboxes[0]; got.Copied != 0 {
		t.Errorf("%+v", got)
	}
	run(exitUsage, "signin", "Acme", "--mailbox", "nobody")
	run(exitUsage, "signin", "Acme", "--side", "source")
	noCanary(t, s, said)
}

// One credential for each side moves mailboxes that have no passwords.
func TestOneCredentialByVerbs(t *testing.T) {
	s, p, _ := signInShell(t)
	source := imaptest.Dovecot(t, imaptest.Options{Master: "root"})
	destination := imaptest.Dovecot(t, imaptest.Options{Introspect: [2]string{p.Introspect(), p.IntrospectAll()}, MaxSize: 150_000})
	for _, user := range []string{"ann", "ben"} {
		imaptest.WriteCorpus(t, source.MailRoot(user), imaptest.CorpusOptions{Messages: 10})
	}
	app := s.file("app", oauthtest.AppSecret+"\n")
	said, more := s.must(exitDone, "-v", "project", "add", "Acme", "--source", source.Endpoint().URL(), "--destination", destination.Endpoint().URL(),
		"--source-auth", "master", "--source-admin", "root", "--source-secret-file", s.file("master", imaptest.Password),
		"--destination-auth", "app-microsoft", "--destination-client-id", oauthtest.AppID, "--destination-tenant", oauthtest.Tenant)
	if said += more; !strings.Contains(said, "--destination-secret-file") {
		t.Errorf("project add says %s", said)
	}
	s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", "Source Email\nann\nben\n"))
	if got := s.pass(exitFailed).Mailboxes[0]; got.Error == "" {
		t.Errorf("%+v", got)
	}
	for _, m := range s.pass(exitDone, "--destination-secret-file", app, "--kind", "trial").Mailboxes {
		if m.State != "completed" {
			t.Errorf("for this run only: %+v", m)
		}
	}
	s.must(exitDone, "project", "set", "Acme", "--destination-secret-file", app)
	for _, m := range s.pass(exitDone).Mailboxes {
		if m.State != "completed" {
			t.Errorf("%+v", m)
		}
	}
	pemFile, pfxFile := p.AppCertificate("")
	_, sealed := p.AppCertificate("canary-pfx")
	for name, file := range map[string][]byte{"app.pem": pemFile, "app.pfx": pfxFile} {
		for _, m := range s.pass(exitDone, "--destination-secret-file", s.file(name, string(file)), "--kind", "verify").Mailboxes {
			if m.State != "completed" {
				t.Errorf("by certificate: %+v", m)
			}
		}
	}
	if _, more := s.must(exitUsage, "project", "set", "Acme", "--destination-secret-file", s.file("sealed.pfx", string(sealed))); !strings.Contains(more, "The file has a password.") {
		t.Errorf("a file with a password: %s", more)
	}
	for _, user := range []string{"ann", "ben"} {
		if d := imaptest.Compare(t, source.MailRoot(user), destination.MailRoot(user)); !d.Empty() {
			t.Errorf("%s: %s", user, d)
		}
	}
	testGivenForOneRun(t, s, source, app)
	s.must(exitUsage, "project", "set", "Acme", "--source-auth", "master", "--source-tenant", "x")
	s.must(exitUsage, "project", "set", "Acme", "--source-auth", "app-microsoft")
	s.must(exitUsage, "project", "set", "Acme", "--source-auth", "pop3")
	s.must(exitUsage, "project", "set", "Acme", "--destination-auth", "service-account-google", "--destination-secret-file", app)
	noCanary(t, s, said)
}

// testGivenForOneRun: a secret that mailboxes share and that is given for one run reaches what signs in beside passes, too.
func testGivenForOneRun(t *testing.T, s *shell, source *imaptest.Server, app string) {
	t.Helper()
	imaptest.Put(t, source.MailRoot("ann"), "Rest", "bad", imaptest.Message{Bytes: []byte("Subject: large\nMessage-ID: <large@x>\n\n" + strings.Repeat("text\n", 40_000)), Flags: []string{`\Seen`}})
	imaptest.Put(t, source.MailRoot("ann"), "Rest", "good", imaptest.Message{Bytes: []byte("Subject: good\nMessage-ID: <good@x>\n\nx\n"), Flags: []string{`\Seen`}})
	s.pass(exitItemErrors, "--mailbox", "ann", "--destination-secret-file", app)
	other := s.file("other", "canary-other")
	if said, more := s.must(exitFailed, "receipt", "Acme", "--mailbox", "ann", "--message-id", "good@x", "--verify", "--destination-secret-file", other); strings.Contains(said+more, "Digest equal") {
		t.Errorf("by another secret: %s%s", said, more)
	}
	if said, more := s.must(exitDone, "receipt", "Acme", "--mailbox", "ann", "--message-id", "good@x", "--verify", "--destination-secret-file", app); !strings.Contains(said, "Digest equal") {
		t.Errorf("a receipt: %s%s", said, more)
	}
	s.must(exitUsage, "errors", "Acme", "--save", t.TempDir(), "--destination-secret-file", s.file("none", ""))
	said, _ := s.must(exitItemErrors, "errors", "Acme", "--save", t.TempDir(), "--json", "--source-secret-file", other)
	if list := decode[errorsResult](t, said).Errors; len(list) != 1 || list[0].NotSaved == "" {
		t.Errorf("saved with another secret: %s", said)
	}
	dir := t.TempDir()
	s.must(exitDone, "errors", "Acme", "--save", dir, "--source-secret-file", s.file("master", imaptest.Password))
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("saved: %v, %v", files, err)
	}
}

// noCanary fails the test if a secret is in a file below the ledger's folder, in what was said, or in the arguments or environment of a process.
func noCanary(t *testing.T, s *shell, said string) {
	t.Helper()
	places := map[string]string{"what was said": said}
	for _, root := range []string{s.home, "/proc"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			switch base := filepath.Base(path); {
			case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
				return nil
			case e.IsDir() && root == "/proc" && strings.Count(path, "/") > 2, e.IsDir() && root == "/proc" && path != root && strings.Trim(base, "0123456789") != "":
				return fs.SkipDir
			case e.IsDir(), root == "/proc" && base != "cmdline" && base != "environ":
				return nil
			}
			if b, err := os.ReadFile(path); err == nil { // processes come and go
				places[path] = string(b)
			}
			return nil
		})
		if err != nil && root == s.home {
			t.Error(err)
		}
	}
	if len(places) < 5 {
		t.Errorf("only %d places were looked into", len(places))
	}
	for place, text := range places {
		if i := strings.Index(text, "canary"); i >= 0 {
			t.Errorf("a secret is in %s: %q", place, text[max(0, i-40):min(len(text), i+40)])
		}
	}
}
