package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"time"
	"unicode/utf8"
)

// failItem settles a message that was not even claimed as failed. header may be nil.
func (p *activePass) failItem(f *folderWork, m Message, header []byte, cause error) error {
	h := held{ClaimedItem: ClaimedItem{UID: m.UID, Size: max(0, m.Size), Date: m.Date}, header: header}
	o := p.failure(h, cause)
	if header != nil {
		o.ClaimedItem.Head = HeadDigest(p.e.o.Ledger.DigestKey(), header)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	if err := p.e.o.Ledger.Settle(ctx, p.pass.ID, f.kept.ID, []Outcome{o}); err != nil {
		return err
	}
	f.spend(m.UID)
	f.write(func(t *FolderTally) { t.Failed++; t.Left-- })
	p.progress.write(func(g *Progress) { g.Done++; g.Tally.Failed++ })
	p.itemFailed()
	return nil
}

// failure returns the outcome of an item that cannot be copied because of cause.
func (p *activePass) failure(h held, cause error) Outcome {
	why := Failure{Kind: KindOf(cause), Text: textOf(cause)}
	if !p.limits.NoDetails {
		why.Subject, why.Sender, why.MessageID = describe(h.header)
	}
	return Outcome{UID: h.UID, State: ItemFailed, ClaimedItem: h.ClaimedItem, Failure: &why}
}

// describe reads from the start of a message whose it is, as far as it can be read, each at most 200 characters.
func describe(header []byte) (subject, sender, messageID string) {
	if i := bytes.Index(header, []byte("\r\n\r\n")); i >= 0 {
		header = header[:i+4]
	} else {
		header = append(bytes.Clone(header), "\r\n\r\n"...)
	}
	m, err := mail.ReadMessage(bytes.NewReader(header))
	if err != nil {
		return "", "", ""
	}
	var words mime.WordDecoder
	field := func(name string) string {
		s := m.Header.Get(name)
		if decoded, err := words.DecodeHeader(s); err == nil {
			s = decoded
		}
		return clip(s)
	}
	return field("Subject"), field("From"), field("Message-Id")
}

func clip(s string) string {
	const most = 200
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	if !utf8.ValidString(s) {
		return string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD")))
	}
	return s
}

// readSome fills into with the start of a message's body, or all of it.
func readSome(m Message, into []byte) (int, error) {
	n, err := io.ReadFull(m.Body, into)
	if err != nil {
		return n, &Error{Op: "fetch", Kind: Unreachable, Side: Source, Err: err}
	}
	return n, nil
}

func tooLarge(size, limit int64) string {
	return fmt.Sprintf("the message has %.1f MB, the destination takes %.1f MB", float64(size)/1e6, float64(limit)/1e6)
}

// date returns the instant in seconds, for comparing: zones do not matter.
func (d Date) date() int64 {
	if d.IsZero() {
		return 0
	}
	return d.Truncate(time.Second).Unix()
}
