package imap

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"mwiz/engine"
)

// fetched describes what Fetch reports: "UID=body" for a message, "UID!" for one that is lost.
func fetched(t *testing.T, s engine.Session, f engine.Opening, set engine.UIDSet) (string, error) {
	t.Helper()
	var out []string
	_, err := s.Fetch(t.Context(), f, set, func(m engine.Message, lost error) error {
		if lost != nil {
			want(t, engine.KindOf(lost), engine.Refused)
			want(t, m.Body, nil)
			out = append(out, fmt.Sprintf("%d!", m.UID))
			return nil
		}
		b, err := io.ReadAll(m.Body)
		want(t, m.Size, int64(len(b)))
		out = append(out, fmt.Sprintf("%d=%s", m.UID, b))
		return err
	})
	slices.Sort(out) // in whatever order
	return strings.Join(out, " "), err
}

// flawless answers for UIDs 1 and 2 as a server should, whatever is asked.
func flawless(command string) string {
	all := ""
	for uid, body := range []string{1: "one", 2: "two"} {
		if body == "" || !strings.Contains(command, fmt.Sprintf("FETCH %d (", uid)) && !strings.Contains(command, "FETCH 1:2 (") {
			continue
		}
		items := fmt.Sprintf("UID %d FLAGS (\\Seen) INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" RFC822.SIZE 3", uid)
		if strings.Contains(command, "BODY.PEEK[]") {
			items = fmt.Sprintf("UID %d FLAGS (\\Seen) INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" BODY[] {3}\r\n%s", uid, body)
		}
		all += fmt.Sprintf("* %d FETCH (%s)\r\n", uid, items)
	}
	return all + "$ OK fetched\r\n"
}

const (
	one = "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" BODY[] {3}\r\none)\r\n"
	two = "* 2 FETCH (UID 2 FLAGS (\\Seen) INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" BODY[] {3}\r\ntwo)\r\n"
)

// TestFetchShapes: whatever shape a server gives its answer to the first FETCH of two messages, both come whole, once.
func TestFetchShapes(t *testing.T) {
	shapes := []struct{ name, answer string }{
		{"plain", one + two},
		{"reversed", two + one},
		{"doubled", one + one + two},
		{"uid last", "* 1 FETCH (BODY[] {3}\r\none FLAGS () INTERNALDATE NIL UID 1)\r\n" + two},
		{"flags last", "* 1 FETCH (UID 1 BODY[] {3}\r\none INTERNALDATE NIL FLAGS (\\Seen))\r\n" + two},
		{"flags in a second response", "* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n* 1 FETCH (UID 1 FLAGS ())\r\n" + two},
		{"body in a second response", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n" + two},
		{"body without uid", "* 1 FETCH (BODY[] {3}\r\none)\r\n" + two},
		{"unsolicited flags before", "* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n* 2 FETCH (FLAGS (\\Seen))\r\n" + one + two},
		{"other messages", one + "* 9 FETCH (UID 9 FLAGS () INTERNALDATE NIL BODY[] {4}\r\nnine)\r\n" + two},
		{"uid 0", "* 3 FETCH (UID 0 FLAGS () INTERNALDATE NIL BODY[] {4}\r\nzero)\r\n" + one + two},
		{"empty responses", "* 1 FETCH ()\r\n* 1 FETCH\r\n* FETCH\r\n" + one + two},
		{"first missing", two},
		{"nothing at all", ""},
		{"nil body", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] NIL)\r\n" + two},
		{"nil body in lower case", "* 1 fetch (uid 1 flags () internaldate nil body[] nil)\r\n" + two},
		{"empty body", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] \"\")\r\n" + two},
		{"empty literal", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] {0}\r\n)\r\n" + two},
		{"quoted body", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] \"one\")\r\n" + two},
		{"literal8", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] ~{3}\r\none)\r\n" + two},
		{"list closed too early", "* 1 FETCH (UID 1) FLAGS () INTERNALDATE NIL BODY[] {3}\r\none)\r\n" + two},
		{"list never closed", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] {3}\r\none\r\n" + two},
		{"blanks everywhere", "*  1  FETCH  ( UID  1  FLAGS  ( \\Seen )  INTERNALDATE  NIL  BODY[]  {3}\r\none )\r\n" + two},
		{"no blank behind the literal", "* 1 FETCH (UID 1 BODY[] {3}\r\noneFLAGS () INTERNALDATE NIL)\r\n" + two},
		{"no blank before the literal", "* 1 FETCH (UID 1 FLAGS() INTERNALDATE NIL BODY[]{3}\r\none)\r\n" + two},
		{"unknown items", "* 1 FETCH (X-GM-MSGID 12 UID 1 EMAILID (M1) X (a (b \"c)\" {2}\r\n))) d) FLAGS () SAVEDATE NIL INTERNALDATE NIL BODY[] {3}\r\none)\r\n" + two},
		{"modseq", "* 1 FETCH (MODSEQ (65402) UID 1 FLAGS () INTERNALDATE NIL BODY[] {3}\r\none)\r\n" + two},
		{"odd flags", "* 1 FETCH (UID 1 FLAGS (\\Seen OIB-Seen-[Gmail]/All * { \xdcrgent \\ \"quoted\" ) INTERNALDATE NIL BODY[] {3}\r\none)\r\n" + two},
		{"flags nil", "* 1 FETCH (UID 1 FLAGS NIL INTERNALDATE NIL BODY[] {3}\r\none)\r\n" + two},
		{"date as literal", "* 1 FETCH (UID 1 FLAGS () INTERNALDATE {3}\r\nnil BODY[] {3}\r\none)\r\n" + two},
		{"untagged noise", "* VANISHED 1:5\r\n* 500 EXISTS\r\n* 1000 EXISTS\r\n* 0 RECENT\r\n*  FLAGS (a]b)\r\n* NOOP\r\n* X-LIST (a {3}\r\nabc)\r\n\r\njunk\r\n+ idling\r\nX9 OK stray\r\n* OK [FOO \"x]\"] y {5}\r\n* OK\r\n* NO [ALERT] careful {3}\r\n*\r\n* SEARCH 1 2\r\n" + one + two},
		{"line feeds alone", strings.ReplaceAll(one+two, "\r\n", "\n")},
		{"uidfetch", strings.NewReplacer("* 1 FETCH (UID 1 ", "* 1 UIDFETCH (", "* 2 FETCH (UID 2 ", "* 2 UIDFETCH (").Replace(one + two)},
	}
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			first := true
			server := scripted(t, "IMAP4rev1", func(command string) string {
				switch {
				case strings.HasPrefix(command, "EXAMINE"):
					return examineReply
				case strings.HasPrefix(command, "UID FETCH") && first:
					first = false
					return shape.answer + "$ OK fetched\r\n"
				}
				return flawless(command)
			})
			s := server.session(engine.Source)
			got, err := fetched(t, s, engine.Opening{Folder: "Box", Validity: 7}, engine.UIDSet{{First: 1, Last: 2}})
			must(t, err)
			want(t, got, "1=one 2=two")
			want(t, s.Alive(), true)
		})
	}
}

// TestFetchLosses: what a server does not deliver is reported, whatever it says, and the others come.
func TestFetchLosses(t *testing.T) {
	const noBody = "* 1 FETCH (UID 1 FLAGS () INTERNALDATE NIL BODY[] NIL)\r\n"
	tests := []struct {
		name   string
		answer func(command string, body, range_ bool) string
		want   string
	}{
		{"nil for ever", func(c string, body, all bool) string {
			if strings.Contains(c, "FETCH 1 (") {
				return noBody + "$ OK\r\n"
			}
			if all && body {
				return noBody + two + "$ OK\r\n"
			}
			return flawless(c)
		}, "1! 2=two"},
		{"one message fails the range", func(c string, body, all bool) string {
			if body && (all || strings.Contains(c, "FETCH 1 (")) {
				return "$ NO UID FETCH Server error\r\n"
			}
			return flawless(c)
		}, "1! 2=two"},
		{"unavailable one", func(c string, body, all bool) string {
			if body && (all || strings.Contains(c, "FETCH 2 (")) {
				return "$ NO [UNAVAILABLE] later\r\n"
			}
			return flawless(c)
		}, "1=one 2!"},
		{"metadata fails too", func(c string, body, all bool) string {
			if all && !strings.Contains(c, "(UID)") || strings.Contains(c, "FETCH 1 (") {
				return "$ NO no\r\n"
			}
			if strings.Contains(c, "(UID)") {
				return "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n$ OK\r\n"
			}
			return flawless(c)
		}, "1! 2=two"},
		{"expunged", func(c string, body, all bool) string {
			if all && body {
				return two + "$ OK [EXPUNGEISSUED] some are gone\r\n"
			}
			return "$ OK\r\n"
		}, "2=two"},
		{"expunged, said with NO", func(c string, body, all bool) string {
			switch {
			case all && body, body && strings.Contains(c, "FETCH 1 ("):
				return "$ NO [EXPUNGEISSUED] some are gone\r\n"
			}
			return flawless(c)
		}, "2=two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", func(command string) string {
				if strings.HasPrefix(command, "EXAMINE") {
					return examineReply
				}
				return test.answer(command, strings.Contains(command, "BODY"), strings.Contains(command, "FETCH 1:2 ("))
			})
			s := server.session(engine.Source)
			got, err := fetched(t, s, engine.Opening{Folder: "Box", Validity: 7}, engine.UIDSet{{First: 1, Last: 2}})
			must(t, err)
			want(t, got, test.want)
			want(t, s.Alive(), true)
		})
	}
}

// TestFetchErrors: what stops a fetch as a whole, and that nothing that was cut short reads as a message.
func TestFetchErrors(t *testing.T) {
	tests := []struct {
		name    string
		examine string
		answer  string
		kind    engine.Kind
		text    string // part of the error's
		alive   bool
	}{
		{"renumbered", "* OK [UIDVALIDITY 8] valid\r\n$ OK open\r\n", one + two + "$ OK\r\n", engine.Renumbered, "was 7 and is 8", true},
		{"no validity", "$ OK open\r\n", one + "$ OK\r\n", engine.Renumbered, "was 7 and is 0", true},
		{"renumbered under us", examineReply, "* OK [UIDVALIDITY 8] changed\r\n" + one + two + "$ OK\r\n", engine.Renumbered, "was 7 and is 8", true},
		{"folder gone", "$ NO [NONEXISTENT] gone\r\n", "$ BAD no folder\r\n", engine.Missing, "gone", true},
		{"folder gone, the old one still open", "$ NO gone\r\n", one + two + "$ OK\r\n", engine.Other, "gone", true},
		{"data before the folder is open", one + "$ NO gone\r\n", "$ NO\r\n", engine.Other, "gone", true},
		{"throttled", examineReply, one + "$ NO Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n", engine.Throttled, "throttled", true},
		{"cut in a literal", examineReply, one[:len(one)-7] + endOfStream, engine.Unreachable, "unexpected EOF", false},
		{"cut behind a literal", examineReply, one[:len(one)-3] + endOfStream, engine.Unreachable, "unexpected EOF", false},
		{"cut in the tagged line", examineReply, one + two + "$ OK fet" + endOfStream, engine.Unreachable, "unexpected EOF", false},
		{"cut between responses", examineReply, one + endOfStream, engine.Unreachable, "EOF", false},
		{"bye", examineReply, one + "* BYE Too many connections\r\n" + endOfStream, engine.Throttled, "Too many connections", false},
		{"endless line", examineReply, "* 1 FETCH (" + strings.Repeat("A", 17<<20) + endOfStream, engine.Unreadable, "bytes", false},
		{"endless literal as a flag", examineReply, "* 1 FETCH (UID 1 INTERNALDATE {1099511627}\r\n" + endOfStream, engine.Unreadable, "bytes", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", func(command string) string {
				if strings.HasPrefix(command, "EXAMINE") {
					return test.examine
				}
				return test.answer
			})
			s := server.session(engine.Source)
			got, err := fetched(t, s, engine.Opening{Folder: "Box", Validity: 7}, engine.UIDSet{{First: 1, Last: 2}})
			want(t, engine.KindOf(err), test.kind)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got error %v, want one with %q", err, test.text)
			}
			if test.kind == engine.Renumbered || test.kind == engine.Missing || test.kind == engine.Other {
				want(t, got, "")
			}
			want(t, s.Alive(), test.alive)
		})
	}
}

// TestFetchLargeUIDLast: what belongs to a message may come behind it, also behind one that is too large to hold.
func TestFetchLargeUIDLast(t *testing.T) {
	body := strings.Repeat("0123456789abcde\n", maxSpool/16+1)
	last := fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n%s INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" FLAGS (\\Seen) UID 1)\r\n", len(body), body)
	server := scripted(t, "IMAP4rev1", func(command string) string {
		switch {
		case strings.HasPrefix(command, "EXAMINE"):
			return examineReply
		case strings.Contains(command, "BODY") && strings.Contains(command, " 1:2 ("):
			return last + two + "$ OK\r\n"
		case strings.Contains(command, "BODY"):
			return last + "$ OK\r\n"
		}
		return flawless(command)
	})
	s := server.session(engine.Source)
	sizes := map[engine.UID]int64{}
	_, err := s.Fetch(t.Context(), engine.Opening{Folder: "Box"}, engine.UIDSet{{First: 1, Last: 2}}, func(m engine.Message, lost error) error {
		want(t, lost, nil)
		want(t, strings.Join(m.Flags, " "), `\Seen`)
		want(t, m.Date.Year(), 2024)
		n, err := io.Copy(io.Discard, m.Body)
		sizes[m.UID] = n
		return err
	})
	must(t, err)
	want(t, sizes[1], int64(len(body)))
	want(t, sizes[2], 3)
}

// TestHeaders: no more of a header is kept than its digest covers, whatever the server sends.
func TestHeaders(t *testing.T) {
	long := strings.Repeat("X: 0123456789\r\n", maxHeader/15+100)
	server := scripted(t, "IMAP4rev1", func(command string) string {
		if strings.HasPrefix(command, "EXAMINE") {
			return examineReply
		}
		return "* 1 FETCH (UID 1 FLAGS (\\Recent a) INTERNALDATE NIL RFC822.SIZE -1 BODY[HEADER]<0> {4}\r\nA\r\n\r)\r\n" +
			"* 3 FETCH (UID 3 FLAGS (a b))\r\n" +
			fmt.Sprintf("* 2 FETCH (RFC822.SIZE \"77\" BODY[HEADER] {%d}\r\n%s UID 2)\r\n", len(long), long) +
			"* 3 FETCH (UID 3 RFC822.SIZE 5 BODY[HEADER]<0> NIL)\r\n* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[HEADER]<0> \"again\")\r\n$ OK\r\n"
	})
	s := server.session(engine.Source)
	var got []string
	_, err := s.Headers(t.Context(), engine.Opening{Folder: "Caf\xe9"}, everything(), func(h engine.Header) error {
		got = append(got, fmt.Sprintf("%d:%d:%d:%s", h.UID, h.Size, len(h.Bytes), strings.Join(h.Flags, ",")))
		return nil
	})
	must(t, err)
	want(t, strings.Join(got, " "), fmt.Sprintf("1:-1:4:a 2:77:%d: 3:5:0:", maxHeader))
}
