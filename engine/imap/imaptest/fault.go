package imaptest

import (
	"bytes"
	"slices"
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
	Bye               // the server says BYE at the end of the line, and closes
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
	c.tail = append(c.tail, b...)
	c.tail = c.tail[max(0, len(c.tail)-longestText):]
}
