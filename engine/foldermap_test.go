package engine

import (
	"errors"
	"strings"
	"testing"
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
			for _, m := range folderMap(c.from, c.to, c.kept, encode) {
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
