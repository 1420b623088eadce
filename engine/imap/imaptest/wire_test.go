package imaptest

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// letter is a message of a little over n bytes.
func letter(n int) []byte {
	return []byte("Subject: letter\r\n\r\n" + strings.Repeat("A5 OK not a command\r\n", n/21+1))
}

func TestWireRecordsCommands(t *testing.T) {
	s := Dovecot(t, Options{})
	p := Wire(t, s.Addr(), WireOptions{Record: true})
	c := SignIn(t, p.Addr(), "alice")
	c.Must("CREATE {3+}\r\nabc")
	if _, err := c.Append("abc", `\Seen`, "", letter(100_000)); err != nil {
		t.Fatal(err)
	}
	c.Must("EXAMINE abc")
	c.Must("UID FETCH 1:* FLAGS")
	var got []string
	for _, r := range p.Commands() {
		if r.Connection != 1 {
			t.Errorf("connection %d", r.Connection)
		}
		got = append(got, r.Name)
	}
	want := []string{"LOGIN", "CREATE", "APPEND", "EXAMINE", "UID FETCH"}
	if !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
	if line := p.Commands()[1].Line; line != "CREATE {3+}" {
		t.Errorf("literal in line: %q", line)
	}
	if up, down := p.Bytes(); up < 100_000 || down < 100 {
		t.Errorf("%d bytes up, %d down", up, down)
	}
}

func TestWireAddsARoundTrip(t *testing.T) {
	s := Dovecot(t, Options{})
	p := Wire(t, s.Addr(), WireOptions{RTT: 60 * time.Millisecond, BytesPerSecond: 1 << 20})
	c := SignIn(t, p.Addr(), "alice")
	start := time.Now()
	c.Must("NOOP")
	if d := time.Since(start); d < 60*time.Millisecond || d > 2*time.Second {
		t.Errorf("a command took %v at a round trip of 60 ms", d)
	}
	start = time.Now()
	if _, err := c.Append("INBOX", "", "", letter(200_000)); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d < 190*time.Millisecond {
		t.Errorf("200 kB took %v at 1 MB/s", d)
	}
}

func TestWireBreaksAsItIsTold(t *testing.T) {
	s := Dovecot(t, Options{})
	for _, tc := range []struct {
		name   string
		fault  Fault
		err    error
		stored bool // the message is there in the end
		answer string
	}{
		{"reset in the literal", Fault{Up: true, After: 50_000, Mode: Reset}, syscall.ECONNRESET, false, ""},
		{"close before the answer", Fault{Before: "OK [APPENDUID", Mode: Close}, io.EOF, true, ""},
		{"reset before the answer", Fault{Before: "OK [APPENDUID", Mode: Reset}, syscall.ECONNRESET, true, ""},
		{"hole before the answer", Fault{Before: "OK [APPENDUID", Mode: Hole}, os.ErrDeadlineExceeded, true, ""},
		{"hole in the literal", Fault{Up: true, After: 50_000, Mode: Hole}, os.ErrDeadlineExceeded, false, ""},
		{"late end of the literal", Fault{Up: true, After: 50_000, Mode: Late, Delay: 500 * time.Millisecond}, syscall.ECONNRESET, true, ""},
		{"stall in the literal", Fault{Up: true, After: 50_000, Mode: Stall, Delay: 300 * time.Millisecond}, nil, true, ""},
		{"longer stall than is waited", Fault{Up: true, After: 50_000, Mode: Stall, Delay: 1500 * time.Millisecond}, os.ErrDeadlineExceeded, true, ""},
		{"denial", Fault{Before: " OK [APPENDUID", Mode: Deny}, nil, true, "NO [APPENDUID"},
		{"bye behind the answer", Fault{Before: " OK [APPENDUID", Mode: Bye}, nil, true, "OK [APPENDUID"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			user := strings.ReplaceAll(tc.name, " ", "-")
			p := Wire(t, s.Addr(), WireOptions{})
			c := SignIn(t, p.Addr(), user)
			c.wait = time.Second
			p.Break(tc.fault)
			tagged, err := c.Append("INBOX", "", "", letter(100_000))
			if !errors.Is(err, tc.err) && !(tc.err == syscall.ECONNRESET && errors.Is(err, syscall.EPIPE)) {
				t.Errorf("append: %q, %v; want %v", tagged, err, tc.err)
			}
			if !strings.Contains(tagged, tc.answer) {
				t.Errorf("answered %q", tagged)
			}
			c.Close()
			if p.Broken() != 1 {
				t.Errorf("%d faults struck", p.Broken())
			}
			if tc.fault.Mode == Late {
				if n := len(ReadMail(t, s.MailRoot(user))[Inbox]); n != 0 {
					t.Errorf("%d messages before the delay is over", n)
				}
			}
			deadline := time.Now().Add(3 * time.Second)
			n := 0
			for n == 0 && time.Now().Before(deadline) && (tc.stored || p.Open() > 0) {
				n = len(ReadMail(t, s.MailRoot(user))[Inbox])
			}
			if (n == 1) != tc.stored {
				t.Errorf("%d messages stored, want stored: %v", n, tc.stored)
			}
			SignIn(t, p.Addr(), user).Must("NOOP") // the next connection passes
		})
	}
}

func TestWireRefusesAndCuts(t *testing.T) {
	s := Dovecot(t, Options{})
	p := Wire(t, s.Addr(), WireOptions{})
	c := SignIn(t, p.Addr(), "alice")
	if n := p.Cut(); n != 1 {
		t.Errorf("%d connections cut", n)
	}
	if _, tagged, err := c.Do("NOOP"); err == nil {
		t.Errorf("an answer came through: %q", tagged)
	}
	p.Refuse(true)
	if err := greets(p.Addr()); err == nil {
		t.Error("a refused connection was greeted")
	}
	p.Refuse(false)
	SignIn(t, p.Addr(), "alice").Must("NOOP")
}

func TestFaultFindsATextThatComesInPieces(t *testing.T) {
	f := &Fault{Before: "OK [APPENDUID"}
	c := cutter{}
	at := []int{}
	for _, b := range []string{"* 1 EXISTS\r\nA1 OK [APP", "ENDUID 1 2] done\r\n", "A2 NO\r\n", "A3 OK [APPENDUID"} {
		at = append(at, c.find(f, []byte(b)))
		c.pass([]byte(b))
	}
	if want := []int{-1, 0, -1, 3}; !slices.Equal(at, want) {
		t.Errorf("found at %v, want %v", at, want)
	}
}
