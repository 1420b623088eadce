package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode returns the text of a file in UTF-8, UTF-16 or, where it is neither, Windows-1252, without byte order mark. What
// cannot be decoded becomes U+FFFD.
func decode(raw []byte) string {
	text := string(raw)
	if e := encodingOf(raw); e != nil {
		if decoded, err := e.NewDecoder().Bytes(raw); err == nil {
			text = string(decoded)
		}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // as old Macs wrote lines
	}
	return text
}

// encodingOf tells a file's encoding from its first bytes; nil for UTF-8.
func encodingOf(raw []byte) encoding.Encoding {
	little, big := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}):
		return little
	case bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return big
	case len(raw) > 3 && raw[0] != 0 && raw[1] == 0 && raw[3] == 0: // a header is ASCII
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case len(raw) > 3 && raw[0] == 0 && raw[1] != 0 && raw[2] == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case utf8.Valid(raw):
		return nil
	}
	return charmap.Windows1252
}
