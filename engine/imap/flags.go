package imap

import (
	"strings"

	"mwiz/engine/imap/wire"
)

// permanentFlags is what a destination keeps of a message's flags. The zero value keeps all.
type permanentFlags struct {
	known    bool            // the server has told
	keywords bool            // it makes new keywords
	listed   map[string]bool // in lower case
}

// read takes a response to SELECT.
func (p *permanentFlags) read(r *wire.Response) {
	if r.Status.Code != "PERMANENTFLAGS" || r.Status.Args == "" || strings.EqualFold(r.Status.Args, "NIL") {
		return
	}
	*p = permanentFlags{known: true, listed: map[string]bool{}}
	for _, f := range strings.Fields(strings.Trim(r.Status.Args, "() ")) {
		if f == `\*` {
			p.keywords = true
			continue
		}
		p.listed[strings.ToLower(f)] = true
	}
}

// systemFlags are those that may be sent, in lower case, and how they are written.
var systemFlags = map[string]string{`\seen`: `\Seen`, `\answered`: `\Answered`, `\flagged`: `\Flagged`, `\deleted`: `\Deleted`, `\draft`: `\Draft`}

// choose splits flags into those to send, as they must be written, and those that the destination does not take. \Recent
// is neither: it belongs to a session, not to a message.
func (p permanentFlags) choose(flags []string) (send, dropped []string) {
	for _, f := range flags {
		low := strings.ToLower(f)
		written, system := systemFlags[low]
		listed := !p.known || p.listed[low]
		switch {
		case low == `\recent` || f == "":
		case system && (listed || len(p.listed) == 0):
			send = appendNew(send, written)
		case !system && wire.IsKeyword(f) && (listed || p.keywords):
			send = appendNew(send, f)
		default:
			dropped = append(dropped, f)
		}
	}
	return send, dropped
}

// appendNew adds a flag unless it is there already in another case.
func appendNew(flags []string, f string) []string {
	for _, have := range flags {
		if strings.EqualFold(have, f) {
			return flags
		}
	}
	return append(flags, f)
}

func (s *session) knowsFlags() bool {
	s.dialer.mu.Lock()
	defer s.dialer.mu.Unlock()
	_, ok := s.dialer.flags[s.key]
	return ok
}

// keepFlags keeps what a destination account's flags are, for all its sessions.
func (s *session) keepFlags(p permanentFlags) {
	s.dialer.mu.Lock()
	defer s.dialer.mu.Unlock()
	s.dialer.flags[s.key] = p
}

func (s *session) permanentFlags() permanentFlags {
	s.dialer.mu.Lock()
	defer s.dialer.mu.Unlock()
	return s.dialer.flags[s.key]
}
