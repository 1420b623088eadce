package store

import (
	"strings"
	"unicode/utf8"
)

// longest is how much of a foreign text is kept, in bytes.
const longest = 2000

// clean makes a foreign text fit to be kept: UTF-8 without NUL, not longer than longest.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= longest {
		return s
	}
	end := longest
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
