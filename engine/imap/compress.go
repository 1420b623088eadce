package imap

import (
	"context"
	"sync"
	"time"

	"mwiz/engine"
)

// Compression (RFC 4978) costs both ends processor time and pays where the line is what everything waits for. Only what has moved
// tells whether it is. So a session begins without it and measures the direction in which its messages go. If they move slower
// than slowLine says, compression is turned on between two commands and the speed is compared: what the comparison tells holds for
// further sessions of this run with the same service, from their start.
//
// Where the lines between slow and quick lie was measured with realistic mail, 0.4 of its size when compressed. Over 20 Mbit/s both
// directions move twice as fast. Over 100 Mbit/s appending does, while reading gains a tenth: a Dovecot compresses 17 MB/s a
// connection, whatever the line. Within a machine reading is four times as slow.
const (
	slowSource      = 8 << 20  // octets a second
	slowDestination = 16 << 20 // octets a second
	enough          = 1 << 20  // octets that tell a speed
	gain            = 1.1      // by which compression must be quicker to be worth it
	memory          = 10 * time.Minute
)

// packing is what compression is worth, as far as it is known.
type packing uint8

const (
	untried packing = iota
	worth
	useless // or refused
)

// packings is what is known of services, by side and address.
type packings struct {
	mu    sync.Mutex
	known map[string]packed
}

// packed is what was found out, and when.
type packed struct {
	packing
	at time.Time
}

func (p *packings) of(key string) packing {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.known[key]; time.Since(k.at) < memory {
		return k.packing
	}
	return untried // the line may be another by now
}

func (p *packings) keep(key string, what packing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]packed{}
	}
	p.known[key] = packed{what, time.Now()}
}

// compression is a session's.
type compression struct {
	on       bool
	refused  bool
	judged   bool    // nothing is left to compare
	before   float64 // octets a second without
	octets   int64   // moved when it was turned on
	waited   time.Duration
	sent     sending
	services *packings
	key      string
}

// compareSpeed notes whether compression has helped this session, as soon as that can be told.
func (s *session) compareSpeed() {
	if c := &s.compression; c.on && !c.judged {
		octets, waited := s.moved()
		c.judge(octets-c.octets, waited-c.waited)
	}
}

// mayCompress reports whether compress would turn compression on.
func (s *session) mayCompress() bool {
	c := &s.compression
	if c.on || c.refused || !s.has("COMPRESS=DEFLATE") {
		return false
	}
	switch c.services.of(c.key) {
	case useless:
		return false
	case worth:
		return true
	}
	octets, waited := s.moved()
	return octets >= enough && speed(octets, waited) < s.slowLine()
}

// compress turns compression on where it is offered and pays; see above. To be called between commands, with s.busy held or before
// anybody else has the session. That it fails is told by the connection.
func (s *session) compress(ctx context.Context) {
	if s.compareSpeed(); !s.mayCompress() {
		return
	}
	c := &s.compression
	c.judged = c.services.of(c.key) == worth
	octets, waited := s.moved()
	status, err := s.conn.Compress(ctx)
	if err != nil {
		return
	}
	if c.on = status.OK(); !c.on {
		c.refused = true
		c.services.keep(c.key, useless)
		return
	}
	c.octets, c.waited, c.before = octets, waited, speed(octets, waited)
	s.log.Debug("compression is on", "before", int64(c.before))
}

// judge compares what has moved since compression is on with the speed before.
func (c *compression) judge(octets int64, waited time.Duration) {
	if octets < enough {
		return
	}
	c.judged = true
	what := useless
	if speed(octets, waited) > gain*c.before {
		what = worth
	}
	c.services.keep(c.key, what)
}

// slowLine returns below which speed compression is worth a try.
func (s *session) slowLine() float64 {
	if s.side == engine.Source {
		return slowSource
	}
	return slowDestination
}

// moved returns how many octets of messages have moved, in the direction that the session is for, and how long they were waited for.
func (s *session) moved() (octets int64, waited time.Duration) {
	if s.side == engine.Source {
		return s.conn.Received()
	}
	return s.compression.sent.moved()
}

func speed(octets int64, waited time.Duration) float64 {
	return float64(octets) / max(waited, time.Microsecond).Seconds()
}

// sending measures appends: from the first octet to the answer, batches that overlap counted once.
type sending struct {
	mu     sync.Mutex
	under  int // batches under way
	since  time.Time
	octets int64
	waited time.Duration
}

func (s *sending) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under++; s.under == 1 {
		s.since = time.Now()
	}
}

func (s *sending) end(octets int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.under--
	s.octets += octets
	s.waited += now.Sub(s.since)
	s.since = now
}

func (s *sending) moved() (octets int64, waited time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.octets, s.waited
}
