package imap

import (
	"bytes"
	"context"
	"errors"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// metaItems are asked for of every message.
const metaItems = "UID FLAGS INTERNALDATE RFC822.SIZE"

// maxHeader is how much of a header is read, in bytes: as much as its digest covers.
const maxHeader = 256 << 10

// Scan reports each message of the set without its body. It implements engine.Session.
func (s *session) Scan(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Meta) error) (engine.FolderStatus, error) {
	q, done, err := s.open(ctx, "read the list of messages", f, set, false)
	defer done()
	if err == nil {
		err = q.scan(set, metaItems, nil, func(m row) error { return wrapEach(each(m.Meta)) })
	}
	return q.finish(ctx, err)
}

// Headers is Scan with headers. It implements engine.Session.
func (s *session) Headers(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Header) error) (engine.FolderStatus, error) {
	q, done, err := s.open(ctx, "read headers", f, set, false)
	defer done()
	if err == nil {
		var header bytes.Buffer
		err = q.scan(set, metaItems+" BODY.PEEK[HEADER]<0.262144>", &header, func(m row) error {
			return wrapEach(each(engine.Header{Meta: m.Meta, Bytes: bytes.Clone(header.Bytes())}))
		})
	}
	return q.finish(ctx, err)
}

// maxMessages bounds the list of a folder, against a server that never ends it.
const maxMessages = 10_000_000

var errMessages = &wire.ProtocolError{Err: errors.New("a folder without end")}

func wrapEach(err error) error {
	if err == nil {
		return nil
	}
	return &eachError{err}
}

// open begins a query: EXAMINE, unless keep allows to go on with a folder that is open.
func (s *session) open(ctx context.Context, op string, f engine.Opening, set engine.UIDSet, keep bool) (q *query, done func(), err error) {
	x, done := s.begin(ctx, wire.Fetch|wire.Select)
	q = &query{s: s, op: op, x: x, want: set}
	q.o, err = s.examine(x, op, f, keep)
	return q, done, err
}

// scan asks for items of each message of the set and reports those that exist, once. Where the server refuses a range, or tells
// half of what was asked for, the messages are asked for one by one; one of which it does not tell even so is reported with
// what is known of it: that it is there.
func (q *query) scan(set engine.UIDSet, items string, header *bytes.Buffer, each func(row) error) error {
	var reported, heard seen
	rows := 0
	take := func(r *wire.Response) error {
		if header != nil {
			header.Reset()
		}
		m, err := q.s.readRow(r, headerReader(r, header))
		if err != nil {
			return err
		}
		data := m.has&(hasDate|hasSize|hasMessage) != 0 && (header == nil || m.has&hasBody != 0) // else it only tells of flags that changed
		if m.UID == 0 || !set.Contains(m.UID) {
			return nil
		}
		heard.add(m.UID)
		if !data || !reported.add(m.UID) {
			return nil
		}
		r.Asked()
		if rows++; rows > q.s.dialer.o.messages {
			return errMessages
		}
		return each(m)
	}
	parts := chunks(set)
	ends, err := q.ask(parts, items, depth, take)
	if err != nil {
		return err
	}
	left, refusal := heard.set(), wire.Status{Type: "OK"}
	for i, end := range ends {
		if !end.OK() {
			left, refusal = left.Union(parts[i]), end
		}
	}
	if kind := classify(refusal); kind == engine.Throttled && !itemCode(refusal) || kind == engine.Missing {
		return q.s.refuse(q.op, refusal)
	}
	if left = left.Without(reported.set()); len(left) == 0 {
		return nil
	}
	uids, err := q.existing(left, refusal)
	if err == nil {
		err = q.scanSingly(uids, items, take)
	}
	if err != nil {
		return err
	}
	for _, u := range uids {
		if reported.add(u) {
			if err := each(row{Meta: engine.Meta{UID: u, Size: -1}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanSingly asks for messages one by one.
func (q *query) scanSingly(uids []engine.UID, items string, take func(r *wire.Response) error) error {
	const singleDepth = 8
	_, err := q.ask(singles(uids), items, singleDepth, take)
	return err
}

// existing returns which UIDs of a set there are.
func (q *query) existing(set engine.UIDSet, why wire.Status) ([]engine.UID, error) {
	var uids []engine.UID
	var found seen
	ends, err := q.ask(chunks(set), "UID", depth, func(r *wire.Response) error {
		m, err := q.s.readRow(r, nil)
		if err == nil && m.UID != 0 && set.Contains(m.UID) && found.add(m.UID) {
			r.Asked()
			uids = append(uids, m.UID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, end := range ends {
		if !end.OK() {
			return nil, q.s.refuse(q.op, why)
		}
	}
	return uids, nil
}

// headerReader returns what readRow calls at a header: nil when none was asked for.
func headerReader(r *wire.Response, header *bytes.Buffer) func(*row) error {
	if header == nil {
		return nil
	}
	return func(*row) error {
		n, ok := r.Literal()
		if !ok {
			text, _ := r.String()
			header.Write(text[:min(len(text), maxHeader)])
			return r.Err()
		}
		if n > maxHeader { // the server ignores how much was asked for
			_, err := copyN(header, r, maxHeader)
			return err
		}
		_, err := r.WriteTo(header)
		return err
	}
}

// itemCode reports whether a refusal may be about one message, though its code speaks of the whole service.
func itemCode(s wire.Status) bool {
	return s.Code == "UNAVAILABLE" || s.Code == "SERVERBUG" || s.Code == "INUSE"
}
