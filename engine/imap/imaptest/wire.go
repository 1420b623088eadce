package imaptest

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mwiz/engine"
)

// WireOptions say how far and how wide the wire is. The zero value adds nothing.
type WireOptions struct {
	RTT            time.Duration // round trip to add
	BytesPerSecond int64         // a connection and direction; 0: no limit
	Together       int64         // bytes a second of all connections together, in a direction; 0: no limit
	Record         bool          // keep the commands that clients send; they must not be encrypted or compressed
	InTurn         Eager         // what becomes of a command that comes before the one before it has been answered; not encrypted or compressed
}

// Proxy is a wire between clients and a server on loopback, which can break on purpose.
type Proxy struct {
	to  string
	o   WireOptions
	l   net.Listener
	all sync.WaitGroup

	up, down, connections, broken, rate atomic.Int64

	lines [2]line // up and down, of all connections together

	mu       sync.Mutex
	faults   []Fault
	links    map[*link]bool
	refuse   bool
	swallow  bool
	closed   bool
	commands []Command
}

// Wire puts a proxy before the server at to. It is gone when the test ends.
func Wire(t testing.TB, to string, o WireOptions) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{to: to, o: o, l: l, links: map[*link]bool{}}
	p.Limit(o.BytesPerSecond)
	p.all.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr returns where the proxy listens, as net.Dial takes it.
func (p *Proxy) Addr() string { return p.l.Addr().String() }

// Port returns the port of Addr.
func (p *Proxy) Port() int { return p.l.Addr().(*net.TCPAddr).Port }

// Endpoint returns e, an endpoint of the server behind the proxy, as it is reached through it.
func (p *Proxy) Endpoint(e engine.Endpoint) engine.Endpoint {
	e.Host, e.Port = "127.0.0.1", p.Port()
	return e
}

// Break adds faults to those that have not struck yet.
func (p *Proxy) Break(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Mend takes away the faults that have not struck yet.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Broken returns how many faults have struck.
func (p *Proxy) Broken() int { return int(p.broken.Load()) }

// Refuse makes the proxy reset new connections, or take them again.
func (p *Proxy) Refuse(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = yes
}

// Limit changes WireOptions.BytesPerSecond from now on.
func (p *Proxy) Limit(bytesPerSecond int64) { p.rate.Store(bytesPerSecond) }

// Cut resets every connection and returns how many there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.end(Reset)
	}
	return len(p.links)
}

// Swallow has nothing pass any more on the connections that there are; nobody is told. With more, connections to come are swallowed as well, until
// it is called without.
func (p *Proxy) Swallow(more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow = more
	for l := range p.links {
		l.hole.Store(true)
	}
}

// Connections returns how many connections have been made.
func (p *Proxy) Connections() int { return int(p.connections.Load()) }

// Open returns how many connections there are now.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Bytes returns how many bytes have passed from clients to the server, and back.
func (p *Proxy) Bytes() (up, down int64) { return p.up.Load(), p.down.Load() }

// Commands returns what clients have sent, in the order of each connection. See WireOptions.Record.
func (p *Proxy) Commands() []Command {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.Clone(p.commands)
	slices.SortStableFunc(list, func(a, b Command) int { return cmp.Compare(a.Connection, b.Connection) })
	return list
}

// Forget drops the commands recorded so far.
func (p *Proxy) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = nil
}

// close ends the proxy and waits for its goroutines.
func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.l.Close()
	p.Cut()
	p.all.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		n := int(p.connections.Add(1))
		p.all.Go(func() { p.serve(n, c.(*net.TCPConn)) })
	}
}

// serve joins one client to the server until either ends.
func (p *Proxy) serve(n int, client *net.TCPConn) {
	time.Sleep(p.o.RTT) // the handshake
	p.mu.Lock()
	refuse := p.refuse || p.closed
	p.mu.Unlock()
	server, err := net.DialTimeout("tcp", p.to, 5*time.Second)
	if err == nil && refuse {
		_ = server.Close()
	}
	if err != nil || refuse {
		reset(client)
		return
	}
	l := &link{proxy: p, client: client, server: server.(*net.TCPConn), gone: make(chan struct{})}
	p.mu.Lock()
	p.links[l] = true
	l.hole.Store(p.swallow)
	if p.closed {
		l.end(Reset)
	}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.pump(n, true) })
	both.Go(func() { l.pump(n, false) })
	both.Wait()
	_, _ = client.Close(), server.Close()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// strike returns where in b a fault strikes, and takes that fault out of the list; -1 where none does.
func (p *Proxy) strike(c *cutter, b []byte) (int, Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.faults {
		if at := c.find(&p.faults[i], b); at >= 0 {
			f := p.faults[i]
			if !f.Always {
				p.faults = slices.Delete(p.faults, i, i+1)
			}
			p.broken.Add(1)
			return at, f
		}
	}
	return -1, Fault{}
}

// note keeps a command.
func (p *Proxy) note(c Command) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = append(p.commands, c)
}

// link is one connection through the proxy.
type link struct {
	proxy          *Proxy
	client, server *net.TCPConn
	hole           atomic.Bool // nothing is passed on
	once           sync.Once
	gone           chan struct{} // closed when the link was ended on purpose
	turn           turn          // see WireOptions.InTurn
}

// end breaks both connections: the client's by Reset or Close, the server's a little later, so that it can finish what it has.
func (l *link) end(m Mode) {
	l.once.Do(func() {
		close(l.gone)
		if m == Reset {
			reset(l.client)
		}
		_ = l.client.Close()
		time.AfterFunc(100*time.Millisecond, func() { _ = l.server.Close() })
	})
}

// reset closes c so that its peer sees a reset.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// chunk is bytes on their way and when they are due.
type chunk struct {
	due time.Time
	b   []byte
}

// pump passes bytes in one direction, late by half a round trip, until the stream ends or a fault strikes.
func (l *link) pump(n int, up bool) {
	src, dst, passed := l.server, l.client, &l.proxy.down
	if up {
		src, dst, passed = l.client, l.server, &l.proxy.up
	}
	queue := make(chan chunk, 1024)
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { l.read(src, up, queue, stop) })
	defer reader.Wait()
	defer close(stop)
	cut := cutter{up: up}
	rec := recorder{connection: n, each: l.proxy.note}
	for k := range queue {
		l.wait(time.Until(k.due))
		b := k.b
		if l.proxy.o.InTurn != Served && l.turn.tooEager(b, up) {
			if l.proxy.o.InTurn == HungUp {
				l.end(Reset)
				return
			}
			continue
		}
		at, f := l.proxy.strike(&cut, b)
		if at >= 0 {
			b, at = l.bend(&cut, f, b, at)
		}
		cut.pass(b)
		if !l.hole.Load() {
			passed.Add(int64(len(b)))
			if up && l.proxy.o.Record {
				_, _ = rec.Write(b)
			}
			if _, err := dst.Write(b); err != nil {
				_ = src.Close()
				return
			}
		}
		if at >= 0 {
			l.strike(f, k.b[at:], queue)
			if f.Mode != Hole {
				return
			}
		}
	}
	_ = dst.CloseWrite()
}

// bend does what a fault of this mode does to the bytes b that pass at its place. It returns what passes, and the place from which nothing does,
// -1 where all goes on.
func (l *link) bend(cut *cutter, f Fault, b []byte, at int) ([]byte, int) {
	switch f.Mode {
	case Stall:
		l.wait(f.Delay)
		return b, -1
	case Deny:
		if bytes.HasPrefix(b[at:], []byte(" OK")) {
			copy(b[at:], " NO")
		}
		return b, -1
	case Bye:
		if i := cut.line(b, at); i >= 0 {
			return slices.Concat(b[:i], []byte(bye)), i
		}
	}
	return b[:at], at
}

// read reads src into the queue, each chunk with the time at which it is due.
func (l *link) read(src io.Reader, up bool, queue chan<- chunk, stop <-chan struct{}) {
	defer close(queue)
	own, shared := line{}, &l.proxy.lines[0]
	if up {
		shared = &l.proxy.lines[1]
	}
	for {
		b := make([]byte, 32<<10)
		n, err := src.Read(b)
		if n > 0 {
			due := own.take(n, l.proxy.rate.Load())
			if rate := l.proxy.o.Together; rate > 0 {
				due = shared.take(n, rate)
				l.wait(time.Until(due)) // or else what waits here would be in the way of the other connections
			}
			select {
			case queue <- chunk{due.Add(l.proxy.o.RTT / 2), b[:n]}:
			case <-stop:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// line is something that bytes pass over one after the other.
type line struct {
	mu   sync.Mutex
	free time.Time // when it is
}

// take returns when n bytes have passed at so many a second; 0: any number.
func (l *line) take(n int, rate int64) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	if rate > 0 {
		l.free = l.free.Add(time.Duration(int64(n) * int64(time.Second) / rate))
	}
	return l.free
}

// wait waits for d, or until the link is ended.
func (l *link) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-l.gone:
	}
}

// strike does what the fault says; rest is what came behind its place.
func (l *link) strike(f Fault, rest []byte, queue <-chan chunk) {
	switch f.Mode {
	case Hole:
		l.hole.Store(true)
	case Late:
		l.late(f, rest, queue)
	default:
		l.end(f.Mode)
	}
}

// late takes what the client still sends until it pauses, resets the client, and gives it all to the server after the delay.
func (l *link) late(f Fault, held []byte, queue <-chan chunk) {
	for quiet := false; !quiet; {
		select {
		case k, ok := <-queue:
			held, quiet = append(held, k.b...), !ok
		case <-time.After(200 * time.Millisecond):
			quiet = true
		}
	}
	l.hole.Store(true) // the server's answers have nobody to go to
	reset(l.client)
	if !f.Up {
		return
	}
	if f.Until != nil {
		select {
		case <-f.Until:
		case <-l.gone:
		}
	} else {
		l.wait(f.Delay)
	}
	_, _ = l.server.Write(held)
	l.end(Reset)
}
