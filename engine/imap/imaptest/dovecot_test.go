package imaptest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestDovecotSignsInAndStoresMailOnDisk(t *testing.T) {
	s := Dovecot(t, Options{Passwords: map[string]string{"bob": "secret"}})
	c := SignIn(t, s.Addr(), "alice@example.org")
	if tagged, err := c.Append("INBOX", `\Seen`, "02-Jan-2020 03:04:05 +0000", []byte("Subject: x\r\n\r\nhello\r\n")); err != nil || !strings.HasPrefix(tagged, "OK [APPENDUID") {
		t.Fatalf("append: %q, %v", tagged, err)
	}
	for _, tc := range []struct{ user, password, want string }{
		{"bob", Password, "NO"}, {"bob", "secret", "OK"}, {"carol", "wrong", "NO"}, {"carol", Password, "OK"},
	} {
		_, tagged, err := Dial(t, s.Addr()).Do("LOGIN %s %s", tc.user, tc.password)
		if err != nil || !strings.HasPrefix(tagged, tc.want) {
			t.Errorf("LOGIN %s %s: %q, %v; want %s", tc.user, tc.password, tagged, err, tc.want)
		}
	}
}

func TestDovecotSpeaksTLS(t *testing.T) {
	s := Dovecot(t, Options{})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	c, err := tls.Dial("tcp", s.TLSAddr(), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := make([]byte, 4)
	if _, err := c.Read(b); err != nil || string(b) != "* OK" {
		t.Fatalf("greeting %q, %v", b, err)
	}
}

func TestDovecotLeavesOutCapabilities(t *testing.T) {
	s := Dovecot(t, Options{Without: []string{"MULTIAPPEND", "LITERAL+", "UIDPLUS"}, Separator: "."})
	for _, l := range SignIn(t, s.Addr(), "alice").Must("CAPABILITY") {
		for _, w := range []string{"MULTIAPPEND", "LITERAL+", "UIDPLUS"} {
			if strings.Contains(l.Text+" ", " "+w+" ") {
				t.Errorf("%s is announced: %s", w, l.Text)
			}
		}
		if !strings.Contains(l.Text, "LIST-STATUS") {
			t.Errorf("LIST-STATUS is gone too: %s", l.Text)
		}
	}
}

func TestDovecotKeepsAQuota(t *testing.T) {
	s := Dovecot(t, Options{Messages: 1})
	c := SignIn(t, s.Addr(), "alice")
	for _, want := range []string{"OK", "NO [OVERQUOTA]"} {
		tagged, err := c.Append("INBOX", "", "", []byte("Subject: x\r\n\r\nhello\r\n"))
		if err != nil || !strings.HasPrefix(tagged, want) {
			t.Errorf("append: %q, %v; want %s", tagged, err, want)
		}
	}
	s.Change(func(o *Options) { o.Messages = 2 })
	if tagged, err := SignIn(t, s.Addr(), "alice").Append("INBOX", "", "", []byte("Subject: x\r\n\r\nhello\r\n")); err != nil || !strings.HasPrefix(tagged, "OK") {
		t.Errorf("append after the quota was raised: %q, %v", tagged, err)
	}
}

func TestDovecotKilledEndsItsSessions(t *testing.T) {
	s := Dovecot(t, Options{})
	c := SignIn(t, s.Addr(), "alice")
	port := s.Port()
	s.Kill()
	if _, tagged, err := c.Do("NOOP"); err == nil {
		t.Errorf("a session survived the kill: %q", tagged)
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Error("it still listens after the kill")
	}
	s.Restart()
	if s.Port() != port {
		t.Errorf("port %d after the restart, %d before", s.Port(), port)
	}
	SignIn(t, s.Addr(), "alice").Must("NOOP")
}

func TestDovecotHasFoldersOfSpecialUse(t *testing.T) {
	s := Dovecot(t, Options{Special: map[string]string{`\Sent`: "Sent Items"}})
	c := SignIn(t, s.Addr(), "alice")
	c.Must(`CREATE "Sent Items"`)
	c.Must(`CREATE Drafts`)
	var all string
	for _, l := range c.Must(`LIST "" "*" RETURN (SPECIAL-USE)`) {
		all += l.Text + "\n"
	}
	if !strings.Contains(all, `\Sent) "/" "Sent Items"`) || strings.Contains(all, `\Drafts`) {
		t.Error(all)
	}
}

// TestDovecotEndsWithAKilledTest runs this test again as a child that starts a server, and kills the child.
func TestDovecotEndsWithAKilledTest(t *testing.T) {
	if os.Getenv("MWIZ_TEST_CHILD") != "" {
		s := Dovecot(t, Options{})
		fmt.Printf("server %s %s\n", s.dir, s.Addr())
		<-t.Context().Done() // never
	}
	needDovecot(t)
	child := exec.Command(os.Args[0], "-test.run=^TestDovecotEndsWithAKilledTest$")
	child.Env = append(os.Environ(), "MWIZ_TEST_CHILD=1")
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var dir, addr string
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "server %s %s", &dir, &addr)
	}
	must(t, greets(addr))
	must(t, child.Process.Kill())
	_ = child.Wait()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) && greets(addr) != nil {
			return
		}
	}
	t.Errorf("%s or %s is still there", dir, addr)
}
