package imap

import (
	"fmt"
	"strings"
	"testing"

	"mwiz/engine"
)

// describe writes a listing in short: path, role, + for subscribed, - for not selectable, messages, ! for an error.
func describe(l engine.Listing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s %s]", l.Prefix, l.Separator)
	for _, f := range l.Folders {
		fmt.Fprintf(&b, " %s%s", strings.Join(f.Path, "|"), f.Role)
		if f.Subscribed {
			b.WriteByte('+')
		}
		switch {
		case f.Err != nil:
			b.WriteByte('!')
		case !f.Selectable:
			b.WriteByte('-')
		default:
			fmt.Fprintf(&b, "=%d", f.Status.Messages)
		}
	}
	return b.String()
}

// statusOfAny answers STATUS with 5 messages, whatever the folder.
func statusOfAny(command string) string {
	name := strings.TrimPrefix(command[:strings.LastIndex(command, " (")], "STATUS ")
	return "* STATUS " + name + " (MESSAGES 5 UIDNEXT 9 UIDVALIDITY 7)\r\n$ OK\r\n"
}

// TestListShapes: whatever a server writes, one odd folder costs at most itself.
func TestListShapes(t *testing.T) {
	const extended = "IMAP4rev1 NAMESPACE LIST-EXTENDED LIST-STATUS SPECIAL-USE"
	tests := []struct{ name, caps, list, namespace, want string }{
		{"with status", extended,
			"* LIST (\\Subscribed \\HasNoChildren) \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1)\r\n" +
				"* LIST (\\Sent) \"/\" Sent\r\n* STATUS Sent (MESSAGES 2)\r\n* LIST (\\Noselect) \"/\" Lists\r\n* LIST (\\NonExistent) \"/\" Gone\r\n",
			`((("" "/")) NIL NIL`, `[ /] INBOX\Inbox+=3 Sent\Sent=2 Lists- Gone-`},
		{"status missing", extended, "* LIST () \"/\" INBOX\r\n* LIST () \"/\" A\r\n", "NIL NIL NIL", `[ /] INBOX\Inbox=5 A=5`},
		{"plain", "IMAP4rev1", "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"a b/c\"\r\n", "", `[ /] INBOX\Inbox=5 a b|c=5`},
		{"prefix", "IMAP4rev1 NAMESPACE", "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Sent\r\n* LIST () \".\" user\r\n* LIST () \".\" user.joe\r\n* LIST () \".\" INBOX.a.b\r\n",
			`(("INBOX." ".")) (("user." ".")) (("shared." "."))`, `[INBOX. .] INBOX\Inbox=5 Sent=5 a|b=5`},
		{"prefix without namespace", "IMAP4rev1", "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Sent\r\n", "", `[INBOX. .] INBOX\Inbox=5 Sent=5`},
		{"flat", "IMAP4rev1", "* LIST () NIL INBOX\r\n* LIST () NIL a/b\r\n", "", `[ ] INBOX\Inbox=5 a/b=5`},
		{"odd separators", "IMAP4rev1", "* LIST () \"\" INBOX\r\n* LIST () nil A\r\n* LIST () \"\\\\\" \"B\\\\C\"\r\n", "", `[ \] INBOX\Inbox=5 A=5 B|C=5`},
		{"odd names", "IMAP4rev1", "* LIST () \"/\" R&D\r\n* LIST () \"/\" \"&AOk-&AOk-\"\r\n* LIST () \"/\" \"&2D0-\"\r\n* LIST () \"/\" Caf\xe9\r\n* LIST () \"/\" Café\r\n" +
			"* LIST () \"/\" a\tb\r\n* LIST () \"/\" {5}\r\nx\r\ny)\r\n* LIST () \"/\" [Gmail]/All Mail\r\n* LIST () \"/\" \"q\\\"\\\\\"\r\n* LIST () \"/\" &AOk\r\n* LIST () \"/\" \"&-\"\r\n", "",
			"[ /] R&D=5 éé=5 &2D0-=5 Caf\xe9=5 Café=5 a\tb=5 x\r\ny)=5 [Gmail]|All Mail=5 q\"\\=5 &AOk=5 &=5"},
		{"odd attributes", "IMAP4rev1", "* LIST NIL \"/\" A\r\n* LIST (\\X ) \"/\" B\r\n* LIST (\\HasChildren\\Junk) \"/\" C\r\n*  LIST  ( )  \"/\"  D\r\n* list (\\JUNK) \"/\" E\r\n* LIST (a (\\b \"c)\") \\Trash) \"/\" F\r\n", "",
			`[ /] A=5 B=5 C=5 D=5 E\Junk=5 F\Trash=5`},
		{"doubles", "IMAP4rev1", "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Inbox\r\n* LIST () \"/\" A\r\n* LIST (\\Sent) \"/\" \"A\"\r\n* LIST () \"/\" a\r\n", "",
			`[ /] INBOX\Inbox=5 A\Sent=5 a=5`},
		{"xlist", "IMAP4rev1 XLIST", "* XLIST (\\Inbox) \"/\" Inbox\r\n* XLIST (\\AllMail) \"/\" All\r\n* XLIST (\\Spam) \"/\" Spam\r\n* XLIST (\\Starred) \"/\" Star\r\n", "",
			`[ /] INBOX\Inbox=5 All\All=5 Spam\Junk=5 Star\Flagged=5`},
		{"noise", "IMAP4rev1", "* OK wait\r\n* 5 EXISTS\r\n* LIST () \"/\" A\r\n* LIST\r\n* LIST ()\r\n* LIST () \"/\"\r\n* LIST () \"/\" \"\"\r\n* STATUS\r\n* X {3}\r\n* L\r\n", "", `[ /] A=5`},
		{"namespace nil", "IMAP4rev1 NAMESPACE", "* LIST () \"/\" A\r\n", "nil nil nil", `[ /] A=5`},
		{"namespace odd", "IMAP4rev1 NAMESPACE", "* LIST () \"\\\\\" A\r\n", `(("" "\\\\\\\\" "X-PARAM" ("a" "b"))) NIL`, `[ \] A=5`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, test.caps, func(command string) string {
				verb, _, _ := strings.Cut(command, " ")
				switch verb {
				case "LIST", "XLIST":
					return test.list + "$ OK\r\n"
				case "NAMESPACE":
					return "* NAMESPACE " + test.namespace + "\r\n$ OK\r\n"
				case "STATUS":
					return statusOfAny(command)
				}
				return ""
			})
			s := server.session(engine.Source)
			l, err := s.List(t.Context(), true)
			must(t, err)
			want(t, describe(l), test.want)
			want(t, s.Alive(), true)
			for _, f := range l.Folders {
				if strings.ContainsAny(f.Display, "\r\n\t") || !strings.HasPrefix(f.Display, "INBOX") && strings.ToValidUTF8(f.Display, "") != f.Display {
					t.Errorf("%q is not for people", f.Display)
				}
			}
			want(t, len(server.sent("SELECT")), 0)
		})
	}
}

// TestListStatusRefused: names go back to the server as it wrote them, and refused folders fail alone.
func TestListStatusRefused(t *testing.T) {
	server := scripted(t, "IMAP4rev1", func(command string) string {
		switch {
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Bad\r\n* LIST () \"/\" Caf\xe9\r\n* LIST () \"/\" Mute\r\n* LIST () \"/\" Alias\r\n$ OK\r\n"
		case strings.HasPrefix(command, "LSUB"):
			return "* LSUB () \"/\" Alias\r\n* LSUB (\\NoSelect) \"/\" Bad\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS \"Bad\""):
			return "$ NO [NOPERM] not yours\r\n"
		case strings.HasPrefix(command, "STATUS \"Mute\""):
			return "$ OK\r\n"
		case strings.HasPrefix(command, "STATUS \"Alias\""):
			return "* STATUS alias (MESSAGES 8 UIDVALIDITY 99999999999 SIZE -1)\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS {4}"):
			return "* STATUS {4}\r\nCaf\xe9 (MESSAGES 6)\r\n$ OK\r\n"
		}
		if strings.HasPrefix(command, "STATUS") {
			return statusOfAny(command)
		}
		return ""
	})
	s := server.session(engine.Source)
	l, err := s.List(t.Context(), true)
	must(t, err)
	want(t, describe(l), "[ /] INBOX\\Inbox=5 Bad! Caf\xe9=6 Mute! Alias+=8")
	want(t, engine.KindOf(l.Folders[1].Err), engine.Missing)
	want(t, l.Folders[2].Display, `Caf\xe9`)
	want(t, l.Folders[4].Status.Validity, 0)
	want(t, l.Folders[4].Status.Size, -1)
}

// TestListOptionsRefused: a server that does not take what it offers is asked in the old way.
func TestListOptionsRefused(t *testing.T) {
	server := scripted(t, "IMAP4rev1 LIST-EXTENDED LIST-STATUS", func(command string) string {
		switch {
		case strings.HasPrefix(command, "LIST") && strings.Contains(command, "RETURN"):
			return "$ BAD what\r\n"
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" INBOX\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS"):
			return statusOfAny(command)
		}
		return ""
	})
	l, err := server.session(engine.Source).List(t.Context(), true)
	must(t, err)
	want(t, describe(l), `[ /] INBOX\Inbox=5`)
}

func TestListRefused(t *testing.T) {
	server := scripted(t, "IMAP4rev1 NAMESPACE ID", func(command string) string {
		if strings.HasPrefix(command, "LIST") {
			return "$ NO [LIMIT] Slow down\r\n"
		}
		return ""
	})
	s := server.session(engine.Source)
	_, err := s.List(t.Context(), true)
	want(t, engine.KindOf(err), engine.Throttled)
	want(t, s.Alive(), true)
}

// TestListEndless: a listing without end ends with an error, not with a short list.
func TestListEndless(t *testing.T) {
	server := scripted(t, "IMAP4rev1 NAMESPACE ID", func(command string) string {
		if !strings.HasPrefix(command, "LIST") {
			return ""
		}
		var b strings.Builder
		for i := range maxFolders + 10 {
			fmt.Fprintf(&b, "* LIST () \"/\" f%d\r\n", i)
		}
		return b.String()
	})
	s := server.session(engine.Source)
	_, err := s.List(t.Context(), true)
	want(t, engine.KindOf(err), engine.Unreadable)
	want(t, s.Alive(), false)
}

// TestListAtDestination: the destination's flags are learnt once, in the same breath; INBOX is not left open for writing.
func TestListAtDestination(t *testing.T) {
	server := scripted(t, "IMAP4rev1 ID", func(command string) string {
		switch {
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" INBOX\r\n$ OK\r\n"
		case strings.HasPrefix(command, "SELECT"):
			return "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen OIB-[Gmail]/All \\Flagged)] limited\r\n$ OK [READ-WRITE] open\r\n"
		case strings.HasPrefix(command, "EXAMINE"):
			return "* OK [PERMANENTFLAGS ()] none\r\n$ OK [READ-ONLY] open\r\n"
		case strings.HasPrefix(command, "ID"):
			return "* ID (\"name\" \"Dove \\\"cot\" \"version\" NIL \"x\" {3}\r\nabc)\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS"):
			return statusOfAny(command)
		}
		return ""
	})
	d := NewDialer(Options{})
	s := mustDial(t, d, engine.Destination, server.endpoint(), "anna")
	for range 2 {
		_, err := s.List(t.Context(), true)
		must(t, err)
	}
	want(t, strings.Join(server.sent("SELECT", "EXAMINE"), "; "), `SELECT "INBOX"; EXAMINE "INBOX"`)
	want(t, s.Limits().Greeting, `Dove "cot`)
	second := mustDial(t, d, engine.Destination, server.endpoint(), "anna")
	send, dropped := second.(*session).permanentFlags().choose([]string{`\SEEN`, `\Flagged`, `\Answered`, `\Recent`, "$Label1", `\Forwarded`, "a b", "x]", "nil", "", `\flagged`})
	want(t, strings.Join(send, " "), `\Seen \Flagged`)
	want(t, strings.Join(dropped, " "), `\Answered $Label1 \Forwarded a b x] nil`)
}

func TestEncode(t *testing.T) {
	s := &session{place: place{engine.Destination, "host"}}
	dot := engine.Listing{Prefix: "INBOX.", Separator: "."}
	flat := engine.Listing{}
	tests := []struct {
		listing engine.Listing
		path    string
		want    engine.FolderName
		why     string
	}{
		{dot, "Sent", "INBOX.Sent", ""},
		{dot, "inbox", "INBOX", ""},
		{dot, "INBOX|x", "INBOX.INBOX.x", ""},
		{dot, "Entwürfe|R&D", "INBOX.Entw&APw-rfe.R&-D", ""},
		{dot, "a.b", "", "separates"},
		{dot, "a||b", "", "empty"},
		{dot, "a\nb", "", "control"},
		{dot, "a\xff", "", "not text"},
		{flat, "a", "a", ""},
		{flat, "a|b", "", "within folders"},
		{engine.Listing{Separator: "/"}, "日本|😀", "&ZeVnLA-/&2D3eAA-", ""},
	}
	for _, test := range tests {
		got, err := s.Encode(test.listing, strings.Split(test.path, "|"))
		want(t, got, test.want)
		if (test.why == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.why) {
			t.Errorf("%q: got error %v, want %q", test.path, err, test.why)
		}
	}
}

// TestListAnswersOutOfOrder: what comes unasked while the library waits for its last answer holds nothing up.
func TestListAnswersOutOfOrder(t *testing.T) {
	server := scripted(t, "IMAP4rev1 NAMESPACE", func(command string) string {
		switch {
		case strings.HasPrefix(command, "NAMESPACE"):
			return "* OK wait\r\n"
		case strings.HasPrefix(command, "LSUB"):
			return "$ OK\r\n* 9 EXISTS\r\n* LIST () \"/\" B\r\n* OK [X] y\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\nT2 OK\r\n"
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" A\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS"):
			return statusOfAny(command)
		}
		return ""
	})
	l, err := server.session(engine.Source).List(t.Context(), true)
	must(t, err)
	want(t, describe(l), "[ /] A=5")
}

// TestListOpensUnnumberedFolders: a UIDVALIDITY of zero says that the service does not know yet what is in the folder.
func TestListOpensUnnumberedFolders(t *testing.T) {
	opened := 0
	server := scripted(t, "IMAP4rev1 LIST-EXTENDED LIST-STATUS", func(command string) string {
		switch {
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 0)\r\n" +
				"* LIST () \"/\" A\r\n* STATUS A (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 3)\r\n$ OK\r\n"
		case strings.HasPrefix(command, "EXAMINE"):
			opened++
			return "* 5 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 6] x\r\n$ OK\r\n"
		}
		return "$ OK\r\n"
	})
	s := server.session(engine.Source)
	l, err := s.List(t.Context(), true)
	must(t, err)
	want(t, fmt.Sprint(l.Folders[0].Status, l.Folders[1].Status, opened), "{7 6 5 -1 0} {3 9 4 -1 0} 1")
}
