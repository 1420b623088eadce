package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
)

// Kind is a class of untagged responses.
type Kind uint8

// The kinds that raw commands ask for. Anything else is the library's, or nobody's.
const (
	Select Kind = 1 << iota // EXISTS, FLAGS and untagged OK, NO and BAD
	List                    // LIST, LSUB and XLIST
	Counts                  // STATUS
	Fetch                   // FETCH
	Search                  // SEARCH
	Quota                   // QUOTA
)

// A Response is an untagged response. Its Scanner stands behind the name.
type Response struct {
	Kind   Kind
	Name   string // EXISTS, FETCH, LIST, STATUS …; OK, NO or BAD for a status
	Num    int64  // of EXISTS and FETCH
	Status Status // of a status
	*Scanner
}

// read takes responses from the network until it ends.
func (c *Conn) read() {
	s := &c.scan
	if c.o.Greeted {
		c.lib.greeted = true
		c.lib.put([]byte("* OK ready\r\n"))
	}
	for {
		s.reset()
		if _, ok := s.peek(); !ok && s.err != nil {
			err := s.err
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF // between responses
			}
			c.kill(err)
			return
		}
		for x := c.response(); x != nil; x = c.next {
			if c.next = nil; !c.lend(x) {
				return
			}
		}
		s.finish()
		if s.err != nil {
			c.kill(s.err)
			return
		}
	}
}

// response reads one response and deals with it, or returns the exchange that it is for, with the response in c.lent.
func (c *Conn) response() *Exchange {
	s := &c.scan
	word := s.Atom()
	if len(word) == 1 && word[0] == '*' {
		return c.untagged()
	}
	first := string(bytes.ToUpper(word))
	switch {
	case strings.HasPrefix(first, "+"):
		c.continuation(strings.TrimSpace(first[1:] + " " + string(s.line())))
	case first == "":
		s.finishLine()
	default:
		c.tagged(first)
	}
	return nil
}

// tagged handles the end of a command. The line is read to its end before it counts.
func (c *Conn) tagged(tag string) {
	s := &c.scan
	typ := string(bytes.ToUpper(s.Atom()))
	status := ParseStatus(typ, s.line())
	if s.err != nil {
		return
	}
	if !statusTypes[typ] {
		if !c.known(tag) {
			c.o.Log.Debug("a line that is no response", "bytes", len(status.Text))
			return
		}
		status = Status{Type: "BAD", Text: strings.TrimSpace(typ + " " + status.Text)}
	}
	if !status.OK() {
		c.refused.Add(1)
	}
	c.mu.Lock()
	cmd := c.commands[tag]
	delete(c.commands, tag)
	c.mu.Unlock()
	if cmd == nil {
		if c.lib.tagged(tag, status) {
			s.useful()
			if c.o.InTurn {
				c.turns.over()
			}
		}
		return
	}
	s.useful()
	if cmd.compress && status.OK() {
		s.inflate()
	}
	cmd.finish(status)
}

func (c *Conn) known(tag string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.commands[tag] != nil || c.lib.owns(tag)
}

// continuation handles the server's request to go on.
func (c *Conn) continuation(text string) {
	c.mu.Lock()
	cmd := c.awaiting
	c.awaiting = nil
	c.mu.Unlock()
	if cmd != nil {
		cmd.goAhead <- struct{}{}
		return
	}
	c.lib.continuation(text)
}

// untagged reads a response that stands behind "*"; see response.
func (c *Conn) untagged() *Exchange {
	s, r := &c.scan, &c.lent
	*r = Response{Scanner: s, Num: -1}
	word := s.Atom()
	if n, ok := parseNumber(word); ok {
		r.Num, word = n, s.Atom()
	}
	r.Name = upperName(word)
	if statusTypes[r.Name] {
		r.Status = ParseStatus(r.Name, s.line())
		return c.status(r)
	}
	switch r.Name {
	case "EXISTS", "FLAGS":
		r.Kind = Select
	case "LIST", "LSUB", "XLIST":
		r.Kind = List
	case "STATUS":
		r.Kind = Counts
	case "FETCH", "UIDFETCH":
		r.Kind = Fetch
	case "SEARCH":
		r.Kind = Search
	case "QUOTA":
		r.Kind = Quota
	case "CAPABILITY", "ID", "NAMESPACE", "ENABLED":
		c.lib.data(*r)
	}
	return c.taker(r.Kind)
}

// upperName returns the name of a response in upper case, without allocating for the usual ones.
func upperName(word []byte) string {
	for _, name := range [...]string{"FETCH", "LIST", "STATUS", "OK", "EXISTS", "LSUB"} {
		if string(word) == name {
			return name
		}
	}
	return string(bytes.ToUpper(word))
}

// status handles an untagged status, whose line has been read; see response.
func (c *Conn) status(r *Response) *Exchange {
	if c.scan.err != nil {
		return nil
	}
	if !c.lib.greeted {
		c.lib.greet(r.Status)
		c.greeting.Store(&Status{Text: r.Status.Text})
		if r.Name == "BYE" {
			c.note(r.Status)
			c.leave()
		}
		return nil
	}
	if r.Name != "OK" || r.Status.Code == "ALERT" {
		c.note(r.Status)
	}
	switch {
	case r.Name == "BYE":
		c.leave()
	case r.Status.Code == "CAPABILITY":
		c.lib.status("*", r.Status)
	default:
		r.Kind = Select
		return c.taker(Select)
	}
	return nil
}

// leave gives a server that said farewell a moment to close the connection itself.
func (c *Conn) leave() {
	time.AfterFunc(c.o.Patience, func() { c.kill(io.EOF) })
}

// taker returns the oldest exchange with commands in flight that wants responses of a kind, nil for none.
func (c *Conn) taker(kind Kind) *Exchange {
	if kind == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.exchanges {
		if x.kinds&kind != 0 && x.under.Load() > 0 {
			return x
		}
	}
	return nil
}

// lend gives the response in c.lent, and the stream with it, to an exchange, and waits until it is given back. It returns
// false if the connection is dead and the exchange may still be at it.
func (c *Conn) lend(x *Exchange) bool {
	select {
	case x.responses <- &c.lent:
	case <-x.closed:
		return true
	case <-c.dead:
		return true
	}
	select {
	case <-x.returned:
		return true
	case <-c.dead:
		return false
	}
}

// ahead reads on in what has come already, for an exchange to which the stream is lent, up to the next response for it; nil
// when the stream is to be given back. It spares two switches of goroutines a response.
func (c *Conn) ahead(x *Exchange) *Response {
	s := &c.scan
	for s.finish(); s.err == nil && s.buffered() > 0 && !x.hasEnd(); s.finish() {
		s.reset()
		switch y := c.response(); y {
		case nil:
		case x:
			return &c.lent
		default:
			c.next = y
			return nil
		}
	}
	return nil
}
