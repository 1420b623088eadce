package wire

import (
	"errors"
	"net"
	"regexp"
	"sync"
)

// turns makes commands wait for one another: see Options.InTurn.
type turns struct {
	mu      sync.Mutex
	busy    bool
	waiting []func()
}

// take runs f as soon as no earlier command is without its end: now, or on a goroutine of its own.
func (t *turns) take(f func()) {
	t.mu.Lock()
	if t.busy {
		t.waiting = append(t.waiting, f)
		t.mu.Unlock()
		return
	}
	t.busy = true
	t.mu.Unlock()
	f()
}

// over ends a turn.
func (t *turns) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.busy = false
		return
	}
	f := t.waiting[0]
	t.waiting = t.waiting[1:]
	go f()
}

// sendInTurn writes a command when those before it have ended. One with a literal is waited for, as its bytes are only lent; any other goes out by itself,
// and its failing shows in Next.
func (x *Exchange) sendInTurn(m *command, parts []Part) error {
	c := x.c
	literal := false
	for _, p := range parts {
		literal = literal || p.body != nil || p.name && !quotable(p.text)
	}
	if !literal {
		c.turns.take(func() { _ = c.write(m, parts) })
		return nil
	}
	x.giveBack()
	if err := c.awaitTurn(x); err != nil {
		return err
	}
	return c.write(m, parts)
}

// awaitTurn waits until all commands that were begun before have ended. Responses that come meanwhile for x, if it is not nil, are lost.
func (c *Conn) awaitTurn(x *Exchange) error {
	mine := make(chan struct{})
	c.turns.take(func() { close(mine) })
	var responses <-chan *Response
	if x != nil {
		responses = x.responses
	}
	for {
		select {
		case <-mine:
			return nil
		case <-responses: // nobody can take it now, and the reading goroutine must go on
			x.lent = true
			x.giveBack()
		case <-c.dead:
			return c.err
		}
	}
}

// refusesNext is what servers say to a command that came too early for them.
var refusesNext = regexp.MustCompile(`(?i)pipelin|in progress|previous command|one (command )?at a time`)

var errTooEarly = errors.New("the service takes one command at a time")

// tells notes what the end of a command tells about whether the server takes commands ahead.
func (c *Conn) tells(m *command, s Status) {
	switch {
	case !m.behind || c.o.InTurn || c.proven.Load():
	case s.OK():
		if c.proven.CompareAndSwap(false, true) && c.o.Pipelines != nil {
			c.o.Pipelines(true)
		}
	case s.Type == "BAD" && refusesNext.MatchString(s.Text):
		c.kill(errTooEarly)
	}
}

// diedAhead tells of a connection that the server or the network ended with commands sent ahead, none of which had ever been answered.
func (c *Conn) diedAhead(err error) {
	if c.proven.Load() || c.o.InTurn || c.o.Pipelines == nil {
		return
	}
	c.mu.Lock()
	ahead := len(c.commands)+c.lib.busy() > 1
	c.mu.Unlock()
	var stall *StallError
	broke := errors.As(err, &stall) || netError(err) && !errors.Is(err, net.ErrClosed)
	if bye := c.bye.Load(); bye != nil {
		broke = refusesNext.MatchString(bye.Text)
	}
	if ahead && broke || errors.Is(err, errTooEarly) {
		c.o.Pipelines(false)
	}
}
