package wire

import (
	"io"
	"strings"
)

// quotable reports whether s can be written as a quoted string (RFC 3501, section 9).
func quotable(s string) bool {
	const longest = 1000 // some servers bound a command line
	if len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

var quoteSpecials = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quote(s string) string { return `"` + quoteSpecials.Replace(s) + `"` }

// isAtom reports whether s can be written bare.
func isAtom(s string) bool {
	for i := range len(s) {
		if !atomByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func atomByte(b byte) bool {
	return b > ' ' && b < 0x7f && strings.IndexByte(`(){%*"\]`, b) < 0
}

// IsKeyword reports whether s can be sent as a keyword, the kind of flag that does not begin with a backslash.
// NIL means something else everywhere.
func IsKeyword(s string) bool { return isAtom(s) && !strings.EqualFold(s, "NIL") }

func stringReader(s string) io.Reader { return strings.NewReader(s) }
