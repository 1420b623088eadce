package main

import (
	"strings"
	"testing"
)

func TestImport(t *testing.T) {
	s := newShell(t)
	s.must(exitDone, "project", "add", "Acme", "--source", "imaps://a.example", "--destination", "imaps://b.example")
	type result struct {
		Project                        string
		Added, Known, Renewed, Secrets int
	}
	imported := func(csv string, flags ...string) result {
		t.Helper()
		stdout, _ := s.must(exitDone, append([]string{"mailbox", "import", "Acme", s.file("list.csv", csv), "--json"}, flags...)...)
		return decode[result](t, stdout)
	}
	head := "Source Email,Source Password,Destination Email,Destination Password\n"
	for _, test := range []struct {
		name, csv string
		flags     []string
		want      result
	}{
		{"new", head + "ann@a.example,p1,ann@b.example,p2\nben@a.example,p3,,\n", nil, result{"Acme", 2, 0, 0, 3}},
		{"the same again, one with a new password", head + "ann@a.example,,ann@b.example,p4\nben@a.example,,,\n", nil, result{"Acme", 0, 2, 1, 1}},
		{"a list without destinations", "Source Email,Source Password\nann@a.example,p5\n", nil, result{"Acme", 0, 1, 1, 1}},
		{"more, without passwords", head + "ann@a.example,p1,ann@b.example,p2\ncleo@a.example,p,,\n", []string{"--no-secrets"}, result{"Acme", 1, 1, 0, 0}},
	} {
		if got := imported(test.csv, test.flags...); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	_, stderr := s.must(exitUsage, "mailbox", "import", "Acme", s.file("list.csv", head+"dan@a.example,p,,\nann@a.example,p,other@b.example,p\n"))
	if !strings.Contains(stderr, "line 3: ann@a.example goes to ann@b.example in this project already.") {
		t.Errorf("said %q", stderr)
	}
	stdout, _ := s.must(exitDone, "mailbox", "import", "Acme", s.file("list.csv", head+"dan@a.example,p,,\nann@a.example,,ann@b.example,\n"))
	if stdout != "1 mailbox added to Acme, passwords kept: 1.\n1 mailbox was there already.\n" {
		t.Errorf("said %q", stdout)
	}
}
