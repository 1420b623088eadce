package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/engine/oauth"
	"mwiz/engine/sandbox"
	"mwiz/store"
)

// The sentences are tested in English, whatever the machine speaks.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C.UTF-8")
	os.Exit(m.Run())
}

// shell runs verbs, one after the other, as one user does: with one ledger and one keychain.
type shell struct {
	attended bool // somebody sits at the terminal
	t        *testing.T
	home     string
	keychain engine.Keychain
	identity oauth.Options           // of the identity providers
	browse   func(page string) error // what opens a page
	finder   discover.Finder         // of mail services
	stdin    string
}

func newShell(t *testing.T) *shell {
	return &shell{t: t, home: t.TempDir(), keychain: store.NewMemoryKeychain()}
}

// output is a buffer that several goroutines may write.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// run runs a verb and returns its exit code, standard output and standard error.
func (s *shell) run(args ...string) (int, string, string) { return s.runUntil(s.t.Context(), args...) }

func (s *shell) runUntil(ctx context.Context, args ...string) (int, string, string) {
	s.t.Helper()
	var stdout, stderr output
	env := func(name string) string {
		if name == "MWIZ_HOME" {
			return s.home
		}
		return ""
	}
	p := &program{name: "mwiz", env: env, stdin: strings.NewReader(s.stdin), stdout: &stdout, stderr: &stderr, keychain: s.keychain, identity: s.identity, browse: s.browse, finder: s.finder, person: &s.attended}
	code := p.run(ctx, args)
	return code, stdout.String(), stderr.String()
}

// must runs a verb and fails the test unless it ends with code.
func (s *shell) must(code int, args ...string) (stdout, stderr string) {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if got != code {
		s.t.Fatalf("%v: exit code %d, want %d\n%s%s", args, got, code, stdout, stderr)
	}
	return stdout, stderr
}

// file writes a file and returns its path.
func (s *shell) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// decode reads JSON that must be all there is in text.
func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("more than one JSON value: %s", text)
	}
	return v
}

func mustStart(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box
}

// list is the CSV file of a sandbox's mailboxes.
func list(box *sandbox.Sandbox) string {
	var b strings.Builder
	b.WriteString("Source Email,Source Password,Destination Email,Destination Password\n")
	for _, e := range box.Enrolments() {
		b.WriteString(strings.Join([]string{e.Source.Address, e.Secrets.Source.Reveal(), e.Destination.Address, e.Secrets.Destination.Reveal()}, ",") + "\n")
	}
	return b.String()
}

// withProject adds the project Acme, from one side of the sandbox to the other, with its mailboxes.
func (s *shell) withProject(box *sandbox.Sandbox, flags ...string) {
	s.t.Helper()
	project := box.Project()
	s.must(exitDone, append([]string{"project", "add", "Acme", "--source", project.Source.URL(), "--destination", project.Destination.URL(),
		"--late-commit-wait", "1s"}, flags...)...)
	s.must(exitDone, "mailbox", "import", "Acme", s.file("mailboxes.csv", list(box)))
}

// pass runs a pass and returns what it says as JSON.
func (s *shell) pass(code int, flags ...string) passResult {
	s.t.Helper()
	stdout, _ := s.must(code, append([]string{"pass", "Acme", "--json"}, flags...)...)
	return decode[passResult](s.t, stdout)
}

// mustCompare fails the test unless everything is at the destination, once.
func mustCompare(t *testing.T, box *sandbox.Sandbox) {
	t.Helper()
	c, err := box.Compare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Good() {
		t.Errorf("source and destination differ: %+v", c)
	}
}

func mustDeliver(t *testing.T, box *sandbox.Sandbox, n int) {
	t.Helper()
	if err := box.Deliver(n); err != nil {
		t.Fatal(err)
	}
}

func TestUsage(t *testing.T) {
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", "imaps://a.example", "--destination", "imaps://b.example")
	open := []string{"project", "add", "B", "--source", "imaps://a.example", "--destination"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"nonsense"}, "unexpected argument nonsense"},
		{[]string{"pass"}, `expected "<project>"`},
		{[]string{"pass", "Acme", "--kind", "all"}, `--kind must be one of "new","preview","verify","retry","trial" but got "all"`},
		{[]string{"pass", "Nobody"}, "There is no project named Nobody."},
		{[]string{"pass", "Acme"}, "Acme has no mailboxes yet."},
		{[]string{"history", "Nobody"}, "There is no project named Nobody."},
		{[]string{"project", "add", "ACME", "--source", "imaps://a.example", "--destination", "imaps://b.example"}, "There is another project named ACME."},
		{[]string{"project", "add", " ", "--source", "imaps://a.example", "--destination", "imaps://b.example"}, "The project needs a name."},
		{append(open, "imap://b.example"), "b.example without encryption would send passwords in the clear; --allow-plaintext allows it"},
		{append(open, "http://b.example"), "must begin with imaps://"},
		{append(open, "imaps://b.example", "--ca", s.file("ca.pem", "nothing")), "holds no certificate in PEM form."},
		{append(open, "imaps://b.example", "--ca", "/does/not/exist"), "no such file"},
		{append(open, "imaps://b.example", "--source-pin", "abc"), "abc is not a SHA-256 fingerprint"},
		{append(open, "imaps://b.example", "--lanes", "0"), "--lanes must be 1 or more."},
		{append(open, "imaps://b.example", "--late-commit-wait", "0s"), "--late-commit-wait must be 1 s or more."},
		{[]string{"mailbox", "import", "Acme", "/does/not/exist"}, "no such file"},
		{[]string{"mailbox", "import", "Acme", s.file("a.csv", "x\ny\n")}, `the column "Source Email" is missing`},
		{[]string{"mailbox", "import", "Acme", s.file("b.csv", "Source Email,Source Password\n,p\na b@c,p\n")}, "2 lines cannot be used. Nothing was read."},
	} {
		code, stdout, stderr := s.run(test.args...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: exit code %d, said %q %q, want %q", test.args, code, stdout, stderr, test.want)
		}
		code, stdout, _ = s.run(append(test.args, "--json")...)
		if code != exitUsage {
			t.Errorf("%v --json: exit code %d", test.args, code)
		}
		if said := decode[struct{ Error string }](t, stdout); !strings.Contains(said.Error, test.want) {
			t.Errorf("%v --json: %q, want %q", test.args, said.Error, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{{"--help"}, {"help"}, {"help", "pass"}, {"pass", "--help"}} {
		stdout, stderr := s.must(exitDone, args...)
		if !strings.HasPrefix(stdout, "Usage: mwiz") || stderr != "" {
			t.Errorf("%v: %q %q", args, stdout, stderr)
		}
	}
}

func TestProjectTrust(t *testing.T) {
	s := newShell(t)
	pin := strings.Repeat("ab", 32)
	s.must(exitDone, "project", "add", "Acme", "--source", "imap://a.example", "--allow-plaintext", "--destination", "imaps://b.example:1993",
		"--source-pin", "SHA256:"+strings.ToUpper(pin), "--error-limit", "7", "--no-details")
	s.must(exitDone, "project", "set", "acme", "--name", "Acme Ltd", "--destination", "imap+starttls://c.example", "--adopt", "--lanes", "3")
	ledger, err := store.Open(t.Context(), s.home, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	got, err := ledger.ProjectByName(t.Context(), "Acme Ltd")
	if err != nil {
		t.Fatal(err)
	}
	if !got.Source.AllowPlaintext || got.Source.URL() != "imap://a.example:143" || len(got.Source.Pin) != 32 || got.Source.Pin[0] != 0xab {
		t.Errorf("source %+v", got.Source)
	}
	if got.Destination.URL() != "imap+starttls://c.example:143" || got.Destination.Pin != nil {
		t.Errorf("destination %+v", got.Destination)
	}
	if want := (engine.Settings{ErrorLimit: 7, Lanes: 3, NoDetails: true}); !reflect.DeepEqual(got.Settings, want) {
		t.Errorf("settings %+v, want %+v", got.Settings, want)
	}
}

// A ledger that another program has open is a sentence, not a wait.
func TestLedgerInUse(t *testing.T) {
	s := newShell(t)
	ledger, err := store.Open(t.Context(), s.home, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	if _, stderr := s.must(exitFailed, "projects"); !strings.Contains(stderr, "already open") {
		t.Errorf("said %q", stderr)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited too long for %s", what)
		}
	}
}
