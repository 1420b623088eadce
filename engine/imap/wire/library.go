package wire

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// library is what stands between the responses of a server and the client library above: it passes on only what belongs to
// a command of the library's, rewritten so that the library's strict parser takes it.
type library struct {
	open    atomic.Int32 // calls being watched
	greeted bool         // belongs to the reading goroutine

	mu      sync.Mutex
	ready   sync.Cond // something to read, or closed
	out     []byte
	err     error           // of the connection, once it is dead
	pending map[string]bool // tags of the library's commands; true for those that sign in
	literal bool            // it has announced a literal and waits
	sasl    string          // tag of its AUTHENTICATE
	told    bool            // capabilities came with the end of signing in
	caps    string          // capabilities that came unasked while signing in
}

func (l *library) init() {
	l.ready.L = &l.mu
	l.pending = map[string]bool{}
}

// read hands out what is there, waiting for something.
func (l *library) read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.ready.Wait()
	}
	n := copy(p, l.out)
	if l.out = l.out[n:]; len(l.out) == 0 {
		l.out = nil
	}
	return n, nil
}

// maxQueued is how much the library may leave unread, in bytes.
const maxQueued = 4 << 20

func (l *library) put(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.out)+len(p) <= maxQueued {
		l.out = append(l.out, p...)
	}
	l.ready.Broadcast()
}

func (l *library) close(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err = err; err == nil {
		l.err = io.EOF
	}
	l.ready.Broadcast()
}

// wrote notes the tag if p begins a command, and reports whether it does. The library writes each command, or a first part of it, in one piece.
func (l *library) wrote(p []byte) (begins bool) {
	if bytes.HasSuffix(p, []byte("}\r\n")) && !bytes.HasSuffix(p, []byte("+}\r\n")) {
		l.mu.Lock()
		l.literal = true
		l.mu.Unlock()
	}
	tag, rest, ok := bytes.Cut(p, []byte{' '})
	if !ok || len(tag) < 2 || len(tag) > 16 || tag[0] != 'T' {
		return false
	}
	if _, ok := parseNumber(tag[1:]); !ok {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	sasl := bytes.HasPrefix(rest, []byte("AUTHENTICATE "))
	l.pending[string(tag)] = sasl || bytes.HasPrefix(rest, []byte("LOGIN "))
	if sasl {
		l.sasl = string(tag)
	}
	return true
}

// continuation passes on a request to go on, if the library waits for one.
func (l *library) continuation(text string) {
	l.mu.Lock()
	_, sasl := l.pending[l.sasl]
	waits := sasl || l.literal
	l.literal = false
	l.mu.Unlock()
	if waits {
		l.put([]byte("+ " + printable(text) + "\r\n"))
	}
}

func (l *library) owns(tag string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.pending[tag]
	return ok
}

// busy returns how many of its commands have no end.
func (l *library) busy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// greet passes the server's greeting on.
func (l *library) greet(s Status) {
	if s.Type != "OK" && s.Type != "PREAUTH" && s.Type != "BYE" {
		return
	}
	l.greeted = true
	l.status("*", s)
}

// tagged passes the end of one of the library's commands on and reports whether it is one; any other is dropped.
func (l *library) tagged(tag string, s Status) bool {
	l.mu.Lock()
	signIn, ok := l.pending[tag]
	delete(l.pending, tag)
	if signIn && s.OK() && s.Code != "CAPABILITY" && l.caps != "" {
		s.Code, s.Args = "CAPABILITY", l.caps // saves the library from asking again
	}
	l.told = l.told || signIn && s.OK() && s.Code == "CAPABILITY"
	l.mu.Unlock()
	if ok {
		l.status(tag, s)
	}
	return ok
}

// status passes a status line on: a response code keeps its argument only where the library reads it.
func (l *library) status(tag string, s Status) {
	line := []byte(tag + " " + s.Type)
	switch {
	case s.Code == "CAPABILITY":
		line = append(line, " [CAPABILITY "+capabilities(s.Args)+"]"...)
	case s.Code != "" && isAtom(s.Code) && !strings.Contains(s.Code, "UID"):
		line = append(line, " ["+s.Code+"]"...)
	}
	text := printable(s.Text)
	if text == "" || text[0] == '[' {
		text = "- " + text
	}
	l.put(append(line, " "+text+"\r\n"...))
}

// data passes on an untagged response that only the library asks for, rewritten.
func (l *library) data(r Response) {
	if l.busy() == 0 {
		return
	}
	line := []byte("* " + r.Name + " ")
	switch r.Name {
	case "CAPABILITY":
		caps := capabilities(string(r.line()))
		l.mu.Lock()
		for _, signIn := range l.pending {
			if signIn {
				l.caps = caps
			}
		}
		l.mu.Unlock()
		line = append(line, caps...)
	case "ID":
		line = appendID(line, r.Scanner)
	case "NAMESPACE":
		line = appendNamespace(line, r.Scanner)
	default:
		return
	}
	if r.Err() == nil {
		l.put(append(line, "\r\n"...))
	}
}

// capabilities leaves out what is no atom, and IMAP4rev2: merely offered, it makes the library write names another way.
func capabilities(list string) string {
	words := strings.Fields(strings.ToUpper(list))
	words = slices.DeleteFunc(words, func(w string) bool { return !isAtom(w) || w == "IMAP4REV2" })
	if !slices.Contains(words, "IMAP4REV1") {
		words = append([]string{"IMAP4REV1"}, words...)
	}
	return strings.Join(words, " ")
}

// appendID writes what a server says of itself, but for what it says nothing about.
func appendID(line []byte, s *Scanner) []byte {
	if !s.Open() {
		return append(line, "NIL"...)
	}
	line = append(line, '(')
	for first := true; s.More(); {
		key, ok := s.String()
		if !ok {
			s.Skip()
			continue
		}
		name := string(key)
		value, ok := s.String()
		if !ok {
			continue
		}
		if !first {
			line = append(line, ' ')
		}
		line = append(line, quote(printable(name))+" "+quote(printable(string(value)))...)
		first = false
	}
	return append(line, ')')
}

// appendNamespace writes the three classes of namespaces, each a list of prefix and separator.
func appendNamespace(line []byte, s *Scanner) []byte {
	for class := range 3 {
		if class > 0 {
			line = append(line, ' ')
		}
		if !s.Open() {
			s.Skip()
			line = append(line, "NIL"...)
			continue
		}
		line = append(line, '(')
		for s.Open() {
			prefix, _ := s.String()
			line = append(line, "("+quote(printable(string(prefix)))+" "...)
			separator, ok := s.String()
			if !ok || len(separator) == 0 {
				line = append(line, "NIL)"...)
			} else {
				line = append(line, quote(printable(string(separator[:1])))+")"...)
			}
			for s.More() {
				s.Skip()
			}
			s.Close()
		}
		s.Close()
		line = append(line, ')')
	}
	return line
}

// printable returns text without control characters and without its tail if it is too long for people.
func printable(text string) string {
	const longest = 2000
	if len(text) > longest {
		text = text[:longest]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
