package imaptest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Mail is the mail of a mailbox by folder, in plain names with "/" between their parts; a folder without mail is there too.
type Mail map[string][]Copy

// Copy is one message as it is stored.
type Copy struct {
	Sum     string // SHA-256 of the bytes, line ends folded to LF
	Size    int    // of the folded bytes
	Flags   string // system flags and keywords, sorted, with blanks between
	Date    int64  // INTERNALDATE in Unix seconds
	Subject string // for people
}

// ReadMail reads the Maildir at root from disk, asking no server.
func ReadMail(t testing.TB, root string) Mail {
	t.Helper()
	var err error
	for try := 0; try < 5; try++ { // a server that is working renames files
		m := Mail{}
		if err = m.read(t, root); err == nil {
			return m
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	t.Fatal(err)
	return nil
}

func (m Mail) read(t testing.TB, root string) error {
	t.Helper()
	return filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		if st, err := os.Stat(filepath.Join(p, "cur")); err != nil || !st.IsDir() {
			return nil
		}
		name := Inbox
		if p != root {
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			name = DecodeName(rel)
		}
		m[name], err = readFolder(t, p)
		return err
	})
}

// readFolder reads the messages of one folder.
func readFolder(t testing.TB, dir string) ([]Copy, error) {
	t.Helper()
	words := readKeywords(t, dir)
	var out []Copy
	for _, sub := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				return nil, err
			}
			b, err := os.ReadFile(filepath.Join(dir, sub, e.Name()))
			if err != nil {
				return nil, err
			}
			out = append(out, newCopy(b, flagsOf(e.Name(), words), info.ModTime()))
		}
	}
	return out, nil
}

// newCopy describes a message.
func newCopy(b []byte, flags []string, date time.Time) Copy {
	folded := Fold(b)
	slices.Sort(flags)
	return Copy{
		Sum:     fmt.Sprintf("%x", sha256.Sum256(folded)),
		Size:    len(folded),
		Flags:   strings.Join(flags, " "),
		Date:    date.Unix(),
		Subject: subject(folded),
	}
}

// Fold returns b with every line end, CR LF or LF with any number of CRs before it, as LF: a Maildir keeps no more of it.
func Fold(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, bytes.TrimRight(b[:i], "\r")...)
		out = append(out, '\n')
		b = b[i+1:]
	}
	return out
}

// flagsOf reads the flags from a file's name.
func flagsOf(file string, words []string) []string {
	_, info, _ := strings.Cut(file, ":2,")
	var flags []string
	for _, c := range []byte(info) {
		if c >= 'a' && c <= 'z' {
			word := "keyword-" + string(c) // without a name in dovecot-keywords
			if i := int(c - 'a'); i < len(words) {
				word = words[i]
			}
			flags = append(flags, word)
			continue
		}
		for f, l := range letters {
			if l == c {
				flags = append(flags, f)
			}
		}
	}
	return flags
}

// subject returns what stands in the Subject line, cut short.
func subject(b []byte) string {
	head, _, _ := bytes.Cut(b, []byte("\n\n"))
	for _, line := range bytes.Split(head, []byte("\n")) {
		if len(line) >= 8 && bytes.EqualFold(line[:8], []byte("subject:")) {
			return strings.ToValidUTF8(string(bytes.TrimSpace(line[8:min(len(line), 60)])), "?")
		}
	}
	return ""
}

// Count returns how many messages there are.
func (m Mail) Count() int {
	n := 0
	for _, folder := range m {
		n += len(folder)
	}
	return n
}

// Clone returns a copy of m that can be changed alone.
func (m Mail) Clone() Mail {
	c := Mail{}
	for folder, list := range m {
		c[folder] = slices.Clone(list)
	}
	return c
}

// Add puts the messages of o into m's folders, as if they had been copied there.
func (m Mail) Add(o Mail) {
	for folder, list := range o {
		m[folder] = append(m[folder], list...)
	}
}

// Minus returns the messages of m that o has not, by folder and content as multisets; folders without any are left out.
func (m Mail) Minus(o Mail) Mail {
	out := Mail{}
	for folder, list := range m {
		there := bySum(o[folder])
		for _, c := range list {
			if same := there[c.Sum]; len(same) > 0 {
				there[c.Sum] = same[1:]
				continue
			}
			out[folder] = append(out[folder], c)
		}
	}
	return out
}

// CountKeywords returns a copy of m in which a message's keywords have no names: their number counts.
func (m Mail) CountKeywords() Mail {
	c := m.Clone()
	for _, list := range c {
		for i := range list {
			flags := strings.Fields(list[i].Flags)
			system := slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f[0] != '\\' })
			list[i].Flags = fmt.Sprint(strings.Join(system, " "), " and keywords: ", len(flags)-len(system))
		}
	}
	return c
}

// Rename gives a folder another name.
func (m Mail) Rename(from, to string) {
	m[to] = m[from]
	delete(m, from)
}

// Diff is how one mailbox's mail differs from what it should be; each string names one message or folder.
type Diff struct {
	Missing    []string // not there
	Doubled    []string // there more often than it should
	Extra      []string // there, and should not be in this folder at all
	Flags      []string // with other flags
	Dates      []string // with another date
	NoFolder   []string // folders that are not there
	MoreFolder []string // folders that should not be there
}

// Compare reads two Maildirs from disk and tells how got differs from want.
func Compare(t testing.TB, want, got string) Diff {
	t.Helper()
	return ReadMail(t, want).Diff(ReadMail(t, got))
}

// Diff tells how got differs from m: folder by folder as multisets of contents, with their flags and dates.
func (m Mail) Diff(got Mail) Diff {
	var d Diff
	for folder, list := range m {
		there, ok := got[folder]
		if !ok {
			d.NoFolder = append(d.NoFolder, folder)
		}
		d.folder(folder, bySum(list), bySum(there))
	}
	for folder, there := range got {
		if _, ok := m[folder]; !ok {
			d.MoreFolder = append(d.MoreFolder, folder)
			d.folder(folder, nil, bySum(there))
		}
	}
	for _, list := range d.lists() {
		slices.Sort(*list)
	}
	return d
}

// folder compares one folder.
func (d *Diff) folder(name string, want, got map[string][]Copy) {
	for sum, w := range want {
		g := got[sum]
		label := fmt.Sprintf("%s: %q, %d bytes, %s", name, w[0].Subject, w[0].Size, sum[:min(12, len(sum))])
		switch {
		case len(g) < len(w):
			d.Missing = append(d.Missing, fmt.Sprintf("%s (%d of %d there)", label, len(g), len(w)))
		case len(g) > len(w):
			d.Doubled = append(d.Doubled, fmt.Sprintf("%s (%d instead of %d)", label, len(g), len(w)))
		default:
			if a, b := each(w, Copy.flags), each(g, Copy.flags); !slices.Equal(a, b) {
				d.Flags = append(d.Flags, fmt.Sprintf("%s: %q instead of %q", label, b, a))
			}
			if a, b := each(w, Copy.date), each(g, Copy.date); !slices.Equal(a, b) {
				d.Dates = append(d.Dates, fmt.Sprintf("%s: %q instead of %q", label, b, a))
			}
		}
	}
	for sum, g := range got {
		if len(want[sum]) == 0 {
			d.Extra = append(d.Extra, fmt.Sprintf("%s: %q, %d bytes, %s (%d)", name, g[0].Subject, g[0].Size, sum[:min(12, len(sum))], len(g)))
		}
	}
}

func (c Copy) flags() string { return c.Flags }
func (c Copy) date() string  { return time.Unix(c.Date, 0).UTC().Format(time.DateTime) }

// each returns one thing of every copy, sorted.
func each(list []Copy, of func(Copy) string) []string {
	var out []string
	for _, c := range list {
		out = append(out, of(c))
	}
	slices.Sort(out)
	return out
}

func bySum(list []Copy) map[string][]Copy {
	out := map[string][]Copy{}
	for _, c := range list {
		out[c.Sum] = append(out[c.Sum], c)
	}
	return out
}

func (d *Diff) lists() []*[]string {
	return []*[]string{&d.Missing, &d.Doubled, &d.Extra, &d.Flags, &d.Dates, &d.NoFolder, &d.MoreFolder}
}

// Empty reports whether there is no difference.
func (d Diff) Empty() bool {
	for _, list := range d.lists() {
		if len(*list) > 0 {
			return false
		}
	}
	return true
}

// String returns the numbers, and the first few names of each.
func (d Diff) String() string {
	var b strings.Builder
	names := []string{"missing", "doubled", "extra", "flags differ", "dates differ", "folders missing", "folders extra"}
	for i, list := range d.lists() {
		fmt.Fprintf(&b, "%s: %d\n", names[i], len(*list))
		for _, s := range (*list)[:min(5, len(*list))] {
			fmt.Fprintf(&b, "\t%s\n", s)
		}
	}
	return b.String()
}
