package imap

import (
	"bytes"
	"context"
	"errors"
	"io"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

const (
	bodyItems = "UID FLAGS INTERNALDATE BODY.PEEK[]"
	maxSpool  = 16 << 20 // bytes of a body that are held because the server tells what belongs to it only afterwards
)

// fetcher streams messages.
type fetcher struct {
	*query
	ctx       context.Context
	each      func(m engine.Message, lost error) error
	delivered seen
	there     seen               // messages of which anything has been heard
	known     map[engine.UID]row // told apart from the body
	alone     bool               // one command at a time, for one message: a body without UID is that message's
	assumed   engine.UID
	spool     bytes.Buffer
}

// Fetch streams the messages of the set that exist. It implements engine.Session.
func (s *session) Fetch(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(m engine.Message, lost error) error) (engine.FolderStatus, error) {
	var refused error
	began := false
	next := func() (engine.Wanted, bool) {
		first := !began
		began = true
		return engine.Wanted{Opening: f, Set: set}, first
	}
	t, err := s.stream(ctx, next, func(_ int, m engine.Message, lost error) error { return each(m, lost) },
		func(_ int, err error) error { refused = err; return nil })
	if err == nil {
		err = refused
	}
	if t.opened == nil {
		return engine.FolderStatus{Size: -1}, err
	}
	return t.opened.status, err
}

// judge returns which messages have not come that should have, after commands for the bodies of each set, and perhaps as many that ask which
// messages there are. An error says that the service was not willing.
func (f *fetcher) judge(sets []engine.UIDSet, ends []wire.Status) (missing engine.UIDSet, err error) {
	told := len(ends) > len(sets)
	for i, end := range ends {
		if end.OK() {
			continue
		}
		if classify(end) == engine.Throttled && !itemCode(end) {
			return nil, f.s.refuse(f.op, end)
		}
		told = told && i < len(sets)
	}
	missing = f.want
	if told {
		missing = f.there.set()
	}
	return missing.Without(f.delivered.set()), nil
}

// lookAfter fetches one by one what has not come with the others: what is gone is left alone, what the server does not
// deliver even so is lost.
func (f *fetcher) lookAfter(missing engine.UIDSet) (err error) {
	var there []engine.UID
	want := f.o.want
	want.Validity = f.o.status.Validity
	if f.o, err = f.s.examine(f.x, f.op, want, false); err != nil { // what came since the folder was opened may not be in sight
		return err
	}
	err = f.scan(missing, metaItems, nil, func(m row) error {
		f.known[m.UID] = m
		there = append(there, m.UID)
		return nil
	})
	if err != nil || len(there) == 0 {
		return err
	}
	const singleDepth = 8
	ends, err := f.ask(singles(there), "UID BODY.PEEK[]", singleDepth, f.take)
	if err != nil {
		return err
	}
	return f.settle(there, ends)
}

// settle reports what is lost of the messages that were asked for singly.
func (f *fetcher) settle(uids []engine.UID, ends []wire.Status) error {
	came := f.delivered.set()
	waiting, lost := 0, 0
	for i, u := range uids {
		if !came.Contains(u) {
			lost++
			if classify(ends[i]) == engine.Throttled {
				waiting++
			}
		}
	}
	const few = 3
	if lost == len(uids) && waiting == lost && lost > few { // not these messages are the trouble
		return f.s.refuse(f.op, ends[0])
	}
	for i, u := range uids {
		if came.Contains(u) {
			continue
		}
		if err := f.settleOne(u, ends[i]); err != nil {
			return err
		}
	}
	return nil
}

// settleOne tries a message once more, alone on the connection, unless it was refused, and reports it lost if it does not come.
func (f *fetcher) settleOne(u engine.UID, end wire.Status) error {
	if end.OK() {
		f.alone, f.assumed = true, u
		ends, err := f.ask(singles([]engine.UID{u}), "UID BODY.PEEK[]", 1, f.take)
		f.alone = false
		if err != nil || f.delivered.set().Contains(u) {
			return err
		}
		end = ends[0]
	}
	var lost *engine.Error
	switch {
	case end.OK():
		lost = f.s.ours(f.op, engine.Refused, "the service does not send the message's text")
	case end.Code == "EXPUNGEISSUED":
		return nil
	default:
		lost = f.s.refuse(f.op, end)
		lost.Kind = engine.Refused // this message; others came
	}
	return wrapEach(f.each(engine.Message{Meta: f.known[u].Meta}, lost))
}

// take reads a response and passes on the message in it, if there is one.
func (f *fetcher) take(r *wire.Response) error {
	delivered, spooled, size := false, false, int64(0)
	m, err := f.s.readRow(r, func(m *row) error {
		n, ok := r.Literal()
		if !ok {
			text, ok := r.String()
			if !ok || len(text) == 0 { // NIL, or as good as
				return r.Err()
			}
			f.spool.Reset()
			f.spool.Write(text)
			spooled, size = true, int64(len(text))
			return r.Err()
		}
		if all, ok := f.complete(*m); ok {
			delivered = true
			return f.deliver(r, all, n, r)
		}
		if n > maxSpool {
			return nil // asked for again, alone
		}
		f.spool.Reset()
		_, err := r.WriteTo(&f.spool)
		spooled, size = true, n
		return err
	})
	if err != nil || m.UID == 0 {
		return err
	}
	if f.want.Contains(m.UID) {
		f.there.add(m.UID)
	}
	if !spooled {
		if !delivered {
			f.remember(m)
		}
		return nil
	}
	if all, ok := f.complete(m); ok {
		return f.deliver(r, all, size, bytes.NewReader(f.spool.Bytes()))
	}
	return nil
}

// remember keeps what came without a body.
func (f *fetcher) remember(m row) {
	const most = 4096
	if m.has&(hasFlags|hasDate) == hasFlags|hasDate && len(f.known) < most {
		f.known[m.UID] = m
	}
}

// complete returns the row with what another response has told, and whether it is all that a message needs.
func (f *fetcher) complete(m row) (row, bool) {
	if m.UID == 0 && f.alone {
		m.UID, m.has = f.assumed, m.has|hasUID
	}
	const need = hasUID | hasFlags | hasDate
	if m.has&need == need {
		return m, true
	}
	if m.UID == 0 {
		return m, false
	}
	k, ok := f.known[m.UID]
	if !ok {
		return m, false
	}
	if m.has&hasFlags == 0 {
		m.Flags = k.Flags
	}
	if m.has&hasDate == 0 {
		m.Date = k.Date
	}
	if m.has&hasSize == 0 {
		m.Size = k.Size
	}
	return m, true
}

// deliver hands a message to the caller. An empty one is believed only if its size says the same.
func (f *fetcher) deliver(r *wire.Response, m row, size int64, body io.Reader) error {
	if !f.want.Contains(m.UID) || size == 0 && m.Size != 0 {
		return nil
	}
	if !f.delivered.add(m.UID) {
		return nil
	}
	r.Asked()
	m.Size = size
	b := &messageBody{f: f, r: body}
	err := f.each(engine.Message{Meta: m.Meta, Body: b}, nil)
	b.over = true
	if b.err != nil {
		return b.err
	}
	return wrapEach(err)
}

// messageBody is a message's text while it is lent.
type messageBody struct {
	f    *fetcher
	r    io.Reader
	over bool
	err  error // of the connection
}

var errBodyOver = errors.New("the message is no longer lent")

func (b *messageBody) Read(p []byte) (int, error) {
	if b.over {
		return 0, errBodyOver
	}
	n, err := b.r.Read(p)
	return n, b.note(err)
}

// WriteTo writes what is left of the message to w, straight from the connection's buffer.
func (b *messageBody) WriteTo(w io.Writer) (int64, error) {
	if b.over {
		return 0, errBodyOver
	}
	from := &sink{w: w}
	n, err := io.Copy(from, b.r)
	if from.err != nil {
		return n, from.err
	}
	return n, b.note(err)
}

func (b *messageBody) note(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	b.err = err
	return b.f.s.fail(b.f.ctx, b.f.op, err)
}

// sink tells a writer's errors from those of what is copied to it.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

func copyN(w io.Writer, r io.Reader, n int64) (int64, error) { return io.Copy(w, io.LimitReader(r, n)) }
