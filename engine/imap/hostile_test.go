package imap

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
)

// pourer writes until nobody listens, or enough is enough.
type pourer struct {
	w    io.Writer
	left int64
	err  error
}

func (p *pourer) say(format string, a ...any) {
	if p.err == nil && p.left > 0 {
		var n int
		n, p.err = fmt.Fprintf(p.w, format, a...)
		p.left -= int64(n)
	}
}

func (p *pourer) more() bool { return p.err == nil && p.left > 0 }

// peak returns by how much the heap has grown at most while f ran, in bytes. Garbage is collected often meanwhile: by default the heap doubles before that,
// and what earlier tests have left would count.
func peak(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most := int64(m.HeapAlloc), int64(m.HeapAlloc)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, int64(m.HeapAlloc))
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return most - base
}

const mb = 1 << 20

// TestHostile: whatever a server pours out, memory stays bounded and the end is an error with a name.
func TestHostile(t *testing.T) {
	chunk := strings.Repeat("x", mb)
	list := func(s engine.Session) error { _, err := s.List(t.Context(), true); return err }
	scan := func(s engine.Session) error {
		_, err := s.Scan(t.Context(), engine.Opening{Folder: "Box"}, everything(), func(engine.Meta) error { return nil })
		return err
	}
	fetch := func(s engine.Session) error {
		_, err := s.Fetch(t.Context(), engine.Opening{Folder: "Box"}, engine.UIDSet{{First: 1, Last: 20_000}}, func(m engine.Message, lost error) error {
			if lost != nil {
				return nil
			}
			_, err := io.Copy(io.Discard, m.Body)
			return err
		})
		return err
	}
	tests := []struct {
		name string
		verb string
		call func(engine.Session) error
		pour func(p *pourer)
		kind engine.Kind
		most int64 // bytes of memory
	}{
		{"2 million folders", "LIST", list, func(p *pourer) {
			for i := range 2_000_000 {
				p.say("* LIST () \"/\" f%d\r\n", i)
			}
		}, engine.Unreadable, 150 * mb},
		{"one folder for ever", "LIST", list, func(p *pourer) {
			row := strings.Repeat("* LIST (\\Sent) \"/\" A\r\n", 1000)
			for p.more() {
				p.say("%s", row)
			}
		}, engine.Unreadable, 20 * mb},
		{"long names", "LIST", list, func(p *pourer) {
			for i := 0; p.more(); i++ {
				p.say("* LIST () \"/\" \"%d%s\"\r\n", i, chunk[:mb/2])
			}
		}, engine.Unreadable, 150 * mb},
		{"a name of 4 GB", "LIST", list, func(p *pourer) {
			p.say("* LIST () \"/\" {4294967296}\r\n")
			for p.more() {
				p.say("%s", chunk)
			}
		}, engine.Unreadable, 20 * mb},
		{"attributes", "LIST", list, func(p *pourer) {
			p.say("* LIST (")
			for p.more() {
				p.say("%s", strings.Repeat("\\X ", 100_000))
			}
		}, engine.Unreadable, 20 * mb},
		{"nesting", "LIST", list, func(p *pourer) {
			p.say("* LIST ")
			for p.more() {
				p.say("%s", strings.Repeat("(", 100_000))
			}
		}, engine.Unreadable, 20 * mb},
		{"status of what nobody knows", "LIST", list, func(p *pourer) {
			for i := 0; p.more(); i++ {
				p.say("* STATUS f%d (MESSAGES 1)\r\n", i)
			}
		}, engine.Unreadable, 150 * mb},
		{"folders open for ever", "EXAMINE", scan, func(p *pourer) {
			rows := strings.Repeat("* 5 EXISTS\r\n* OK [UIDNEXT 4] x\r\n", 1000)
			for p.more() {
				p.say("%s", rows)
			}
		}, engine.Unreadable, 20 * mb},
		{"messages", "UID FETCH", scan, func(p *pourer) {
			for i := 1; p.more(); i += 2 {
				p.say("* %d FETCH (UID %d FLAGS () INTERNALDATE NIL RFC822.SIZE 1)\r\n", i, i)
			}
		}, engine.Unreadable, 50 * mb},
		{"messages backwards", "UID FETCH", scan, func(p *pourer) {
			for i := 50_000_000; p.more(); i -= 2 {
				p.say("* %d FETCH (UID %d FLAGS () INTERNALDATE NIL RFC822.SIZE 1)\r\n", i, i)
			}
		}, engine.Unreadable, 50 * mb},
		{"flags", "UID FETCH", scan, func(p *pourer) {
			for i := 1; p.more(); i++ {
				p.say("* %d FETCH (UID %d RFC822.SIZE 1 FLAGS (", i, i)
				for j := range 100_000 {
					p.say("k%d.%d ", i, j)
				}
				p.say("))\r\n")
			}
		}, engine.Unreachable, 50 * mb},
		{"a row of rows", "UID FETCH", scan, func(p *pourer) {
			p.say("* 1 FETCH (UID 1 X ")
			for p.more() {
				p.say("%s", strings.Repeat("(a ", 100_000))
			}
		}, engine.Unreadable, 20 * mb},
		{"4 GB where 8 KB were", "UID FETCH", fetch, func(p *pourer) {
			p.say("* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL RFC822.SIZE 8192 BODY[] {4294967296}\r\n")
			for p.more() {
				p.say("%s", chunk)
			}
		}, engine.Unreachable, 20 * mb},
		{"bodies before their UIDs", "UID FETCH", fetch, func(p *pourer) {
			for i := 1; p.more(); i++ {
				p.say("* %d FETCH (BODY[] {%d}\r\n%s UID 30000)\r\n", i, mb, chunk)
			}
		}, engine.Unreadable, 20 * mb},
		{"bodies that nobody asked for", "UID FETCH", fetch, func(p *pourer) {
			for i := 1; p.more(); i++ {
				p.say("* %d FETCH (UID 30000 FLAGS () INTERNALDATE NIL BODY[] {%d}\r\n%s)\r\n", i, mb, chunk)
			}
		}, engine.Unreadable, 20 * mb},
		{"a quoted body", "UID FETCH", fetch, func(p *pourer) {
			p.say("* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] \"")
			for p.more() {
				p.say("%s", chunk)
			}
		}, engine.Unreadable, 20 * mb},
		{"flags without bodies", "UID FETCH", fetch, func(p *pourer) {
			for i := 1; p.more(); i++ {
				p.say("* %d FETCH (UID %d INTERNALDATE NIL FLAGS (k%d%s))\r\n", i%20_000+1, i%20_000+1, i, strings.Repeat(" y", 10_000))
			}
		}, engine.Unreadable, 50 * mb},
		{"a line", "UID FETCH", fetch, func(p *pourer) {
			for p.more() {
				p.say("%s", chunk)
			}
		}, engine.Unreadable, 20 * mb},
		{"an end that does not end", "UID FETCH", fetch, func(p *pourer) {
			p.say("R2 OK ")
			for p.more() {
				p.say("%s", chunk)
			}
		}, engine.Unreadable, 20 * mb},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1 NAMESPACE", func(command string) string {
				if strings.HasPrefix(command, "EXAMINE") {
					return examineReply
				}
				return ""
			})
			server.pour = func(command string, w io.Writer) bool {
				if !strings.HasPrefix(command, test.verb) {
					return false
				}
				b := bufio.NewWriterSize(w, 64<<10)
				test.pour(&pourer{w: b, left: 48 * mb})
				_ = b.Flush()
				return true
			}
			d := NewDialer(Options{Stall: 30 * time.Second, messages: 100_000, noise: 8 * mb})
			s := mustDial(t, d, engine.Source, server.endpoint(), "anna")
			var err error
			grown := peak(func() { err = test.call(s) })
			t.Logf("%d MB: %v", grown/mb, err)
			want(t, engine.KindOf(err), test.kind)
			want(t, s.Alive(), false)
			if grown > test.most {
				t.Errorf("%d MB of memory", grown/mb)
			}
		})
	}
}

// TestHostileGreeting: nor does a server get far before anybody has signed in.
func TestHostileGreeting(t *testing.T) {
	for name, test := range map[string]struct {
		hello, more string
		kind        engine.Kind
	}{
		"a line":       {"* OK ", strings.Repeat("x", mb), engine.Unreadable},
		"lines":        {"", strings.Repeat("hello\r\n", mb/7), engine.Unreadable},
		"capabilities": {"* OK [CAPABILITY IMAP4rev1", strings.Repeat(" AUTH=X", mb/7), engine.Unreadable},
		"a literal":    {"* X {4294967296}\r\n", strings.Repeat("x", mb), engine.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				p := &pourer{w: c, left: 48 * mb}
				for p.say("%s", test.hello); p.more(); {
					p.say("%s", test.more)
				}
			}()
			e := engine.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}
			d := NewDialer(Options{Stall: 30 * time.Second, noise: 8 * mb})
			grown := peak(func() { _, err = d.Dial(t.Context(), engine.Source, e, "anna", engine.NewSecret("x")) })
			t.Logf("%d MB: %v", grown/mb, err)
			want(t, engine.KindOf(err), test.kind)
			if grown > 20*mb {
				t.Errorf("%d MB of memory", grown/mb)
			}
		})
	}
}
