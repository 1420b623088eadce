package discover

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"mwiz/engine"
)

// The bounds of what a mail service says before anybody signs in.
const (
	longestLine = 8 << 10
	mostLines   = 40
)

// probe connects to a candidate, reads the greeting and what the service can do, and notes what it has seen. It returns which service it was: the
// address that was connected to.
func (f Finder) probe(ctx context.Context, c *Candidate) (who string) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	conn, err := f.Dial(ctx, "tcp", c.Endpoint.Address())
	if err != nil {
		c.Check, c.Text = Silent, trouble(err)
		return ""
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	who = conn.RemoteAddr().String()
	seen := &sight{}
	capabilities, err := f.greet(ctx, conn, c.Endpoint, seen)
	switch {
	case err != nil:
		c.Check, c.Text = Silent, trouble(err)
		return who
	case seen.distrust != nil:
		c.Check, c.Text = Unproven, trouble(seen.distrust)
	default:
		c.Check = Answered
	}
	if ways := waysOf(capabilities); len(ways) > 0 {
		c.SignIn = ways // it knows best
	}
	return who
}

// sight is what a TLS handshake has shown.
type sight struct{ distrust error }

// trust returns a TLS configuration under which every service is talked to, and which notes whether it could prove its name. Nothing secret is
// said on such a connection.
func (f Finder) trust(host string, seen *sight) *tls.Config {
	proof := &tls.Config{RootCAs: f.Roots, ServerName: host}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         host,
		InsecureSkipVerify: true, // #nosec G402 -- the connection is closed before anybody signs in; VerifyConnection says what the user is told
		VerifyConnection: func(s tls.ConnectionState) error {
			seen.distrust = prove(s, proof)
			return nil
		},
	}
}

// greet talks to a service until it has said, under TLS, what it can do.
func (f Finder) greet(ctx context.Context, conn net.Conn, to engine.Endpoint, seen *sight) (capabilities []string, err error) {
	if to.Encryption == engine.STARTTLS {
		if err := startTLS(conn); err != nil {
			return nil, err
		}
	}
	secure := tls.Client(conn, f.trust(to.Host, seen))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	lines := newLineReader(secure)
	if to.Encryption == engine.TLS {
		if err := lines.greeting(); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(secure, "a1 CAPABILITY\r\n"); err != nil {
		return nil, err
	}
	if err := lines.answer("a1"); err != nil {
		return nil, err
	}
	_, _ = io.WriteString(secure, "a2 LOGOUT\r\n") // a courtesy
	return lines.capabilities, nil
}

// startTLS asks for encryption. What came with the answer to that came from whoever stands in between.
func startTLS(conn net.Conn) error {
	lines := newLineReader(conn)
	if err := lines.greeting(); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "a0 STARTTLS\r\n"); err != nil {
		return err
	}
	if err := lines.answer("a0"); err != nil {
		return err
	}
	if lines.r.Buffered() > 0 {
		return errors.New("there is more behind the answer to STARTTLS")
	}
	return nil
}

// lineReader reads what a service says, as far as it is short enough.
type lineReader struct {
	r            *bufio.Reader
	read         int
	capabilities []string
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, longestLine)}
}

// line returns the next line, in which letters without meaning are upper case.
func (l *lineReader) line() (string, error) {
	if l.read++; l.read > mostLines {
		return "", errors.New("it says too much")
	}
	raw, err := l.r.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			err = errors.New("it says too much")
		}
		return "", err
	}
	line := strings.ToUpper(strings.TrimRight(string(raw), "\r\n"))
	if _, after, ok := strings.Cut(line, "[CAPABILITY "); ok {
		after, _, _ = strings.Cut(after, "]")
		l.capabilities = strings.Fields(after)
	}
	if after, ok := strings.CutPrefix(line, "* CAPABILITY "); ok {
		l.capabilities = strings.Fields(after)
	}
	return line, nil
}

// greeting reads the greeting of a service that lets people sign in.
func (l *lineReader) greeting() error {
	line, err := l.line()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "* OK") {
		return fmt.Errorf("it greets by %q", line[:min(len(line), 60)])
	}
	return nil
}

// answer reads up to the end of a command, which must be OK.
func (l *lineReader) answer(tag string) error {
	tag = strings.ToUpper(tag) + " "
	for {
		line, err := l.line()
		if err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(line, tag); ok {
			if !strings.HasPrefix(rest, "OK") {
				return fmt.Errorf("it answers %q", rest[:min(len(rest), 60)])
			}
			return nil
		}
		if !strings.HasPrefix(line, "* ") {
			return fmt.Errorf("it says %q", line[:min(len(line), 60)])
		}
	}
}

// waysOf returns the ways to sign in that a service offers.
func waysOf(capabilities []string) (ways []string) {
	has := func(name string) bool { return slices.Contains(capabilities, name) }
	if has("AUTH=PLAIN") || has("AUTH=LOGIN") || len(capabilities) > 0 && !has("LOGINDISABLED") {
		ways = append(ways, "password")
	}
	if has("AUTH=XOAUTH2") || has("AUTH=OAUTHBEARER") {
		ways = append(ways, "oauth2")
	}
	if has("AUTH=GSSAPI") {
		ways = append(ways, "kerberos")
	}
	return ways
}
