// Package imaptest is what tests of the project need around a real mail server: a private Dovecot on loopback, a wire that
// is slow or breaks on purpose, mailboxes of realistic and of odd mail, and an oracle that compares two mailboxes on disk.
//
// Nothing here uses the engine's code for sessions, digests or folders: what checks the engine must not share its
// mistakes. Only the words of package engine are used, and only to say where a server listens.
package imaptest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mwiz/engine"
)

// Password is the password of every user that Options.Passwords does not name.
const Password = "pass"

// Options say what kind of Dovecot to start. The zero value is a Maildir server with "/" between folder names.
type Options struct {
	Format      string            // "maildir" (default: mail can be read from disk) or "sdbox"
	Separator   string            // between folder names: "/" (default) or "."
	Prefix      string            // of the personal namespace, e.g. "INBOX."; it must end with Separator
	Special     map[string]string // folders by their special use (RFC 6154); default DefaultSpecial, empty: none
	Passwords   map[string]string // users with a password other than Password
	Without     []string          // capabilities that are not announced, e.g. "MULTIAPPEND", "LITERAL+", "UIDPLUS"
	Messages    int               // quota a user in messages; 0: none
	Bytes       int64             // quota a user in bytes; 0: none
	MaxSize     int64             // largest message taken, in bytes; 0: any
	Connections int               // most sessions a user and address; default 100
	Fsync       string            // mail_fsync: "never" (default), "optimized" or "always"
	Master      string            // a user who may sign in as anybody, as user*master or by an authorisation identity; with Password
	Introspect  [2]string         // where to ask whose an access token is, and whether one opens every mailbox; "": none is taken
	Dir         string            // below which it lives; default a memory file system where there is one
	Extra       string            // more lines of configuration
}

// Server is a running Dovecot that belongs to one test.
type Server struct {
	t        testing.TB
	o        Options
	dir      string
	port     int
	tlsPort  int
	ca       []byte
	mailUID  int
	mailGID  int
	internal string // user of Dovecot's own processes
	group    string // its group
	login    string // user of its processes before sign-in
	caps     string // value of imap_capability; "" for Dovecot's own
	master   *process
	ended    int
}

// Dovecot starts a private Dovecot and stops it when the test ends. It takes every user name with Password. Without Dovecot 2.3
// on this machine the test is skipped, or fails where MWIZ_NEED_DOVECOT=1.
func Dovecot(t testing.TB, o Options) *Server {
	t.Helper()
	needDovecot(t)
	s := &Server{t: t, o: o.withDefaults()}
	if err := s.prepare(); err != nil {
		t.Fatalf("prepare Dovecot: %v", err)
	}
	t.Cleanup(s.close)
	s.start()
	if len(s.o.Without) > 0 {
		s.caps = s.capabilityWithout(s.o.Without)
		s.Kill() // at once; an orderly end takes a second
		s.startAgain()
	}
	return s
}

// DefaultSpecial returns the folders of special use that a server has unless it is told otherwise.
func DefaultSpecial() map[string]string {
	return map[string]string{`\Sent`: "Sent", `\Trash`: "Trash", `\Drafts`: "Drafts", `\Junk`: "Junk"}
}

// needDovecot ends the test where there is no Dovecot of the version that config writes for.
func needDovecot(t testing.TB) {
	t.Helper()
	out, err := exec.Command("dovecot", "--version").Output()
	why := ""
	switch {
	case err != nil:
		why = fmt.Sprintf("NO DOVECOT: this test needs a real one (Debian: apt-get install dovecot-imapd): %v", err)
	case !bytes.HasPrefix(out, []byte("2.3.")):
		why = fmt.Sprintf("NO DOVECOT 2.3: this test cannot use version %s", bytes.TrimSpace(out))
	default:
		return
	}
	if os.Getenv("MWIZ_NEED_DOVECOT") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func (o Options) withDefaults() Options {
	if o.Format == "" {
		o.Format = "maildir"
	}
	if o.Separator == "" {
		o.Separator = "/"
	}
	if o.Special == nil {
		o.Special = DefaultSpecial()
	}
	if o.Connections == 0 {
		o.Connections = 100
	}
	if o.Fsync == "" {
		o.Fsync = "never"
	}
	if o.Dir == "" {
		o.Dir = os.TempDir()
		if st, err := os.Stat("/dev/shm"); err == nil && st.IsDir() {
			o.Dir = "/dev/shm" // also short: the path of a Unix socket may have 107 bytes
		}
	}
	return o
}

// prepare makes the server's folder, its certificate and the users it runs as.
func (s *Server) prepare() (err error) {
	if s.dir, err = os.MkdirTemp(s.o.Dir, "mwiz-"); err != nil {
		return err
	}
	if err = s.chooseUsers(); err != nil {
		return err
	}
	for _, d := range []string{"", "run", "mail"} {
		d = filepath.Join(s.dir, d)
		if err := errors.Join(os.MkdirAll(d, 0o755), os.Chmod(d, 0o755)); err != nil {
			return err
		}
	}
	if err := s.own(filepath.Join(s.dir, "mail")); err != nil {
		return err
	}
	cert, key, err := newCertificate()
	if err != nil {
		return err
	}
	s.ca = cert
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "cert.pem"), cert, 0o644),
		os.WriteFile(filepath.Join(s.dir, "key.pem"), key, 0o600))
}

// chooseUsers picks whom Dovecot runs as: ourselves, or, as Dovecot serves no mail of root, its own user.
func (s *Server) chooseUsers() error {
	me, err := user.Current()
	if err != nil {
		return err
	}
	owner := me
	s.internal, s.login = me.Username, me.Username
	if os.Getuid() == 0 {
		s.internal, s.login = "dovecot", "dovenull"
		if owner, err = user.Lookup(s.internal); err != nil {
			return err
		}
	}
	s.mailUID, err = strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	s.mailGID, err = strconv.Atoi(owner.Gid)
	if err != nil {
		return err
	}
	group, err := user.LookupGroupId(owner.Gid)
	if err != nil {
		return err
	}
	s.group = group.Name
	return nil
}

// own gives path to the user that Dovecot serves mail as.
func (s *Server) own(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, s.mailUID, s.mailGID)
}

// start runs Dovecot for the first time, on ports that are free; it returns when Dovecot greets.
func (s *Server) start() {
	s.t.Helper()
	if err := onFreePorts(s.t, &s.port, &s.tlsPort, s.run); err != nil {
		s.t.Fatalf("start Dovecot: %v\n%s", err, s.Log())
	}
}

// startAgain runs Dovecot on the ports that it had.
func (s *Server) startAgain() {
	s.t.Helper()
	if err := s.run(); err != nil {
		s.t.Fatalf("start Dovecot again: %v\n%s", err, s.Log())
	}
}

func (s *Server) run() error {
	conf := filepath.Join(s.dir, "dovecot.conf")
	if err := os.WriteFile(conf, []byte(s.config()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "users"), []byte(s.passwordFile()), 0o644); err != nil {
		return err
	}
	if err := s.writeAccess(); err != nil {
		return err
	}
	master, err := startProcess(s.dir, "dovecot", "-F", "-c", conf)
	if err != nil {
		return err
	}
	if err = master.greets(s.Addr()); err == nil {
		s.master = master
	}
	return err
}

// capabilityWithout returns what the running server announces after sign-in, but for the given words.
func (s *Server) capabilityWithout(words []string) string {
	s.t.Helper()
	c := Dial(s.t, s.Addr())
	defer c.Close()
	c.Must(`LOGIN capability %s`, Password)
	var kept []string
	for _, l := range c.Must("CAPABILITY") {
		rest, ok := strings.CutPrefix(l.Text, "* CAPABILITY ")
		if !ok {
			continue
		}
		for _, w := range strings.Fields(rest) {
			if !contains(words, w) {
				kept = append(kept, w)
			}
		}
	}
	return strings.Join(kept, " ")
}

// contains reports whether list has s, in any case of letters.
func contains(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}

// Addr returns where the server listens without TLS (STARTTLS is offered), as net.Dial takes it.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// TLSAddr returns where the server listens with TLS.
func (s *Server) TLSAddr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.tlsPort)) }

// Port returns the port of Addr. It stays the same over Restart.
func (s *Server) Port() int { return s.port }

// TLSPort returns the port of TLSAddr.
func (s *Server) TLSPort() int { return s.tlsPort }

// CA returns the certificate, PEM, that a client must trust.
func (s *Server) CA() []byte { return s.ca }

// Endpoint returns the endpoint without encryption, which a Proxy can look into.
func (s *Server) Endpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.port, Encryption: engine.Plaintext}
}

// TLSEndpoint returns the endpoint with TLS; the server's certificate is trusted by it.
func (s *Server) TLSEndpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.tlsPort, Encryption: engine.TLS, CA: s.ca}
}

// StartTLSEndpoint returns the endpoint with STARTTLS; the server's certificate is trusted by it.
func (s *Server) StartTLSEndpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.port, Encryption: engine.STARTTLS, CA: s.ca}
}

// MailRoot returns the folder of a user's mail, made if need be: what WriteCorpus, ReadMail and Compare take.
func (s *Server) MailRoot(user string) string {
	s.t.Helper()
	home := filepath.Join(s.dir, "mail", user)
	root := filepath.Join(home, "Maildir")
	for _, d := range []string{home, root} {
		if err := errors.Join(os.MkdirAll(d, 0o755), s.own(d)); err != nil {
			s.t.Fatal(err)
		}
	}
	return root
}

// Log returns what Dovecot has logged so far.
func (s *Server) Log() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Stop ends the server in order; sessions are told so.
func (s *Server) Stop() {
	if s.master != nil {
		s.master.stop()
		s.master = nil
		s.ended++
	}
}

// Kill ends the server and all its sessions at once, as a power cut would.
func (s *Server) Kill() {
	if s.master != nil {
		s.master.kill()
		s.master = nil
		s.ended++
	}
}

// Ended returns how often the server was ended. One that ends in order kills the sessions that take too long as well.
func (s *Server) Ended() int { return s.ended }

// Restart ends the server unless it has ended already, and starts it on the same ports and the same mail.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.startAgain()
}

// Change kills the server, lets edit change its options and starts it again, on the same ports and the same mail. The
// format and the announced capabilities stay.
func (s *Server) Change(edit func(*Options)) {
	s.t.Helper()
	s.Kill()
	edit(&s.o)
	s.startAgain()
}

// close ends the server and removes what it left; a test that failed shows the end of the log.
func (s *Server) close() {
	if s.t.Failed() {
		log := s.Log()
		s.t.Logf("end of Dovecot's log:\n%s", log[max(0, len(log)-3000):])
	}
	s.Kill()
	if err := os.RemoveAll(s.dir); err != nil {
		s.t.Logf("remove Dovecot's folder: %v", err)
	}
}
