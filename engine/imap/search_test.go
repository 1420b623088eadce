package imap

import (
	"fmt"
	"strings"
	"testing"

	"mwiz/engine"
)

// Whatever a server answers to a search, the UIDs in it are found, and a session that was refused lives on.
func TestSearch(t *testing.T) {
	for _, test := range []struct {
		name, answer, want string
		kind               engine.Kind
	}{
		{"found", "* SEARCH 3 4 17\r\n$ OK\r\n", "[3 4 17]", engine.NoError},
		{"none", "* SEARCH\r\n$ OK\r\n", "[]", engine.NoError},
		{"no answer", "$ OK\r\n", "[]", engine.NoError},
		{"in parts, out of order, twice", "* SEARCH 9\r\n* 3 EXISTS\r\n* SEARCH 2 9\r\n$ OK\r\n", "[2 9]", engine.NoError},
		{"odd", "* SEARCH 5 x 0 99999999999 7 (MODSEQ 12)\r\n$ OK\r\n", "[5 7]", engine.NoError},
		{"refused", "$ NO no search here\r\n", "[]", engine.Other},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", func(command string) string {
				switch {
				case strings.HasPrefix(command, "EXAMINE"):
					return examineReply
				case command == `UID SEARCH HEADER Message-ID "a\"b@x"`:
					return test.answer
				}
				return "$ BAD what?\r\n"
			})
			s := server.session(engine.Source)
			uids, err := s.Search(t.Context(), engine.Opening{Folder: "Box", Validity: 7}, `a"b@x`)
			want(t, engine.KindOf(err), test.kind)
			want(t, fmt.Sprint(uids), test.want)
			want(t, s.Alive(), true)
			_, err = s.Search(t.Context(), engine.Opening{Folder: "Box", Validity: 8}, "a@x")
			want(t, engine.KindOf(err), engine.Renumbered)
			_, err = s.Search(t.Context(), engine.Opening{Folder: "Box"}, "ü@x\r\n")
			want(t, engine.KindOf(err), engine.Refused)
			want(t, s.Alive(), true)
		})
	}
}
