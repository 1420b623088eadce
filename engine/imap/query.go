package imap

import (
	"context"
	"errors"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// query asks for messages of one folder.
type query struct {
	s    *session
	op   string
	x    *wire.Exchange
	o    *opener
	want engine.UIDSet
}

// Limits of UID FETCH commands.
const (
	maxSetText = 7800 // bytes of a set; some servers take no more than 8,000 a line
	depth      = 3    // commands on their way at once
)

// ask sends UID FETCH for each set; see run.
func (q *query) ask(sets []engine.UIDSet, items string, depth int, take func(r *wire.Response) error) ([]wire.Status, error) {
	return q.run(fetches(nil, sets, items), depth, take)
}

// fetches adds a command for each set.
func fetches(commands []string, sets []engine.UIDSet, items string) []string {
	for _, set := range sets {
		commands = append(commands, "UID FETCH "+set.String()+" ("+items+")")
	}
	return commands
}

// run sends commands, so many at once, and hands every FETCH response to take. It returns how each command ended. A folder that
// does not open, or is another than it was, is an error; nothing is taken then.
func (q *query) run(commands []string, depth int, take func(r *wire.Response) error) ([]wire.Status, error) {
	ends := make([]wire.Status, len(commands))
	first, sent, ended := -1, 0, 0
	for {
		for ; sent < len(commands) && sent-ended < depth && q.o.err == nil; sent++ {
			if first < 0 {
				first = q.x.Sent()
			}
			if err := q.x.Send(wire.Text(commands[sent])); err != nil {
				return nil, err
			}
		}
		if q.x.Open() == 0 {
			return ends, q.o.failed()
		}
		if err := q.x.Flush(); err != nil {
			return nil, err
		}
		r, end, err := q.x.Next()
		switch {
		case err != nil:
			return nil, err
		case r == nil:
			if !q.o.ends(end) {
				ends[end.Command-first] = end.Status
				ended++
			}
		case q.o.takes(r), !q.o.open:
		default:
			if err := take(r); err != nil {
				return nil, err
			}
		}
	}
}

// failed returns the error of an opening as one, nil for none.
func (o *opener) failed() error {
	if o.err == nil {
		return nil
	}
	return o.err
}

// chunks cuts a set into sets that fit into a command.
func chunks(set engine.UIDSet) []engine.UIDSet {
	var out []engine.UIDSet
	first, size := 0, 0
	for i := range set {
		n := len(set[i:i+1].String()) + 1
		if size+n > maxSetText {
			out = append(out, set[first:i:i])
			first, size = i, 0
		}
		size += n
	}
	if first < len(set) {
		out = append(out, set[first:])
	}
	return out
}

// singles cuts a list into sets of one UID each.
func singles(uids []engine.UID) []engine.UIDSet {
	out := make([]engine.UIDSet, len(uids))
	for i, u := range uids {
		out[i] = engine.UIDSet{{First: u, Last: u}}
	}
	return out
}

// seen is a growing set of UIDs, small while they come in ascending order.
type seen struct {
	ascending engine.UIDSet
	others    map[engine.UID]bool
}

// add reports whether u is new to the set, and adds it.
func (s *seen) add(u engine.UID) bool {
	if n := len(s.ascending); n == 0 || u > s.ascending[n-1].Last {
		s.ascending = s.ascending.Append(u)
		return true
	}
	if s.ascending.Contains(u) || s.others[u] {
		return false
	}
	if s.others == nil {
		s.others = map[engine.UID]bool{}
	}
	s.others[u] = true
	return true
}

// set returns the UIDs added so far.
func (s *seen) set() engine.UIDSet {
	if len(s.others) == 0 {
		return s.ascending
	}
	uids := make([]engine.UID, 0, len(s.others))
	for u := range s.others {
		uids = append(uids, u)
	}
	return s.ascending.Union(engine.SetOf(uids...))
}

// eachError is an error of the caller's function, to be returned as it is.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

// finish makes what a query returns: errors of the caller's function and of the engine as they are. Whatever else stopped it
// half way ends the connection.
func (q *query) finish(ctx context.Context, err error) (engine.FolderStatus, error) {
	if err == nil {
		return q.o.status, nil
	}
	var each *eachError
	if errors.As(err, &each) {
		_ = q.s.conn.Close()
		return q.o.status, each.err
	}
	return q.o.status, q.s.fail(ctx, q.op, err)
}
