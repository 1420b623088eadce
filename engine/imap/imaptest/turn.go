package imaptest

import (
	"bytes"
	"regexp"
	"sync"
)

// Eager is what a server that takes one command at a time does with one that comes too early.
type Eager uint8

// The ways.
const (
	Served  Eager = iota // it takes it: most do
	Ignored              // it throws away what came
	HungUp               // it ends the connection
)

// turn watches over one connection whether commands come one at a time.
type turn struct {
	mu   sync.Mutex
	rec  *recorder
	open int    // commands begun and not answered
	last []byte // of what the server has sent: a line that has not ended
}

var taggedEnd = regexp.MustCompile(`(?i)^[A-Z]+[0-9]+ (OK|NO|BAD)`)

// tooEager takes what passes, and reports whether it is from the client and holds a command that comes too early.
func (t *turn) tooEager(b []byte, up bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !up {
		lines := bytes.Split(append(t.last, b...), []byte("\n"))
		t.last = bytes.Clone(lines[len(lines)-1])
		for _, line := range lines[:len(lines)-1] {
			if taggedEnd.Match(line) {
				t.open--
			}
		}
		return false
	}
	if t.rec == nil {
		t.rec = &recorder{each: func(Command) { t.open++ }}
	}
	if t.open > 0 && len(t.rec.line) == 0 {
		return true
	}
	_, _ = t.rec.Write(b)
	return t.open > 1
}
