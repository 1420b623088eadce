package imap

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
)

// certificate is one made for a test.
type certificate struct {
	tls tls.Certificate
	pem []byte
	pin []byte
}

func makeCertificate(t testing.TB, host string, from, to time.Time) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	pin := sha256.Sum256(parsed.RawSubjectPublicKeyInfo)
	return certificate{
		tls: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pin: pin[:],
	}
}

// encrypted puts TLS before a script, at once or after STARTTLS.
func (s *script) encrypted(c certificate, max uint16) engine.Endpoint {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(s.t, err)
	s.t.Cleanup(func() { _ = l.Close() })
	config := &tls.Config{Certificates: []tls.Certificate{c.tls}, MaxVersion: max}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(tls.Server(conn, config))
		}
	}()
	return engine.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: engine.TLS}
}

func nothing(string) string { return "" }

// dialError dials and returns the error.
func dialError(t testing.TB, e engine.Endpoint) error {
	t.Helper()
	s, err := NewDialer(Options{Timeout: 5 * time.Second, Stall: 5 * time.Second}).Dial(t.Context(), engine.Source, e, "anna", engine.NewSecret("secret-word"))
	if err == nil {
		_ = s.Close()
		return nil
	}
	var one *engine.Error
	if !errors.As(err, &one) {
		t.Errorf("%v is no *engine.Error", err)
	}
	if strings.Contains(err.Error(), "secret-word") {
		t.Errorf("the error tells the secret: %v", err)
	}
	return err
}

// wantError fails the test unless err is of the kind and says the text.
func wantError(t testing.TB, err error, kind engine.Kind, text string) {
	t.Helper()
	if engine.KindOf(err) != kind || err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v (%v), want %v with %q", err, engine.KindOf(err), kind, text)
	}
}

// TestTrust: who is believed to be the service, and what is said of who is not.
func TestTrust(t *testing.T) {
	now := time.Now()
	good := makeCertificate(t, "127.0.0.1", now.Add(-time.Hour), now.Add(time.Hour))
	other := makeCertificate(t, "mail.example.com", now.Add(-time.Hour), now.Add(time.Hour))
	expired := makeCertificate(t, "127.0.0.1", now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	early := makeCertificate(t, "127.0.0.1", now.Add(24*time.Hour), now.Add(48*time.Hour))
	tests := []struct {
		name   string
		server certificate
		max    uint16
		ca     []byte
		pin    []byte
		text   string // of the error, "" for none
	}{
		{"added authority", good, 0, good.pem, nil, ""},
		{"self-signed", good, 0, nil, nil, "authority"},
		{"other authority", good, 0, other.pem, nil, "authority"},
		{"wrong host", other, 0, other.pem, nil, "mail.example.com, not for 127.0.0.1"},
		{"expired", expired, 0, expired.pem, nil, "expired on " + now.Add(-24*time.Hour).UTC().Format(time.DateOnly)},
		{"not yet valid", early, 0, early.pem, nil, "not valid before"},
		{"unreadable authority", good, 0, []byte("x"), nil, "cannot be read"},
		{"pin", good, 0, nil, good.pin, ""},
		{"pin of an expired one", expired, 0, nil, expired.pin, ""},
		{"pin for another host", other, 0, nil, other.pin, ""},
		{"wrong pin", good, 0, nil, other.pin, "another key"},
		{"wrong pin in spite of authority", good, 0, good.pem, other.pin, "another key"},
		{"short pin", good, 0, nil, []byte{1}, "1 bytes"},
		{"old TLS", good, tls.VersionTLS11, good.pem, nil, "encryption"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := scripted(t, "IMAP4rev1", nothing).encrypted(test.server, test.max)
			e.CA, e.Pin = test.ca, test.pin
			err := dialError(t, e)
			if test.text == "" {
				must(t, err)
				return
			}
			wantError(t, err, engine.Untrusted, test.text)
		})
	}
}

// TestSessionsResume: the second connection to a service goes on with the first one's keys, and what the user trusts is checked all the same.
func TestSessionsResume(t *testing.T) {
	c := makeCertificate(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	other := makeCertificate(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		e := scripted(t, "IMAP4rev1", nothing).encrypted(c, version)
		d := NewDialer(Options{})
		for i, trust := range []struct{ ca, pin []byte }{{ca: c.pem}, {ca: c.pem}, {pin: c.pin}, {pin: c.pin}} {
			e.CA, e.Pin = trust.ca, trust.pin
			s := mustDial(t, d, engine.Source, e, "anna")
			want(t, s.(*session).conn.Conn.(*tls.Conn).ConnectionState().DidResume, i%2 == 1)
		}
		e.Pin = other.pin
		_, err := d.Dial(t.Context(), engine.Source, e, "anna", engine.NewSecret("x"))
		wantError(t, err, engine.Untrusted, "another key")

		config, err := d.tlsConfig(e)
		must(t, err)
		e.Pin = c.pin
		config.ClientSessionCache = d.sessionCache(e) // even if it went on with a session of another trust
		conn, err := net.Dial("tcp", e.Address())
		must(t, err)
		err = tls.Client(conn, config).HandshakeContext(t.Context())
		var wrong *pinError
		want(t, errors.As(err, &wrong), true)
		_ = conn.Close()
	}
}

// converse runs a server that says lines, one for each that it reads.
func converse(t testing.TB, secure *certificate, lines ...string) (e engine.Endpoint, heard func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	all := make(chan string, 1)
	go func() {
		var log strings.Builder
		defer func() { all <- log.String() }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		context.AfterFunc(t.Context(), func() { _ = c.Close() })
		r := bufio.NewReader(c)
		for i, line := range lines {
			if i > 0 {
				heard, err := r.ReadString('\n')
				if err != nil {
					return
				}
				log.WriteString(heard)
			}
			if _, err := c.Write([]byte(line)); err != nil {
				return
			}
		}
		if secure != nil {
			_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{secure.tls}}).Handshake()
			return
		}
		for {
			heard, err := r.ReadString('\n')
			if log.WriteString(heard); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return engine.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: engine.STARTTLS}, func() string { return <-all }
}

// TestStartTLS: encryption is demanded; nothing of the sign-in leaves without it.
func TestStartTLS(t *testing.T) {
	c := makeCertificate(t, "127.0.0.1", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	tests := []struct {
		name   string
		secure *certificate
		lines  []string
		kind   engine.Kind
		text   string
	}{
		{"not offered", nil, []string{"* OK hi\r\n", "S1 BAD what\r\n"}, engine.Untrusted, "no encryption on this port: what"},
		{"refused", nil, []string{"* OK [CAPABILITY IMAP4rev1] hi\r\n", "* BAD x\r\nS1 NO not today\r\n"}, engine.Untrusted, "not today"},
		{"text slipped in", &c, []string{"* OK hi\r\n", "S1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}, engine.Untrusted, "slipped in"},
		{"preauth", nil, []string{"* PREAUTH welcome\r\n"}, engine.Untrusted, "without encryption"},
		{"bye", nil, []string{"* BYE Too many connections from your address\r\n"}, engine.Throttled, "Too many connections"},
		{"not IMAP", nil, []string{"SSH-2.0-x\r\n" + strings.Repeat("y", 20<<10)}, engine.Untrusted, "does not speak IMAP"},
		{"no greeting", nil, []string{strings.Repeat("hello\r\n", 60)}, engine.Untrusted, "greet"},
		{"untrusted certificate", &c, []string{"* OK hi\r\n", "S1 OK go\r\n"}, engine.Untrusted, "authority"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, heard := converse(t, test.secure, test.lines...)
			wantError(t, dialError(t, e), test.kind, test.text)
			if log := heard(); strings.Contains(log, "AUTH") || strings.Contains(log, "LOGIN") {
				t.Errorf("in the clear: %q", log)
			}
		})
	}
}

// TestPlaintext: only to this machine, or by the user's word.
func TestPlaintext(t *testing.T) {
	wantError(t, dialError(t, engine.Endpoint{Host: "mail.example.com", Port: 143, Encryption: engine.Plaintext}), engine.Untrusted, "in the clear")
}

// TestConnectErrors: what is said of a service that cannot be reached or understood.
func TestConnectErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	closed := l.Addr().(*net.TCPAddr).Port
	must(t, l.Close())
	wantError(t, dialError(t, engine.Endpoint{Host: "127.0.0.1", Port: closed, Encryption: engine.TLS}), engine.Unreachable, "refused")
	wantError(t, dialError(t, engine.Endpoint{Host: "nowhere.invalid", Port: 993, Encryption: engine.TLS}), engine.Unreachable, "nowhere.invalid")

	plain := scripted(t, "IMAP4rev1", nothing).endpoint()
	plain.Encryption = engine.TLS
	wantError(t, dialError(t, plain), engine.Untrusted, "does not speak TLS")

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	e := engine.Endpoint{Host: "127.0.0.1", Port: silent.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}
	_, err = NewDialer(Options{Stall: 50 * time.Millisecond}).Dial(t.Context(), engine.Source, e, "anna", engine.NewSecret("x"))
	wantError(t, err, engine.Unreachable, "no answer for 50ms")
	e.Encryption = engine.TLS
	_, err = NewDialer(Options{Timeout: 50 * time.Millisecond}).Dial(t.Context(), engine.Source, e, "anna", engine.NewSecret("x"))
	wantError(t, err, engine.Unreachable, "in time")

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(engine.ErrStopped)
	_, err = NewDialer(Options{}).Dial(ctx, engine.Source, e, "anna", engine.NewSecret("x"))
	if !errors.Is(err, engine.ErrStopped) {
		t.Errorf("got %v, want %v", err, engine.ErrStopped)
	}
}

// TestSignIn: the ways in, by what the server offers, and how many commands they take.
func TestSignIn(t *testing.T) {
	const after = "$ OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"
	plain := base64.StdEncoding.EncodeToString([]byte("\x00anna\x00pass"))
	tests := []struct{ name, hello, commands string }{
		{"SASL-IR", "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\n", "AUTHENTICATE PLAIN " + plain},
		{"LOGIN", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n", `LOGIN "anna" "pass"`},
		{"LOGIN disabled", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED] hi\r\n", "AUTHENTICATE PLAIN; " + plain},
		{"no capabilities in the greeting", "* OK hi\r\n", "CAPABILITY; AUTHENTICATE PLAIN " + plain},
		{"IMAP4rev2 and odd ones", "* OK [CAPABILITY IMAP4rev1  IMAP4rev2 X=\"a b\" SASL-IR auth=plain] hi\r\n", "AUTHENTICATE PLAIN " + plain},
		{"junk before the greeting", "debug: x\r\n\r\n* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN]\r\n", "AUTHENTICATE PLAIN " + plain},
		{"Exchange's code in the greeting", "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] The service is ready. [TABC=]\r\n", "AUTHENTICATE PLAIN " + plain},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "", func(command string) string {
				if command == "CAPABILITY" {
					return "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n$ OK\r\n"
				}
				return ""
			})
			server.hello = test.hello
			var step string
			server.signIn = func(command string) string {
				if command == "AUTHENTICATE PLAIN" {
					return "+ \r\n"
				}
				step = command
				return after
			}
			s := server.session(engine.Source)
			want(t, s.Limits().ReportsUID, true)
			got := server.sent("AUTHENTICATE", "LOGIN", "CAPABILITY")
			if step == plain {
				got = append(got, step)
			}
			want(t, strings.Join(got, "; "), test.commands)
		})
	}
}

// TestCapabilitiesAfterSignIn: however a server tells them, and none that came before counts.
func TestCapabilitiesAfterSignIn(t *testing.T) {
	for name, answer := range map[string]string{
		"code":     "$ OK [CAPABILITY IMAP4rev1 UIDPLUS APPENDLIMIT=1000] in\r\n",
		"untagged": "* CAPABILITY IMAP4rev1 UIDPLUS APPENDLIMIT=1000\r\n$ OK in\r\n",
		"asked":    "$ OK in\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			server := scripted(t, "", func(command string) string {
				if command == "CAPABILITY" {
					return "* CAPABILITY IMAP4rev1 uidplus APPENDLIMIT=1000\r\n$ OK\r\n"
				}
				return ""
			})
			server.hello = "* OK [CAPABILITY IMAP4rev1 MULTIAPPEND LITERAL+ SASL-IR AUTH=PLAIN] hi\r\n"
			server.signIn = func(string) string { return answer }
			s := server.session(engine.Source)
			want(t, s.Limits(), engine.Limits{MaxSize: 1000, ReportsUID: true})
			if name != "asked" {
				want(t, len(server.sent("CAPABILITY")), 0)
			}
		})
	}
}

// TestDenied: refused sign-ins, in the service's words.
func TestDenied(t *testing.T) {
	tests := []struct {
		name, hello, answer string
		kind                engine.Kind
		text                string
	}{
		{"code", plainHello, "$ NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", engine.Denied, "Authentication failed."},
		{"no code", plainHello, "$ NO nope\r\n", engine.Denied, "nope"},
		{"bad", plainHello, "$ BAD Command received in Invalid state.\r\n", engine.Denied, "Invalid state"},
		{"alert", plainHello, "* NO [ALERT] Please enable IMAP in your settings\r\n$ NO [ALERT] failure\r\n", engine.Denied, "enable IMAP"},
		{"unavailable", plainHello, "$ NO [UNAVAILABLE] Temporary failure\r\n", engine.Throttled, "Temporary"},
		{"too many", plainHello, "$ NO [LIMIT] too many connections\r\n", engine.Throttled, "too many"},
		{"bye", plainHello, "* BYE Session expired, please login again\r\n" + endOfStream, engine.Throttled, "Session expired"},
		{"bye without reason", plainHello, "* BYE\r\n" + endOfStream, engine.Unreachable, ""},
		{"bye in the greeting", "* BYE [UNAVAILABLE] overload\r\n" + endOfStream, "", engine.Throttled, "overload"},
		{"preauth", "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n", "", engine.Untrusted, "signed in before"},
		{"no mechanism", "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] hi\r\n", "", engine.Denied, "no password"},
		{"cut", plainHello, endOfStream, engine.Unreachable, "EOF"},
		{"cut in the answer", plainHello, "$ OK [CAPABILITY IMAP4rev1] Logged" + endOfStream, engine.Unreachable, "EOF"},
		{"unfinished code", plainHello, "$ NO [foo bar\r\n", engine.Denied, "[foo bar"},
		{"strange code", plainHello, "$ NO [Error=\"x y\" Proxy=[]] no\r\n", engine.Denied, "no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", nothing)
			server.hello = test.hello
			server.signIn = func(string) string { return test.answer }
			wantError(t, dialError(t, server.endpoint()), test.kind, test.text)
		})
	}
}

// TestSignInByLiteral: a password that cannot be quoted goes as a literal where SASL is not offered.
func TestSignInByLiteral(t *testing.T) {
	server := scripted(t, "IMAP4rev1", nothing)
	server.hello = "* OK [CAPABILITY IMAP4rev1] hi\r\n"
	s, err := NewDialer(Options{}).Dial(t.Context(), engine.Source, server.endpoint(), `an"na`, engine.NewSecret("pä\\ss"))
	must(t, err)
	want(t, s.Close(), nil)
	want(t, strings.Join(server.sent("LOGIN"), ""), "LOGIN \"an\\\"na\" {6}\r\npä\\ss")
}
