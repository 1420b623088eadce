package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Conn may be told. The zero value is ready to use.
type Options struct {
	Stall    time.Duration // longest time without a byte of progress while something is awaited; default 60 s
	Greeted  bool          // the server's greeting was read before, by whoever turned TLS on: the library gets a plain one
	Log      *slog.Logger  // nil: nothing is logged
	Reads    int           // bytes read at once; default 128 KB
	Writes   int           // bytes written at once; default 64 KB
	Noise    int64         // bytes in a row of what nobody has asked for that are put up with; default 64 MB
	Patience time.Duration // how long a server that has said BYE may still talk; default 5 s
	InTurn   bool          // a raw command is sent when the one before it has ended, for a server that cannot take it sooner

	// Pipelines, if not nil, is told once that the server has answered a command which was sent ahead, or else that the connection ended while such
	// commands were open. It may not block.
	Pipelines func(bool)

	// Limit is the longest time in which a server may do nothing but talk: of all that it sends, nothing was asked for (see
	// Scanner.Asked), no command ends, and bodies come slower than 1,000 octets a second. Default 1 h.
	Limit time.Duration
}

// octetTime is what an octet of a body that was asked for may take of Options.Limit.
const octetTime = time.Millisecond

// buffer sizes: reads large enough that a busy connection costs few system calls, writes such that the header of an
// APPEND leaves together with its message.
const (
	readBuffer  = 128 << 10
	writeBuffer = 64 << 10
	writePiece  = 64 << 10 // progress is noted at least this often, in bytes
)

// A Conn is one connection to a server. It is the net.Conn of the client library above it, and sends raw commands besides:
// see Begin.
type Conn struct {
	net.Conn // for the addresses; TLS or not
	o        Options
	scan     Scanner   // belongs to the reading goroutine, and to the exchange that it has lent a response to
	lent     Response  // likewise
	next     *Exchange // likewise: whom the response is for that was found reading ahead
	lib      library
	pulse    pulse
	received moved

	turns  turns
	proven atomic.Bool // a command that was sent ahead was answered

	wmu     sync.Mutex // one command, or one piece of the library's, at a time
	bw      *bufio.Writer
	literal LiteralForm
	head    [32]byte // of a literal

	mu        sync.Mutex
	tags      uint64
	commands  map[string]*command // in flight, by tag
	exchanges []*Exchange         // open, oldest first
	awaiting  *command            // waits for a continuation request
	last      []Status            // what the server said unasked, newest last: see Said

	once sync.Once
	dead chan struct{}
	err  error // set before dead is closed
	bye  atomic.Pointer[Status]

	greeting atomic.Pointer[Status]
	refused  atomic.Int32 // commands
}

// LiteralForm is which literals may be sent without waiting (RFC 7888).
type LiteralForm int

// The forms.
const (
	LiteralSync  LiteralForm = iota // every literal waits for the server's word
	LiteralMinus                    // up to 4,096 octets need not wait
	LiteralPlus                     // none waits
)

const maxLiteralMinus = 4096

// New takes over c, which no one else may use from now on, and begins to read.
func New(c net.Conn, o Options) *Conn {
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Patience <= 0 {
		o.Patience = 5 * time.Second
	}
	if o.Reads <= 0 {
		o.Reads = readBuffer
	}
	if o.Writes <= 0 {
		o.Writes = writeBuffer
	}
	if o.Noise <= 0 {
		o.Noise = 64 << 20
	}
	if o.Limit <= 0 {
		o.Limit = time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Conn{Conn: c, o: o, commands: map[string]*command{}, dead: make(chan struct{})}
	w.pulse.stall, w.pulse.stalled = o.Stall, func() { w.kill(&StallError{After: o.Stall}) }
	w.lib.init()
	w.scan.from, w.scan.buf, w.scan.maxNoise = pulseReader{w}, make([]byte, o.Reads), o.Noise
	w.bw = bufio.NewWriterSize(pulseWriter{c, &w.pulse}, o.Writes)
	go w.read()
	return w
}

// SetLiterals says which literals the server takes without being asked. To be called before the first raw command.
func (c *Conn) SetLiterals(f LiteralForm) { c.literal = f }

// Literals returns what SetLiterals has set.
func (c *Conn) Literals() LiteralForm { return c.literal }

// Read gives the library what is for it. It implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.lib.read(p) }

// Write sends what the library writes. It implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	if c.lib.wrote(p) && c.o.InTurn {
		if err := c.awaitTurn(nil); err != nil {
			return 0, err
		}
	}
	c.wmu.Lock()
	defer c.wmu.Unlock()
	n, err := c.bw.Write(p)
	if err == nil {
		err = c.bw.Flush()
	}
	if err != nil {
		c.kill(err)
	}
	return n, err
}

// SetDeadline does nothing: progress is watched here (see Options.Stall), and the library's own limits do not fit slow
// lines or large messages. It implements net.Conn, as do the other two.
func (c *Conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// Close ends the connection at once and everything that waits on it.
func (c *Conn) Close() error {
	c.kill(net.ErrClosed)
	return nil
}

// Lose ends the connection because it is known to be dead; err says why.
func (c *Conn) Lose(err error) { c.kill(err) }

// ToldCapabilities reports whether the server has told its capabilities with the end of signing in. If not, the library may still
// show those of before.
func (c *Conn) ToldCapabilities() bool {
	c.lib.mu.Lock()
	defer c.lib.mu.Unlock()
	return c.lib.told
}

// moved is how many octets have moved and how many nanoseconds they were waited for.
type moved struct{ octets, waited atomic.Int64 }

// Received returns how many octets of message texts have come, and how long they were waited for from the second packet of each on. That
// is the line's doing: a server that has begun to send a text has it at hand. What it takes to find one does not count, nor
// does a slow reader.
func (c *Conn) Received() (octets int64, waited time.Duration) {
	return c.received.octets.Load(), time.Duration(c.received.waited.Load())
}

// Dead is closed when the connection can no longer be used.
func (c *Conn) Dead() <-chan struct{} { return c.dead }

// Err returns why the connection is dead, nil while it is not. It is a *ByeError if the server gave a reason.
func (c *Conn) Err() error {
	select {
	case <-c.dead:
		return c.err
	default:
		return nil
	}
}

// kill ends the connection because of err. It closes the network connection below TLS: a farewell that nobody reads
// would hold up whoever wants out.
func (c *Conn) kill(err error) {
	c.once.Do(func() {
		c.err = c.reason(err)
		close(c.dead)
		below := c.Conn
		if t, ok := below.(interface{ NetConn() net.Conn }); ok {
			below = t.NetConn()
		}
		_ = below.Close()
		c.pulse.stop()
		c.lib.close(c.err)
		c.diedAhead(err)
	})
}

// reason returns the better explanation: what the server said before it left.
func (c *Conn) reason(err error) error {
	bye := c.bye.Load()
	if bye == nil || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
		return err
	}
	return &ByeError{Status: *bye, Err: err}
}

// note keeps what the server says unasked.
func (c *Conn) note(s Status) {
	const kept = 4
	if s.Type == "BYE" {
		c.bye.Store(&s)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.last) == kept {
		c.last = append(c.last[:0], c.last[1:]...)
	}
	c.last = append(c.last, s)
}

// Greeting returns the text of the server's greeting, "" where it was read before.
func (c *Conn) Greeting() string {
	if s := c.greeting.Load(); s != nil {
		return s.Text
	}
	return ""
}

// Refused returns how many commands were answered with NO or BAD.
func (c *Conn) Refused() int { return int(c.refused.Load()) }

// Said returns what the server last said unasked that a person should read: alerts, refusals, its farewell. Newest last.
func (c *Conn) Said() []Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Status(nil), c.last...)
}

// Watch tells that the library has something to wait for until done is called: the stall timer runs, responses go to it,
// and ctx ends the connection.
func (c *Conn) Watch(ctx context.Context) (done func()) {
	stop := context.AfterFunc(ctx, func() { c.kill(context.Cause(ctx)) })
	c.pulse.begin()
	c.lib.open.Add(1)
	return func() {
		c.lib.open.Add(-1)
		c.pulse.end()
		stop()
	}
}

// StallError says that nothing moved for too long, or nothing but noise.
type StallError struct {
	After time.Duration
	Noise bool
}

func (e *StallError) Error() string {
	if e.Noise {
		return fmt.Sprintf("nothing of what was asked for in %v", e.After)
	}
	return fmt.Sprintf("no answer for %v", e.After)
}

// Timeout reports true: it implements net.Error's half that matters.
func (e *StallError) Timeout() bool { return true }

// ByeError is the end of a connection that the server has announced.
type ByeError struct {
	Status Status
	Err    error // how the connection ended then
}

func (e *ByeError) Error() string { return e.Status.String() }

func (e *ByeError) Unwrap() error { return e.Err }

// A ProtocolError is a response that cannot be understood so far that the connection had to be given up.
type ProtocolError struct{ Err error }

func (e *ProtocolError) Error() string { return "unreadable answer: " + e.Err.Error() }

func (e *ProtocolError) Unwrap() error { return e.Err }

// netError reports whether err comes from the network, not from what was read.
func netError(err error) bool {
	var n net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.ErrClosedPipe) || errors.As(err, &n)
}
