package imap

import (
	"context"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// maxSearched is how long a text may be that is searched for: with its command it must fit on a line that every server takes.
const maxSearched = 900

// Search returns the UIDs of the messages whose Message-ID field holds a text. It implements engine.Session.
func (s *session) Search(ctx context.Context, f engine.Opening, messageID string) ([]engine.UID, error) {
	const op = "search for a message"
	if len(messageID) > maxSearched || strings.ContainsFunc(messageID, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, s.ours(op, engine.Refused, "a server cannot be asked for %q", escape(messageID[:min(len(messageID), 100)]))
	}
	x, done := s.begin(ctx, wire.Search|wire.Select)
	defer done()
	q := &query{s: s, op: op, x: x}
	var err error
	if q.o, err = s.examine(x, op, f, false); err != nil {
		_, err = q.finish(ctx, err)
		return nil, err
	}
	var found seen
	ends, err := q.run([]string{"UID SEARCH HEADER Message-ID " + quoted(messageID)}, 1, func(r *wire.Response) error {
		r.Asked()
		for r.More() {
			if n, ok := r.Number(); ok && n > 0 && n <= int64(engine.MaxUID) {
				found.add(engine.UID(n))
			}
		}
		return r.Err()
	})
	if _, err = q.finish(ctx, err); err != nil {
		return nil, err
	}
	if !ends[0].OK() {
		return nil, s.refuse(op, ends[0])
	}
	var uids []engine.UID
	for _, r := range found.set() {
		for u := r.First; ; u++ {
			uids = append(uids, u)
			if u == r.Last {
				break
			}
		}
	}
	return uids, nil
}

// quoted writes printable ASCII as a quoted string (RFC 3501, section 9).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
