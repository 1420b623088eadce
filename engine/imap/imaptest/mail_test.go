package imaptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallMail writes a Maildir with one message of each sort that the oracle must tell apart.
func smallMail(t *testing.T) (root string, files map[string]string) {
	t.Helper()
	root = t.TempDir()
	files = map[string]string{}
	date := time.Date(2021, 5, 6, 7, 8, 9, 0, time.UTC)
	for _, m := range []struct {
		name, folder string
		flags        []string
	}{
		{"plain", Inbox, nil}, {"seen", Inbox, []string{`\Seen`, "$Important"}}, {"twin1", "R&D/日本", []string{`\Flagged`}}, {"twin2", "R&D/日本", nil},
	} {
		b := "Subject: " + m.name + "\n\nbody\n"
		if strings.HasPrefix(m.name, "twin") {
			b = "Subject: twin\n\nbody\n"
		}
		files[m.name] = Put(t, root, m.folder, m.name, Message{Bytes: []byte(b), Flags: m.flags, Date: date})
	}
	MakeFolder(t, root, "Empty")
	return root, files
}

func TestCompareSeesEveryDifference(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, root string, files map[string]string)
		want   string // counts in the order of Diff's fields
	}{
		{"nothing", func(*testing.T, string, map[string]string) {}, "0 0 0 0 0 0 0"},
		{"line ends only", func(t *testing.T, _ string, f map[string]string) {
			rewrite(t, f["plain"], "Subject: plain\r\n\r\nbody\r\n")
		}, "0 0 0 0 0 0 0"},
		{"one byte", func(t *testing.T, _ string, f map[string]string) {
			rewrite(t, f["plain"], "Subject: plain\n\nbodY\n")
		}, "1 0 1 0 0 0 0"},
		{"last line end", func(t *testing.T, _ string, f map[string]string) {
			rewrite(t, f["plain"], "Subject: plain\n\nbody")
		}, "1 0 1 0 0 0 0"},
		{"a message gone", func(t *testing.T, _ string, f map[string]string) { must(t, os.Remove(f["seen"])) }, "1 0 0 0 0 0 0"},
		{"one of twins gone", func(t *testing.T, _ string, f map[string]string) { must(t, os.Remove(f["twin1"])) }, "1 0 0 0 0 0 0"},
		{"a message twice", func(t *testing.T, root string, f map[string]string) {
			Put(t, root, Inbox, "again", Message{Bytes: []byte("Subject: plain\n\nbody\n"), Date: time.Unix(0, 0)})
		}, "0 1 0 0 0 0 0"},
		{"in another folder", func(t *testing.T, root string, f map[string]string) {
			must(t, os.Rename(f["seen"], filepath.Join(root, "Empty", "cur", filepath.Base(f["seen"]))))
		}, "1 0 1 0 0 0 0"},
		{"a flag", func(t *testing.T, _ string, f map[string]string) { must(t, os.Rename(f["seen"], f["seen"]+"T")) }, "0 0 0 1 0 0 0"},
		{"a twin's flag", func(t *testing.T, _ string, f map[string]string) { must(t, os.Rename(f["twin2"], f["twin2"]+":2,S")) }, "0 0 0 1 0 0 0"},
		{"a keyword's name", func(t *testing.T, root string, _ map[string]string) {
			writeKeywords(t, root, []string{"$Unimportant"})
		}, "0 0 0 1 0 0 0"},
		{"a second of date", func(t *testing.T, _ string, f map[string]string) {
			d := time.Date(2021, 5, 6, 7, 8, 10, 0, time.UTC)
			must(t, os.Chtimes(f["plain"], d, d))
		}, "0 0 0 0 1 0 0"},
		{"an empty folder gone", func(t *testing.T, root string, _ map[string]string) {
			must(t, os.RemoveAll(filepath.Join(root, "Empty")))
		}, "0 0 0 0 0 1 0"},
		{"one folder more", func(t *testing.T, root string, _ map[string]string) { MakeFolder(t, root, "Zürich") }, "0 0 0 0 0 0 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, _ := smallMail(t)
			b, files := smallMail(t)
			tc.change(t, b, files)
			d := Compare(t, a, b)
			var got []string
			for _, list := range d.lists() {
				got = append(got, fmt.Sprint(len(*list)))
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("got %s, want %s\n%s", s, tc.want, d)
			}
			if d.Empty() != (tc.want == "0 0 0 0 0 0 0") {
				t.Errorf("Empty() = %v", d.Empty())
			}
		})
	}
}

// rewrite changes a file's content but not its date.
func rewrite(t *testing.T, file, content string) {
	t.Helper()
	st, err := os.Stat(file)
	must(t, err)
	must(t, os.WriteFile(file, []byte(content), 0o644))
	must(t, os.Chtimes(file, st.ModTime(), st.ModTime()))
}

func TestSnapshotSeesEveryChange(t *testing.T) {
	root, files := smallMail(t)
	before := TakeSnapshot(t, root)
	if c := before.Changes(TakeSnapshot(t, root)); len(c) > 0 {
		t.Fatalf("nothing happened, but: %q", c)
	}
	must(t, os.WriteFile(filepath.Join(root, "dovecot.index"), nil, 0o644))
	if c := before.Changes(TakeSnapshot(t, root)); len(c) > 0 {
		t.Errorf("a server's index counts: %q", c)
	}
	must(t, os.Rename(files["plain"], filepath.Join(root, "cur", filepath.Base(files["plain"])+":2,S")))
	if c := before.Changes(TakeSnapshot(t, root)); len(c) != 2 {
		t.Errorf("a message was read, but: %q", c)
	}
}

func TestFolderNamesSurviveModifiedUTF7(t *testing.T) {
	for plain, encoded := range map[string]string{
		"R&D": "R&-D", "Zürich": "Z&APw-rich", "日本": "&ZeVnLA-", "a/b": "a/b", "😀": "&2D3eAA-", "x ": "x ", "": "",
	} {
		if got := EncodeName(plain); got != encoded {
			t.Errorf("EncodeName(%q) = %q, want %q", plain, got, encoded)
		}
		if got := DecodeName(encoded); got != plain {
			t.Errorf("DecodeName(%q) = %q, want %q", encoded, got, plain)
		}
	}
	if got := DecodeName("a&b"); got != "a&b" {
		t.Errorf("a name that is no UTF-7 came back as %q", got)
	}
}

func TestMailPutOnDiskIsServed(t *testing.T) {
	s := Dovecot(t, Options{})
	root := s.MailRoot("alice")
	date := time.Date(2021, 5, 6, 7, 8, 9, 0, time.UTC)
	Put(t, root, "R&D", "1", Message{Bytes: []byte("Subject: x\n\nbody\n"), Flags: []string{`\Seen`, "$Important", "Work"}, Date: date})
	Put(t, root, "R&D", "2", Message{Bytes: []byte("Subject: y\n\nbody\n"), Flags: []string{"Work"}, Date: date})
	c := SignIn(t, s.Addr(), "alice")
	c.Must("EXAMINE R&-D")
	var got []string
	for _, l := range c.Must("FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])") {
		got = append(got, l.Text+" "+fmt.Sprintf("%q", l.Literals))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{`FLAGS (\Seen \Recent $Important Work)`, `FLAGS (\Recent Work)`, `INTERNALDATE "06-May-2021 07:08:09 +0000"`, `["Subject: x\r\n\r\nbody\r\n"]`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s not found in\n%s", want, all)
		}
	}
	c.Must("COPY 1:2 INBOX") // by Dovecot itself, as the second opinion of Compare
	m := ReadMail(t, root)
	if d := (Mail{"a": m["R&D"]}).Diff(Mail{"a": m[Inbox]}); !d.Empty() {
		t.Errorf("Dovecot's own copy differs:\n%s", d)
	}
}

func TestMinusCountsTwins(t *testing.T) {
	a, b := Copy{Sum: "a"}, Copy{Sum: "b"}
	got := Mail{"x": {a, a, b}, "y": {a}, "z": {b}}.Minus(Mail{"x": {a}, "z": {b}})
	if d := (Mail{"x": {a, b}, "y": {a}}).Diff(got); !d.Empty() {
		t.Error(d)
	}
}

// TestCountKeywordsForgetsNamesAlone holds that counted keywords still differ by their number, and system flags by their names.
func TestCountKeywordsForgetsNamesAlone(t *testing.T) {
	mail := func(flags string) Mail { return Mail{Inbox: {{Sum: "a", Flags: flags}}} }
	for _, tc := range []struct {
		a, b string
		same bool
	}{
		{"", "", true},
		{"$label1", "unknown-3", true},
		{`$label1 \Seen`, `\Seen Work`, true},
		{`$label1 Work`, "Work", false},
		{"$label1", `\Seen`, false},
		{`$label1 \Seen`, `$label1 \Flagged`, false},
	} {
		if d := mail(tc.a).CountKeywords().Diff(mail(tc.b).CountKeywords()); d.Empty() != tc.same {
			t.Errorf("%q and %q: %s", tc.a, tc.b, d)
		}
	}
}
