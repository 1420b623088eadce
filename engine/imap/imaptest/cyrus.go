package imaptest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"mwiz/engine"
)

// CyrusAdmin is a user of every Cyrus who may do what he likes to all mailboxes; his password is Password. He may also sign in
// as somebody else.
const CyrusAdmin = "cyrus"

// CyrusOptions say what kind of Cyrus to start. The zero value has "/" between folder names and folders beside the inbox.
type CyrusOptions struct {
	Separator string            // between folder names: "/" (default) or "."
	Below     bool              // folders lie below INBOX, as they did before Cyrus 3
	Special   map[string]string // folders by their special use, which a new mailbox has; default DefaultSpecial, empty: none
	Without   []string          // capabilities that are not announced, e.g. "MULTIAPPEND", "LITERAL+", "UIDPLUS"
	Messages  int               // quota a user in messages; 0: none
	MaxSize   int               // largest message taken, in bytes; 0: any
	EightBit  EightBit          // what becomes of headers that are not ASCII
	Extra     string            // more lines of imapd.conf
}

// EightBit is what a Cyrus does with messages whose header is not ASCII.
type EightBit uint8

// What becomes of them.
const (
	KeepEightBit   EightBit = iota // they are stored as they are
	MungeEightBit                  // each byte beyond ASCII becomes an X, and nobody is told: what Cyrus does by itself
	RejectEightBit                 // they are refused
)

// CyrusServer is a running Cyrus IMAP server that belongs to one test. A user's mailbox is made at his first sign-in.
type CyrusServer struct {
	t        testing.TB
	o        CyrusOptions
	software string // folder that Debian's packages are unpacked in
	dir      string
	port     int
	tlsPort  int
	ca       []byte
	user     string // of all its processes
	uid, gid int
	sasl     net.Listener
	master   *process
}

// Cyrus starts a private Cyrus and stops it when the test ends. It takes every user name with Password. Without Cyrus on this machine
// the test is skipped, or fails where MWIZ_NEED_CYRUS=1. Cyrus comes into /opt/mwiz-cyrus by .ci/setup.sh test; the variable MWIZ_CYRUS names
// another folder that Debian's packages are unpacked in.
func Cyrus(t testing.TB, o CyrusOptions) *CyrusServer {
	t.Helper()
	s := &CyrusServer{t: t, o: o.withDefaults(), software: needCyrus(t)}
	if err := s.prepare(); err != nil {
		t.Fatalf("prepare Cyrus: %v", err)
	}
	t.Cleanup(s.close)
	s.start()
	return s
}

// needCyrus ends the test where there is no Cyrus; it returns where its software lies.
func needCyrus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("MWIZ_CYRUS")
	if dir == "" {
		dir = "/opt/mwiz-cyrus"
	}
	_, err := os.Stat(filepath.Join(dir, "usr/lib/cyrus/bin/imapd"))
	if err == nil {
		return dir
	}
	why := fmt.Sprintf("NO CYRUS: this test needs a real one (.ci/setup.sh test gets it on Debian): %v", err)
	if os.Getenv("MWIZ_NEED_CYRUS") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

func (o CyrusOptions) withDefaults() CyrusOptions {
	if o.Separator == "" {
		o.Separator = "/"
	}
	if o.Special == nil {
		o.Special = DefaultSpecial()
	}
	return o
}

// prepare makes the server's folders, its certificate and what decides who may sign in.
func (s *CyrusServer) prepare() (err error) {
	if s.dir, err = os.MkdirTemp(Options{}.withDefaults().Dir, "mwiz-cyrus-"); err != nil {
		return err
	}
	if err := s.chooseUser(); err != nil {
		return err
	}
	for _, d := range []string{"", "conf", "conf/db", "conf/socket", "conf/proc", "conf/lock", "conf/log", "conf/msg", "spool", "tmp"} {
		d = filepath.Join(s.dir, d)
		if err := errors.Join(os.MkdirAll(d, 0o755), os.Chmod(d, 0o755), s.own(d)); err != nil {
			return err
		}
	}
	cert, key, err := newCertificate()
	if err != nil {
		return err
	}
	s.ca = cert
	keyFile := filepath.Join(s.dir, "key.pem")
	if err := errors.Join(os.WriteFile(filepath.Join(s.dir, "cert.pem"), cert, 0o644), os.WriteFile(keyFile, key, 0o600), s.own(keyFile)); err != nil {
		return err
	}
	s.sasl, err = startSASL(filepath.Join(s.dir, "mux"))
	return err
}

// chooseUser picks whom Cyrus runs as: ourselves, or, as it does not run as root, nobody.
func (s *CyrusServer) chooseUser() error {
	owner, err := user.Current()
	if err == nil && os.Getuid() == 0 {
		owner, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	s.user = owner.Username
	if s.uid, err = strconv.Atoi(owner.Uid); err != nil {
		return err
	}
	s.gid, err = strconv.Atoi(owner.Gid)
	return err
}

// own gives path to the user that Cyrus runs as.
func (s *CyrusServer) own(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, s.uid, s.gid)
}

// start runs Cyrus for the first time, on ports that are free; it returns when Cyrus greets.
func (s *CyrusServer) start() {
	s.t.Helper()
	if err := onFreePorts(s.t, &s.port, &s.tlsPort, s.run); err != nil {
		s.t.Fatalf("start Cyrus: %v", err)
	}
}

func (s *CyrusServer) run() error {
	imapd, master := filepath.Join(s.dir, "imapd.conf"), filepath.Join(s.dir, "cyrus.conf")
	if err := errors.Join(os.WriteFile(imapd, []byte(s.config()), 0o644), os.WriteFile(master, []byte(s.services(imapd)), 0o644)); err != nil {
		return err
	}
	libraries, err := filepath.Glob(filepath.Join(s.software, "usr/lib/*/libcyrus.so.0"))
	if err != nil || len(libraries) == 0 {
		return fmt.Errorf("no libraries in %s: %w", s.software, err)
	}
	p, err := startProcess(s.dir, "env", "LD_LIBRARY_PATH="+filepath.Dir(libraries[0]),
		s.program("master"), "-D", "-C", imapd, "-M", master, "-p", filepath.Join(s.dir, "pid"))
	if err != nil {
		return err
	}
	if err = p.greets(s.Addr()); err == nil {
		s.master = p
	}
	return err
}

// program returns the file of one of Cyrus's programs.
func (s *CyrusServer) program(name string) string {
	return filepath.Join(s.software, "usr/lib/cyrus/bin", name)
}

// Addr returns where the server listens without TLS (STARTTLS is offered), as net.Dial takes it.
func (s *CyrusServer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Endpoint returns the endpoint without encryption, which a Proxy can look into.
func (s *CyrusServer) Endpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.port, Encryption: engine.Plaintext}
}

// TLSEndpoint returns the endpoint with TLS; the server's certificate is trusted by it.
func (s *CyrusServer) TLSEndpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.tlsPort, Encryption: engine.TLS, CA: s.ca}
}

// StartTLSEndpoint returns the endpoint with STARTTLS; the server's certificate is trusted by it.
func (s *CyrusServer) StartTLSEndpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.port, Encryption: engine.STARTTLS, CA: s.ca}
}

// Kill ends the server and all its sessions at once, as a power cut would.
func (s *CyrusServer) Kill() {
	if s.master != nil {
		s.master.kill()
		s.master = nil
	}
}

// Restart kills the server unless it has ended already, and starts it on the same ports and the same mail.
func (s *CyrusServer) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.run(); err != nil {
		s.t.Fatalf("start Cyrus again: %v", err)
	}
}

// Change kills the server, lets edit change its options and starts it again, on the same ports and the same mail. A quota is
// given to new mailboxes only.
func (s *CyrusServer) Change(edit func(*CyrusOptions)) {
	s.t.Helper()
	edit(&s.o)
	s.Restart()
}

// close ends the server and removes what it left.
func (s *CyrusServer) close() {
	if s.t.Failed() && s.master != nil {
		s.t.Logf("Cyrus said: %q", s.master.output())
	}
	s.Kill()
	_ = s.sasl.Close()
	if err := os.RemoveAll(s.dir); err != nil {
		s.t.Logf("remove Cyrus's folder: %v", err)
	}
}
