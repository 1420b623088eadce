package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

func want[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pair returns a Conn that has been greeted and the server's end of it; what the Conn writes is read and dropped.
func pair(t testing.TB, o Options) (*Conn, net.Conn) {
	t.Helper()
	o.Greeted = true
	near, far := net.Pipe()
	c := New(near, o)
	go func() { _, _ = io.Copy(io.Discard, far) }()
	t.Cleanup(func() { _ = c.Close(); _ = far.Close() })
	return c, far
}

// say writes to a Conn as its server, in the background: a pipe has no buffer.
func say(far net.Conn, text string) { go func() { _, _ = io.WriteString(far, text) }() }

// TestStall: silence ends a connection from which something is awaited, and no other.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := pair(t, Options{Stall: time.Minute})
		time.Sleep(time.Hour) // idle
		want(t, c.Err(), nil)

		x := c.Begin(t.Context(), Fetch)
		must(t, x.Send(Text("UID FETCH 1 (BODY.PEEK[])")))
		must(t, x.Flush())
		go func() {
			for _, b := range []byte("* 1 FETCH (BODY[] {5}\r\nabcde)\r\n") { // a trickle is progress
				time.Sleep(50 * time.Second)
				_, _ = far.Write([]byte{b})
			}
		}()
		r, _, err := x.Next()
		must(t, err)
		want(t, r.Open(), true)
		want(t, string(r.Item()), "BODY[]")
		n, ok := r.Literal()
		want(t, n, 5)
		want(t, ok, true)
		time.Sleep(time.Hour) // we are slow, not the server
		want(t, c.Err(), nil)
		b, err := io.ReadAll(r)
		must(t, err)
		want(t, string(b), "abcde")

		before := time.Now()
		_, _, err = x.Next() // the tagged line never comes
		var stall *StallError
		if !errors.As(err, &stall) {
			t.Errorf("got %v, want a stall", err)
		}
		if d := time.Since(before); d < time.Minute || d > 10*time.Minute {
			t.Errorf("noticed after %v", d)
		}
		x.Close()
	})
}

// TestStallWriting: a server that reads nothing is noticed too.
func TestStallWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c := New(near, Options{Stall: time.Minute, Greeted: true})
		defer c.Close()
		x := c.Begin(t.Context(), 0)
		defer x.Close()
		c.SetLiterals(LiteralPlus)
		err := x.Send(Text("APPEND x "), Literal(bytes.NewReader(make([]byte, 1<<20)), 1<<20))
		var stall *StallError
		if !errors.As(err, &stall) {
			t.Errorf("got %v, want a stall", err)
		}
	})
}

// TestBye: a server that says farewell gets a moment to close, and its reason is what is told.
func TestBye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := pair(t, Options{})
		x := c.Begin(t.Context(), Fetch)
		defer x.Close()
		must(t, x.Send(Text("UID FETCH 1 (UID)")))
		must(t, x.Flush())
		say(far, "* BYE [UNAVAILABLE] Maintenance\r\n")
		_, _, err := x.Next()
		var bye *ByeError
		if !errors.As(err, &bye) {
			t.Fatalf("got %v, want a farewell", err)
		}
		want(t, bye.Status, Status{Type: "BYE", Code: "UNAVAILABLE", Text: "Maintenance"})
	})
}

// TestCancel: the end of a context is the end of the connection, with its cause.
func TestCancel(t *testing.T) {
	c, _ := pair(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	x := c.Begin(ctx, Fetch)
	defer x.Close()
	reason := errors.New("enough")
	cancel(reason)
	_, _, err := x.Next()
	want(t, err, reason)
	<-c.Dead()
}

// TestTruncated: wherever a stream is cut, nothing that was cut reads as whole.
func TestTruncated(t *testing.T) {
	const stream = "* 1 FETCH (UID 1 BODY[] {9}\r\n012345678 FLAGS (\\Seen))\r\n* OK [UIDVALIDITY 7] x\r\nR1 OK [APPENDUID 7 4] in\r\n"
	bodyEnd := strings.Index(stream, " FLAGS")
	rowEnd := strings.Index(stream, "\r\n* OK") + 2
	for cut := range len(stream) {
		near, far := net.Pipe()
		c := New(near, Options{Greeted: true})
		go func() { _, _ = io.Copy(io.Discard, far) }()
		x := c.Begin(t.Context(), Fetch|Select)
		must(t, x.Send(Text("UID FETCH 1 (UID BODY.PEEK[])")))
		must(t, x.Flush())
		go func() {
			_, _ = io.WriteString(far, stream[:cut])
			_ = far.Close()
		}()
		for {
			r, end, err := x.Next()
			if err != nil {
				if errors.Is(err, io.EOF) && cut != 0 && cut != rowEnd && stream[cut-1] != '\n' {
					t.Errorf("cut at %d: %v reads as an end between responses", cut, err)
				}
				break
			}
			if r == nil {
				t.Errorf("cut at %d: command ended with %v", cut, end.Status)
				break
			}
			if r.Kind == Fetch {
				wholeBody, wholeRow := readAll(r)
				want(t, wholeBody, cut >= bodyEnd)
				want(t, wholeRow, cut >= rowEnd)
			}
		}
		x.Close()
		_ = c.Close()
	}
}

// readAll reads a FETCH response and tells whether its body, and the whole of it, have come.
func readAll(r *Response) (body, row bool) {
	r.Open()
	for r.More() {
		if string(r.Item()) != "BODY[]" {
			r.Skip()
			continue
		}
		if n, ok := r.Literal(); ok {
			b, err := io.ReadAll(r)
			body = err == nil && int64(len(b)) == n
		}
	}
	r.Close()
	r.finish()
	return body, r.Err() == nil && r.ended
}

// TestBackPressure: a body that nobody reads is not read from the network.
func TestBackPressure(t *testing.T) {
	c, far := pair(t, Options{})
	x := c.Begin(t.Context(), Fetch)
	defer x.Close()
	must(t, x.Send(Text("UID FETCH 1 (BODY.PEEK[])")))
	must(t, x.Flush())
	written := make(chan int)
	go func() {
		n, _ := io.WriteString(far, fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n", 8<<20))
		for n < 8<<20 {
			k, err := far.Write(make([]byte, 4096))
			if n += k; err != nil {
				break
			}
		}
		written <- n
	}()
	r, _, err := x.Next()
	must(t, err)
	r.Open()
	r.Item()
	r.Literal()
	if _, err := io.CopyN(io.Discard, r, 1<<20); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if n := <-written; n > 1<<20+2*readBuffer {
		t.Errorf("%d bytes were taken for 1 MB", n)
	}
}

// TestRouting: each response comes to whoever wants it, and what nobody wants to nobody.
func TestRouting(t *testing.T) {
	c, far := pair(t, Options{})
	a := c.Begin(t.Context(), Fetch|Counts)
	b := c.Begin(t.Context(), Select|Fetch)
	must(t, a.Send(Text("A")))
	must(t, b.Send(Text("B")))
	must(t, b.Send(Text("C")))
	must(t, b.Flush())
	say(far, "* LIST () NIL x\r\n* 1 FETCH ()\r\n* 5 EXISTS\r\n* STATUS x ()\r\n* VANISHED 1 {3}\r\nabc\r\nR3 OK c\r\nR2 NO [X y] b\r\nR9 OK who\r\nR1 BAD\r\n")
	type got struct {
		kind Kind
		end  End
	}
	take := func(x *Exchange) got {
		r, e, err := x.Next()
		must(t, err)
		if r != nil {
			return got{kind: r.Kind}
		}
		return got{end: e}
	}
	want(t, take(a), got{kind: Fetch})
	done := make(chan got, 2)
	go func() { done <- take(a); done <- take(a) }()
	want(t, take(b), got{kind: Select})
	want(t, take(b), got{end: End{1, Status{Type: "OK", Text: "c"}}})
	want(t, take(b), got{end: End{0, Status{Type: "NO", Code: "X", Args: "y", Text: "b"}}})
	want(t, <-done, got{kind: Counts})
	want(t, <-done, got{end: End{0, Status{Type: "BAD"}}})
	want(t, a.Open(), 0)
	a.Close()
	b.Close()
	want(t, c.Err(), nil)

	abandoned := c.Begin(t.Context(), Fetch)
	must(t, abandoned.Send(Text("D")))
	abandoned.Close()
	<-c.Dead()
}

// TestLibrary: go-imap lives with what servers say, for it sees only what it asked for, in words it knows.
func TestLibrary(t *testing.T) {
	near, far := net.Pipe()
	c := New(near, Options{})
	defer c.Close()
	client := imapclient.New(c, nil)
	answers := make(chan string, 10)
	go func() {
		b := make([]byte, 1000)
		for a := range answers {
			n, err := far.Read(b)
			if err != nil {
				return
			}
			tag, _, _ := strings.Cut(string(b[:n]), " ")
			_, _ = io.WriteString(far, strings.ReplaceAll(a, "$", tag))
		}
	}()
	noise := "*  5 EXISTS\r\n* VANISHED 1:9\r\n* 1 FETCH (X-GM 1 BODYSTRUCTURE " + strings.Repeat("(", 100_000) + ")\r\n\r\njunk\r\nT99 OK stray\r\n+ stray\r\n* LIST (\\X ) \"\" R&D\r\n* OK []\r\n* OK [\"x\"] y\r\n* NOOP\r\n"
	say(far, "hello\r\n* OK [CAPABILITY IMAP4rev1  IMAP4rev2 X=\"a b\" ID NAMESPACE] ready {5}\r\n")
	must(t, client.WaitGreeting())
	want(t, len(client.Caps()), 3)

	answers <- noise + "* ID (\"name\" \"x\" \"version\" NIL NIL NIL \"os\" {3}\r\nfoo)\r\n" + noise + "$ OK\r\n"
	id, err := client.ID(nil).Wait()
	must(t, err)
	want(t, id.Name+id.Version+id.OS, "xfoo")
	answers <- noise + "* namespace ((\"\" \"\\\\\\\\\" X (a)) (\"b\" \"\")) nil\r\n$ OK [FOO (x] y\r\n"
	ns, err := client.Namespace().Wait()
	must(t, err)
	want(t, len(ns.Personal), 2)
	want(t, ns.Personal[0].Delim, '\\')
	want(t, ns.Personal[1].Delim, 0)
	answers <- "$ NO [appendUID x y z] [odd] text\r\n"
	err = client.Noop().Wait()
	want(t, strings.Contains(fmt.Sprint(err), "text"), true)
	answers <- "$ NO [ALREADYEXISTS\r\n"
	want(t, client.Noop().Wait() != nil, true)
	want(t, c.Err(), nil)
}
