package imap

import (
	"bytes"
	"strconv"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// row is what one FETCH response says of a message.
type row struct {
	engine.Meta
	has     has
	message uint64   // X-GM-MSGID
	labels  []string // X-GM-LABELS
}

// has is which items a row holds.
type has uint8

const (
	hasUID has = 1 << iota
	hasFlags
	hasDate
	hasSize
	hasBody // asked for and sent, be it NIL
	hasMessage
)

// readRow reads a FETCH response, items in any order. body is called where a section stands, with the row as far as it is
// known; it may read the section from the response.
func (s *session) readRow(r *wire.Response, body func(row *row) error) (row, error) {
	m := &s.row
	*m = row{Meta: engine.Meta{Size: -1}}
	if r.Name == "UIDFETCH" { // RFC 9586
		m.UID, m.has = uidOf(r.Num), hasUID
	}
	if !r.Open() {
		return *m, r.Err()
	}
	for r.More() {
		switch item := upper(r.Item()); {
		case string(item) == "UID":
			if n, ok := r.Number(); ok {
				m.UID, m.has = uidOf(n), m.has|hasUID
			}
		case string(item) == "FLAGS":
			m.Flags, m.has = s.readFlags(r), m.has|hasFlags
		case string(item) == "INTERNALDATE":
			if text, ok := r.String(); ok {
				m.Date.Time, _ = wire.ParseDate(text)
			}
			m.has |= hasDate
		case string(item) == "RFC822.SIZE":
			if n, ok := r.Number(); ok {
				m.Size = n
			}
			m.has |= hasSize
		case string(item) == "X-GM-MSGID":
			text, _ := r.String()
			if n, err := strconv.ParseUint(string(text), 10, 64); err == nil && n != 0 {
				m.message, m.has = n, m.has|hasMessage
			}
		case string(item) == "X-GM-LABELS":
			m.labels = readLabels(r)
		case bytes.HasPrefix(item, []byte("BODY[")) && body != nil:
			m.has |= hasBody
			if err := body(m); err != nil {
				return *m, err
			}
		case len(item) == 0:
			r.Skip() // no name: whatever it is, go on
		default:
			r.Skip()
		}
	}
	return *m, r.Err()
}

// upper turns p into upper case, in place.
func upper(p []byte) []byte {
	for i, b := range p {
		if b >= 'a' && b <= 'z' {
			p[i] = b - 'a' + 'A'
		}
	}
	return p
}

// Limits of flags: more than any service keeps, and not so much that a hostile one could fill memory with.
const (
	maxLists = 4096    // different lists that a session keeps at hand
	maxKept  = 1 << 20 // bytes of them
	maxFlags = 250     // of a message; what lies behind is left out
	maxBytes = 4 << 10 // of a message's flags
)

// readFlags reads a list of flags, without \Recent. Lists that were seen before are shared: nobody may write to them.
func (s *session) readFlags(r *wire.Response) []string {
	if !r.Open() {
		r.Skip() // NIL
		return nil
	}
	s.scratch = s.scratch[:0]
	flags := 0
	for r.More() {
		f := r.Atom()
		if len(f) == 0 {
			r.Skip()
			continue
		}
		if bytes.EqualFold(f, []byte(`\Recent`)) {
			continue
		}
		if flags++; flags <= maxFlags && len(s.scratch)+len(f) < maxBytes {
			s.scratch = append(append(s.scratch, f...), ' ')
		}
	}
	r.Close()
	if len(s.scratch) == 0 {
		return nil
	}
	if list, ok := s.lists[string(s.scratch)]; ok {
		return list
	}
	list := strings.Fields(string(s.scratch))
	list = list[:len(list):len(list)]
	if s.kept += len(s.scratch); len(s.lists) < maxLists && s.kept < maxKept {
		s.lists[string(s.scratch)] = list
	}
	return list
}
