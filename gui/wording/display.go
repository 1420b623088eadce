package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Display makes foreign text (a server's words, a folder, a subject, an address) fit to be shown: on one line, without control characters,
// bidirectional overrides, zero-width characters or terminal sequences, and with at most max runes, the last of which is … when
// something was cut. max 0 means 200.
func Display(s string, max int) string {
	if max <= 0 {
		max = 200
	}
	var b strings.Builder
	n, cut := 0, 0 // runes written; bytes written when one rune less than max was
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == '\r' || r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
			r = ' '
		case hidden(r):
			continue
		}
		if n == max {
			return b.String()[:cut] + "…"
		}
		if n == max-1 {
			cut = b.Len()
		}
		b.WriteRune(r) // U+FFFD for bytes that are no UTF-8
		n++
	}
	return b.String()
}

// hidden reports whether r shows nothing, or changes how its neighbours show.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector) || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164'
}
