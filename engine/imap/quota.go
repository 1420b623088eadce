package imap

import (
	"context"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// Room returns what the quotas of INBOX leave (RFC 9208). It implements engine.Session.
func (s *session) Room(ctx context.Context) (engine.Room, error) {
	const op = "ask for the quota"
	room := engine.Room{Bytes: -1, Messages: -1}
	if !s.has("QUOTA") {
		return room, nil
	}
	x, done := s.begin(ctx, wire.Quota)
	defer done()
	err := x.Send(wire.Text(`GETQUOTAROOT "INBOX"`))
	if err == nil {
		err = x.Flush()
	}
	for err == nil && x.Open() > 0 {
		var r *wire.Response
		var end wire.End
		r, end, err = x.Next()
		switch {
		case err != nil:
		case r != nil:
			r.Asked()
			readQuota(r, &room)
		case !end.Status.OK():
			return room, s.refuse(op, end.Status)
		}
	}
	if err != nil {
		return room, s.fail(ctx, op, err)
	}
	return room, nil
}

// readQuota takes a QUOTA response into room: root (resource usage limit …). The quota that leaves least counts.
func readQuota(r *wire.Response, room *engine.Room) {
	if _, ok := r.String(); !ok || !r.Open() {
		return
	}
	for r.More() {
		resource := strings.ToUpper(string(r.Atom()))
		used, known := r.Number()
		limit, limited := r.Number()
		if !known || !limited || used < 0 || limit < 0 || limit > 1<<50 {
			continue
		}
		left := max(0, limit-used)
		switch resource {
		case "STORAGE": // in units of 1,024 octets
			room.Bytes = least(room.Bytes, left<<10)
		case "MESSAGE":
			room.Messages = least(room.Messages, left)
		}
	}
}

// least returns the lesser of two numbers, of which -1 is none.
func least(a, b int64) int64 {
	if a < 0 {
		return b
	}
	return min(a, b)
}
