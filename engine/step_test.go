package engine_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"syscall"

	"mwiz/engine"
)

// steps counts what a pass does at its ports, and strikes at one step. A step lies before and after every transaction of the ledger, every
// sign-in and every call of a session, at each message that a fetch brings, and in the bodies of messages at every so many bytes.
type steps struct {
	at     int               // the step to strike at; 0: only count
	sparse engine.UID        // of messages, only those count whose UID it divides; 0: all
	strike func(engine.Side) // called once, with the side that is in use, or the destination where the ledger is

	mu    sync.Mutex
	taken int
	place string // where it struck
	full  bool   // the ledger's disk: nothing is written any more
}

// stepBytes is how many bytes of a body make a step.
const stepBytes = 128 << 10

// step is taken at a place.
func (s *steps) step(side engine.Side, place string) {
	s.mu.Lock()
	s.taken++
	hit := s.taken == s.at
	if hit {
		s.place = side.String() + ": " + place
	}
	s.mu.Unlock()
	if hit {
		s.strike(side)
	}
}

// fill makes the ledger refuse every write from now on.
func (s *steps) fill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = true
}

// struck returns where it struck, "" when the pass had fewer steps.
func (s *steps) struck() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.place
}

// count returns how many steps were taken.
func (s *steps) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// wrap puts the counting between an engine and its ports.
func (s *steps) wrap(o engine.Options) engine.Options {
	o.Ledger, o.Dialer = steppedLedger{o.Ledger, s}, steppedDialer{o.Dialer, s}
	return o
}

// steppedLedger counts transactions. The heartbeat is none of them, for it comes with the clock.
type steppedLedger struct {
	engine.Ledger
	s *steps
}

// write does a transaction that writes.
func (l steppedLedger) write(what string, do func() error) error {
	l.s.step(engine.Destination, "before ledger "+what)
	l.s.mu.Lock()
	full := l.s.full
	l.s.mu.Unlock()
	if full {
		return &engine.Error{Op: what, Kind: engine.Broken, Text: "the disk is full", Err: syscall.ENOSPC}
	}
	err := do()
	l.s.step(engine.Destination, "after ledger "+what)
	return err
}

func (l steppedLedger) StartPass(ctx context.Context, id engine.PassID, r engine.PassRecord) error {
	return l.write("start", func() error { return l.Ledger.StartPass(ctx, id, r) })
}

func (l steppedLedger) CountPass(ctx context.Context, id engine.PassID) (n int, err error) {
	err = l.write("count", func() error { n, err = l.Ledger.CountPass(ctx, id); return err })
	return n, err
}

func (l steppedLedger) FinishPass(ctx context.Context, p engine.Pass, folders []engine.FolderTally, r engine.PassRecord) error {
	return l.write("finish", func() error { return l.Ledger.FinishPass(ctx, p, folders, r) })
}

func (l steppedLedger) KeepFolder(ctx context.Context, f engine.KeptFolder) (kept engine.KeptFolder, err error) {
	err = l.write("keep", func() error { kept, err = l.Ledger.KeepFolder(ctx, f); return err })
	return kept, err
}

func (l steppedLedger) Claim(ctx context.Context, c engine.Claim) (id engine.ClaimID, err error) {
	err = l.write("claim", func() error { id, err = l.Ledger.Claim(ctx, c); return err })
	return id, err
}

func (l steppedLedger) Settle(ctx context.Context, pass engine.PassID, folder engine.FolderID, outcomes []engine.Outcome) error {
	return l.write("settle", func() error { return l.Ledger.Settle(ctx, pass, folder, outcomes) })
}

func (l steppedLedger) Release(ctx context.Context, folder engine.FolderID, uids []engine.UID) error {
	return l.write("release", func() error { return l.Ledger.Release(ctx, folder, uids) })
}

func (l steppedLedger) TakeFailed(ctx context.Context, from, to engine.FolderID) error {
	return l.write("take over", func() error { return l.Ledger.TakeFailed(ctx, from, to) })
}

func (l steppedLedger) ForgetFailed(ctx context.Context, folder engine.FolderID, uids []engine.UID) error {
	return l.write("forget", func() error { return l.Ledger.ForgetFailed(ctx, folder, uids) })
}

func (l steppedLedger) Advance(ctx context.Context, folder engine.FolderID, to engine.Finished) error {
	return l.write("advance", func() error { return l.Ledger.Advance(ctx, folder, to) })
}

// steppedDialer counts sign-ins.
type steppedDialer struct {
	engine.Dialer
	s *steps
}

func (d steppedDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, secret engine.Secret) (engine.Session, error) {
	d.s.step(side, "before sign-in")
	session, err := d.Dialer.Dial(ctx, side, e, user, secret)
	if err != nil {
		return nil, err
	}
	d.s.step(side, "after sign-in")
	return steppedSession{session, d.s, side}, nil
}

// steppedSession counts calls, messages and bytes.
type steppedSession struct {
	engine.Session
	s    *steps
	side engine.Side
}

// call does a call between two steps.
func (c steppedSession) call(what string, do func()) {
	c.s.step(c.side, "before "+what)
	do()
	c.s.step(c.side, "after "+what)
}

func (c steppedSession) List(ctx context.Context, much bool) (l engine.Listing, err error) {
	c.call("list", func() { l, err = c.Session.List(ctx, much) })
	return l, err
}

func (c steppedSession) Create(ctx context.Context, folders []engine.FolderName, roles []engine.Role) (made []engine.CreateResult) {
	c.call("create", func() { made = c.Session.Create(ctx, folders, roles) })
	return made
}

func (c steppedSession) Examine(ctx context.Context, folder engine.FolderName) (st engine.FolderStatus, err error) {
	c.call("examine", func() { st, err = c.Session.Examine(ctx, folder) })
	return st, err
}

func (c steppedSession) Scan(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Meta) error) (st engine.FolderStatus, err error) {
	c.call("scan", func() { st, err = c.Session.Scan(ctx, f, set, each) })
	return st, err
}

func (c steppedSession) Headers(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Header) error) (st engine.FolderStatus, err error) {
	c.call("headers", func() { st, err = c.Session.Headers(ctx, f, set, each) })
	return st, err
}

func (c steppedSession) Fetch(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Message, error) error) (st engine.FolderStatus, err error) {
	c.call("fetch", func() {
		st, err = c.Session.Fetch(ctx, f, set, func(m engine.Message, lost error) error {
			return c.message(m, func(m engine.Message) error { return each(m, lost) })
		})
	})
	return st, err
}

func (c steppedSession) FetchEach(ctx context.Context, next func() (engine.Wanted, bool), each func(int, engine.Message, error) error,
	over func(int, error) error) (err error) {
	c.call("fetch", func() {
		err = c.Session.FetchEach(ctx, next, func(which int, m engine.Message, lost error) error {
			return c.message(m, func(m engine.Message) error { return each(which, m, lost) })
		}, func(which int, err error) error {
			c.s.step(c.side, "at the end of a folder's fetch")
			return over(which, err)
		})
	})
	return err
}

// message takes the steps of one message of a fetch.
func (c steppedSession) message(m engine.Message, each func(engine.Message) error) error {
	if c.s.sparse > 0 && m.UID%c.s.sparse != 0 {
		return each(m)
	}
	c.s.step(c.side, "before a message of the fetch")
	if m.Body != nil {
		m.Body = &steppedBody{r: m.Body, step: func() { c.s.step(c.side, "in a message of the fetch") }}
	}
	err := each(m)
	c.s.step(c.side, "after a message of the fetch")
	return err
}

func (c steppedSession) Append(ctx context.Context, folder engine.FolderName, batch []engine.Message) func() []engine.Appended {
	for i, m := range batch {
		if _, inMemory := m.Body.(*bytes.Reader); !inMemory { // a stream; the session looks into others
			batch[i].Body = &steppedBody{r: m.Body, step: func() { c.s.step(c.side, "in a message of the append") }}
		}
	}
	var wait func() []engine.Appended
	c.call("append", func() { wait = c.Session.Append(ctx, folder, batch) })
	return func() (answers []engine.Appended) {
		c.call("answers", func() { answers = wait() })
		return answers
	}
}

func (c steppedSession) Copy(ctx context.Context, from engine.Opening, set engine.UIDSet, to engine.FolderName) (copies engine.Copies, err error) {
	c.call("copy", func() { copies, err = c.Session.Copy(ctx, from, set, to) })
	return copies, err
}

func (c steppedSession) Labels(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Labelled) error) (st engine.FolderStatus, err error) {
	c.call("labels", func() { st, err = c.Session.Labels(ctx, f, set, each) })
	return st, err
}

// steppedBody takes a step every stepBytes.
type steppedBody struct {
	r    io.Reader
	step func()
	left int
}

func (b *steppedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= n; b.left <= 0 {
		b.left = stepBytes
		b.step()
	}
	return n, err
}
