package wire

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// stream is a server that says what it is given and hangs up. Writes to it vanish.
type stream struct {
	net.Conn
	r *bytes.Reader
}

func (s stream) Read(p []byte) (int, error)  { return s.r.Read(p[:min(len(p), 7)]) }
func (s stream) Write(p []byte) (int, error) { return len(p), nil }
func (s stream) Close() error                { return nil }

// FuzzResponses: whatever a server says, reading it ends, counts every octet and never takes an end of the stream for an answer.
func FuzzResponses(f *testing.F) {
	for _, s := range []string{
		"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\nR1 OK\r\n",
		"* LIST (\\Sent) \"/\" {3}\r\na\"b\r\n* STATUS x (MESSAGES 5)\r\nR1 NO [FOO (x)] bar\r\n",
		"* OK [CAPABILITY x] {3}\r\n* BYE\r\n+ x\r\n* 5 EXISTS\r\n",
		"* 1 FETCH (((((\"\\\"\" ~{1+}\r\n( {0}\r\n",
		"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* ID (\"a\" NIL)\r\nT1 OK\r\n",
	} {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, said []byte, way uint8) {
		from := bytes.NewReader(said)
		c := New(stream{r: from}, Options{Greeted: way&1 != 0, Stall: time.Minute, Patience: time.Nanosecond})
		defer c.Close()
		_, _ = c.Write([]byte("T1 ID NIL\r\n"))
		x := c.Begin(t.Context(), Select|List|Counts|Fetch)
		defer x.Close()
		if x.Send(Text("X")) != nil {
			return
		}
		done := make(chan bool)
		go func() { _, _ = io.Copy(io.Discard, c); close(done) }()
		for {
			r, end, err := x.Next()
			if err != nil {
				break
			}
			if r == nil {
				if !bytes.Contains(bytes.ToUpper(said), []byte(end.Status.Type)) && end.Status.Type != "BAD" {
					t.Errorf("%q was never said", end.Status.Type)
				}
				continue
			}
			consume(t, r, way)
		}
		_ = c.Close()
		<-done
	})
}

// consume reads a response in one of several ways.
func consume(t *testing.T, r *Response, way uint8) {
	switch way >> 1 & 3 {
	case 0:
		return
	case 1:
		r.RestString()
		return
	}
	r.Open()
	for steps := 0; r.More(); steps++ {
		item := r.Item()
		if n, ok := r.Literal(); ok {
			got, err := io.Copy(io.Discard, r)
			if got != n && err == nil {
				t.Errorf("%d octets of %d without an error", got, n)
			}
			continue
		}
		if way>>3&1 == 0 {
			r.Number()
		}
		if before := len(item); before == 0 {
			r.Skip()
			r.Close()
		}
		if steps > 1<<20 {
			t.Fatal("no end")
		}
	}
}
