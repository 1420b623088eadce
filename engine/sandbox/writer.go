package sandbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// message is one to be delivered.
type message struct {
	bytes []byte
	flags []imap.Flag
	date  time.Time
}

// writer makes up mail. The same calls give the same mail, but for its dates, which count back from now.
type writer struct {
	random *rand.Rand
	source *rand.ChaCha8 // below random; for many bytes at once
	now    func() time.Time
	count  int // messages written
	fresh  int // of these, those that arrived after the start
}

func newWriter() *writer {
	source := rand.NewChaCha8([32]byte{'s', 'a', 'n', 'd'})
	return &writer{random: rand.New(source), source: source, now: time.Now}
}

// What mail is made of.
var (
	subjects = []string{
		"Minutes of Monday's meeting", "Offer for the new office", "Re: Delivery dates", "Invoice %d", "Lunch?", "Your order %d has been shipped",
		"Fwd: Training in autumn", "Holiday list", "Besprechung in Zürich: nächste Schritte", "見積書 %d", "Re: Re: Prototype, third round",
		"Ölwechsel und Größenangaben", "Backup report %d: no errors", "Contract, signed", "Photos of the fair", "Welcome to the team 🎉",
	}
	senders = []string{
		"Dana Novak <dana@supplier.example>", "Accounts <billing@supplier.example>", "Jürgen Weiß <juergen.weiss@kunde.example>",
		"佐藤 花子 <hanako@customer.example>", "Eve Martin <eve@" + oldDomain + ">", "Newsletter <news@weekly.example>",
		"Build server <no-reply@" + oldDomain + ">", "Oluwaseun Ade <seun@partner.example>",
	}
	paragraphs = []string{
		"Thank you for the quick answer. I have put the numbers into the table, and they look right to me.",
		"Please find the document attached. The second page is the one that matters; the rest is as we left it in May.",
		"Could we move this to Thursday? The room is free from ten, and everybody but Chiyo has said yes.",
		"Die Maße stehen in der Zeichnung. Für die Größe gilt: lieber ein Millimeter zu viel als einer zu wenig. Schöne Grüße!",
		"添付の資料をご確認ください。ご不明な点がございましたら、お知らせください。",
		"From now on we meet at nine. The old time stays in the calendar until the end of the month.",
		"Everything ran through tonight. Nothing needs your attention; this message is for the record only.",
	}
	attachments = []struct{ name, kind, begins string }{
		{"offer.pdf", "application/pdf", "%PDF-1.7\n"},
		{"photo.jpg", "image/jpeg", "\xff\xd8\xff\xe0"},
		{"Größen.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04"},
	}
	zones = []int{0, 3600, 7200, 9 * 3600, -5 * 3600}
)

// old makes up a message that lies in a folder since some time in the last three years.
func (w *writer) old(p person, f folder) message {
	age := time.Duration(w.random.Int64N(int64(3 * 365 * 24 * time.Hour)))
	m := w.write(p, f.role, w.now().Add(-age))
	m.flags = w.flags(f.role)
	return m
}

// next makes up a message that arrives now, and says at whom and where. Most come into an inbox; some are filed by a rule, into a
// folder without special use.
func (w *writer) next() (person, string, message) {
	p := people[w.fresh%len(people)]
	w.fresh++
	where := p.folders[0]
	if w.fresh%5 == 0 {
		where = p.folders[len(p.folders)-2]
	}
	return p, where.name, w.write(p, where.role, w.now())
}

// flags makes up the flags of a message that lies in a folder of a role.
func (w *writer) flags(role imap.MailboxAttr) []imap.Flag {
	if role == imap.MailboxAttrDrafts {
		return []imap.Flag{imap.FlagDraft, imap.FlagSeen}
	}
	var flags []imap.Flag
	for _, chance := range []struct {
		flag   imap.Flag
		per100 int
	}{{imap.FlagSeen, 85}, {imap.FlagAnswered, 25}, {imap.FlagFlagged, 6}, {imap.FlagForwarded, 4}} {
		if w.random.IntN(100) < chance.per100 {
			flags = append(flags, chance.flag)
		}
	}
	return flags
}

// write makes up a message of a date: plain text, one in three with HTML beside it, one in eight with an attachment.
func (w *writer) write(p person, role imap.MailboxAttr, date time.Time) message {
	w.count++
	date = date.Truncate(time.Second).In(time.FixedZone("", zones[w.random.IntN(len(zones))]))
	var b bytes.Buffer
	w.header(&b, p, role, date)
	text := w.text()
	boundary := fmt.Sprintf("=_part_%d", w.count)
	switch {
	case w.random.IntN(8) == 0:
		open(&b, "multipart/mixed", boundary)
		part(&b, boundary, "text/plain; charset=utf-8", text)
		w.attach(&b, boundary)
		fmt.Fprintf(&b, "--%s--\r\n", boundary)
	case w.random.IntN(3) == 0:
		open(&b, "multipart/alternative", boundary)
		part(&b, boundary, "text/plain; charset=utf-8", text)
		part(&b, boundary, "text/html; charset=utf-8", "<p>"+strings.ReplaceAll(text, "\r\n\r\n", "</p>\r\n<p>")+"</p>\r\n")
		fmt.Fprintf(&b, "--%s--\r\n", boundary)
	default:
		body(&b, "text/plain; charset=utf-8", text)
	}
	return message{bytes: b.Bytes(), date: date}
}

// header writes all of a header but what says how the body is written.
func (w *writer) header(b *bytes.Buffer, p person, role imap.MailboxAttr, date time.Time) {
	from, to := senders[w.random.IntN(len(senders))], fmt.Sprintf("%s <%s>", p.name, p.source())
	if role == imap.MailboxAttrSent || role == imap.MailboxAttrDrafts {
		from, to = to, from
	}
	subject := subjects[w.random.IntN(len(subjects))]
	if strings.Contains(subject, "%d") {
		subject = fmt.Sprintf(subject, 1000+w.count)
	}
	fmt.Fprintf(b, "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\n", date.Format(time.RFC1123Z), encoded(from), encoded(to), mime.QEncoding.Encode("utf-8", subject))
	if w.count%97 != 0 { // some mail has none
		fmt.Fprintf(b, "Message-ID: <%d.%x@%s>\r\n", w.count, w.random.Uint32(), oldDomain)
	}
	b.WriteString("MIME-Version: 1.0\r\n")
}

// encoded returns "Name <address>" with the name encoded where it needs to be.
func encoded(who string) string {
	name, address, _ := strings.Cut(who, " <")
	return mime.QEncoding.Encode("utf-8", name) + " <" + address
}

// text makes up one to four paragraphs.
func (w *writer) text() string {
	var b strings.Builder
	for range 1 + w.random.IntN(4) {
		b.WriteString(paragraphs[w.random.IntN(len(paragraphs))] + "\r\n\r\n")
	}
	return b.String()
}

// open begins a multipart body.
func open(b *bytes.Buffer, kind, boundary string) {
	fmt.Fprintf(b, "Content-Type: %s; boundary=%q\r\n\r\n", kind, boundary)
}

// part writes one part of a multipart body.
func part(b *bytes.Buffer, boundary, kind, text string) {
	fmt.Fprintf(b, "--%s\r\n", boundary)
	body(b, kind, text)
}

// body writes what says how a body is written, and the body.
func body(b *bytes.Buffer, kind, text string) {
	fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", kind)
	q := quotedprintable.NewWriter(b)
	_, _ = q.Write([]byte(text)) // a Buffer takes all
	_ = q.Close()
	b.WriteString("\r\n")
}

// attach writes an attachment of 2 to 80 KB as a part.
func (w *writer) attach(b *bytes.Buffer, boundary string) {
	a := attachments[w.random.IntN(len(attachments))]
	data := make([]byte, 2<<10+w.random.IntN(78<<10))
	_, _ = w.source.Read(data) // never fails
	copy(data, a.begins)
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": a.name})
	fmt.Fprintf(b, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s\r\n\r\n", boundary, a.kind, disposition)
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 0 {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
}
