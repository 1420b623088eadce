package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"mwiz/engine"
)

const header = "Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\n"

// show writes a row as a test expects it.
func show(r Row) string {
	m := r.Mailbox
	s := fmt.Sprintf("%d %s %s %s > %s %s %s", r.Line, m.Source.Address, m.Source.User, r.Secrets.Source.Reveal(),
		m.Destination.Address, m.Destination.User, r.Secrets.Destination.Reveal())
	for _, more := range []string{r.Flags, r.Problem, r.Warning} {
		if more != "" {
			s += " | " + more
		}
	}
	return s
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, file string
		want       []string
	}{
		{"MigrationWiz", header + "ann@a.example,ann,p1,ann@b.example,ann2,p2,skip\n", []string{
			"2 ann@a.example ann p1 > ann@b.example ann2 p2 | skip"}},
		{"what is empty has a default", header + "ann@a.example,,p1,,,p2,\n", []string{
			"2 ann@a.example ann@a.example p1 > ann@a.example ann@a.example p2"}},
		{"a login name without an address", header + ",ann,p1,,,p2,\n", []string{"2 ann ann p1 > ann ann p2"}},
		{"any order and case, some columns only", "destination email;SOURCE EMAIL;Unknown\r\nb@b.example;a@a.example;x\r\n", []string{
			"2 a@a.example a@a.example  > b@b.example b@b.example "}},
		{"tabs, blank lines, short lines", "Source Email\tSource Password\tFlags\n\n\t\t\na@a.example\tp 1 \nb@a.example\n", []string{
			"4 a@a.example a@a.example p 1  > a@a.example a@a.example ", "5 b@a.example b@a.example  > b@a.example b@a.example "}},
		{"Microsoft", "EmailAddress,UserName,Password\nann@new.example,ann@old.example,p1\nbob@new.example,OLD\\bob,p2\n", []string{
			"2 ann@old.example ann@old.example p1 > ann@new.example ann@new.example ",
			`3 bob@new.example OLD\bob p2 > bob@new.example bob@new.example `}},
		{"sep line", "sep=;\r\nSource Email;Source Password\r\na@a.example;p,1\r\n", []string{
			"3 a@a.example a@a.example p,1 > a@a.example a@a.example "}},
		{"quotes", "Source Email,Source Password\n\"a@a.example\",\"p,\"\"1\"\nb@a.example,p\"2\n", []string{
			`2 a@a.example a@a.example p,"1 > a@a.example a@a.example `, `3 b@a.example b@a.example p"2 > b@a.example b@a.example `}},
		{"lines of old Macs", "Source Email,Source Password\ra@a.example,p1\r", []string{
			"2 a@a.example a@a.example p1 > a@a.example a@a.example "}},
		{"problems", "Source Email,Source Password,Destination Email\n,p,b@b.example\na@a.example,p,1,b@b.example\nc c@a.example,p\nd@a.example,p\x01\n", []string{
			"2   p > b@b.example b@b.example  | The source address is missing.",
			"3 a@a.example a@a.example p > 1 1  | The line has more cells than the header: a password with a separator in it must stand in quotation marks.",
			"4 c c@a.example c c@a.example p > c c@a.example c c@a.example  | An address has a space in it.",
			"5 d@a.example d@a.example p\x01 > d@a.example d@a.example  | A password has a control character in it."}},
		{"doubles", "Source Email,Destination Email\na@a.example,x@b.example\nA@a.example,y@b.example\nb@a.example,X@b.example\n", []string{
			"2 a@a.example a@a.example  > x@b.example x@b.example ",
			"3 A@a.example A@a.example  > y@b.example y@b.example  | The same source mailbox is on line 2.",
			"4 b@a.example b@a.example  > X@b.example X@b.example  | The destination is the same as on line 2: both mailboxes will be mixed in it."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := Read(strings.NewReader(test.file))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range rows {
				got = append(got, show(row))
			}
			if g, w := strings.Join(got, "\n"), strings.Join(test.want, "\n"); g != w {
				t.Errorf("got\n%q\nwant\n%q", g, w)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"nothing", "", "the file is empty"},
		{"only a header", header, "the file has a header and no mailboxes below it"},
		{"no header", "ann@a.example,secret\n", "the first line must name the columns: " + strings.TrimSpace(header)},
		{"no source", "Destination Email,Flags\nx,y\n", `the column "Source Email" is missing; the first line must name the columns: ` + strings.TrimSpace(header)},
		{"a column twice", "Source Email,source email\nx,y\n", `the column "Source Email" is there twice`},
		{"an open quote", "Source Email,Source Password\na@a.example,\"secret\nb@a.example,p\n", "line 2: a cell runs over several lines; a quotation mark is probably missing or too many"},
		{"too large", header + strings.Repeat("x", MaxSize), "the file is larger than 20 MB: split it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := Read(strings.NewReader(test.file))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %d rows, error %v, want %s", len(rows), err, test.want)
			}
		})
	}
}

func TestReadEncodings(t *testing.T) {
	text := "Source Email,Source Password\njürg@zürich.example,pä€ss\n"
	inUTF16 := func(order binary.ByteOrder, bom bool) []byte {
		units := utf16.Encode([]rune(text))
		if bom {
			units = append([]uint16{0xFEFF}, units...)
		}
		var b bytes.Buffer
		_ = binary.Write(&b, order, units)
		return b.Bytes()
	}
	western, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"UTF-8":                   []byte(text),
		"UTF-8 with mark":         []byte("\ufeff" + text),
		"UTF-16 LE":               inUTF16(binary.LittleEndian, true),
		"UTF-16 BE":               inUTF16(binary.BigEndian, true),
		"UTF-16 LE without mark":  inUTF16(binary.LittleEndian, false),
		"UTF-16 BE without mark":  inUTF16(binary.BigEndian, false),
		"Windows-1252, as it is":  []byte(western),
		"Windows-1252, semicolon": []byte(strings.ReplaceAll(western, ",", ";")),
	} {
		rows, err := Read(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := show(rows[0]), "2 jürg@zürich.example jürg@zürich.example pä€ss > jürg@zürich.example jürg@zürich.example "; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestReadKeepsPasswordsOutOfErrors(t *testing.T) {
	for _, file := range []string{"a@a.example,hunter2\n", "Source Email,Source Password\na,\"hunter2\nb,c\n", "hunter2\nhunter2\n"} {
		if _, err := Read(strings.NewReader(file)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v", file, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header + "ann@a.example,ann,p1,ann@b.example,ann2,p2,skip\n"))
	f.Add([]byte("sep=;\r\nEmailAddress;UserName;Password\r\n\"a\";b;\"c\"\"\"\r\n"))
	f.Add([]byte("\xff\xfeS\x00o\x00u\x00r\x00c\x00e\x00\n\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := Read(bytes.NewReader(file))
		if err == nil && len(rows) == 0 {
			t.Fatal("no rows and no error")
		}
		last := 1
		for _, row := range rows {
			if row.Line <= last {
				t.Fatalf("line %d after line %d", row.Line, last)
			}
			last = row.Line
			if row.Problem == "" && (row.Mailbox.Source.User == "" || row.Mailbox.Destination.User == "" || row.Mailbox.ID != 0) {
				t.Fatalf("an unusable row without a problem: %v", row)
			}
			if row.Mailbox.Source.Secret != engine.SecretRef("") {
				t.Fatal("a secret reference from a file")
			}
		}
	})
}
