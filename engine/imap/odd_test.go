package imap

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"mwiz/engine"
)

// TestFetchOdder: answers that are odd as a whole, not in one response.
func TestFetchOdder(t *testing.T) {
	const protocol = "x)\r\nR2 OK done\r\n* BYE off\r\nR3 BAD {12345}\r\n* 1 FETCH (UID 2 BODY[] {3}\r\nbad)\r\n+ go\r\n"
	body := func(uid int, text string) string {
		return fmt.Sprintf("* %d FETCH (UID %d FLAGS () INTERNALDATE NIL RFC822.SIZE 99999999999 BODY[] {%d}\r\n%s)\r\n", uid, uid, len(text), text)
	}
	tests := []struct {
		name         string
		bodies, uids string // answers to the commands for bodies and for UIDs
		want         string
	}{
		{"a body of protocol", body(1, protocol) + two + "$ OK\r\n", "$ OK\r\n", "1=" + protocol + " 2=two"},
		{"sizes that are wrong", body(1, "one") + body(2, "two") + "$ OK\r\n", "$ OK\r\n", "1=one 2=two"},
		{"the later command is answered first", "* OK wait\r\n", "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n$ OK\r\n" + two + one + "R2 OK\r\n", "1=one 2=two"},
		{"answers to both in turn", "* OK wait\r\n", one + "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n" + two + "R2 OK\r\n$ OK\r\n", "1=one 2=two"},
		{"the bodies with the wrong command", "$ OK\r\n", one + two + "$ OK\r\n", "1=one 2=two"},
		{"codes that break parsers", one + two + "$ OK [] done\r\n", "$ OK [\"x\" y] done\r\n", "1=one 2=two"},
		{"Outlook's code", "* OK [Error=\"a ]b\" Proxy=[x]] y\r\n" + one + two + "$ OK [CAPABILITY IMAP4rev1 X=\"a b\"] done\r\n", "$ OK\r\n", "1=one 2=two"},
		{"no blank, no text", one + two + "$ OK\n", "$ OK\n", "1=one 2=two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", func(command string) string {
				switch {
				case strings.HasPrefix(command, "EXAMINE"):
					return examineReply
				case strings.HasPrefix(command, "UID FETCH 1:2 (UID)"):
					return test.uids
				case strings.HasPrefix(command, "UID FETCH 1:2"):
					return test.bodies
				}
				return flawless(command)
			})
			s := server.session(engine.Source)
			got, err := fetched(t, s, engine.Opening{Folder: "Box", Validity: 7}, engine.UIDSet{{First: 1, Last: 2}})
			must(t, err)
			want(t, got, test.want)
			want(t, s.Alive(), true)
		})
	}
}

// TestExamineOdd: what a folder tells of itself when it is opened, and what becomes of one that tells nonsense.
func TestExamineOdd(t *testing.T) {
	tests := []struct {
		name, answer string
		want         string // messages, next UID, validity; else a part of the error
		kind         engine.Kind
	}{
		{"plain", examineReply, "3 10 7", engine.NoError},
		{"nothing but OK", "$ OK\r\n", "0 0 0", engine.NoError},
		{"zeros", "* 0 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n* OK [UIDNEXT 0] x\r\n$ OK\r\n", "0 0 0", engine.NoError},
		{"numbers that are none", "* -1 EXISTS\r\n* x EXISTS\r\n* OK [UIDVALIDITY 4294967296] x\r\n* OK [UIDNEXT -1] x\r\n* OK [UIDNEXT] x\r\n$ OK\r\n", "0 0 0", engine.NoError},
		{"in lower case, with blanks", "*  3  exists\r\n* ok [uidvalidity  7 ] x\r\n* Ok [UidNext 10]\r\n$ ok\r\n", "3 10 7", engine.NoError},
		{"EXISTS that grows", "* 500 EXISTS\r\n* 1000 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7]\r\n$ OK\r\n", "1000 0 7", engine.NoError},
		{"codes in the tagged line", "* 3 EXISTS\r\n$ OK [UIDVALIDITY 7] open\r\n", "3 0 0", engine.NoError},
		{"bye", "* BYE [UNAVAILABLE] Mailbox is locked\r\n" + endOfStream, "locked", engine.Throttled},
		{"bye without reason", "* BYE\r\n" + endOfStream, "", engine.Unreachable},
		{"bad", "$ BAD what\r\n", "what", engine.Other},
		{"no permission", "$ NO [NOPERM] not yours\r\n", "not yours", engine.Missing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, "IMAP4rev1", func(string) string { return test.answer })
			s := server.session(engine.Source)
			status, err := s.Examine(t.Context(), "Box")
			if test.kind != engine.NoError {
				wantError(t, err, test.kind, test.want)
				return
			}
			must(t, err)
			want(t, fmt.Sprint(status.Messages, status.UIDNext, status.Validity), test.want)
		})
	}
}

// TestStatusOdd: a folder that does not say how many messages it has is an error of that folder, never an empty one.
func TestStatusOdd(t *testing.T) {
	for _, status := range []string{"()", "(MESSAGES -1 UIDNEXT 4)", "(MESSAGES NIL)", "(UIDNEXT 4 UIDVALIDITY 7)", "", "(MESSAGES)", "(MESSAGES 99999999999999999999)"} {
		for _, caps := range []string{"IMAP4rev1", "IMAP4rev1 LIST-EXTENDED LIST-STATUS"} {
			server := scripted(t, caps, func(command string) string {
				switch {
				case strings.HasPrefix(command, "LIST"):
					answer := "* LIST () \"/\" A\r\n* LIST () \"/\" B\r\n"
					if strings.Contains(command, "STATUS") {
						answer += "* STATUS A " + status + "\r\n* STATUS B (MESSAGES 5)\r\n"
					}
					return answer + "$ OK\r\n"
				case strings.HasPrefix(command, `STATUS "A"`):
					return "* STATUS A " + status + "\r\n$ OK\r\n"
				case strings.HasPrefix(command, "STATUS"):
					return statusOfAny(command)
				}
				return ""
			})
			l, err := server.session(engine.Source).List(t.Context(), true)
			must(t, err)
			want(t, describe(l), "[ /] A! B=5")
			wantError(t, l.Folders[0].Err, engine.Unreadable, "does not tell")
		}
	}
}

// TestKeywordsOdd: what a destination says it keeps of flags, in odd words, and what is sent to it then.
func TestKeywordsOdd(t *testing.T) {
	for said, want_ := range map[string]string{
		`[PERMANENTFLAGS (\Seen \*)]`:            `(\Seen Work) \Flagged é \X-Odd a{b`,
		`[PERMANENTFLAGS (\Seen Work)]`:          `(\Seen Work) \Flagged é \X-Odd a{b`,
		`[permanentflags (\SEEN \FLAGGED \*)]`:   `(\Seen \Flagged Work) é \X-Odd a{b`,
		`[PERMANENTFLAGS ()]`:                    `(\Seen \Flagged) Work é \X-Odd a{b`,
		`[PERMANENTFLAGS]`:                       `(\Seen \Flagged Work) é \X-Odd a{b`,
		`[PERMANENTFLAGS (\Seen a[b]c \*)] x`:    `(\Seen Work) \Flagged é \X-Odd a{b`,
		`[PERMANENTFLAGS \Seen \*]`:              `(\Seen Work) \Flagged é \X-Odd a{b`,
		`[PERMANENTFLAGS NIL]`:                   `(\Seen \Flagged Work) é \X-Odd a{b`,
		`[PERMANENTFLAGS (\Seen \Flagged \* é)]`: `(\Seen \Flagged Work) é \X-Odd a{b`,
	} {
		server := scripted(t, multi, func(command string) string {
			if strings.HasPrefix(command, `SELECT "INBOX"`) {
				return "* OK " + said + "\r\n$ OK\r\n"
			}
			return ""
		})
		s := server.session(engine.Destination)
		m := note("x")
		m.Flags = []string{`\Seen`, `\Flagged`, "Work", "é", `\X-Odd`, "a{b"}
		answers := mustAppend(t, s, "INBOX", m)
		sent := server.sent("APPEND")[0]
		want(t, sent[strings.Index(sent, "("):strings.Index(sent, ")")+1]+" "+strings.Join(answers[0].Dropped, " "), want_)
	}
}

// TestNoCapabilities: a server that says nothing of what it can do is used in the plainest way.
func TestNoCapabilities(t *testing.T) {
	for _, answer := range []string{"* CAPABILITY\r\n$ OK\r\n", "* CAPABILITY IMAP4\r\n$ OK\r\n"} {
		server := scripted(t, "", func(command string) string {
			if command == "CAPABILITY" {
				return answer
			}
			return flawless(command)
		})
		server.hello = "* OK\r\n"
		server.signIn = func(string) string { return "$ OK in\r\n" }
		s := server.session(engine.Source)
		want(t, s.Limits(), engine.Limits{})
		got, err := fetched(t, s, engine.Opening{Folder: "Box"}, engine.UIDSet{{First: 1, Last: 2}})
		must(t, err)
		want(t, got, "1=one 2=two")
	}
}

// TestScanLarge: a folder of many messages is listed in little memory, and whole.
func TestScanLarge(t *testing.T) {
	const messages = 300_000
	server := scripted(t, "IMAP4rev1", func(string) string { return examineReply })
	server.pour = func(command string, w io.Writer) bool {
		if !strings.HasPrefix(command, "UID FETCH") {
			return false
		}
		var rows strings.Builder
		for i := 1; i <= messages; i++ {
			fmt.Fprintf(&rows, "* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"02-Jan-2024 03:04:05 +0000\" RFC822.SIZE 5)\r\n", i, 2*i)
			if rows.Len() > 1<<20 || i == messages {
				if _, err := io.WriteString(w, rows.String()); err != nil {
					return true
				}
				rows.Reset()
			}
		}
		_, _ = io.WriteString(w, "R2 OK\r\n")
		return false
	}
	s := server.session(engine.Source)
	n := 0
	grown := peak(func() {
		_, err := s.Scan(t.Context(), engine.Opening{Folder: "Box"}, everything(), func(m engine.Meta) error { n++; return nil })
		must(t, err)
	})
	want(t, n, messages)
	if t.Logf("%d MB", grown/mb); grown > 30*mb {
		t.Errorf("%d MB of memory", grown/mb)
	}
}
