package engine

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// listing builds a side's folders from "path|role" lines; a path that ends in "!" is not selectable.
func listing(prefix, separator string, lines ...string) Listing {
	l := Listing{Prefix: prefix, Separator: separator}
	for _, line := range lines {
		name, role, _ := strings.Cut(line, "|")
		name, noselect := strings.CutSuffix(name, "!")
		path := []string{name}
		if separator != "" {
			path = strings.Split(name, separator)
		}
		if strings.EqualFold(name, "INBOX") {
			role = string(RoleInbox)
		}
		l.Folders = append(l.Folders, Folder{Name: FolderName(name), Path: path, Display: strings.Join(path, "/"), Role: Role(role), Selectable: !noselect})
	}
	return l
}

func TestFolderMap(t *testing.T) {
	dovecot := listing("", "/", "INBOX", "Sent|\\Sent", "Trash|\\Trash", "Drafts|\\Drafts", "Junk|\\Junk")
	for _, c := range []struct {
		name     string
		from, to Listing
		kept     map[FolderName]FolderName
		want     string
	}{
		{"names", listing("", "/", "INBOX", "R&D", "Zürich/2024 "), dovecot, nil, "INBOX>INBOX R&D>R&D Zürich/2024 >Zürich/2024 "},
		{"roles", listing("", "/", "INBOX", "Gesendet|\\Sent", "Papierkorb|\\Trash"), dovecot, nil, "INBOX>INBOX Gesendet>Sent Papierkorb>Trash"},
		{"roles by name", listing("", "/", "INBOX", "Sent Items", "Deleted Items", "Junk E-mail"), dovecot, nil, "INBOX>INBOX Sent Items>Sent Deleted Items>Trash Junk E-mail>Junk"},
		{"children follow", listing("", "/", "Sent Items|\\Sent", "Sent Items/2024"), dovecot, nil, "Sent Items>Sent Sent Items/2024>Sent/2024"},
		{"two Sents stay apart", listing("", "/", "Sent Items|\\Sent", "Sent"), dovecot, nil, "Sent Items>Sent Sent>Sent (2)"},
		{"prefix of the source", listing("INBOX.", ".", "INBOX", "INBOX.Sent", "INBOX.Work.2024"), dovecot, nil, "INBOX>INBOX INBOX.Sent>Sent INBOX.Work.2024>Work/2024"},
		{"prefix of the destination", listing("", "/", "INBOX", "Sent", "Work"), listing("INBOX.", ".", "INBOX", "INBOX.Sent"), nil, "INBOX>INBOX Sent>INBOX.Sent Work>INBOX.Work"},
		{"separator in a name", listing("", "/", "a.b", "a_b"), listing("", ".", "INBOX"), nil, "a.b>a_b a_b>a_b (2)"},
		{"noselect parents", listing("", "/", "Clients!", "Clients/Acme"), dovecot, nil, "Clients/Acme>Clients/Acme"},
		{"kept", listing("", "/", "Old", "New"), dovecot, map[FolderName]FolderName{"Old": "New"}, "Old>New New>New (2)"},
		{"cannot be", listing("", "/", "bad\x01"), dovecot, nil, "bad\x01>!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			encode := func(path []string) (FolderName, error) {
				if strings.Contains(path[0], "\x01") {
					return "", errors.New("control character in a name")
				}
				return FolderName(c.to.Prefix + strings.Join(path, c.to.Separator)), nil
			}
			var got []string
			var kept []KeptFolder
			for from, to := range c.kept {
				kept = append(kept, KeptFolder{Name: from, Destination: to})
			}
			for _, m := range folderMap(c.from, c.to, kept, new(ruleSet), encode) {
				name := string(m.name)
				if m.err != nil {
					name = "!"
				}
				got = append(got, string(m.source.Name)+">"+name)
			}
			want(t, "map", strings.Join(got, " "), c.want)
		})
	}
}

// TestRuledFolderMap: what rules say of places, and how it meets roles, parents, other folders and the decisions of earlier passes.
func TestRuledFolderMap(t *testing.T) {
	source := listing("INBOX.", ".", "INBOX", "INBOX.Sent Items|\\Sent", "INBOX.Sent Items.2024", "INBOX.Papierkorb|\\Trash", "INBOX.Clients", "INBOX.Clients.Acme", "INBOX.Sent")
	destination := listing("", "/", "INBOX", "Sent|\\Sent", "Trash|\\Trash", "Clients")
	const natural = "INBOX>INBOX/name Sent Items>Sent/role Sent Items/2024>Sent/2024/parent Papierkorb>Trash/role Clients>Clients/name Clients/Acme>Clients/Acme/name Sent>Sent (2)/renamed"
	for _, c := range []struct {
		name  string
		rules Rules
		kept  []KeptFolder
		want  string // "" for what nature wants
	}{
		{name: "none"},
		{name: "exclude by name", rules: Rules{Exclude: []string{"clients"}}, want: strings.Replace(natural, "Clients>Clients/name", "Clients>/excluded", 1)},
		{name: "exclude a tree", rules: Rules{Exclude: []string{"/Clients/*"}}, want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>/excluded Clients/Acme>/excluded", 1)},
		{name: "exclude by role", rules: Rules{Exclude: []string{`\trash`}}, want: strings.Replace(natural, "Papierkorb>Trash/role", "Papierkorb>/excluded", 1)},
		{name: "exclude and include", rules: Rules{Include: []string{"INBOX", "Clients/*"}, Exclude: []string{"re:acme$"}},
			want: "INBOX>INBOX/name Sent Items>/excluded Sent Items/2024>/excluded Papierkorb>/excluded Clients>Clients/name Clients/Acme>/excluded Sent>/excluded"},
		{name: "all but", rules: Rules{Exclude: []string{"re:^(?!Clients)"}},
			want: "INBOX>/excluded Sent Items>/excluded Sent Items/2024>/excluded Papierkorb>/excluded Clients>Clients/name Clients/Acme>Clients/Acme/name Sent>/excluded"},
		{name: "excluded gives its name away", rules: Rules{Exclude: []string{`Sent Items`}},
			want: "INBOX>INBOX/name Sent Items>/excluded Sent Items/2024>Sent/2024/parent Papierkorb>Trash/role Clients>Clients/name Clients/Acme>Clients/Acme/name Sent>Sent/name"},
		{name: "table, children follow", rules: Rules{Map: []Mapping{{"clients", "Old/Customers"}}},
			want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>Old/Customers/table Clients/Acme>Old/Customers/Acme/parent", 1)},
		{name: "table of roles", rules: Rules{Map: []Mapping{{"Clients", `\Trash`}, {`\Sent`, "Clients"}}, Merge: true},
			want: "INBOX>INBOX/name Sent Items>Clients/table Sent Items/2024>Clients/2024/parent Papierkorb>Trash/role Clients>Trash/table Clients/Acme>Trash/Acme/parent Sent>Sent/name"},
		{name: "never shared by accident", rules: Rules{Map: []Mapping{{"Clients", "Sent"}}},
			want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>Sent (3)/renamed Clients/Acme>Sent/Acme/parent", 1)},
		{name: "shared", rules: Rules{Map: []Mapping{{"Clients", "Sent"}, {"Sent", "Sent"}}, Merge: true},
			want: "INBOX>INBOX/name Sent Items>Sent/role Sent Items/2024>Sent/2024/parent Papierkorb>Trash/role Clients>Sent/table Clients/Acme>Sent/Acme/parent Sent>Sent/table"},
		{name: "patterns in order", rules: Rules{Rewrite: []Mapping{{"^Clients/(.*)$", "Kunden/$1"}, {"Acme$", "Acme AG"}}},
			want: strings.Replace(natural, "Clients/Acme>Clients/Acme/name", "Clients/Acme>Kunden/Acme AG/pattern", 1)},
		{name: "below a prefix", rules: Rules{Prefix: "/Old mail/", Map: []Mapping{{"Papierkorb", "Bin"}}},
			want: "INBOX>Old mail/INBOX/prefix Sent Items>Old mail/Sent Items/prefix Sent Items/2024>Old mail/Sent Items/2024/prefix Papierkorb>Bin/table Clients>Old mail/Clients/prefix Clients/Acme>Old mail/Clients/Acme/prefix Sent>Old mail/Sent/prefix"},
		{name: "no roles", rules: Rules{NoRoles: true},
			want: "INBOX>INBOX/name Sent Items>Sent Items/name Sent Items/2024>Sent Items/2024/parent Papierkorb>Papierkorb/name Clients>Clients/name Clients/Acme>Clients/Acme/name Sent>Sent/name"},
		{name: "what was decided stands", kept: []KeptFolder{{Name: "INBOX.Clients", Destination: "Customers"}},
			want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>Customers/earlier Clients/Acme>Clients/Acme/name", 1)},
		{name: "until rules say something else", rules: Rules{Map: []Mapping{{"Clients", "Old"}}}, kept: []KeptFolder{{Name: "INBOX.Clients", Destination: "Customers"}, {Name: "INBOX.Sent", Destination: "Sent", Mapped: "Sent"}},
			want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>Old/table Clients/Acme>Old/Acme/parent", 1)},
		{name: "and then what was decided under them", rules: Rules{Map: []Mapping{{"Clients", "Old"}}}, kept: []KeptFolder{{Name: "INBOX.Clients", Destination: "Customers"}, {Name: "INBOX.Clients", Destination: "Old 2", Mapped: "Old"}},
			want: strings.Replace(natural, "Clients>Clients/name Clients/Acme>Clients/Acme/name", "Clients>Old 2/table Clients/Acme>Old/Acme/parent", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, faults := c.rules.read()
			if len(faults) > 0 {
				t.Fatal(faults[0])
			}
			var got []string
			encode := func(path []string) (FolderName, error) { return FolderName(strings.Join(path, "/")), nil }
			for _, m := range folderMap(source, destination, c.kept, rules, encode) {
				from := strings.Join(below("INBOX.", ".", m.source.Path), "/")
				name := string(m.name)
				if m.why == Excluded {
					name = ""
				}
				got = append(got, from+">"+name+"/"+string(m.why))
			}
			want(t, "map", strings.Join(got, " "), cmp.Or(c.want, natural))
		})
	}
}

// TestWrongRules: every fault is found and placed.
func TestWrongRules(t *testing.T) {
	rules := Rules{
		Include: []string{"fine", "re:(", " "},
		Exclude: []string{"re:^(?!fine$)", "re:^(?=no)", "re:"},
		Map:     []Mapping{{"a", "x"}, {"A/", "y"}, {"b", "X"}, {"", "z"}, {"c", "/"}},
		Rewrite: []Mapping{{"^a$", ""}, {"[", "x"}, {"", "x"}},
		Prefix:  "//", Since: "2024-02-30", Until: "2023", MaxSize: -1,
	}
	var got []string
	for _, f := range rules.Check() {
		got = append(got, fmt.Sprint(f.Part, f.Line, " ", f.Fault))
		if f.Error() == "" {
			t.Error("no words")
		}
	}
	want(t, "faults", strings.Join(got, ", "), "include1 regexp, include2 empty, exclude1 regexp, exclude2 empty, map1 twice, map2 shared, map3 empty, map4 empty, "+
		"rewrite1 regexp, rewrite2 empty, prefix0 empty, since0 day, until0 day, max_size0 size")
	order := Rules{Since: "2024-02-02", Until: "2024-02-01", Map: []Mapping{{"a", "x"}, {"b", "X"}}, Merge: true}.Check()
	if len(order) != 1 || order[0].Fault != FaultOrder {
		t.Errorf("%v", order)
	}
	if got := (Rules{}).Check(); len(got) > 0 || !(Rules{}).Empty() {
		t.Error(got)
	}
}

// TestLeavesOut: days are read as they are written, both ends belong to it, and what is not known is wanted.
func TestLeavesOut(t *testing.T) {
	at := func(s string) Date {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return Date{d}
	}
	r := Rules{Since: "2024-01-01", Until: "2024-12-31", MaxSize: 1000}
	for _, c := range []struct {
		m   Meta
		out bool
	}{
		{Meta{Size: 1000, Date: at("2024-01-01T00:00:00+13:00")}, false},
		{Meta{Size: 1001, Date: at("2024-06-01T00:00:00Z")}, true},
		{Meta{Size: 1, Date: at("2023-12-31T23:59:59-11:00")}, true},
		{Meta{Size: 1, Date: at("2024-12-31T23:59:59-11:00")}, false},
		{Meta{Size: 1, Date: at("2025-01-01T00:00:00Z")}, true},
		{Meta{Size: -1}, false},
	} {
		if got := r.leavesOut(c.m); got != c.out {
			t.Errorf("%+v is left out: %v", c.m, got)
		}
	}
}
