package wire

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// compressing makes a connection whose server answers COMPRESS with the given bytes, and returns what the server reads from then on.
func compressing(t *testing.T, answer string) (c *Conn, far net.Conn, status Status, err error) {
	t.Helper()
	near, far := net.Pipe()
	c = New(near, Options{Greeted: true, Stall: 10 * time.Second, Noise: 8 << 20})
	t.Cleanup(func() { _ = c.Close(); _ = far.Close() })
	asked := make(chan error, 1)
	go func() {
		const want = "R1 COMPRESS DEFLATE\r\n"
		b := make([]byte, len(want))
		_, err := io.ReadFull(far, b)
		if err == nil && string(b) != want {
			err = errors.New("it read " + string(b))
		}
		if err == nil {
			_, err = io.WriteString(far, answer)
		}
		asked <- err
	}()
	status, err = c.Compress(t.Context())
	must(t, <-asked)
	return c, far, status, err
}

// deflated compresses text as a server does that flushes behind each piece.
func deflated(pieces ...string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	for _, p := range pieces {
		_, _ = io.WriteString(w, p)
		_ = w.Flush()
	}
	return b.String()
}

// partialFlush is packedRow and the end of the command behind zlib's Z_PARTIAL_FLUSH, which leaves no empty block of whole bytes.
const partialFlush = "d252305470730d71f650d008f57401729cfc5d22a36315aa2d6b79b90c0c8d8c4d4ccdcc2d3479b90002" +
	"28c848c1df5b212db524392335059de6e50208"

const packedRow = "* 1 FETCH (UID 1 BODY[] {9}\r\n012345678)\r\n"

// fetchPacked asks for a message and returns its body and what became of the command.
func fetchPacked(t *testing.T, c *Conn) (body string, end Status, err error) {
	t.Helper()
	x := c.Begin(t.Context(), Fetch)
	defer x.Close()
	if err := x.Send(Text("UID FETCH 1 (BODY.PEEK[])")); err != nil {
		return "", Status{}, err
	}
	if err := x.Flush(); err != nil {
		return "", Status{}, err
	}
	for {
		r, e, err := x.Next()
		if err != nil || r == nil {
			return body, e.Status, err
		}
		r.Open()
		for r.More() {
			if string(r.Item()) != "BODY[]" {
				r.Skip()
				continue
			}
			if n, ok := r.Literal(); ok {
				b, err := io.ReadAll(r)
				if body = string(b); err == nil && int64(len(b)) != n {
					t.Errorf("%d bytes of %d without an error", len(b), n)
				}
			}
		}
	}
}

// TestCompress: both directions, with what the server has sent right behind its answer, in whatever pieces it comes, flushed in either way.
func TestCompress(t *testing.T) {
	partly := func(s string) string {
		b, err := hex.DecodeString(s)
		must(t, err)
		return string(b)
	}
	all := deflated("* 5 EXISTS\r\n", packedRow, "R2 OK fetched\r\n")
	said := len(deflated("* 5 EXISTS\r\n"))
	tests := []struct{ name, behind, rest string }{
		{"in one packet with the answer", all[:said], all[said:]},
		{"partly in one packet with the answer", all[:said/2], all[said/2:]},
		{"later", "", all},
		{"partial flush", "", partly(partialFlush)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, far, status, err := compressing(t, "R1 OK go on\r\n"+test.behind)
			must(t, err)
			want(t, status.OK(), true)
			go func() {
				const want = "R2 UID FETCH 1 (BODY.PEEK[])\r\n"
				b := make([]byte, len(want))
				if _, err := io.ReadFull(flate.NewReader(iotest.OneByteReader(far)), b); err != nil || string(b) != want {
					t.Errorf("the server reads %q, %v", b, err)
				}
				for i := range len(test.rest) {
					_, _ = io.WriteString(far, test.rest[i:i+1])
				}
			}()
			body, end, err := fetchPacked(t, c)
			must(t, err)
			want(t, body, "012345678")
			want(t, end.OK(), true)
			want(t, c.Err(), nil)
		})
	}
}

// TestCompressRefused: a NO leaves the connection as it was.
func TestCompressRefused(t *testing.T) {
	c, far, status, err := compressing(t, "* OK by the way\r\nR1 NO [COMPRESSIONACTIVE] twice\r\n")
	must(t, err)
	want(t, status.Code, "COMPRESSIONACTIVE")
	go func() { // it answers what it was asked: an answer to nothing is nobody's
		const want = "R2 UID FETCH 1 (BODY.PEEK[])\r\n"
		b := make([]byte, len(want))
		if _, err := io.ReadFull(far, b); err != nil || string(b) != want {
			t.Errorf("the server reads %q, %v", b, err)
		}
		_, _ = io.WriteString(far, packedRow+"R2 OK fetched\r\n")
	}()
	body, _, err := fetchPacked(t, c)
	must(t, err)
	want(t, body, "012345678")
}

// TestCompressBroken: a deflate stream that ends or breaks anywhere is an error, and nothing of it reads as whole that is not.
func TestCompressBroken(t *testing.T) {
	all := deflated(packedRow, "R2 OK fetched\r\n")
	body := len(deflated(packedRow))
	for cut := range len(all) {
		c, far, _, err := compressing(t, "R1 OK\r\n")
		must(t, err)
		go func() { _, _ = io.Copy(io.Discard, far) }()
		go func() {
			_, _ = io.WriteString(far, all[:cut])
			_ = far.Close()
		}()
		_, end, err := fetchPacked(t, c)
		if err == nil && cut < body || end.OK() && cut < len(all)-5 { // behind the last command is only the flush
			t.Errorf("cut at %d: ended with %v, %v", cut, end, err)
		}
		if err != nil && !netError(err) {
			t.Errorf("cut at %d: %v reads as nonsense", cut, err)
		}
	}
	garbage := []string{"\xff\xff\xff\xff", "* OK not compressed at all\r\n", strings.Repeat("\x07", 1000)}
	for _, g := range garbage {
		c, far, _, err := compressing(t, "R1 OK\r\n"+g)
		must(t, err)
		go func() { _, _ = io.Copy(io.Discard, far) }()
		_, _, err = fetchPacked(t, c)
		var nonsense *ProtocolError
		if !errors.As(err, &nonsense) {
			t.Errorf("%q: got %v, want a protocol error", g, err)
		}
	}
}

// TestCompressBomb: what a thousand times as much comes out of is read no further than anything else that nobody asked for.
func TestCompressBomb(t *testing.T) {
	for name, piece := range map[string]string{
		"noise":        strings.Repeat("* 7 FETCH (FLAGS ())\r\n", 50_000),
		"line":         strings.Repeat("A", 1<<20),
		"literal":      "* X {1000000}\r\n" + strings.Repeat("x", 1_000_000) + "\r\n",
		"one of 1 TB":  "* X {1000000000000}\r\n" + strings.Repeat("x", 1<<20),
		"in a literal": "* 1 FETCH (UID 1 X {1000000000000}\r\n" + strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			bomb := deflated(piece) // refers to nothing before it: it can go off again and again
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			c, far, _, err := compressing(t, "R1 OK\r\n")
			must(t, err)
			go func() { _, _ = io.Copy(io.Discard, far) }()
			sent := make(chan int, 1)
			go func() {
				n := 0
				for {
					if _, err := io.WriteString(far, bomb); err != nil {
						sent <- n
						return
					}
					n += len(piece)
				}
			}()
			_, _, err = fetchPacked(t, c)
			var nonsense *ProtocolError
			if !errors.As(err, &nonsense) {
				t.Errorf("got %v, want a protocol error", err)
			}
			_ = far.Close()
			const buffered = inflateBuffer * 1032 // the most that deflate makes of a full buffer
			if n := <-sent; int64(n) > c.o.Noise+maxOutside+buffered {
				t.Errorf("%d bytes were taken", n)
			}
			runtime.GC()
			if runtime.ReadMemStats(&after); after.HeapAlloc > before.HeapAlloc+(8<<20) {
				t.Errorf("%d bytes are held", after.HeapAlloc-before.HeapAlloc)
			}
		})
	}
}
