package imaptest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Odd is a message of a sort that mail software meets and stumbles over.
type Odd struct {
	Name  string    // says what is odd; unique
	Bytes []byte    // as they come over the wire
	Date  time.Time // INTERNALDATE
	// Altered says that no comparison of Maildirs can prove a copy: Dovecot 2.3 does not give the message out as it lies on
	// disk (NUL, a last CR) or does not keep it as it is given (a date to come).
	Altered bool
	// Unstorable says that Dovecot 2.3 has the message if it lies on disk, but takes it from no client.
	Unstorable bool
}

// OddMessages returns all of them, the same ones every time. Some are equal to each other: these are twins on purpose.
func OddMessages() []Odd {
	var o oddList
	o.identity()
	o.headers()
	o.lineEnds()
	o.bytes()
	o.sizes()
	o.protocol()
	o.mime()
	o.encodings()
	o.charsets()
	o.dates()
	o.programs()
	return o.list
}

// AddOdd puts the odd messages that Dovecot can copy unaltered into a folder of the Maildir at root and returns how many there are.
func AddOdd(t testing.TB, root, folder string) int {
	t.Helper()
	n := 0
	for _, odd := range OddMessages() {
		if odd.Altered || odd.Unstorable {
			continue
		}
		n++
		Put(t, root, folder, "odd-"+odd.Name, Message{Bytes: odd.Bytes, Date: odd.Date, Flags: []string{`\Seen`}})
	}
	return n
}

// oddList gathers odd messages.
type oddList struct{ list []Odd }

// add adds a message as it is given.
func (o *oddList) add(name, message string) *Odd {
	date := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC).Add(time.Duration(len(o.list)) * time.Minute)
	o.list = append(o.list, Odd{Name: name, Bytes: []byte(message), Date: date})
	return &o.list[len(o.list)-1]
}

// header adds an ordinary message with more header lines, which end with CR LF.
func (o *oddList) header(name, more string) *Odd {
	return o.add(name, head(name)+more+"\r\nordinary text\r\n")
}

// body adds a message with an ordinary header and this body.
func (o *oddList) body(name, body string) *Odd { return o.add(name, head(name)+"\r\n"+body) }

// typed adds a MIME message with this content type and body.
func (o *oddList) typed(name, contentType, body string) *Odd {
	return o.add(name, head(name)+"MIME-Version: 1.0\r\nContent-Type: "+contentType+"\r\n\r\n"+body)
}

// head returns an ordinary header, without the empty line behind it.
func head(name string) string {
	return fmt.Sprintf("Date: Sat, 29 Feb 2020 12:00:00 +0000\r\nFrom: Odd <odd@example.org>\r\nTo: user@example.net\r\nSubject: odd: %s\r\nMessage-ID: <%s@odd.example.org>\r\n", name, name)
}

func (o *oddList) identity() {
	o.add("no-message-id", "From: a@example.org\r\nSubject: no message id\r\n\r\nbody\r\n")
	o.add("no-message-id-2", "From: a@example.org\r\nSubject: no message id\r\n\r\nanother body\r\n")
	o.add("message-id-empty", "From: a@example.org\r\nSubject: empty id\r\nMessage-ID: \r\n\r\nbody 1\r\n")
	o.add("message-id-empty-2", "From: a@example.org\r\nSubject: empty id\r\nMessage-ID: \r\n\r\nbody 2\r\n")
	o.add("message-id-brackets", "From: a@example.org\r\nSubject: <> as id\r\nMessage-ID: <>\r\n\r\nbody 1\r\n")
	o.add("message-id-brackets-2", "From: a@example.org\r\nSubject: <> as id\r\nMessage-ID: <>\r\n\r\nbody 2\r\n")
	o.add("message-id-bare", "Subject: id without brackets\r\nMessage-ID: abc@example.org\r\n\r\nbody\r\n")
	o.add("message-id-blanks", "Subject: id with blanks\r\nMessage-ID: < a b @ c >\r\n\r\nbody\r\n")
	o.add("message-id-folded", "Subject: folded id\r\nMessage-ID:\r\n <folded@example.org>\r\n\r\nbody\r\n")
	o.add("message-id-quoted", "Subject: quoted id\r\nMessage-ID: <\"a\\\"b\"@example.org>\r\n\r\nbody\r\n")
	o.add("message-id-8bit", "Subject: 8-bit id\r\nMessage-ID: <\xe9\xff@example.org>\r\n\r\nbody\r\n")
	o.add("message-id-long", "Subject: long id\r\nMessage-ID: <"+strings.Repeat("x", 2000)+"@example.org>\r\n\r\nbody\r\n")
	o.add("message-id-twice", "Subject: two ids\r\nMessage-ID: <one@example.org>\r\nMessage-ID: <two@example.org>\r\n\r\nbody\r\n")
	for i, body := range []string{"first", "second", "third"} {
		o.add(fmt.Sprintf("same-message-id-%d", i+1), fmt.Sprintf("Subject: same id %d\r\nMessage-ID: <same@example.org>\r\n\r\n%s\r\n", i, body))
	}
	for i, body := range []string{"aaaa", "bbbb"} {
		o.add(fmt.Sprintf("same-header-%d", i+1), "Subject: same header, same size\r\nMessage-ID: <sameheader@example.org>\r\n\r\n"+body+"\r\n")
	}
	for i := range 2 {
		o.add(fmt.Sprintf("twin-%d", i+1), "Subject: twins\r\nMessage-ID: <twin@example.org>\r\n\r\nthe same twice\r\n")
	}
	for i := range 3 {
		o.add(fmt.Sprintf("triplet-%d", i+1), "Subject: triplets\r\n\r\nthe same three times, same date\r\n").Date = time.Unix(1_600_000_000, 0)
	}
	big := "Subject: twins beyond the digest\r\n" + strings.Repeat("X-Fill: "+strings.Repeat("y", 64)+"\r\n", 4500)
	o.add("header-333k-1", big+"X-Last: one\r\n\r\nbody\r\n")
	o.add("header-333k-2", big+"X-Last: two\r\n\r\nbody\r\n")
}

func (o *oddList) headers() {
	o.add("header-only", head("header-only")+"\r\n")
	o.add("header-only-no-empty-line", head("header-only-no-empty-line"))
	o.add("header-only-no-line-end", "Subject: header only, no line end")
	o.add("no-header", "\r\nNo header at all, only text.\r\n")
	o.add("no-header-no-colon", "This text has no header\r\nand no empty line\r\n")
	o.add("empty", "").Unstorable = true
	o.add("one-byte", "x")
	o.add("one-line-end", "\r\n")
	o.add("two-line-ends", "\r\n\r\n")
	o.add("colon", ":\r\n\r\nbody\r\n")
	o.add("from-first", "From odd@example.org Sat Feb 29 12:00:00 2020\r\n"+head("from-first")+"\r\nbody\r\n")
	o.add("quoted-from-first", ">From odd@example.org Sat Feb 29 12:00:00 2020\r\n"+head("quoted-from-first")+"\r\nbody\r\n")
	o.add("fold-first", " begins with a fold\r\n"+head("fold-first")+"\r\nbody\r\n")
	o.header("header-latin1", "X-Name: J\xfcrgen M\xfcller\r\n")
	o.header("header-utf8", "X-Name: Jürgen 日本 😀\r\n")
	o.header("header-bad-utf8", "X-Name: \xc3\x28 \xa0\xa1 \xf0\x28\x8c\xbc \xff\xfe\r\n")
	o.header("header-koi8", "X-Name: \xf0\xd2\xc9\xd7\xc5\xd4\r\n")
	o.header("header-blank-before-colon", "X-Odd : value\r\n")
	o.header("header-no-name", ": value without name\r\n")
	o.header("header-no-colon", "this line has none\r\n")
	o.header("header-no-value", "X-None:\r\nX-Blank: \r\n")
	o.header("header-fold-empty", "X-Fold: a\r\n \r\n\t\r\n b\r\n")
	o.header("header-fold-100", "X-Fold: a"+strings.Repeat("\r\n b", 100)+"\r\n")
	o.header("header-controls", "X-Controls: \x01\x02\x07\x08\x1b[31mred\x7f\r\n")
	o.header("header-line-998", "X-Long: "+strings.Repeat("a", 990)+"\r\n")
	o.header("header-line-10k", "X-Long: "+strings.Repeat("a", 10_000)+"\r\n")
	o.header("header-line-100k", "X-Long: "+strings.Repeat("a", 100_000)+"\r\n")
	o.header("header-10000-lines", strings.Repeat("X-N: 1\r\n", 10_000))
	o.header("header-subject-twice", "Subject: second subject\r\n")
	o.header("header-from-thrice", "From: b@example.org\r\nFrom: c@example.org\r\n")
	o.header("header-to-5000", "Cc: "+strings.Repeat("someone@example.org,\r\n ", 5000)+"last@example.org\r\n")
	o.header("header-address-broken", "Reply-To: \"unclosed <a@b>, (comment (nested), @@, <>\r\n")
	o.header("header-group", "Cc: undisclosed-recipients:;\r\n")
	o.header("header-encoded-word-broken", "X-W: =?utf-8?B?!!!?= =?nonsense?Q?x?= =?utf-8?Q?unfinished\r\n")
	o.header("header-encoded-word-long", "X-W: =?utf-8?B?"+strings.Repeat("w7w=", 2000)+"?=\r\n")
	o.header("header-bidi", "X-File: inv\u202ecod.exe\r\n")
	o.header("header-status", "Status: RO\r\nX-Status: A\r\nX-UID: 17\r\nX-IMAP: 1 2\r\nX-IMAPbase: 3 4\r\nX-Keywords: a b\r\nContent-Length: 3\r\n")
	o.header("header-received-500", strings.Repeat("Received: from a by b; Sat, 29 Feb 2020 12:00:00 +0000\r\n", 500))
}

func (o *oddList) dates() {
	for name, date := range map[string]string{
		"year-1": "Mon, 1 Jan 0001 00:00:00 +0000", "1969": "Wed, 31 Dec 1969 23:59:59 +0000", "1970": "Thu, 1 Jan 1970 00:00:00 +0000",
		"2038": "Tue, 19 Jan 2038 03:14:08 +0000", "9999": "Fri, 31 Dec 9999 23:59:59 +0000", "two-digits": "1 Jan 99 00:00 EST",
		"garbage": "yesterday, around noon", "leap-second": "Sat, 31 Dec 2016 23:59:60 +0000", "zone": "Sat, 29 Feb 2020 12:00:00 +9999",
		"no-such-day": "Fri, 30 Feb 2020 12:00:00 +0000", "dots": "29.02.2020 12.00",
	} {
		o.add("date-"+name, "Subject: dated "+name+"\r\nDate: "+date+"\r\n\r\nbody\r\n")
	}
	sortOdd(o.list[len(o.list)-11:])
	o.add("date-missing", "Subject: no date\r\n\r\nbody\r\n")
	o.add("date-twice", "Date: Sat, 29 Feb 2020 12:00:00 +0000\r\nDate: Sun, 1 Mar 2020 12:00:00 +0000\r\nSubject: two dates\r\n\r\nbody\r\n")
	o.body("arrived-1971", "INTERNALDATE long ago\r\n").Date = time.Date(1971, 1, 1, 0, 0, 1, 0, time.UTC)
	o.body("arrived-1970", "INTERNALDATE at the beginning of Unix time\r\n").Date = time.Unix(0, 0)
	to := o.body("arrived-2037", "INTERNALDATE to come\r\n")
	to.Date, to.Altered = time.Date(2037, 12, 31, 23, 59, 59, 0, time.UTC), true
	o.body("arrived-dst", "INTERNALDATE in the hour that is there twice\r\n").Date = time.Date(2020, 10, 25, 0, 30, 0, 0, time.UTC)
}
