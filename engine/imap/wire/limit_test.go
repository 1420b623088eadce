package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLimit: a server that talks and does nothing is given up in time; one that is slow at what it was asked for is not.
func TestLimit(t *testing.T) {
	tests := []struct {
		name  string
		says  func(i int) string // each half minute
		body  bool               // a body was begun
		after time.Duration      // it is given up, 0 for never
	}{
		{"still here", func(int) string { return "* OK still here\r\n" }, false, time.Hour},
		{"in progress", func(i int) string { return fmt.Sprintf("* OK [INPROGRESS (\"R1\" %d NIL)] wait\r\n", i) }, false, time.Hour},
		{"a line without end", func(int) string { return "x" }, false, time.Hour},
		{"flags of others", func(int) string { return "* 7 FETCH (FLAGS (\\Seen))\r\n" }, false, time.Hour},
		{"a body in drops", func(int) string { return strings.Repeat("x", 1000) }, true, time.Hour + 2*time.Minute},
		{"a body at a trickle", func(int) string { return strings.Repeat("x", 40_000) }, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				c := New(near, Options{Greeted: true})
				defer c.Close()
				defer far.Close()
				go func() { _, _ = io.Copy(io.Discard, far) }()
				time.Sleep(3 * time.Hour) // idle time counts for nothing
				x := c.Begin(t.Context(), Fetch)
				defer x.Close()
				must(t, x.Send(Text("UID FETCH 1 (BODY.PEEK[])")))
				must(t, x.Flush())
				began := time.Now()
				const most = 4 * 60 * 2 // half minutes
				fed := make(chan bool)
				go func() {
					defer close(fed)
					if test.body {
						_, _ = fmt.Fprintf(far, "* 1 FETCH (BODY[] {%d}\r\n", most*40_000)
					}
					for i := range most {
						time.Sleep(30 * time.Second)
						if _, err := io.WriteString(far, test.says(i)); err != nil {
							return
						}
					}
					_, _ = io.WriteString(far, ")\r\nR1 OK done\r\n")
				}()
				err := untilEnd(x, test.body)
				took := time.Since(began)
				_ = far.Close()
				<-fed
				var stall *StallError
				switch {
				case test.after == 0:
					must(t, err)
				case !errors.As(err, &stall) || !stall.Noise:
					t.Errorf("got %v, want a stall", err)
				case took < test.after-5*time.Minute || took > test.after+5*time.Minute:
					t.Errorf("given up after %v, want %v", took, test.after)
				}
			})
		})
	}
}

// untilEnd reads what comes up to the end of the command; body says that a body is asked for.
func untilEnd(x *Exchange, body bool) error {
	for {
		r, _, err := x.Next()
		if err != nil || r == nil {
			return err
		}
		if !body {
			continue
		}
		r.Open()
		r.Item()
		if _, ok := r.Literal(); ok {
			r.Asked()
			if _, err := io.Copy(io.Discard, r); err != nil {
				return err
			}
		}
	}
}

// TestNoise: what nobody asked for is read only so far, in whatever shape; what somebody asked for begins the count anew.
func TestNoise(t *testing.T) {
	const piece, maxNoise = 1 << 18, 8 << 20
	filler := strings.Repeat("x", piece)
	for name, noise := range map[string]string{
		"lines":    "* OK " + filler + "\r\n",
		"junk":     filler + "\r\n",
		"tags":     "Z9 OK " + filler + "\r\n",
		"rows":     "* 7 FETCH (UID 9 X \"" + filler[:piece/2] + "\")\r\n",
		"literals": fmt.Sprintf("* 7 FETCH (UID 9 BODY[] {%d}\r\n%s)\r\n", piece, filler),
	} {
		t.Run(name, func(t *testing.T) {
			c, far := pair(t, Options{Noise: maxNoise})
			x := c.Begin(t.Context(), Fetch)
			defer x.Close()
			must(t, x.Send(Text("UID FETCH 1:2 (UID)")))
			must(t, x.Flush())
			sent := make(chan int)
			go func() {
				n, k := 0, 0
				var err error
				for err == nil {
					if n < maxNoise/2 && n+len(noise) >= maxNoise/2 {
						_, err = io.WriteString(far, "* 1 FETCH (UID 1)\r\n")
					}
					if err == nil {
						k, err = io.WriteString(far, noise)
						n += k
					}
				}
				sent <- n
			}()
			var err error
			for err == nil {
				var r *Response
				if r, _, err = x.Next(); err == nil && r.Num == 1 {
					r.Asked()
				}
			}
			var nonsense *ProtocolError
			if !errors.As(err, &nonsense) {
				t.Errorf("got %v, want a protocol error", err)
			}
			if n := <-sent; n < maxNoise*3/2-2*piece || n > maxNoise*3/2+4*piece {
				t.Errorf("%d bytes were read", n)
			}
		})
	}
}
