package imap

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestCopyOverACyrus copies a mailbox from a Dovecot to a Cyrus and from there to another Dovecot, in each form of APPEND, over each kind of
// encryption. The Dovecots must have the same.
func TestCopyOverACyrus(t *testing.T) {
	source := imaptest.Dovecot(t, imaptest.Options{})
	imaptest.WriteCorpus(t, source.MailRoot("anna"), imaptest.CorpusOptions{Folders: []string{
		imaptest.Inbox, "Sent", "Drafts", "Trash", "Junk", "Clients", "Clients/Globex & Söhne", "R&D", "日本", "trailing ", "Empty", "Empty/too"}})
	for _, form := range []struct {
		name  string
		o     imaptest.CyrusOptions
		point func(*imaptest.CyrusServer) engine.Endpoint
	}{
		{"multiappend", imaptest.CyrusOptions{}, (*imaptest.CyrusServer).TLSEndpoint},
		{"pipelined", imaptest.CyrusOptions{Without: []string{"MULTIAPPEND", "LIST-STATUS", "LIST-EXTENDED"}, Separator: ".", Below: true}, (*imaptest.CyrusServer).StartTLSEndpoint},
		{"synchronising", imaptest.CyrusOptions{Without: []string{"MULTIAPPEND", "LITERAL+", "SASL-IR", "UIDPLUS", "NAMESPACE"}}, (*imaptest.CyrusServer).Endpoint},
	} {
		t.Run(form.name, func(t *testing.T) {
			cyrus, last := imaptest.Cyrus(t, form.o), imaptest.Dovecot(t, imaptest.Options{})
			d := NewDialer(Options{})
			from := mustDial(t, d, engine.Source, source.TLSEndpoint(), "anna")
			there := mustDial(t, d, engine.Destination, form.point(cyrus), "anna")
			copyMailbox(t, from, there)
			if diff := imaptest.ReadMail(t, source.MailRoot("anna")).Diff(cyrus.ReadMail(t, "anna")); !diff.Empty() {
				t.Error(diff)
			}
			back := mustDial(t, d, engine.Source, form.point(cyrus), "anna")
			to := mustDial(t, d, engine.Destination, last.TLSEndpoint(), "anna")
			copyMailbox(t, back, to)
			if diff := imaptest.Compare(t, source.MailRoot("anna"), last.MailRoot("anna")); !diff.Empty() {
				t.Error(diff)
			}
		})
	}
}

// TestCyrusRefusals: what Cyrus says when it does not take a message. It answers an empty one twice, once without a tag, and
// nothing that comes after may be lost for it.
func TestCyrusRefusals(t *testing.T) {
	server := imaptest.Cyrus(t, imaptest.CyrusOptions{Messages: 20, MaxSize: 10_000, EightBit: imaptest.RejectEightBit, Special: map[string]string{}})
	s := mustDial(t, NewDialer(Options{}), engine.Destination, server.TLSEndpoint(), "anna")
	good := "Subject: good\r\n\r\nx\r\n"
	for _, c := range []struct{ folder, text, kind, words string }{
		{"None", good, "missing", "Mailbox does not exist"},
		{"INBOX", "", "refused", "Zero-length message literal"},
		{"INBOX", "Subject: bare LF\r\n\r\na\nb\r\n", "refused", "Message contains bare newlines"},
		{"INBOX", "Subject: J\xfcrgen\r\n\r\nx\r\n", "refused", "Message contains non-ASCII characters in headers"},
		{"INBOX", "no header\r\n\r\nx\r\n", "refused", "Message contains invalid header"},
		{"INBOX", "Subject: large\r\n\r\n" + strings.Repeat("x\r\n", 5000), "refused", "the service takes 10000"},
	} {
		answers := appendAll(t, s, engine.FolderName(c.folder), notes(c.text))
		want(t, outcome(answers), c.kind)
		if err := answers[0].Err; err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%.20q: %v, want %q", c.text, err, c.words)
		}
		want(t, s.Alive(), true)
		if c.folder == "INBOX" && len(c.text) < 10_000 && c.text != "" { // the same in a batch: none is stored
			want(t, outcome(appendAll(t, s, "INBOX", notes(good, c.text, good))), c.kind+" "+c.kind+" "+c.kind)
		}
	}
	answers := mustAppend(t, s, "INBOX", notes(good, good, good)...)
	want(t, answers[0].UID, 1)
	want(t, answers[2].UID, 3)
	for range 17 {
		mustAppend(t, s, "INBOX", note(good))
	}
	want(t, outcome(appendAll(t, s, "INBOX", notes(good))), "full")
	want(t, len(server.ReadMail(t, "anna")[imaptest.Inbox]), 20)
}

// TestCyrusForgetsDates: what Cyrus cannot keep as a date it refuses, before 1970, or changes without a word: the first second of 1970 becomes
// now, and what lies beyond 2106 the year 1970 and after.
func TestCyrusForgetsDates(t *testing.T) {
	server := imaptest.Cyrus(t, imaptest.CyrusOptions{})
	s := mustDial(t, NewDialer(Options{}), engine.Destination, server.TLSEndpoint(), "anna")
	began := time.Now().Unix()
	dated := func(year, seconds int) copied {
		m := note("Subject: x\r\n\r\nx\r\n")
		m.Date = engine.Date{Time: time.Date(year, 1, 1, 0, 0, seconds, 0, time.UTC)}
		return m
	}
	mustAppend(t, s, "INBOX", dated(1970, 1), dated(2100, 0), dated(1970, 0), dated(2110, 0))
	var dates []int64
	for _, m := range server.ReadMail(t, "anna")[imaptest.Inbox] {
		dates = append(dates, m.Date)
	}
	slices.Sort(dates)
	late := dated(2100, 0).Date.Unix()
	if !slices.Equal(dates, []int64{1, dated(2110, 0).Date.Unix() - 1<<32, dates[2], late}) || dates[2] < began {
		t.Errorf("dates are %d", dates)
	}
	answers := appendAll(t, s, "INBOX", []copied{dated(1969, 0)})
	want(t, outcome(answers), "refused")
	if !strings.Contains(answers[0].Err.Error(), "date") || s.Alive() {
		t.Errorf("%v; alive %v", answers[0].Err, s.Alive())
	}
}

// TestCyrusHasRoomForAHundredKeywords: beyond them a message comes without its new keyword.
func TestCyrusHasRoomForAHundredKeywords(t *testing.T) {
	server := imaptest.Cyrus(t, imaptest.CyrusOptions{})
	s := mustDial(t, NewDialer(Options{}), engine.Destination, server.TLSEndpoint(), "anna")
	with := func(keywords ...string) copied {
		m := note("Subject: x\r\n\r\nx\r\n")
		m.Flags = append([]string{`\Seen`}, keywords...)
		return m
	}
	var all []copied
	for i := range 99 {
		all = append(all, with(fmt.Sprint("Word", i)))
	}
	mustAppend(t, s, "INBOX", all...)
	three := []copied{with("Word5", "One"), with("Two"), with("One")}
	want(t, outcome(appendAll(t, s, "INBOX", three)), "refused refused refused") // all for one
	mustAppend(t, s, "INBOX", three[0])
	want(t, outcome(appendAll(t, s, "INBOX", three[1:2])), "throttled") // may come again
	dropped := ""
	for _, a := range mustAppend(t, s, "INBOX", three[1:]...) {
		dropped += strings.Join(a.Dropped, " ") + ","
	}
	want(t, dropped, "Two,,")
	mustAppend(t, s, "Sent", with("Three")) // a folder of its own
	mail := server.ReadMail(t, "anna")
	var flags []string
	for _, m := range mail[imaptest.Inbox] {
		flags = append(flags, m.Flags)
	}
	want(t, len(flags), 102)
	want(t, slices.Contains(flags, `Word7 \Seen`), true)
	flags = flags[:0]
	for _, m := range mail["Sent"] {
		flags = append(flags, m.Flags)
	}
	want(t, strings.Join(flags, ","), `Three \Seen`)
}
