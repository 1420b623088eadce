package imaptest

import (
	"encoding/base64"
	"strings"
)

// words splits the arguments of a command: quoted strings without their quotes, lists with their parentheses.
func words(text string) (out []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		switch text[0] {
		case '"':
			var b strings.Builder
			i := 1
			for ; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' && i+1 < len(text) {
					i++
				}
				b.WriteByte(text[i])
			}
			out, text = append(out, b.String()), text[min(i+1, len(text)):]
		case '(':
			i := strings.IndexByte(text, ')')
			if i < 0 {
				return append(out, text)
			}
			out, text = append(out, text[:i+1]), text[i+1:]
		default:
			word, rest, _ := strings.Cut(text, " ")
			out, text = append(out, word), rest
		}
	}
	return out
}

func decode64(text string) string {
	b, _ := base64.StdEncoding.DecodeString(text)
	return string(b)
}
