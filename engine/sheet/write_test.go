package sheet

import (
	"encoding/csv"
	"strings"
	"testing"
)

func TestWriter(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	for _, line := range [][]any{
		{"Folder", "Messages"},
		{"=HYPERLINK(\"x\")", -3},
		{"Zürich, R&D", int64(7)},
		{"@SUM(1)", "-1"},
	} {
		if err := w.Line(line...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffFolder,Messages\r\n\"'=HYPERLINK(\"\"x\"\")\",-3\r\n\"Zürich, R&D\",7\r\n'@SUM(1),'-1\r\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "a", "=1", "+1", "-1", "@x", "|x", "%x", "\tx", "\rx", "\nx", "＝1", "＠x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		w := NewWriter(&b)
		if err := w.Line("first", s); err != nil || w.Flush() != nil {
			t.Fatal(err)
		}
		line, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).Read()
		if err != nil || len(line) != 2 {
			t.Fatalf("%q does not read back: %v", b.String(), err)
		}
		if line[1] != "" && strings.ContainsAny(line[1][:1], "=+-@|%\t\r\n") {
			t.Fatalf("%q begins like a formula", line[1])
		}
	})
}
