package wire

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// pulse watches that a connection makes progress while somebody waits for it. A byte read or written is progress; time in
// which the reading goroutine waits for a slow consumer does not count.
type pulse struct {
	stall   time.Duration
	stalled func()
	reading atomic.Bool
	beat    atomic.Int64 // when something last moved, in Unix nanoseconds

	in, out atomic.Int64 // bytes so far

	began atomic.Int64 // since when somebody waits, as beat; 0 while nobody does

	mu      sync.Mutex
	waiting int
	timer   *time.Timer
	stopped bool
}

func (p *pulse) touch() (now int64) {
	now = time.Now().UnixNano()
	p.beat.Store(now)
	return now
}

// waited returns how much of the time from start to end, as beat, somebody has waited.
func (p *pulse) waited(start, end int64) time.Duration {
	began := p.began.Load()
	if began == 0 {
		return 0
	}
	return time.Duration(max(0, end-max(start, began)))
}

// begin says that one more waits.
func (p *pulse) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting++; p.waiting > 1 || p.stopped {
		return
	}
	p.began.Store(p.touch())
	if p.timer == nil {
		p.timer = time.AfterFunc(p.stall, p.check)
		return
	}
	p.timer.Reset(p.stall)
}

// end takes a begin back.
func (p *pulse) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting--; p.waiting > 0 {
		return
	}
	p.began.Store(0)
	if p.timer != nil {
		p.timer.Stop()
	}
}

// stop ends the watch for good.
func (p *pulse) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

func (p *pulse) check() {
	p.mu.Lock()
	if p.waiting == 0 || p.stopped {
		p.mu.Unlock()
		return
	}
	if !p.reading.Load() {
		p.touch()
	}
	left := p.stall - time.Since(time.Unix(0, p.beat.Load()))
	if left > 0 {
		p.timer.Reset(left)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.stalled()
}

// pulseReader notes what is read from a connection, and for how long it is waited for.
type pulseReader struct{ c *Conn }

func (r pulseReader) Read(b []byte) (int, error) {
	p, s := &r.c.pulse, &r.c.scan
	start := p.touch()
	p.reading.Store(true)
	n, err := r.c.Conn.Read(b)
	p.reading.Store(false)
	took := p.waited(start, p.touch())
	p.in.Add(int64(n))
	if s.literal > 0 {
		r.c.received.octets.Store(s.payload)
		r.c.received.waited.Add(int64(took))
	}
	if s.useless += took; s.useless > r.c.o.Limit {
		err = &StallError{After: r.c.o.Limit, Noise: true}
		r.c.kill(err)
	}
	return n, err
}

// pulseWriter notes what is written to a connection, in pieces, so that a large write over a slow line is seen to move.
type pulseWriter struct {
	c net.Conn
	p *pulse
}

func (w pulseWriter) Write(b []byte) (written int, err error) {
	for len(b) > 0 && err == nil {
		var n int
		n, err = w.c.Write(b[:min(len(b), writePiece)])
		w.p.touch()
		w.p.out.Add(int64(n))
		written += n
		b = b[n:]
	}
	return written, err
}

var _ io.Writer = pulseWriter{}
