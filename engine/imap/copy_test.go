package imap

import (
	"fmt"
	"strings"
	"testing"

	"mwiz/engine"
)

// TestCopy: what a server answers to UID COPY is believed only where it tells all; the command is sent only to the folder that was asked for.
func TestCopy(t *testing.T) {
	for _, test := range []struct {
		name, answer, want string
		kind               engine.Kind
	}{
		{"all", "$ OK [COPYUID 9 3,5 11:12] done\r\n", "9 map[3:11 5:12]", engine.NoError},
		{"in another order", "* 4 EXISTS\r\n$ OK [COPYUID 9 5,3 11:12] done\r\n", "9 map[3:12 5:11]", engine.NoError},
		{"some", "$ OK [copyuid 9 5 11] done\r\n", "9 map[5:11]", engine.NoError},
		{"none told", "$ OK done\r\n", "0 map[]", engine.NoError},
		{"not to be read", "$ OK [COPYUID 9 3,5 11] done\r\n", "0 map[]", engine.NoError},
		{"not asked for", "$ OK [COPYUID 9 3,4 11:12] done\r\n", "0 map[]", engine.NoError},
		{"refused", "$ NO [OVERQUOTA] full\r\n", "0 map[]", engine.Full},
		{"not there", "$ NO [TRYCREATE] no such folder\r\n", "0 map[]", engine.Missing},
		{"not understood", "$ BAD what?\r\n", "0 map[]", engine.Other},
		{"throttled, and gone", "* BYE Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n", "0 map[]", engine.Unreachable},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1 UIDPLUS", func(command string) string {
				switch {
				case strings.HasPrefix(command, "EXAMINE"):
					return examineReply
				case command == `UID COPY 3,5 "New Box"`:
					return test.answer
				}
				return "$ BAD what?\r\n"
			})
			s := server.session(engine.Destination)
			set := engine.SetOf(3, 5)
			_, err := s.Copy(t.Context(), engine.Opening{Folder: "Box", Validity: 8}, set, "New Box")
			want(t, engine.KindOf(err), engine.Renumbered)
			want(t, len(server.sent("UID COPY")), 0)
			c, err := s.Copy(t.Context(), engine.Opening{Folder: "Box", Validity: 7}, set, "New Box")
			want(t, engine.KindOf(err), test.kind)
			want(t, fmt.Sprint(c.Validity, c.UIDs), test.want)
			want(t, s.Alive(), test.kind != engine.Unreachable)
		})
	}
}
