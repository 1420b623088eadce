package imap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"mwiz/engine"
)

// note makes a message of a body, with a flag and a date.
func note(body string) copied {
	return copied{engine.Meta{Flags: []string{`\Seen`}, Date: engine.Date{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))}}, []byte(body)}
}

func notes(bodies ...string) (out []copied) {
	for _, b := range bodies {
		out = append(out, note(b))
	}
	return out
}

// outcome writes answers in short: "UID@validity", "-" for one without, or the kind of error.
func outcome(answers []engine.Appended) string {
	var out []string
	for _, a := range answers {
		switch {
		case a.Err != nil:
			out = append(out, engine.KindOf(a.Err).String())
		case a.UID == 0:
			out = append(out, "-")
		default:
			out = append(out, fmt.Sprintf("%d@%d", a.UID, a.Validity))
		}
	}
	return strings.Join(out, " ")
}

const (
	multi  = "IMAP4rev1 UIDPLUS MULTIAPPEND LITERAL+"
	plus   = "IMAP4rev1 UIDPLUS LITERAL+"
	minus  = "IMAP4rev1 UIDPLUS LITERAL-"
	simple = "IMAP4rev1 UIDPLUS"
)

// TestAppendForms: what leaves in each form.
func TestAppendForms(t *testing.T) {
	const head = `APPEND "Box" (\Seen) " 2-Jan-2024 03:04:05 +0100" `
	const more = ` (\Seen) " 2-Jan-2024 03:04:05 +0100" `
	tests := []struct {
		caps string
		want []string
	}{
		{multi, []string{head + "{3+}\r\none" + more + "{3+}\r\ntwo", head + "{0+}\r\n", head + "{5+}\r\nthree"}},
		{plus, []string{head + "{3+}\r\none", head + "{3+}\r\ntwo", head + "{0+}\r\n", head + "{5+}\r\nthree"}},
		{minus, []string{head + "{3+}\r\none", head + "{3+}\r\ntwo", head + "{0+}\r\n", head + "{5+}\r\nthree"}},
		{simple, []string{head + "{3}\r\none", head + "{3}\r\ntwo", head + "{0}\r\n", head + "{5}\r\nthree"}},
	}
	for _, test := range tests {
		server := scripted(t, test.caps, func(command string) string { return "$ OK [APPENDUID 7 4] in\r\n" })
		s := server.session(engine.Destination)
		answers := appendAll(t, s, "Box", notes("one", "two", "", "three"))
		want(t, strings.Join(server.sent("APPEND"), "; "), strings.Join(test.want, "; "))
		if test.caps == multi {
			want(t, outcome(answers), "- - 4@7 4@7") // one UID for two messages is none
			continue
		}
		want(t, outcome(answers), "4@7 4@7 4@7 4@7")
	}
}

// TestAppendMinus: with LITERAL- only small messages need not wait.
func TestAppendMinus(t *testing.T) {
	server := scripted(t, minus, func(command string) string { return "$ OK in\r\n" })
	s := server.session(engine.Destination)
	want(t, outcome(appendAll(t, s, "Box", notes(strings.Repeat("x", 4096), strings.Repeat("x", 4097)))), "- -")
	for i, c := range server.sent("APPEND") {
		want(t, strings.Contains(c, "+}"), i == 0)
	}
}

// TestAppendAnswers: what is made of the answers.
func TestAppendAnswers(t *testing.T) {
	tests := []struct {
		name, caps string
		answer     []string // to each APPEND
		want       string
	}{
		{"set", multi, []string{"$ OK [APPENDUID 7 4:6] in\r\n"}, "4@7 5@7 6@7"},
		{"list", multi, []string{"$ OK [appenduid 7 4,9,5] in\r\n"}, "4@7 9@7 5@7"},
		{"too many", multi, []string{"$ OK [APPENDUID 7 4:7] in\r\n"}, "- - -"},
		{"too few", multi, []string{"$ OK [APPENDUID 7 4:5] in\r\n"}, "- - -"},
		{"double", multi, []string{"$ OK [APPENDUID 7 4,5,4] in\r\n"}, "- - -"},
		{"endless", multi, []string{"$ OK [APPENDUID 7 1:4294967295] in\r\n"}, "- - -"},
		{"no validity", multi, []string{"$ OK [APPENDUID 4:6] in\r\n"}, "- - -"},
		{"nonsense", multi, []string{"$ OK [APPENDUID 7 a,b,*] in\r\n"}, "- - -"},
		{"none", multi, []string{"$ OK\r\n"}, "- - -"},
		{"all refused", multi, []string{"$ NO [CANNOT] invalid header\r\n"}, "refused refused refused"},
		{"all refused for no reason", multi, []string{"$ NO\r\n"}, "other other other"},
		{"full", multi, []string{"$ NO [OVERQUOTA] Quota exceeded\r\n"}, "full full full"},
		{"no folder", multi, []string{"$ NO [TRYCREATE] no such\r\n"}, "missing missing missing"},
		{"throttled", multi, []string{"$ NO [LIMIT] slower\r\n"}, "throttled throttled throttled"},
		{"one by one", plus, []string{"$ OK [APPENDUID 7 4]\r\n", "$ NO [TOOBIG] too big\r\n", "$ OK [APPENDUID 7 5]\r\n"}, "4@7 refused 5@7"},
		{"out of order", plus, []string{"", "", "R5 OK [APPENDUID 7 5]\r\n$ OK [APPENDUID 7 6]\r\nR4 OK [APPENDUID 7 4]\r\n"}, "4@7 5@7 6@7"},
		{"cut after the first", plus, []string{"$ OK [APPENDUID 7 4]\r\n", endOfStream, ""}, "4@7 unreachable unreachable"},
		{"cut in the second line", plus, []string{"$ OK [APPENDUID 7 4]\r\n", "$ OK [APPENDUID 7 5" + endOfStream, ""}, "4@7 unreachable unreachable"},
		{"bye", multi, []string{"* BYE [UNAVAILABLE] Too many errors\r\n" + endOfStream}, "unreachable unreachable unreachable"},
		{"bad ends the connection", plus, []string{"$ BAD Command Argument Error 11\r\n", "", ""}, "refused unreachable unreachable"},
		{"noise", multi, []string{"* 5 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK [INPROGRESS] still at it\r\n+ idling\r\n$ OK [APPENDUID 7 4:6]\r\n"}, "4@7 5@7 6@7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := 0
			server := scripted(t, test.caps, func(command string) string {
				if !strings.HasPrefix(command, "APPEND") {
					return ""
				}
				n++
				if test.answer[n-1] == "" {
					return "* OK later\r\n"
				}
				return test.answer[n-1]
			})
			s := server.session(engine.Destination)
			answers := appendAll(t, s, "Box", notes("one", "two", "three"))
			want(t, outcome(answers), test.want)
			want(t, s.Alive(), !strings.Contains(test.want, "unreachable"))
		})
	}
}

// TestAppendWithoutRoomForKeywords: a folder that makes no more keywords refuses a command of many messages for one of them. Alone each may come, and those for which
// there is no room may come again, without.
func TestAppendWithoutRoomForKeywords(t *testing.T) {
	for _, caps := range []string{multi, plus} {
		kept := map[string]bool{}
		uid := 0
		server := scripted(t, caps, func(command string) string {
			if !strings.HasPrefix(command, "APPEND") {
				return ""
			}
			found := regexp.MustCompile(`word\d`).FindAllString(command, -1)
			for _, w := range found {
				if !kept[w] && len(kept) == 2 || len(found) > 2 {
					return "$ NO Too many user flags in mailbox\r\n"
				}
			}
			for _, w := range found {
				kept[w] = true
			}
			uid++
			return fmt.Sprintf("$ OK [APPENDUID 7 %d]\r\n", uid)
		})
		s := server.session(engine.Destination)
		list := notes("one", "two", "three", "four")
		for i := range list {
			list[i].Flags = []string{`\Seen`, fmt.Sprint("word", i)}
		}
		if caps == multi {
			want(t, outcome(appendAll(t, s, "Box", list)), "refused refused refused refused")
			want(t, outcome(appendAll(t, s, "Box", list[:1]))+" "+outcome(appendAll(t, s, "Box", list[1:2]))+" "+outcome(appendAll(t, s, "Box", list[2:3])), "1@7 2@7 throttled")
		} else {
			want(t, outcome(appendAll(t, s, "Box", list)), "1@7 2@7 throttled throttled")
		}
		list[2].Flags = append(list[2].Flags, "word0")
		answers := appendAll(t, s, "Box", list[2:3])
		want(t, outcome(answers)+" without "+strings.Join(answers[0].Dropped, " "), "3@7 without word2")
		want(t, strings.Contains(server.sent("APPEND")[len(server.sent("APPEND"))-1], `(\Seen word0)`), true)
	}
}

// TestAppendHeld: a literal that is refused before it is sent leaves the connection in step.
func TestAppendHeld(t *testing.T) {
	server := scripted(t, simple, func(command string) string { return "$ OK [APPENDUID 7 4] in\r\n" })
	server.hold = func(command string) string {
		switch {
		case strings.HasSuffix(command, "{3}"):
			return "$ NO [OVERQUOTA] full\r\n"
		case strings.HasSuffix(command, "{4}"):
			return "$ BAD Command Argument Error 11\r\n"
		}
		return "+ go\r\n"
	}
	s := server.session(engine.Destination)
	want(t, outcome(appendAll(t, s, "Box", notes("x", "one", "four", "three"))), "4@7 full refused 4@7")
	want(t, outcome(appendAll(t, s, "Box", notes("three"))), "4@7")
	want(t, s.Alive(), true)
}

// TestAppendDropped: flags that cannot be sent are reported with the message, and the message goes.
func TestAppendDropped(t *testing.T) {
	server := scripted(t, multi, func(command string) string {
		if strings.HasPrefix(command, "SELECT") {
			return "* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft MDNSent)] limited\r\n$ OK [READ-WRITE]\r\n"
		}
		return ""
	})
	s := server.session(engine.Destination)
	m := note("x")
	m.Flags = []string{`\SEEN`, `\FORWARDED`, `MDNSent`, `Work`, `\Recent`}
	m.Date = engine.Date{}
	answers := mustAppend(t, s, `Q"uo\te`, m, note("y"))
	want(t, strings.Join(answers[0].Dropped, " "), `\FORWARDED Work`)
	want(t, len(answers[1].Dropped), 0)
	want(t, strings.HasPrefix(server.sent("APPEND")[0], `APPEND "Q\"uo\\te" (\Seen MDNSent) {1+}`), true)
	want(t, strings.Join(server.sent("SELECT", "EXAMINE"), "; "), `SELECT "INBOX"; EXAMINE "INBOX"; SELECT "Q\"uo\\te"`)
}

// TestAppendDroppedByFolder: what a folder keeps may differ from what INBOX does. It is asked for once, without waiting for the answer, and
// what was sent meanwhile and is not kept is reported as well.
func TestAppendDroppedByFolder(t *testing.T) {
	for _, caps := range []string{multi + " UNSELECT", plus, minus, simple} {
		server := scripted(t, caps, func(command string) string {
			flags := "\\Seen \\Flagged \\*"
			switch {
			case strings.HasPrefix(command, `SELECT "Strict"`), strings.HasPrefix(command, "SELECT {"):
				flags = "\\Seen"
			case strings.HasPrefix(command, `SELECT "Gone"`):
				return "$ NO [NONEXISTENT] gone\r\n"
			case !strings.HasPrefix(command, "SELECT"):
				return ""
			}
			return "* 3 EXISTS\r\n* OK [PERMANENTFLAGS (" + flags + ")] kept\r\n$ OK [READ-WRITE]\r\n"
		})
		server.hold = func(command string) string {
			if command == "SELECT {9}" {
				return "$ NO no literals here\r\n"
			}
			return "+ go\r\n"
		}
		s := server.session(engine.Destination)
		m := note("x")
		m.Flags = []string{`\Seen`, `\Flagged`, `Work`, `\Recent`}
		for _, test := range []struct{ folder, dropped string }{
			{"Strict", `\Flagged Work`}, {"Strict", `\Flagged Work`}, {"Open", ""}, {"inbox", ""}, {"Gone", ""}, {"Caf\xe9", `\Flagged Work`}, {"Held\xe9\xe9\xe9\xe9\xe9", ""},
		} {
			if caps != simple && strings.HasPrefix(test.folder, "Held") {
				continue
			}
			answers := mustAppend(t, s, engine.FolderName(test.folder), m)
			want(t, strings.Join(answers[0].Dropped, " "), test.dropped)
		}
		first, again := "", ""
		for _, c := range server.sent("APPEND \"Strict\"") {
			first, again = again, c[strings.Index(c, "("):strings.Index(c, ")")]
		}
		want(t, first, `(\Seen \Flagged Work`)
		want(t, again, `(\Seen`)
		want(t, len(server.sent(`SELECT "Strict"`)), 1)
		want(t, s.Alive(), true)
	}
}

// TestAppendLimitByFolder: a service may tell each folder's own limit.
func TestAppendLimitByFolder(t *testing.T) {
	server := scripted(t, multi+" APPENDLIMIT", func(command string) string {
		switch {
		case strings.HasPrefix(command, "LIST"):
			return "* LIST () \"/\" inbox\r\n* LIST () \"/\" Small\r\n* LIST () \"/\" Any\r\n$ OK\r\n"
		case strings.HasPrefix(command, "STATUS"):
			limit := "NIL"
			switch {
			case strings.Contains(command, "Small"):
				limit = "4"
			case strings.Contains(command, "inbox"):
				limit = "8"
			}
			return strings.Replace(statusOfAny(command), "MESSAGES", "APPENDLIMIT "+limit+" MESSAGES", 1)
		}
		return ""
	})
	s := server.session(engine.Destination)
	_, err := s.List(t.Context(), true)
	must(t, err)
	for _, test := range []struct{ folder, want string }{{"Small", "- refused refused"}, {"INBOX", "- - refused"}, {"Any", "- - -"}} {
		want(t, outcome(appendAll(t, s, engine.FolderName(test.folder), notes("one", "three", "nine chars"))), test.want)
	}
	want(t, len(server.sent("STATUS \"Small\" (MESSAGES UIDNEXT UIDVALIDITY APPENDLIMIT)")), 1)
}

// TestAppendLimits: what the server says it does not take, and what no server keeps, is not sent.
func TestAppendLimits(t *testing.T) {
	server := scripted(t, multi+" APPENDLIMIT=10", func(command string) string { return "$ OK\r\n" })
	s := server.session(engine.Destination)
	answers := appendAll(t, s, "Box", notes("short", "longer than ten", "a\x00b"))
	want(t, outcome(answers), "- refused refused")
	wantError(t, answers[2].Err, engine.Refused, "NUL")
	want(t, len(server.sent("APPEND")), 1)
	want(t, s.Alive(), true)
}

// TestAppendStream: a body that streams arrives whole, or ends the connection before its last byte.
func TestAppendStream(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 1<<16)
	tests := []struct {
		name string
		r    io.Reader
		want string
		text string
	}{
		{"whole", iotest.HalfReader(strings.NewReader(body)), "4@7", ""},
		{"longer than said", io.MultiReader(strings.NewReader(body), strings.NewReader("more")), "4@7", ""},
		{"short", strings.NewReader(body[1:]), "unreachable", "ends after 1048575 of 1048576 bytes"},
		{"broken", io.MultiReader(strings.NewReader(body[:100]), iotest.ErrReader(errors.New("disk gone"))), "unreachable", "disk gone"},
		{"source broken", io.MultiReader(strings.NewReader(body[:100]), iotest.ErrReader(&engine.Error{Op: "read", Kind: engine.Throttled, Text: "slow"})), "unreachable", "slow"},
		{"NUL inside", strings.NewReader(body[:500000] + "\x00" + body[500001:]), "refused", "NUL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, multi, func(command string) string { return "$ OK [APPENDUID 7 4]\r\n" })
			s := server.session(engine.Destination)
			m := engine.Message{Meta: engine.Meta{Size: int64(len(body))}, Body: test.r}
			answers := s.Append(t.Context(), "Box", []engine.Message{m})()
			want(t, outcome(answers), test.want)
			if test.text == "" {
				want(t, strings.HasSuffix(server.sent("APPEND")[0], body), true)
				want(t, s.Alive(), true)
				return
			}
			wantError(t, answers[0].Err, engine.KindOf(answers[0].Err), test.text)
			want(t, len(server.sent("APPEND")), 0)
			want(t, s.Alive(), false)
		})
	}
}

// TestAppendTwoBatches: two batches may be on their way; each gets its own answers.
func TestAppendTwoBatches(t *testing.T) {
	first := make(chan string, 2)
	n := 0
	server := scripted(t, multi, func(command string) string {
		if n++; strings.HasPrefix(command, "APPEND") {
			first <- command
			return fmt.Sprintf("$ OK [APPENDUID 7 %d:%d]\r\n", 10*n, 10*n+1)
		}
		return ""
	})
	s := server.session(engine.Destination)
	var waits []func() []engine.Appended
	for range 2 {
		batch := []engine.Message{{Meta: engine.Meta{Size: 1}, Body: bytes.NewReader([]byte("a"))}, {Meta: engine.Meta{Size: 1}, Body: bytes.NewReader([]byte("b"))}}
		waits = append(waits, s.Append(t.Context(), "Box", batch))
	}
	<-first
	<-first
	want(t, regexp.MustCompile(`^\d+@7 \d+@7$`).MatchString(outcome(waits[0]())), true)
	a, b := outcome(waits[1]()), s.Alive()
	want(t, a != "" && b, true)
}

// TestAppendCancelled: a cancelled batch is in doubt, and says why.
func TestAppendCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	server := scripted(t, multi, func(command string) string {
		if strings.HasPrefix(command, "APPEND") {
			cancel(engine.ErrQuit)
			return "* OK [INPROGRESS] wait\r\n"
		}
		return ""
	})
	s := server.session(engine.Destination)
	answers := s.Append(ctx, "Box", []engine.Message{{Meta: engine.Meta{Size: 1}, Body: bytes.NewReader([]byte("a"))}})()
	wantError(t, answers[0].Err, engine.Unreachable, engine.ErrQuit.Error())
	want(t, errors.Is(answers[0].Err, engine.ErrQuit), true)
	want(t, s.Alive(), false)
	dead := s.Append(t.Context(), "Box", []engine.Message{{Meta: engine.Meta{Size: 1}, Body: bytes.NewReader([]byte("a"))}})()
	want(t, engine.KindOf(dead[0].Err), engine.Unreachable)
}
