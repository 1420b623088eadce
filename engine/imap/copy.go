package imap

import (
	"context"
	"errors"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// Copy copies messages from one folder into another by UID COPY. It implements engine.Session. The folder is open, and the one that was asked for, before the
// command is sent: the same UIDs would name other messages there.
func (s *session) Copy(ctx context.Context, from engine.Opening, set engine.UIDSet, to engine.FolderName) (engine.Copies, error) {
	const op = "copy messages"
	x, done := s.begin(ctx, wire.Select)
	defer done()
	o, err := s.examine(x, op, from, true)
	if err == nil {
		_, err = s.waitFor(x, o)
	}
	if err == nil {
		err = o.failed()
	}
	if err != nil {
		return engine.Copies{}, s.fail(ctx, op, err)
	}
	if err = x.Send(wire.Text("UID COPY "+set.String()+" "), wire.Name(string(to))); err != nil && !errors.Is(err, wire.ErrHeld) {
		return engine.Copies{}, s.unknown(ctx, op, err)
	}
	end, err := s.waitFor(x, o)
	switch {
	case err != nil:
		return engine.Copies{}, s.unknown(ctx, op, err)
	case !end.OK():
		return engine.Copies{}, s.refuse(op, end)
	}
	return copies(set, end), nil
}

// waitFor takes what comes until no command is under way, and returns how the last one ended.
func (s *session) waitFor(x *wire.Exchange, o *opener) (last wire.Status, err error) {
	if err := x.Flush(); err != nil {
		return last, err
	}
	for x.Open() > 0 {
		r, end, err := x.Next()
		switch {
		case err != nil:
			return last, err
		case r != nil:
			o.takes(r)
		case !o.ends(end):
			last = end.Status
		}
	}
	return last, nil
}

// copies reads what the answer to UID COPY tells. A UID that was not asked for makes all of it worthless.
func copies(set engine.UIDSet, end wire.Status) engine.Copies {
	if end.Code != "COPYUID" {
		return engine.Copies{}
	}
	validity, from, to, ok := wire.ParseCopyUID(end.Args, int(set.Count()))
	if !ok {
		return engine.Copies{}
	}
	c := engine.Copies{Validity: engine.Validity(validity), UIDs: make(map[engine.UID]engine.UID, len(from))}
	for i, u := range from {
		if !set.Contains(engine.UID(u)) {
			return engine.Copies{}
		}
		c.UIDs[engine.UID(u)] = engine.UID(to[i])
	}
	return c
}

// unknown makes the error of a command that was perhaps done: whatever ended the connection, its outcome is not known.
func (s *session) unknown(ctx context.Context, op string, err error) error {
	err = s.fail(ctx, op, err)
	var e *engine.Error
	if errors.As(err, &e) && e.Kind != engine.Unreachable {
		doubt := *e
		doubt.Kind = engine.Unreachable
		return &doubt
	}
	return err
}
