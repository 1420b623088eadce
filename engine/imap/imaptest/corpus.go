package imaptest

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// CorpusOptions say how much mail to write. The zero value is a small mailbox with every sort of folder.
type CorpusOptions struct {
	Messages int      // default 200
	Folders  []string // default DefaultFolders; nearly half of the mail goes to the first, none to those named "Empty…"
	Seed     uint64   // the same seed gives the same mail
	Median   int      // bytes of a message; default 6,000
	Largest  int      // bytes of a message; default 1 MB
}

// DefaultFolders returns folders as people have them: nested, of special use, empty, with names that must be encoded.
func DefaultFolders() []string {
	return []string{
		Inbox, "Sent", "Drafts", "Trash", "Junk", "Clients", "Clients/Acme", "Clients/Acme/2024", "Clients/Globex & Söhne",
		"Invoices/2024", "R&D", "Zürich", "日本", "Archive/Old stuff", `Quotes "and" back\slash`, "per%cent*star", "Empty", "Empty/too", "Lists/dev-😀",
	}
}

// Corpus is a Maildir of realistic mail that can go on living. Its methods write to disk, as deliveries and other programs would.
type Corpus struct {
	t     testing.TB
	root  string
	o     CorpusOptions
	r     *rand.Rand
	words []string
	n     int // messages written so far
}

// WriteCorpus writes mail into the Maildir at root.
func WriteCorpus(t testing.TB, root string, o CorpusOptions) *Corpus {
	t.Helper()
	if o.Messages == 0 {
		o.Messages = 200
	}
	if o.Folders == nil {
		o.Folders = DefaultFolders()
	}
	if o.Median == 0 {
		o.Median = 6000
	}
	if o.Largest == 0 {
		o.Largest = 1 << 20
	}
	c := &Corpus{t: t, root: root, o: o, r: rand.New(rand.NewPCG(o.Seed, 1)), words: strings.Fields(vocabulary)}
	for _, f := range o.Folders {
		MakeFolder(t, root, f)
	}
	full := slices.DeleteFunc(slices.Clone(o.Folders), func(f string) bool { return strings.HasPrefix(f, "Empty") })
	for range o.Messages {
		folder := full[0]
		if c.r.Float64() > 0.45 {
			folder = full[c.r.IntN(len(full))]
		}
		c.AddMessages(folder, 1)
	}
	return c
}

// AddMessages delivers n new messages to a folder.
func (c *Corpus) AddMessages(folder string, n int) {
	c.t.Helper()
	for range n {
		c.n++
		date := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.r.Int64N(13*365*24*3600)) * time.Second)
		m := Message{Bytes: c.message(date), Flags: c.flags(), Date: date}
		Put(c.t, c.root, folder, fmt.Sprintf("%x-%d", c.o.Seed, c.n), m)
	}
}

// MoveMessages moves n messages from one folder to another and returns how many there were to move.
func (c *Corpus) MoveMessages(from, to string, n int) int {
	c.t.Helper()
	dst := MakeFolder(c.t, c.root, to)
	files := c.pick(from, n)
	words := readKeywords(c.t, FolderDir(c.root, from))
	for _, p := range files {
		base, info, found := strings.Cut(filepath.Base(p), ":2,")
		if found {
			info = ":2," + flagLetters(c.t, dst, flagsOf(":2,"+info, words))
		}
		must(c.t, os.Rename(p, filepath.Join(dst, filepath.Base(filepath.Dir(p)), base+info)))
	}
	return len(files)
}

// DeleteMessages removes n messages from a folder and returns how many there were to remove.
func (c *Corpus) DeleteMessages(folder string, n int) int {
	c.t.Helper()
	files := c.pick(folder, n)
	for _, p := range files {
		must(c.t, os.Remove(p))
	}
	return len(files)
}

// Reflag gives n messages of a folder other flags than they have and returns how many there were.
func (c *Corpus) Reflag(folder string, n int) int {
	c.t.Helper()
	dir := FolderDir(c.root, folder)
	files := c.pick(folder, n)
	for _, p := range files {
		base, info, _ := strings.Cut(filepath.Base(p), ":2,")
		old := flagsOf(":2,"+info, readKeywords(c.t, dir))
		flags := []string{`\Flagged`, "Reflagged"}
		if slices.Contains(old, `\Flagged`) {
			flags = []string{`\Answered`, "Reflagged"}
		}
		must(c.t, os.Rename(p, filepath.Join(dir, "cur", base+":2,"+flagLetters(c.t, dir, flags))))
	}
	return len(files)
}

// Rewrite changes the text of n messages of a folder, which no mail program should do, but keeps their length; it returns how many
// there were.
func (c *Corpus) Rewrite(folder string, n int) int {
	c.t.Helper()
	files := c.pick(folder, n)
	for _, p := range files {
		st, err := os.Stat(p)
		must(c.t, err)
		b, err := os.ReadFile(p)
		must(c.t, err)
		copy(b[len(b)-12:], "rewritten!!")
		must(c.t, os.WriteFile(p, b, 0o644))
		must(c.t, os.Chtimes(p, st.ModTime(), st.ModTime()))
	}
	return len(files)
}

// pick returns the files of at most n messages of a folder.
func (c *Corpus) pick(folder string, n int) []string {
	c.t.Helper()
	dir := FolderDir(c.root, folder)
	var files []string
	for _, sub := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		must(c.t, err)
		for _, e := range entries {
			files = append(files, filepath.Join(dir, sub, e.Name()))
		}
	}
	c.r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files[:min(n, len(files))]
}

// flags picks flags as people's mail has them.
func (c *Corpus) flags() []string {
	var flags []string
	for _, f := range []struct {
		name   string
		chance float64
	}{
		{`\Seen`, 0.8}, {`\Answered`, 0.2}, {`\Flagged`, 0.05}, {`\Draft`, 0.01}, {`\Deleted`, 0.01},
		{"$Forwarded", 0.08}, {"NonJunk", 0.1}, {"$MDNSent", 0.02}, {"$label1", 0.04}, {"Work", 0.03},
	} {
		if c.r.Float64() < f.chance {
			flags = append(flags, f.name)
		}
	}
	return flags
}

// message returns a message of a size as they come: most small, few large, with an attachment.
func (c *Corpus) message(date time.Time) []byte {
	size := int(min(float64(c.o.Median)*math.Exp(1.2*c.r.NormFloat64()), float64(c.o.Largest)))
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <s%d@example.org>\n", c.r.IntN(900))
	fmt.Fprintf(&b, "Received: from mx%d.example.org (mx.example.org [192.0.2.%d])\n\tby mail.example.net (Postfix) with ESMTPS id %X\n\tfor <user@example.net>; %s\n",
		c.r.IntN(9), c.r.IntN(250), c.r.Uint64(), date.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Message-ID: <%d.%d.%x@mail%d.example.org>\n", date.Unix(), c.n, c.r.Uint64(), c.r.IntN(40))
	fmt.Fprintf(&b, "Date: %s\nFrom: Sender %d <s%d@example.org>\nTo: User <user@example.net>\n", date.Format(time.RFC1123Z), c.r.IntN(900), c.r.IntN(900))
	fmt.Fprintf(&b, "Subject: %s %s %d\nMIME-Version: 1.0\n", c.word(), c.word(), c.n)
	if size < 40_000 {
		b.WriteString("Content-Type: text/plain; charset=utf-8\n\n")
		c.text(&b, max(60, size-b.Len()))
		return []byte(b.String())
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=\"b0\"\n\n--b0\nContent-Type: text/plain; charset=utf-8\n\n")
	c.text(&b, 2000)
	b.WriteString("--b0\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"doc.pdf\"\n\n")
	b.WriteString(lines(base64.StdEncoding.EncodeToString(noise(c.r, (size-b.Len())*3/4)), 76, "\n"))
	b.WriteString("--b0--\n")
	return []byte(b.String())
}

// text writes about size bytes of words in lines.
func (c *Corpus) text(b *strings.Builder, size int) {
	line := 0
	for end := b.Len() + size; b.Len() < end; {
		w := c.word()
		if line+len(w) > 72 {
			b.WriteByte('\n')
			line = 0
		}
		b.WriteString(w + " ")
		line += len(w) + 1
	}
	b.WriteByte('\n')
}

func (c *Corpus) word() string { return c.words[c.r.IntN(len(c.words))] }

const vocabulary = "the invoice attached please find meeting tomorrow regarding project budget client draft contract review thanks regards team update " +
	"schedule order number payment due delivery quarterly report server mail migration question answer follow call note grüße 請求書"

// noise returns n random bytes.
func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, max(n, 0)+8)
	for i := 0; i < n; i += 8 {
		v := r.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	return b[:max(n, 0)]
}

// lines cuts s into lines of n bytes, each ended by end.
func lines(s string, n int, end string) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + end)
		s = s[n:]
	}
	b.WriteString(s + end)
	return b.String()
}
