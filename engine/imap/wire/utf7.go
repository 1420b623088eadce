package wire

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// base64 of modified UTF-7 (RFC 3501, 5.1.3): a comma for the slash, no padding. Servers leave stray bits, so decoding
// does not insist on them.
var utf7Encoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

var errUTF7 = errors.New("not modified UTF-7")

// DecodeName returns what a folder's name, or a component of it, reads in UTF-8. It forgives what is not canonical as long as
// one reading is possible; an error means that there is none.
func DecodeName(name string) (string, error) {
	if strings.IndexByte(name, '&') < 0 {
		if !utf8.ValidString(name) {
			return "", errUTF7
		}
		return name, nil
	}
	var b strings.Builder
	for rest := name; rest != ""; {
		plain, shifted, found := strings.Cut(rest, "&")
		b.WriteString(plain)
		if !found {
			break
		}
		code, behind, closed := strings.Cut(shifted, "-")
		if !closed {
			return "", errUTF7
		}
		rest = behind
		if code == "" {
			b.WriteByte('&')
			continue
		}
		text, err := decodeShifted(code)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	if !utf8.ValidString(b.String()) {
		return "", errUTF7
	}
	return b.String(), nil
}

func decodeShifted(code string) (string, error) {
	raw, err := utf7Encoding.DecodeString(code)
	if err != nil || len(raw)%2 != 0 {
		return "", errUTF7
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	for i := 0; i < len(units); i++ {
		if !utf16.IsSurrogate(rune(units[i])) {
			continue
		}
		if i+1 == len(units) || utf16.DecodeRune(rune(units[i]), rune(units[i+1])) == utf8.RuneError {
			return "", errUTF7
		}
		i++
	}
	return string(utf16.Decode(units)), nil
}

// EncodeName writes UTF-8 text in modified UTF-7.
func EncodeName(text string) string {
	var b strings.Builder
	for rest := text; rest != ""; {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < ' ' || r > '~' || r == '&' })
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		if rest[i] == '&' {
			b.WriteString("&-")
			rest = rest[i+1:]
			continue
		}
		end := strings.IndexFunc(rest[i:], func(r rune) bool { return r >= ' ' && r <= '~' })
		if end < 0 {
			end = len(rest) - i
		}
		b.WriteString(encodeShifted(rest[i : i+end]))
		rest = rest[i+end:]
	}
	return b.String()
}

func encodeShifted(text string) string {
	units := utf16.Encode([]rune(text))
	raw := make([]byte, 0, 2*len(units))
	for _, u := range units {
		raw = append(raw, byte(u>>8), byte(u))
	}
	return "&" + utf7Encoding.EncodeToString(raw) + "-"
}
