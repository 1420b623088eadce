package imaptest

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Mode is how a connection breaks.
type Mode uint8

// The modes.
const (
	Reset Mode = iota // TCP reset
	Close             // orderly end of the stream
	Hole              // nothing passes any more, in either direction, and nobody is told
	Late              // the client is reset; what it had sent reaches the server after Delay: a late commit
	Stall             // nothing passes for Delay in this direction, then all goes on
	Deny              // the server's " OK" at this place becomes " NO": it has done what it denies
	Bye               // the server says BYE at the end of the line, unless a literal goes on for long, and closes
)

func (m Mode) String() string {
	return [...]string{"reset", "close", "hole", "late", "stall", "deny", "bye"}[m]
}

// bye is what the server says with Bye.
const bye = "* BYE [UNAVAILABLE] Too many connections, try again later\r\n"

// Fault breaks a connection at a place in its stream. It strikes once, on the first connection that gets there, or on each.
type Fault struct {
	Up     bool          // in what the client sends; else in what the server sends
	After  int64         // once so many bytes of the connection have passed, or
	Before string        // just before this text
	Mode   Mode          //
	Delay  time.Duration // of Late and Stall
	Until  chan struct{} // of Late, instead of Delay: what was held is given to the server when this is closed
	Always bool          // on every connection that gets there
}

// cutter looks for the place of faults in one direction of one connection.
type cutter struct {
	up     bool
	passed int64  // bytes before what is looked at now
	tail   []byte // the last of them, for texts that come in two pieces
	frame  framing
}

// framing tells the lines of a protocol from those in its literals.
type framing struct {
	begun   []byte // the end of what has passed of a line
	literal int64  // octets of a literal that are still to come
}

// pass takes what passes and returns the first place, not before at, where a line is over that no literal ends; -1 for none.
func (l *framing) pass(b []byte, at int) int {
	found := -1
	for i := 0; i < len(b); {
		if l.literal > 0 {
			n := min(l.literal, int64(len(b)-i))
			l.literal -= n
			i += int(n)
			continue
		}
		n := bytes.IndexByte(b[i:], '\n') + 1
		if n == 0 {
			l.begun = append(l.begun, b[i:]...)
			l.begun = l.begun[max(0, len(l.begun)-longestText):]
			return found
		}
		line := string(append(l.begun, b[i:i+n]...))
		l.begun = nil
		i += n
		size, ok := literalSize(strings.TrimRight(line, "\r\n"))
		if l.literal = size; !ok && found < 0 && i >= at {
			found = i
		}
	}
	return found
}

// line returns where in b, not before at, a line of the protocol is over; -1 for nowhere.
func (c *cutter) line(b []byte, at int) int {
	ahead := framing{slices.Clone(c.frame.begun), c.frame.literal}
	return ahead.pass(b, at)
}

// longestText is the longest Fault.Before.
const longestText = 256

// find returns where in b the fault strikes, or -1.
func (c *cutter) find(f *Fault, b []byte) int {
	if f.Up != c.up {
		return -1
	}
	if f.Before == "" {
		if c.passed+int64(len(b)) < f.After {
			return -1
		}
		return int(max(0, f.After-c.passed))
	}
	whole := append(slices.Clone(c.tail), b...)
	from := max(0, len(c.tail)-len(f.Before)+1) // a text that has passed whole does not count
	i := bytes.Index(whole[from:], []byte(f.Before))
	if i < 0 {
		return -1
	}
	return max(0, from+i-len(c.tail))
}

// pass notes that b has passed.
func (c *cutter) pass(b []byte) {
	c.passed += int64(len(b))
	c.frame.pass(b, 0)
	c.tail = append(c.tail, b...)
	c.tail = c.tail[max(0, len(c.tail)-longestText):]
}
