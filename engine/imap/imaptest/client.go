package imaptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Client is a bare IMAP client over a plain socket: what a test says to a server behind the engine's back.
type Client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	n    int
	wait time.Duration // for an answer
}

// Line is one response: its text, in which each literal stands as {n}, and the literals.
type Line struct {
	Text     string
	Literals [][]byte
}

// Dial connects to addr, without TLS, and reads the greeting.
func Dial(t testing.TB, addr string) *Client {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{t: t, conn: conn, r: bufio.NewReader(conn), wait: time.Minute}
	_ = conn.SetDeadline(time.Now().Add(c.wait))
	if greeting, err := c.line(); err != nil || !strings.HasPrefix(greeting.Text, "* OK") {
		t.Fatalf("greeting %q, %v", greeting.Text, err)
	}
	return c
}

// SignIn connects to addr and signs in with Password.
func SignIn(t testing.TB, addr, user string) *Client {
	t.Helper()
	c := Dial(t, addr)
	c.Must("LOGIN %s %s", Quote(user), Password)
	return c
}

// Quote returns s as a quoted string of IMAP.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Do sends a command and returns the untagged responses and the tagged one without its tag ("OK …", "NO …", "BAD …").
func (c *Client) Do(format string, a ...any) (untagged []Line, tagged string, err error) {
	c.n++
	tag := "T" + strconv.Itoa(c.n)
	_ = c.conn.SetDeadline(time.Now().Add(c.wait))
	if _, err := fmt.Fprintf(c.conn, tag+" "+format+"\r\n", a...); err != nil {
		return nil, "", err
	}
	for {
		l, err := c.line()
		if err != nil {
			return untagged, "", err
		}
		if rest, ok := strings.CutPrefix(l.Text, tag+" "); ok {
			return untagged, rest, nil
		}
		untagged = append(untagged, l)
	}
}

// Must is Do where only OK will do; it returns the untagged responses.
func (c *Client) Must(format string, a ...any) []Line {
	c.t.Helper()
	lines, tagged, err := c.Do(format, a...)
	if err != nil || !strings.HasPrefix(tagged, "OK") {
		c.t.Fatalf("%s: %q, %v", fmt.Sprintf(format, a...), tagged, err)
	}
	return lines
}

// Append stores a message, with flags and date as IMAP writes them ("" for none), and returns the tagged response.
func (c *Client) Append(folder, flags, date string, message []byte) (string, error) {
	args := Quote(folder)
	if flags != "" {
		args += " (" + flags + ")"
	}
	if date != "" {
		args += " " + Quote(date)
	}
	_, tagged, err := c.Do("APPEND %s {%d+}\r\n%s", args, len(message), message)
	return tagged, err
}

// Close ends the connection.
func (c *Client) Close() { _ = c.conn.Close() }

// line reads one response with its literals.
func (c *Client) line() (Line, error) {
	var l Line
	for {
		s, err := c.r.ReadString('\n')
		if err != nil {
			return l, err
		}
		s = strings.TrimRight(s, "\r\n")
		l.Text += s
		n, ok := literalSize(s)
		if !ok {
			return l, nil
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(c.r, b); err != nil {
			return l, err
		}
		l.Literals = append(l.Literals, b)
	}
}

// literalSize returns the octets of the literal that a line announces at its end, if it does.
func literalSize(line string) (n int64, ok bool) {
	line, ok = strings.CutSuffix(line, "}")
	if !ok {
		return 0, false
	}
	i := strings.LastIndexByte(line, '{')
	if i < 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimRight(line[i+1:], "+-"), 10, 64)
	return n, err == nil && n >= 0
}
