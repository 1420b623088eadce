package imaptest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// Inbox is the name of the folder that every mailbox has.
const Inbox = "INBOX"

// Message is a message to put into a Maildir.
type Message struct {
	Bytes []byte    // as they shall stand in the file
	Flags []string  // system flags (`\Seen` …) and keywords
	Date  time.Time // INTERNALDATE
}

// letters are the flags that a Maildir writes as one letter each.
var letters = map[string]byte{`\Draft`: 'D', `\Flagged`: 'F', `\Answered`: 'R', `\Seen`: 'S', `\Deleted`: 'T'}

// Put writes a message into a folder of the Maildir at root, as a delivery would, and returns its file. The folder's name is plain
// text with "/" between its parts; the folder is made if need be. name makes the file's name unique in the folder.
func Put(t testing.TB, root, folder, name string, m Message) string {
	t.Helper()
	d := MakeFolder(t, root, folder)
	file := fmt.Sprintf("%d.%s.corpus,S=%d", m.Date.Unix(), name, len(m.Bytes))
	sub := "new"
	if len(m.Flags) > 0 {
		sub, file = "cur", file+":2,"+flagLetters(t, d, m.Flags)
	}
	p := filepath.Join(d, sub, file)
	must(t, os.WriteFile(p, m.Bytes, 0o644))
	own(t, p)
	must(t, os.Chtimes(p, m.Date, m.Date))
	return p
}

// MakeFolder makes a folder of the Maildir at root, unless it is there, and returns where it lies.
func MakeFolder(t testing.TB, root, folder string) string {
	t.Helper()
	d := FolderDir(root, folder)
	var below []string // from root down, so that each takes its owner from the one above
	for p := d; p != root; p = filepath.Dir(p) {
		below = append(below, p)
	}
	slices.Reverse(below)
	for _, p := range append(below, filepath.Join(d, "cur"), filepath.Join(d, "new"), filepath.Join(d, "tmp")) {
		must(t, os.MkdirAll(p, 0o755))
		own(t, p)
	}
	return d
}

// FolderDir returns where a folder of the Maildir at root lies.
func FolderDir(root, folder string) string {
	if folder == Inbox {
		return root
	}
	return filepath.Join(root, EncodeName(folder))
}

// flagLetters returns what flags are in a file's name, sorted; keywords get their letters in the folder's dovecot-keywords.
func flagLetters(t testing.TB, dir string, flags []string) string {
	t.Helper()
	words := readKeywords(t, dir)
	known := len(words)
	var out []byte
	for _, f := range flags {
		if l, ok := letters[f]; ok {
			out = append(out, l)
			continue
		}
		i := slices.Index(words, f)
		if i < 0 {
			i, words = len(words), append(words, f)
		}
		if i > 25 {
			t.Fatalf("%s: a Maildir has letters for 26 keywords only", dir)
		}
		out = append(out, byte('a'+i))
	}
	if len(words) > known {
		writeKeywords(t, dir, words)
	}
	slices.Sort(out)
	return string(out)
}

// readKeywords returns the keywords of a folder: the first one's letter is a.
func readKeywords(t testing.TB, dir string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "dovecot-keywords"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	must(t, err)
	var words []string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var i int
		var w string
		if _, err := fmt.Sscanf(line, "%d %s", &i, &w); err != nil {
			t.Fatalf("%s/dovecot-keywords: %q: %v", dir, line, err)
		}
		for len(words) <= i {
			words = append(words, "")
		}
		words[i] = w
	}
	return words
}

func writeKeywords(t testing.TB, dir string, words []string) {
	t.Helper()
	var b strings.Builder
	for i, w := range words {
		fmt.Fprintf(&b, "%d %s\n", i, w)
	}
	p := filepath.Join(dir, "dovecot-keywords")
	must(t, os.WriteFile(p+".new", []byte(b.String()), 0o644))
	own(t, p+".new")
	must(t, os.Rename(p+".new", p))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// EncodeName returns a folder's name in modified UTF-7 (RFC 3501, 5.1.3).
func EncodeName(s string) string {
	var b strings.Builder
	var run []rune
	flush := func() {
		if len(run) == 0 {
			return
		}
		var raw []byte
		for _, u := range utf16.Encode(run) {
			raw = append(raw, byte(u>>8), byte(u))
		}
		b.WriteString("&" + strings.ReplaceAll(base64.RawStdEncoding.EncodeToString(raw), "/", ",") + "-")
		run = nil
	}
	for _, r := range s {
		switch {
		case r < 0x20 || r > 0x7e:
			run = append(run, r)
			continue
		case r == '&':
			flush()
			b.WriteString("&-")
		default:
			flush()
			b.WriteRune(r)
		}
	}
	flush()
	return b.String()
}

// DecodeName reads modified UTF-7; what is not that comes back as it is.
func DecodeName(s string) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		before, after, found := strings.Cut(rest, "&")
		b.WriteString(before)
		if !found {
			break
		}
		code, next, closed := strings.Cut(after, "-")
		raw, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(code, ",", "/"))
		if !closed || err != nil || len(raw)%2 != 0 {
			return s
		}
		if code == "" {
			b.WriteByte('&')
		}
		var units []uint16
		for i := 0; i < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		b.WriteString(string(utf16.Decode(units)))
		rest = next
	}
	return b.String()
}
