package imaptest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// sortOdd sorts by name what came out of a map.
func sortOdd(list []Odd) {
	slices.SortFunc(list, func(a, b Odd) int { return strings.Compare(a.Name, b.Name) })
}

func (o *oddList) lineEnds() {
	unix := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	o.add("bare-lf", unix(head("bare-lf"))+"\nline 1\nline 2\n")
	o.add("bare-lf-body", head("bare-lf-body")+"\r\nline 1\nline 2\nline 3\r\n")
	o.add("bare-lf-header", unix(head("bare-lf-header"))+"\r\nline 1\r\n")
	o.add("bare-cr-body", head("bare-cr-body")+"\r\nline 1\rline 2\rline 3\r\n")
	o.add("bare-cr-header", head("bare-cr-header")+"X-Odd: a\rX-Even: b\r\n\r\nbody\r\n")
	o.add("bare-cr-everywhere", strings.ReplaceAll(head("bare-cr-everywhere"), "\r\n", "\r")+"\rbody\r").Altered = true
	o.add("cr-cr-lf", head("cr-cr-lf")+"\r\nline 1\r\r\nline 2\r\r\n")
	o.add("lf-cr", head("lf-cr")+"\r\nline 1\n\rline 2\n\r").Altered = true
	o.add("mixed-ends", head("mixed-ends")+"\r\na\nb\r\nc\rd\n\ne\r\r\nf")
	o.body("end-none", "the last line does not end")
	o.body("end-cr", "the last line ends with CR\r").Altered = true
	o.body("end-lf", "the last line ends with LF\n")
	o.body("end-crlf-10", "ten empty lines follow\r\n"+strings.Repeat("\r\n", 10))
	o.body("end-crlf-1000", "a thousand empty lines follow\r\n"+strings.Repeat("\r\n", 1000))
	o.body("end-blanks", "blanks at the end   \t  \r\n   \r\n\t")
	o.body("end-dot", "a dot ends it\r\n.\r\n")
	o.body("end-control-z", "control Z ends it\r\n\x1a")
	o.body("dots", ".\r\n..\r\n...\r\n.x\r\n")
	o.body("from-lines", "\r\nFrom here on\r\n\r\nFrom a@b Sat Feb 29 12:00:00 2020\r\n>From there\r\n")
	o.body("form-feeds", "a\fb\vc\x85d\u2028e\u2029f\r\n")
	o.body("only-empty-lines", strings.Repeat("\r\n", 500))
}

func (o *oddList) bytes() {
	o.header("nul-header", "X-Nul: a\x00b\r\n").Altered = true
	o.body("nul-body", "a\x00b\r\n").Altered = true
	o.body("nul-end", "text\r\n"+strings.Repeat("\x00", 300)).Altered = true
	o.add("nul-only", strings.Repeat("\x00", 1024)).Altered = true
	var all strings.Builder
	for c := 1; c < 256; c++ {
		all.WriteByte(byte(c))
	}
	o.body("every-byte-but-nul", all.String()+"\r\n")
	o.body("high-bytes", strings.Repeat("\x80\xff\xfe\xc0\xc1\xf5", 500)+"\r\n")
	o.body("telnet", "\xff\xf4\xff\xfd\x06\xff\xff\r\n")
	o.body("escapes", "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\r\n")
	o.body("backspaces", "secret"+strings.Repeat("\b", 6)+"public\r\n")
	r := rand.New(rand.NewPCG(7, 7))
	raw := noise(r, 300_000)
	for i, c := range raw {
		if c == 0 || c == '\r' || c == '\n' { // a Maildir would not give line ends back as they are
			raw[i] = ' '
		}
	}
	o.body("noise-300k", string(raw))
}

func (o *oddList) sizes() {
	for _, n := range []int{78, 998, 999, 1000, 1001, 9_900, 10_239, 10_240, 65_535, 100_000, 1_000_000} {
		o.body(fmt.Sprintf("line-%d", n), strings.Repeat("a", n)+"\r\n")
	}
	o.body("line-8bit-2000", strings.Repeat("é", 1000)+"\r\n")
	for _, n := range []int{4095, 4096, 4097, 8192, 16_384, 32_768, 65_536} {
		name := fmt.Sprintf("size-%d", n)
		h := head(name) + "\r\n"
		o.add(name, h+strings.Repeat("x", n-len(h)-2)+"\r\n")
	}
	o.body("lines-100000", strings.Repeat("\r\n", 50_000)+strings.Repeat("a\r\n", 50_000))
	o.body("blanks-64k", strings.Repeat(" ", 65_536)+"\r\n")
}

// protocol adds messages that look like IMAP.
func (o *oddList) protocol() {
	for _, p := range []struct{ name, text string }{
		{"tagged-ok", ")\r\nA5 OK FETCH completed\r\nT1 OK done\r\nX7 NO [OVERQUOTA] full\r\n"},
		{"bye", ")\r\n* BYE closing\r\n"},
		{"literal-at-end", "{12345}"},
		{"literal-line", "{12345}\r\n{5+}\r\n~{7}\r\n{99999999999999999999}\r\n"},
		{"literal-small", "{5}\r\nabcde\r\n"},
		{"continuation", "+ OK\r\n+ \r\n+\r\n"},
		{"fetch", ")\r\n* 1 FETCH (UID 1 FLAGS (\\Deleted) BODY[] {3}\r\nabc)\r\n"},
		{"expunge", ")\r\n* 1 EXPUNGE\r\n* 0 EXISTS\r\n* OK [UIDVALIDITY 1] changed\r\n"},
		{"client-commands", "\r\nA1 LOGOUT\r\nA2 STORE 1:* +FLAGS (\\Deleted)\r\nA3 EXPUNGE\r\nDONE\r\n"},
		{"multiappend", " (\\Seen) \"29-Feb-2020 12:00:00 +0000\" {10+}\r\n0123456789\r\n"},
		{"quotes", "\"\"\"\\\"\\\\\"unbalanced\r\n"},
		{"brackets", "[[[]{}}}(()))\r\nNO [foo bar\r\n"},
		{"nil", "NIL\r\nBODY[] NIL\r\n\"\"\r\n()\r\n"},
		{"parentheses-100k", strings.Repeat("(", 100_000) + "\r\n"},
	} {
		o.body("imap-"+p.name, p.text)
	}
	o.add("imap-subject-literal", "Subject: {5}\r\nFrom: {3+}\r\n\r\n{0}\r\n")
	o.add("imap-header-tag", "A5 OK: x\r\n* BYE: y\r\n\r\n)\r\n")
	o.add("imap-only-bracket", ")")
	o.add("imap-only-literal", "{3}\r\n")
}
