package imaptest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Put stores a message in a user's folder by a session of its own, and makes the folder if need be. The folder's name is plain text with
// "/" between its parts. Line ends become CR LF.
func (s *CyrusServer) Put(t testing.TB, user, folder string, m Message) {
	t.Helper()
	c := SignIn(t, s.Addr(), user)
	defer c.Close()
	name := s.external(EncodeName(folder))
	_, _, _ = c.Do("CREATE %s", Quote(name)) // it may be there
	text := bytes.ReplaceAll(Fold(m.Bytes), []byte("\n"), []byte("\r\n"))
	tagged, err := c.Append(name, strings.Join(m.Flags, " "), m.Date.Format(cyrusDate), text)
	if err != nil || !strings.HasPrefix(tagged, "OK") {
		t.Fatalf("append to %s: %q, %v", folder, tagged, err)
	}
}

const cyrusDate = "_2-Jan-2006 15:04:05 -0700"

// external returns how the server calls a folder, of a name with "/" between its parts.
func (s *CyrusServer) external(name string) string {
	if name == Inbox {
		return name
	}
	if s.o.Below {
		name = Inbox + "/" + name
	}
	return strings.ReplaceAll(name, "/", s.o.Separator)
}

// CyrusFolder is a folder as it lies on Cyrus's disk.
type CyrusFolder struct {
	Name  string           // plain text with "/" between its parts
	id    string           // unique, and the name of the folder on disk
	Files map[int64][]byte // the messages by UID, as they lie there
}

// Folders reads a user's folders from disk, asking no server.
func (s *CyrusServer) Folders(t testing.TB, user string) []CyrusFolder {
	t.Helper()
	headers, err := filepath.Glob(filepath.Join(s.dir, "spool/uuid/*/*/*/cyrus.header"))
	must(t, err)
	var out []CyrusFolder
	for _, h := range headers {
		b, err := os.ReadFile(h)
		must(t, err)
		folder, mine, err := s.readHeader(b, user)
		must(t, err)
		if !mine {
			continue
		}
		entries, err := os.ReadDir(filepath.Dir(h))
		must(t, err)
		for _, e := range entries {
			number, ok := strings.CutSuffix(e.Name(), ".")
			uid, err := strconv.ParseInt(number, 10, 64)
			if !ok || err != nil {
				continue // Cyrus's own
			}
			folder.Files[uid], err = os.ReadFile(filepath.Join(filepath.Dir(h), e.Name()))
			must(t, err)
		}
		out = append(out, folder)
	}
	return out
}

// headerName and headerID find a folder's name and identity in its cyrus.header; a name is an atom or quoted.
var (
	headerName = regexp.MustCompile(` N (?:"((?:[^"\\]|\\.)*)"|([^ "]+)) `)
	headerID   = regexp.MustCompile(` I ([a-z0-9-]+) `)
)

// readHeader reads a cyrus.header and tells whether the folder is the user's.
func (s *CyrusServer) readHeader(b []byte, user string) (f CyrusFolder, mine bool, err error) {
	name, id := headerName.FindSubmatch(b), headerID.FindSubmatch(b)
	if name == nil || id == nil {
		return f, false, fmt.Errorf("cyrus.header without name or identity: %q", b)
	}
	local, domain, _ := strings.Cut(user, "@")
	root := "user." + strings.ReplaceAll(local, ".", "^")
	if domain != "" {
		root = domain + "!" + root
	}
	below, mine := strings.CutPrefix(string(name[1])+string(name[2]), root)
	f = CyrusFolder{Name: Inbox, id: string(id[1]), Files: map[int64][]byte{}}
	if below == "" {
		return f, mine, nil
	}
	below, more := strings.CutPrefix(below, ".")
	parts := strings.NewReplacer(".", "/")
	if s.o.Separator != "." { // there can be a dot in a name, then, and on disk it is a caret
		parts = strings.NewReplacer(".", "/", "^", ".")
	}
	f.Name = DecodeName(parts.Replace(below))
	return f, mine && more, nil
}

// ReadMail reads a user's mail: its bytes from disk, flags and dates, which lie in Cyrus's own index, by a bare session that
// changes nothing. The one must have a message exactly where the other has it.
func (s *CyrusServer) ReadMail(t testing.TB, user string) Mail {
	t.Helper()
	var err error
	for try := 0; try < 50; try++ { // a server that has lost a session may not be done with its message
		var m Mail
		if m, err = s.readMail(t, user); err == nil {
			return m
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatal(err)
	return nil
}

func (s *CyrusServer) readMail(t testing.TB, user string) (Mail, error) {
	t.Helper()
	c := SignIn(t, s.Addr(), user)
	defer c.Close()
	m := Mail{}
	for _, f := range s.Folders(t, user) {
		rows, next, err := s.rows(c, f)
		if err != nil {
			return nil, err
		}
		m[f.Name] = nil
		for uid, row := range rows {
			b, ok := f.Files[uid]
			if !ok || len(b) != row.size {
				return nil, fmt.Errorf("%s, UID %d: %d bytes in the index, %d on disk", f.Name, uid, row.size, len(b))
			}
			m[f.Name] = append(m[f.Name], newCopy(b, row.flags, row.date))
		}
		for uid := range f.Files {
			// What an append had linked when the server was killed has a UID to come: no message yet.
			if _, ok := rows[uid]; !ok && uid < next {
				return nil, fmt.Errorf("%s, UID %d: on disk, but not in the index", f.Name, uid)
			}
		}
	}
	return m, nil
}

// cyrusRow is what the index has of a message.
type cyrusRow struct {
	flags []string
	date  time.Time
	size  int
}

var (
	rowUID   = regexp.MustCompile(`[ (]UID (\d+)`)
	rowFlags = regexp.MustCompile(`[ (]FLAGS \(([^)]*)\)`)
	rowDate  = regexp.MustCompile(`[ (]INTERNALDATE "([^"]*)"`)
	rowSize  = regexp.MustCompile(`[ (]RFC822\.SIZE (\d+)`)
	uidNext  = regexp.MustCompile(`\[UIDNEXT (\d+)\]`)
)

// rows returns a folder's messages by UID, and the UID that the next one will have.
func (s *CyrusServer) rows(c *Client, f CyrusFolder) (rows map[int64]cyrusRow, next int64, err error) {
	name := s.external(EncodeName(f.Name))
	same := false
	for _, l := range c.Must("EXAMINE %s", Quote(name)) {
		same = same || strings.Contains(l.Text, "[MAILBOXID ("+f.id+")]")
		if n := uidNext.FindStringSubmatch(l.Text); n != nil {
			next, _ = strconv.ParseInt(n[1], 10, 64)
		}
	}
	if !same || next == 0 {
		return nil, 0, fmt.Errorf("%s is not the folder %s on disk", name, f.id)
	}
	rows = map[int64]cyrusRow{}
	for _, l := range c.Must("UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)") {
		if !strings.Contains(l.Text, " FETCH (") {
			continue
		}
		uid, flags, date, size := rowUID.FindStringSubmatch(l.Text), rowFlags.FindStringSubmatch(l.Text), rowDate.FindStringSubmatch(l.Text), rowSize.FindStringSubmatch(l.Text)
		if uid == nil || flags == nil || date == nil || size == nil {
			return nil, 0, fmt.Errorf("%s: %q", f.Name, l.Text)
		}
		var row cyrusRow
		for _, w := range strings.Fields(flags[1]) {
			if w != `\Recent` {
				row.flags = append(row.flags, w)
			}
		}
		row.size, _ = strconv.Atoi(size[1])
		if row.date, err = time.Parse(cyrusDate, date[1]); err != nil {
			return nil, 0, err
		}
		n, _ := strconv.ParseInt(uid[1], 10, 64)
		rows[n] = row
	}
	return rows, next, nil
}
