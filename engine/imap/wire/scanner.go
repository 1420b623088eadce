package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// Limits of one response. What lies outside literals, and literals that are held in memory, must be small; a body streams.
const (
	maxOutside = 16 << 20 // bytes of a response outside its literals
	maxString  = 1 << 20  // bytes of a string that is held in memory
	maxLine    = 1 << 20  // bytes kept of a status line
	maxLiteral = 1 << 40  // octets of a literal that streams
)

// A Scanner reads one response, token by token, and never past its end. It forgives: blanks may be doubled or missing, what
// is not understood can be skipped. Once it fails, or the response has ended, all that follows is empty. Methods that
// return bytes lend them until the next call.
type Scanner struct {
	source
	outside int   // bytes outside literals so far
	literal int64 // octets of the open literal not yet read
	ended   bool
	err     error
	held    []byte // lent

	asked    bool // the response is one that somebody waits for
	maxNoise int64
	noise    int64         // bytes since the last such one
	useless  time.Duration // time waited since then, less what the octets of the response were worth
	payload  int64         // octets of literals of such ones so far
}

// reset makes s ready for the next response.
func (s *Scanner) reset() {
	if !s.asked {
		s.noise += int64(s.outside)
	}
	if s.noise > s.maxNoise {
		s.fail(errNoise)
	}
	s.outside, s.literal, s.ended, s.asked = 0, 0, false, false
}

var errNoise = errors.New("endless data that nobody has asked for")

// useful notes that the server has done something that it was asked for.
func (s *Scanner) useful() { s.noise, s.useless = 0, 0 }

// Asked notes that the response is one that was asked for, not noise. A server that sends nothing but noise for too long is given up: see
// Options.Limit.
func (s *Scanner) Asked() {
	s.asked = true
	s.useful()
}

// Err returns what ended the response early: never io.EOF, for an end of the stream inside a response is io.ErrUnexpectedEOF.
func (s *Scanner) Err() error { return s.err }

// Ended reports whether nothing of the response is left.
func (s *Scanner) Ended() bool { return s.err != nil || s.ended }

func (s *Scanner) fail(err error) {
	switch {
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	case !netError(err):
		err = &ProtocolError{err}
	}
	if s.err == nil {
		s.err = err
	}
}

// peek returns the next byte of the response, ok false at its end. What is left of an open literal is skipped first.
func (s *Scanner) peek() (b byte, ok bool) {
	if s.r < s.w && s.literal == 0 && !s.ended && s.err == nil {
		b = s.buf[s.r]
		return b, b != '\n'
	}
	return s.await()
}

// await is peek where there is something to skip or to wait for.
func (s *Scanner) await() (b byte, ok bool) {
	if s.literal > 0 {
		s.skipLiteral()
	}
	if s.Ended() {
		return 0, false
	}
	b, err := s.look(0)
	if err != nil {
		s.fail(err)
		return 0, false
	}
	return b, b != '\n'
}

// take consumes the byte that peek has shown.
func (s *Scanner) take() { s.consume(1) }

// consume consumes bytes outside literals, which have come.
func (s *Scanner) consume(n int) {
	s.r += n
	if s.outside += n; s.outside > maxOutside {
		s.fail(fmt.Errorf("response over %d bytes", maxOutside))
	}
}

// finish consumes what is left of the response, literals included.
func (s *Scanner) finish() {
	for {
		b, ok := s.peek()
		switch {
		case !ok:
			s.endLine()
			return
		case b == '"':
			s.quoted()
		case b == '{':
			if !s.openLiteral() {
				s.take()
			}
		default:
			s.take()
		}
	}
}

// finishLine consumes what is left of a response that cannot hold literals.
func (s *Scanner) finishLine() {
	for {
		if _, ok := s.peek(); !ok {
			s.endLine()
			return
		}
		s.consume(len(s.ofLine()))
	}
}

// ofLine returns what has come of the line, which is not at its end.
func (s *Scanner) ofLine() []byte {
	rest := s.buf[s.r:s.w]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		return rest[:i]
	}
	return rest
}

// endLine consumes the line feed that peek has stopped at.
func (s *Scanner) endLine() {
	if s.Ended() {
		return
	}
	s.r++
	s.ended = true
}

// blanks skips white space within the response.
func (s *Scanner) blanks() (next byte, ok bool) {
	for {
		b, ok := s.peek()
		if !ok || b != ' ' && b != '\t' && b != '\r' {
			return b, ok
		}
		s.take()
	}
}

// Open consumes an opening parenthesis and reports whether there was one.
func (s *Scanner) Open() bool { return s.is('(') }

// Close consumes a closing parenthesis and reports whether there was one.
func (s *Scanner) Close() bool { return s.is(')') }

func (s *Scanner) is(want byte) bool {
	b, ok := s.blanks()
	if !ok || b != want {
		return false
	}
	s.take()
	return true
}

// More reports whether a list goes on: neither its end nor that of the response is next.
func (s *Scanner) More() bool {
	b, ok := s.blanks()
	return ok && b != ')'
}

// Atom reads up to the next blank, parenthesis or line end; brackets, quotes and braces within count as part of it, so that
// flags and capabilities come as they were written.
func (s *Scanner) Atom() []byte {
	s.held = s.held[:0]
	s.blanks()
	for {
		if _, ok := s.peek(); !ok {
			return s.held
		}
		n, end := 0, false
		for _, b := range s.buf[s.r:s.w] {
			if end = b <= ')' && (b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == '(' || b == ')'); end {
				break
			}
			n++
		}
		s.keep(s.buf[s.r : s.r+n]...)
		if s.consume(n); end {
			return s.held
		}
	}
}

// Item reads the name of a FETCH item, with its section and origin: BODY[HEADER.FIELDS (DATE)]<0>.
func (s *Scanner) Item() []byte {
	s.held = s.held[:0]
	s.blanks()
	section := false
	for {
		b, ok := s.peek()
		if !ok || b == '\r' {
			return s.held
		}
		if !section && (b == ' ' || b == '\t' || b == '(' || b == ')' || b == '{' || b == '"') {
			return s.held
		}
		section = section && b != ']' || b == '['
		s.take()
		s.keep(b)
	}
}

// keep adds bytes to those that are lent.
func (s *Scanner) keep(b ...byte) {
	if len(s.held)+len(b) > maxString {
		s.fail(fmt.Errorf("string over %d bytes", maxString))
		return
	}
	s.held = append(s.held, b...)
}

// String reads a quoted string, a literal or a bare word; ok is false for NIL and where there is none.
func (s *Scanner) String() (value []byte, ok bool) {
	b, ok := s.blanks()
	switch {
	case !ok || b == '(' || b == ')':
		return nil, false
	case b == '"':
		return s.quoted(), s.err == nil
	}
	if n, ok := s.Literal(); ok {
		return s.hold(n)
	}
	word := s.Atom()
	if len(word) == 0 || isNIL(word) {
		return nil, false
	}
	return word, true
}

func isNIL(word []byte) bool {
	return len(word) == 3 && word[0]|0x20 == 'n' && word[1]|0x20 == 'i' && word[2]|0x20 == 'l'
}

// quoted reads a quoted string; it ends at the line's end if its closing quote is missing.
func (s *Scanner) quoted() []byte {
	s.held = s.held[:0]
	s.take()
	for {
		b, ok := s.peek()
		if !ok {
			return s.held
		}
		s.take()
		switch b {
		case '"':
			return s.held
		case '\\':
			if b, ok = s.peek(); !ok {
				return s.held
			}
			s.take()
		}
		s.keep(b)
	}
}

// hold reads a literal of n octets into memory.
func (s *Scanner) hold(n int64) ([]byte, bool) {
	if n > maxString {
		s.fail(fmt.Errorf("string of %d bytes", n))
		return nil, false
	}
	if int64(cap(s.held)) < n {
		s.held = make([]byte, n)
	}
	s.held = s.held[:n]
	if _, err := io.ReadFull(s, s.held); err != nil {
		s.fail(err)
		return nil, false
	}
	return s.held, true
}

// Literal opens a literal if one is next and returns its length. Its octets are read with Read; those left unread are
// skipped by the next call of another method.
func (s *Scanner) Literal() (size int64, ok bool) {
	if b, ok := s.blanks(); !ok || b != '{' && b != '~' {
		return 0, false
	}
	if !s.openLiteral() {
		return 0, false
	}
	return s.literal, true
}

// openLiteral consumes {n}, {n+} or ~{n} with the line end behind it, if that is what is next; otherwise it consumes nothing.
func (s *Scanner) openLiteral() bool {
	const longest = 32
	var n int64
	digits := 0
	for i := range longest {
		b, err := s.look(i)
		if err != nil {
			s.fail(err)
			return false
		}
		p := s.buf[s.r : s.r+i+1]
		switch {
		case b == '~' && i == 0, b == '{' && (i == 0 || i == 1 && p[0] == '~'), b == '+' && digits > 0, b == '}' && digits > 0, b == '\r' && p[i-1] == '}':
		case b >= '0' && b <= '9' && i > 0 && n < maxLiteral:
			n, digits = n*10+int64(b-'0'), digits+1
		case b == '\n' && digits > 0 && (p[i-1] == '\r' || p[i-1] == '}'):
			if n > maxLiteral {
				s.fail(fmt.Errorf("literal of %d bytes", n))
				return false
			}
			s.consume(i + 1)
			s.literal = n
			return true
		default:
			return false
		}
	}
	return false
}

// Read reads octets of the open literal; io.EOF at its end. It implements io.Reader.
func (s *Scanner) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.literal == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.literal {
		p = p[:s.literal]
	}
	n, err := s.direct(p)
	s.passed(n)
	if err != nil {
		s.fail(err)
		return n, s.err
	}
	return n, nil
}

// WriteTo writes what is left of the open literal to w. It implements io.WriterTo.
func (s *Scanner) WriteTo(w io.Writer) (written int64, err error) {
	for s.literal > 0 && s.err == nil {
		if _, err := s.look(0); err != nil {
			s.fail(err)
			break
		}
		n, err := w.Write(s.buf[s.r : s.r+int(min(int64(s.buffered()), s.literal))])
		s.r += n
		s.passed(n)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, s.err
}

func (s *Scanner) skipLiteral() {
	for s.literal > 0 && s.err == nil {
		if _, err := s.look(0); err != nil {
			s.fail(err)
			return
		}
		n := int(min(int64(s.buffered()), s.literal))
		s.r += n
		s.passed(n)
	}
}

// passed counts octets of the open literal.
func (s *Scanner) passed(n int) {
	s.literal -= int64(n)
	if !s.asked {
		if s.noise += int64(n); s.noise > s.maxNoise {
			s.fail(errNoise)
		}
		return
	}
	s.payload += int64(n)
	s.useless = max(0, s.useless-time.Duration(n)*octetTime)
}

// Skip consumes one value, whatever it is: a list with all that is in it, a string or a word.
func (s *Scanner) Skip() {
	for depth := 0; ; {
		b, ok := s.blanks()
		switch {
		case !ok:
			return
		case b == '(':
			s.take()
			depth++
			continue
		case b == ')' && depth == 0:
			return
		case b == ')':
			s.take()
			depth--
		case b == '"':
			s.quoted()
		default:
			if _, ok := s.Literal(); ok {
				s.skipLiteral()
				break
			}
			s.word()
		}
		if depth == 0 {
			return
		}
	}
}

// word skips a bare word, which is at least one byte.
func (s *Scanner) word() {
	for first := true; ; first = false {
		b, ok := s.peek()
		if !ok || !first && (b == ' ' || b == '\t' || b == '\r' || b == '(' || b == ')' || b == '"' || b == '{') {
			return
		}
		s.take()
	}
}

// Number reads a number; ok is false for anything else, which is consumed.
func (s *Scanner) Number() (n int64, ok bool) {
	word, ok := s.String()
	if !ok {
		if b, more := s.peek(); more && b == '(' {
			s.Skip()
		}
		return 0, false
	}
	return parseNumber(word)
}

func parseNumber(word []byte) (n int64, ok bool) {
	if len(word) == 0 || len(word) > 18 {
		return 0, false
	}
	for _, b := range word {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int64(b-'0')
	}
	return n, true
}

// line returns what is left of a response that cannot hold literals, at most maxLine bytes of it, and ends the response.
func (s *Scanner) line() []byte {
	s.held = s.held[:0]
	for {
		if _, ok := s.peek(); !ok {
			s.endLine()
			for n := len(s.held); n > 0 && (s.held[n-1] == '\r' || s.held[n-1] == ' '); n-- {
				s.held = s.held[:n-1]
			}
			return s.held
		}
		rest := s.ofLine()
		s.held = append(s.held, rest[:min(len(rest), maxLine-len(s.held))]...)
		s.consume(len(rest))
	}
}

// RestString reads a string that is the last of its response: a bare word may hold blanks and whatever else, up to the end of
// the line.
func (s *Scanner) RestString() (value []byte, ok bool) {
	b, ok := s.blanks()
	if !ok {
		return nil, false
	}
	if b == '"' || b == '{' || b == '~' {
		return s.String()
	}
	return s.line(), s.err == nil
}
