package wire

import (
	"bytes"
	"strings"
)

// Status is what a status line says, tagged or not (RFC 3501, 7.1).
type Status struct {
	Type string // OK, NO, BAD, BYE or PREAUTH
	Code string // of the response code, in upper case; "" for none
	Args string // behind the code, as written
	Text string // for people
}

// OK reports whether the status is a success.
func (s Status) OK() bool { return s.Type == "OK" }

// String returns the line without its tag, for people.
func (s Status) String() string {
	if s.Code != "" {
		return strings.TrimSpace(s.Type + " [" + s.Code + "] " + s.Text)
	}
	return strings.TrimSpace(s.Type + " " + s.Text)
}

// statusTypes are the words that begin a status.
var statusTypes = map[string]bool{"OK": true, "NO": true, "BAD": true, "BYE": true, "PREAUTH": true}

// ParseStatus reads what stands behind the type of a status line.
func ParseStatus(typ string, rest []byte) Status {
	s := Status{Type: typ}
	rest = bytes.TrimSpace(rest)
	if len(rest) > 0 && rest[0] == '[' {
		if code, text, ok := cutCode(rest[1:]); ok {
			name, args, _ := strings.Cut(string(bytes.TrimSpace(code)), " ")
			s.Code, s.Args = strings.ToUpper(name), strings.TrimSpace(args)
			rest = bytes.TrimSpace(text)
		}
	}
	s.Text = string(rest)
	return s
}

// cutCode cuts a response code from the text behind it. Flags in its list may hold brackets themselves.
func cutCode(p []byte) (code, text []byte, ok bool) {
	if open := bytes.IndexByte(p, '('); open >= 0 && open < bytes.IndexByte(p, ']') {
		if code, text, ok = bytes.Cut(p, []byte(")]")); ok {
			return append(code[:len(code):len(code)], ')'), text, true
		}
	}
	return bytes.Cut(p, []byte{']'})
}
