package imap

import (
	"context"
	"errors"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// How much is asked for ahead of what arrives. More would take work away from other lanes.
const (
	aheadFolders  = 16
	aheadMessages = 128      // of several folders; one may have more
	aheadBytes    = 16 << 10 // of commands: few enough that neither side's buffers fill
)

const fetchOp = "read messages"

// stream fetches folder after folder over one exchange. What the server sends belongs to the oldest fetch that is not over: no server opens
// a folder before it has done with the commands to the one before (RFC 3501, 5.5).
type stream struct {
	s    *session
	ctx  context.Context
	x    *wire.Exchange
	next func() (engine.Wanted, bool)
	each func(which int, m engine.Message, lost error) error
	over func(which int, err error) error

	asked    int            // fetches taken from next, but for waiting
	waiting  *engine.Wanted // taken from next, and to be begun when there is room
	ended    bool           // next has no more
	open     []*stretch     // on their way, oldest first
	late     []*stretch     // that have not brought all their messages
	opened   *opener        // of the folder that is open when all that was sent is done
	commands map[int]asked  // on their way, by number
	packAt   int64          // octets after which compression is thought of
	unread   int            // their bytes
}

// stretch is the fetch of messages of one folder.
type stretch struct {
	*fetcher
	which   int
	sets    []engine.UIDSet
	unsent  []string // commands
	ends    []wire.Status
	ended   int
	missing engine.UIDSet
}

// asked is a command on its way: EXAMINE has index -1.
type asked struct {
	*stretch
	index, bytes int
}

// FetchEach streams the messages of folder after folder. It implements engine.Session.
func (s *session) FetchEach(ctx context.Context, next func() (engine.Wanted, bool), each func(which int, m engine.Message, lost error) error,
	over func(which int, err error) error) error {
	_, err := s.stream(ctx, next, each, over)
	return err
}

// stream is FetchEach, and returns what it was done with.
func (s *session) stream(ctx context.Context, next func() (engine.Wanted, bool), each func(which int, m engine.Message, lost error) error,
	over func(which int, err error) error) (*stream, error) {
	s.busy.Lock()
	s.compress(ctx)
	s.busy.Unlock()
	x, done := s.begin(ctx, wire.Fetch|wire.Select)
	defer done()
	t := &stream{s: s, ctx: ctx, x: x, next: next, each: each, over: over, commands: map[int]asked{}}
	octets, _ := s.moved()
	t.packAt = max(enough, 2*octets)
	err := t.run()
	var own *eachError
	if errors.As(err, &own) {
		_ = s.conn.Close()
		return t, own.err
	}
	return t, s.fail(ctx, fetchOp, err)
}

func (t *stream) run() error {
	for {
		if err := t.send(); err != nil {
			return err
		}
		if t.x.Open() == 0 {
			if len(t.late) == 0 {
				return nil
			}
			if err := t.lookAfterLate(); err != nil {
				return err
			}
			continue
		}
		if err := t.x.Flush(); err != nil {
			return err
		}
		r, end, err := t.x.Next()
		switch {
		case err != nil:
			return err
		case r == nil:
			err = t.end(end)
		default:
			err = t.response(r)
		}
		if err != nil {
			return err
		}
	}
}

// send asks for more, as much as may be on its way.
func (t *stream) send() error {
	for {
		if n := len(t.open); n > 0 && len(t.open[n-1].unsent) > 0 {
			if sent, err := t.sendOne(t.open[n-1]); err != nil || !sent {
				return err
			}
			continue
		}
		w := t.wanted()
		if w == nil {
			return nil
		}
		if begun, err := t.begin(*w); err != nil || !begun {
			return err
		}
		t.waiting = nil
	}
}

// wanted returns what to fetch next, nil for nothing or not yet.
func (t *stream) wanted() *engine.Wanted {
	if t.waiting != nil {
		return t.waiting
	}
	if t.ended || len(t.late) > 0 || len(t.open) >= aheadFolders {
		return nil
	}
	if !t.packed() {
		return nil
	}
	messages := int64(0)
	for _, p := range t.open {
		messages += p.want.Count()
	}
	if len(t.open) > 1 && messages >= aheadMessages {
		return nil
	}
	w, ok := t.next()
	if t.ended = !ok; ok {
		t.waiting = &w
	}
	return t.waiting
}

// packed looks, each time that twice as much has come, whether the line is slow enough to compress it. It reports false while that has to wait
// until nothing is on its way.
func (t *stream) packed() bool {
	octets, _ := t.s.moved()
	if octets < t.packAt {
		return true
	}
	if t.x.Open() > 0 && t.s.mayCompress() {
		return false
	}
	t.s.compress(t.ctx)
	t.packAt = max(enough, 2*octets)
	return true
}

// begin opens the folder, unless it is open, and adds its fetch. It reports false where that has to wait until nothing is on its way: messages of
// one folder may come in any order, whichever command has asked for them, and a name that is sent as a literal may wait for the server.
func (t *stream) begin(w engine.Wanted) (begun bool, err error) {
	if len(w.Set) == 0 {
		t.asked++
		return true, wrapEach(t.over(t.asked-1, nil))
	}
	idle := t.x.Open() == 0
	same := t.opened != nil && t.opened.want.Folder == w.Folder && t.opened.want.Validity == w.Validity
	if !idle && (same || t.x.Waits(wire.Name(string(w.Folder)))) {
		return false, nil
	}
	p := &stretch{which: t.asked, sets: chunks(w.Set)}
	p.fetcher = &fetcher{query: &query{s: t.s, op: fetchOp, x: t.x, want: w.Set}, ctx: t.ctx, known: map[engine.UID]row{}}
	p.fetcher.each = func(m engine.Message, lost error) error { return t.each(p.which, m, lost) }
	if same && t.opened.open {
		p.o = t.opened
	} else {
		n := t.x.Sent()
		if p.o, err = t.s.examine(t.x, fetchOp, w.Opening, idle); err != nil {
			return false, err
		}
		if p.o.command >= 0 {
			t.commands[n] = asked{p, -1, 0}
			p.ended--
		}
	}
	t.asked++
	t.opened = p.o
	if p.o.command < 0 && p.o.err != nil { // nothing is on its way for it
		return true, wrapEach(t.over(p.which, p.o.failed()))
	}
	p.unsent = fetches(nil, p.sets, bodyItems)
	if w.Set.Count() > 1 { // in the same breath, which of them there are: for a set may name many that are not
		p.unsent = fetches(p.unsent, p.sets, "UID")
	}
	t.open = append(t.open, p)
	return true, nil
}

// sendOne sends the next command of a fetch, if there is room for it.
func (t *stream) sendOne(p *stretch) (sent bool, err error) {
	command := p.unsent[0]
	if t.unread > 0 && t.unread+len(command) > aheadBytes {
		return false, nil
	}
	t.commands[t.x.Sent()] = asked{p, len(p.ends), len(command)}
	t.unread += len(command)
	p.ends = append(p.ends, wire.Status{})
	p.unsent = p.unsent[1:]
	return true, t.x.Send(wire.Text(command))
}

// response hands a response to the fetch that it belongs to.
func (t *stream) response(r *wire.Response) error {
	if len(t.open) == 0 {
		return nil
	}
	if p := t.open[0]; !p.o.takes(r) && p.o.open {
		return p.take(r)
	}
	return nil
}

// end takes the end of a command, and ends the fetches that it was the last one of.
func (t *stream) end(e wire.End) error {
	c := t.commands[e.Command]
	delete(t.commands, e.Command)
	t.unread -= c.bytes
	c.ended++
	if c.index >= 0 {
		c.ends[c.index] = e.Status
	} else if c.o.ends(e); c.o.err != nil {
		c.unsent, t.s.examined = nil, nil // no folder is open
	}
	for len(t.open) > 0 {
		p := t.open[0]
		if len(p.unsent) > 0 || p.ended < len(p.ends) {
			return nil
		}
		t.open = t.open[1:]
		if err := t.close(p); err != nil {
			return err
		}
	}
	return nil
}

// close ends a fetch whose commands have all been answered, or leaves it for later.
func (t *stream) close(p *stretch) error {
	err := p.o.failed()
	if err == nil {
		p.missing, err = p.judge(p.sets, p.ends)
	}
	if err == nil && len(p.missing) > 0 {
		t.late = append(t.late, p)
		return nil
	}
	return wrapEach(t.over(p.which, err))
}

// lookAfterLate looks after the messages that have not come with the others, when nothing else is on its way.
func (t *stream) lookAfterLate() error {
	for len(t.late) > 0 {
		p := t.late[0]
		t.late = t.late[1:]
		err := p.lookAfter(p.missing)
		t.opened = p.o
		var own *eachError
		if errors.As(err, &own) || t.s.conn.Err() != nil || t.ctx.Err() != nil {
			return err
		}
		if t.x.Open() > 0 {
			return errLeftOpen
		}
		if err := t.over(p.which, t.s.fail(t.ctx, fetchOp, err)); err != nil {
			return wrapEach(err)
		}
	}
	return nil
}

var errLeftOpen = &wire.ProtocolError{Err: errors.New("commands are left without an end")}
