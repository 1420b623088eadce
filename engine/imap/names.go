package imap

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// inbox is the name of the folder that every account has; case does not matter in it (RFC 3501, 5.1).
const inbox = "INBOX"

// pathOf returns a name's components below the personal namespace's prefix, decoded; what cannot be decoded stays as it is.
func pathOf(name, prefix, separator string) []string {
	if strings.EqualFold(name, inbox) {
		return []string{inbox}
	}
	if rest := strings.TrimPrefix(name, prefix); rest != "" {
		name = rest
	}
	parts := []string{name}
	if separator != "" {
		parts = strings.Split(strings.TrimSuffix(name, separator), separator)
	}
	for i, part := range parts {
		if text, err := wire.DecodeName(part); err == nil {
			parts[i] = text
		}
	}
	return parts
}

// display writes a path for people.
func display(path []string) string {
	var b strings.Builder
	for i, part := range path {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(escape(part))
	}
	return b.String()
}

// escape shows what is no text, or would move the cursor or turn the reading direction, as Go writes it: \xe9, \n, \u202e.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsGraphic(r) {
			quoted := strconv.Quote(s[i : i+n])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Encode writes a path as this server names it. It implements engine.Session.
func (s *session) Encode(l engine.Listing, path []string) (engine.FolderName, error) {
	const op = "name a folder"
	if len(path) == 0 {
		return "", s.ours(op, engine.Missing, "a folder without a name")
	}
	if len(path) == 1 && strings.EqualFold(path[0], inbox) {
		return inbox, nil
	}
	if len(path) > 1 && l.Separator == "" {
		return "", s.ours(op, engine.Missing, "%q: this service has no folders within folders", escape(strings.Join(path, "/")))
	}
	parts := make([]string, len(path))
	for i, part := range path {
		if why := unwritable(part, l.Separator); why != "" {
			return "", s.ours(op, engine.Missing, "%q %s", escape(part), why)
		}
		parts[i] = wire.EncodeName(part)
	}
	return engine.FolderName(wire.EncodeName(l.Prefix) + strings.Join(parts, l.Separator)), nil
}

// unwritable says why a component cannot be part of a name, "" if it can.
func unwritable(part, separator string) string {
	switch {
	case part == "":
		return "is empty"
	case !utf8.ValidString(part):
		return "is not text"
	case strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "holds control characters"
	case separator != "" && strings.Contains(part, separator):
		return "holds the character " + separator + ", which separates folders there"
	}
	return ""
}

// cyrusForbids is what Cyrus 3.6 answers "NO Invalid mailbox name" to, of printable ASCII; other versions forbid more. "!" is refused for want of
// permission.
const cyrusForbids = "!\"%;<>\\`{|}"

// exchangeReserves are names of folders that Exchange has for itself, shows to nobody over IMAP, and does not make. Some are shown where they hold mail:
// what is listed is not made.
var exchangeReserves = []string{"files", "conversation history", "calendar", "contacts", "journal", "notes", "tasks", "outbox", "sync issues"}
