package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// An Exchange is one or more raw commands in flight together, with the untagged responses that belong to them. One goroutine
// at a time uses it.
type Exchange struct {
	c         *Conn
	kinds     Kind
	sent      int
	open      int            // commands begun and not yet reported by Next
	responses chan *Response // lent by the reading goroutine
	returned  chan struct{}  // given back
	lent      bool
	closed    chan struct{}
	once      sync.Once
	stop      func() bool
	under     atomic.Int32 // commands whose end has not come

	mu    sync.Mutex
	ends  []End         // of commands, not yet reported
	ended chan struct{} // ends has grown
}

// End is how a command ended.
type End struct {
	Command int // 0 for the first one sent on its exchange, and so on
	Status  Status
}

// command is one raw command.
type command struct {
	x       *Exchange
	number  int
	tag     string
	goAhead chan struct{} // the server asks for the literal
	over    chan struct{} // closed when the tagged line has come
	behind  bool          // others were without their end when it was sent

	compress bool // an OK to it turns compression on
}

func (m *command) finish(s Status) {
	m.x.mu.Lock()
	m.x.ends = append(m.x.ends, End{m.number, s})
	m.x.mu.Unlock()
	m.x.under.Add(-1)
	close(m.over)
	m.x.c.tells(m, s)
	if m.x.c.o.InTurn {
		m.x.c.turns.over()
	}
	select {
	case m.x.ended <- struct{}{}:
	default:
	}
}

// Begin opens an exchange. While commands of it are in flight, untagged responses of the given kinds come to it, oldest exchange first. When ctx ends, the
// connection does. Close must be called.
func (c *Conn) Begin(ctx context.Context, kinds Kind) *Exchange {
	x := &Exchange{
		c: c, kinds: kinds,
		responses: make(chan *Response),
		returned:  make(chan struct{}),
		ended:     make(chan struct{}, 1),
		closed:    make(chan struct{}),
		stop:      context.AfterFunc(ctx, func() { c.kill(context.Cause(ctx)) }),
	}
	c.mu.Lock()
	c.exchanges = append(c.exchanges, x)
	c.mu.Unlock()
	c.pulse.begin()
	return x
}

// Close ends the exchange. If commands are still open the connection ends with it: what they bring could not be told apart
// from what later ones do.
func (x *Exchange) Close() {
	x.once.Do(func() {
		if x.open > 0 {
			x.c.kill(errAbandoned)
		}
		x.giveBack()
		close(x.closed)
		x.c.mu.Lock()
		x.c.exchanges = slices.DeleteFunc(x.c.exchanges, func(o *Exchange) bool { return o == x })
		x.c.mu.Unlock()
		x.c.pulse.end()
		x.stop()
	})
}

var errAbandoned = errors.New("a command was abandoned")

// Open returns how many commands have been sent whose end Next has not reported.
func (x *Exchange) Open() int { return x.open }

// Next waits for what comes next: a response, or (nil, and) the end of a command. A response is lent until Next or Close is
// called. An error means that the connection is dead; what had come before is reported first.
func (x *Exchange) Next() (*Response, End, error) {
	if x.lent {
		if r := x.c.ahead(x); r != nil {
			return r, End{}, nil
		}
	}
	x.giveBack()
	for {
		if e, ok := x.end(); ok {
			return nil, e, nil
		}
		select {
		case r := <-x.responses:
			x.lent = true
			return r, End{}, nil
		case <-x.ended:
		case <-x.c.dead:
			if e, ok := x.end(); ok {
				return nil, e, nil
			}
			return nil, End{}, x.c.err
		}
	}
}

func (x *Exchange) hasEnd() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.ends) > 0
}

func (x *Exchange) end() (End, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.ends) == 0 {
		return End{}, false
	}
	e := x.ends[0]
	x.ends = x.ends[1:]
	x.open--
	return e, true
}

func (x *Exchange) giveBack() {
	if !x.lent {
		return
	}
	x.lent = false
	select {
	case x.returned <- struct{}{}:
	case <-x.c.dead:
	}
}

// A Part is a piece of a command.
type Part struct {
	text string
	body io.Reader
	size int64
	name bool
	bin  bool
}

// Text is written as it stands.
func Text(s string) Part { return Part{text: s} }

// Name is a folder's name, or another string, written quoted or as a literal.
func Name(s string) Part { return Part{text: s, name: true} }

// Literal is size octets from r, sent in the quickest form that the server takes. If r gives fewer or fails the connection
// ends, so that nothing is stored.
func Literal(r io.Reader, size int64) Part { return Part{body: r, size: size} }

// ErrHeld says that the server refused a command before its literal was sent; its end comes through Next as ever.
var ErrHeld = errors.New("refused before the literal")

// Send writes a command, without its tag and line end. It may stay in the buffer until Flush, or until a literal has to wait
// for the server. ErrHeld leaves the connection in step; any other error ends it.
func (x *Exchange) Send(parts ...Part) error {
	m := x.add()
	if x.c.o.InTurn {
		return x.sendInTurn(m, parts)
	}
	return x.c.write(m, parts)
}

// write is Send for a command that is registered.
func (c *Conn) write(m *command, parts []Part) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	err := c.send(m, parts)
	if err == nil && c.o.InTurn {
		err = c.bw.Flush()
	}
	if err != nil && !errors.Is(err, ErrHeld) {
		c.kill(err)
		return c.err
	}
	return err
}

// add registers the next command.
func (x *Exchange) add() *command {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tags++
	m := &command{x: x, number: x.sent, tag: "R" + strconv.FormatUint(c.tags, 10), goAhead: make(chan struct{}, 1), over: make(chan struct{}), behind: len(c.commands)+c.lib.busy() > 0}
	c.commands[m.tag] = m
	x.sent++
	x.open++
	x.under.Add(1)
	return m
}

func (c *Conn) send(m *command, parts []Part) error {
	if _, err := c.bw.WriteString(m.tag + " "); err != nil {
		return err
	}
	for _, p := range parts {
		if err := c.part(m, p); err != nil {
			return err
		}
	}
	_, err := c.bw.WriteString("\r\n")
	return err
}

func (c *Conn) part(m *command, p Part) error {
	switch {
	case p.body != nil:
		return c.sendLiteral(m, p.body, p.size, p.bin)
	case p.name && !quotable(p.text):
		return c.sendLiteral(m, stringReader(p.text), int64(len(p.text)), false)
	case p.name:
		_, err := c.bw.WriteString(quote(p.text))
		return err
	}
	_, err := c.bw.WriteString(p.text)
	return err
}

func (c *Conn) sendLiteral(m *command, r io.Reader, size int64, binary bool) error {
	head, wait := c.head[:0], c.waits(size)
	if binary {
		head = append(head, '~')
	}
	head = strconv.AppendInt(append(head, '{'), size, 10)
	if !wait {
		head = append(head, '+')
	}
	if _, err := c.bw.Write(append(head, "}\r\n"...)); err != nil {
		return err
	}
	if wait {
		if err := c.await(m); err != nil {
			return err
		}
	}
	from := &noting{r: r}
	n, err := copyExactly(c.bw, from, size)
	switch {
	case from.err != nil:
		return &BodyError{from.err}
	case err == nil && n != size:
		return &BodyError{fmt.Errorf("the message ends after %d of %d bytes", n, size)}
	}
	return err
}

// await flushes and waits until the server asks for the literal.
func (c *Conn) await(m *command) error {
	m.x.giveBack()
	c.mu.Lock()
	c.awaiting = m
	c.mu.Unlock()
	if err := c.bw.Flush(); err != nil {
		return err
	}
	for {
		select {
		case <-m.goAhead:
			return nil
		case <-m.over:
			c.mu.Lock()
			if c.awaiting == m {
				c.awaiting = nil
			}
			c.mu.Unlock()
			return ErrHeld
		case <-m.x.responses: // nobody can take it now, and the reading goroutine must go on
			m.x.lent = true
			m.x.giveBack()
		case <-c.dead:
			return c.err
		}
	}
}

// Waits reports whether Send would have to wait for the server with these parts. Responses that come meanwhile are lost: take
// those of earlier commands first.
func (x *Exchange) Waits(parts ...Part) bool {
	for _, p := range parts {
		size := p.size
		if p.name && !quotable(p.text) {
			size = int64(len(p.text))
		} else if p.body == nil {
			continue
		}
		if x.c.waits(size) {
			return true
		}
	}
	return false
}

func (c *Conn) waits(size int64) bool {
	return c.literal == LiteralSync || c.literal == LiteralMinus && size > maxLiteralMinus
}

// Flush sends what Send has left in the buffer.
func (x *Exchange) Flush() error {
	x.c.wmu.Lock()
	defer x.c.wmu.Unlock()
	if err := x.c.bw.Flush(); err != nil {
		x.c.kill(err)
		return x.c.err
	}
	return nil
}

// BodyError is trouble with the message being sent, not with the connection it was sent on, which is dead all the same.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return e.Err.Error() }

func (e *BodyError) Unwrap() error { return e.Err }

// copyExactly copies size octets, fewer only if the reader ends before.
func copyExactly(w io.Writer, from *noting, size int64) (int64, error) {
	if b, ok := from.r.(interface {
		io.WriterTo
		Len() int
	}); ok && int64(b.Len()) == size {
		return b.WriteTo(w) // in memory: no copy
	}
	return io.Copy(w, io.LimitReader(from, size))
}

// noting tells a reader's errors from those of the writer that it is copied to.
type noting struct {
	r   io.Reader
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return k, err
}

// Sent returns how many commands have been sent: the number of the next one.
func (x *Exchange) Sent() int { return x.sent }
