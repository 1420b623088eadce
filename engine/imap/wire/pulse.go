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

	mu      sync.Mutex
	waiting int
	timer   *time.Timer
	stopped bool
}

func (p *pulse) touch() { p.beat.Store(time.Now().UnixNano()) }

// begin says that one more waits.
func (p *pulse) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting++; p.waiting > 1 || p.stopped {
		return
	}
	p.touch()
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
	if p.waiting--; p.waiting == 0 && p.timer != nil {
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

// pulseReader notes what is read from a connection.
type pulseReader struct {
	c net.Conn
	p *pulse
}

func (r pulseReader) Read(b []byte) (int, error) {
	r.p.touch()
	r.p.reading.Store(true)
	n, err := r.c.Read(b)
	r.p.reading.Store(false)
	r.p.touch()
	r.p.in.Add(int64(n))
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
