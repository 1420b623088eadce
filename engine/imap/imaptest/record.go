package imaptest

import (
	"bytes"
	"strings"
)

// Command is one command as a client sent it.
type Command struct {
	Connection int    // 1, 2 …: which connection of the proxy
	Tag        string //
	Name       string // upper case; with "UID " before it where it is one of those, e.g. "UID FETCH"
	Line       string // the whole, without tag and line end; each literal stands as {n}
}

// recorder reads commands from what a client sends. What is no command (an answer to a continuation) is left out.
type recorder struct {
	connection int
	line       []byte // of the command so far
	seen       int    // bytes of it before the last literal
	skip       int64  // octets of a literal to come
	each       func(Command)
}

// Write takes the next bytes. It never fails.
func (r *recorder) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if r.skip > 0 {
			k := min(r.skip, int64(len(p)))
			r.skip -= k
			p = p[k:]
			continue
		}
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			r.line = append(r.line, p...)
			break
		}
		r.line = append(r.line, p[:i]...)
		p = p[i+1:]
		r.endLine()
	}
	return n, nil
}

func (r *recorder) endLine() {
	r.line = bytes.TrimSuffix(r.line, []byte("\r"))
	if size, ok := literalSize(string(r.line[r.seen:])); ok {
		r.skip, r.seen = size, len(r.line)
		return
	}
	tag, rest, ok := strings.Cut(string(r.line), " ")
	r.line, r.seen = r.line[:0], 0
	if !ok {
		return
	}
	words := strings.Fields(strings.ToUpper(rest))
	if len(words) == 0 {
		return
	}
	name := words[0]
	if name == "UID" && len(words) > 1 {
		name += " " + words[1]
	}
	r.each(Command{Connection: r.connection, Tag: tag, Name: name, Line: rest})
}
