package imap

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// examined is the folder that is open read-only.
type examined struct {
	name   engine.FolderName
	status engine.FolderStatus
}

// opener sends EXAMINE and takes its answers, in front of the commands that need the folder.
type opener struct {
	s       *session
	op      string
	want    engine.Opening
	status  engine.FolderStatus
	command int  // number of EXAMINE on its exchange
	open    bool // the folder is open and the one that was asked for
	err     error
}

// examine sends EXAMINE, unless keep is set and the folder is open already.
func (s *session) examine(x *wire.Exchange, op string, want engine.Opening, keep bool) (*opener, error) {
	o := &opener{s: s, op: op, want: want, status: engine.FolderStatus{Size: -1}, command: -1}
	if keep && s.examined != nil && s.examined.name == want.Folder && (want.Validity == 0 || s.examined.status.Validity == want.Validity) {
		o.status = s.examined.status
		o.check()
		return o, nil
	}
	s.examined = nil
	o.command = x.Sent()
	if err := x.Send(wire.Text("EXAMINE "), wire.Name(string(want.Folder))); err != nil && !errors.Is(err, wire.ErrHeld) {
		return o, err
	}
	return o, nil
}

// takes reports whether r belongs to the opening, and takes it.
func (o *opener) takes(r *wire.Response) bool {
	switch {
	case r.Kind != wire.Select:
		return false
	case o.command < 0 || o.open || o.err != nil:
		if r.Status.Code == "UIDVALIDITY" { // said unasked: the folder was made anew under us
			o.read(r.Status)
			o.check()
		}
	case r.Name == "EXISTS":
		o.status.Messages = r.Num
	case r.Name == "OK":
		o.read(r.Status)
	}
	return true
}

func (o *opener) read(s wire.Status) {
	n, err := strconv.ParseUint(strings.TrimSpace(s.Args), 10, 32)
	if err != nil {
		return
	}
	switch s.Code {
	case "UIDVALIDITY":
		o.status.Validity = engine.Validity(n)
	case "UIDNEXT":
		o.status.UIDNext = engine.UID(n)
	}
}

// ends reports whether e is the end of EXAMINE, and takes it.
func (o *opener) ends(e wire.End) bool {
	if e.Command != o.command {
		return false
	}
	if !e.Status.OK() {
		o.err = o.s.refuse(o.op, e.Status)
		return true
	}
	o.s.examined = &examined{o.want.Folder, o.status}
	o.check()
	return true
}

// check compares UIDVALIDITY with what is asked for.
func (o *opener) check() {
	o.open = true
	if o.want.Validity != 0 && o.status.Validity != o.want.Validity {
		o.open = false
		o.err = o.s.ours(o.op, engine.Renumbered, "the folder's UIDVALIDITY was %d and is %d", o.want.Validity, o.status.Validity)
	}
}

// Examine opens a folder read-only and returns its status. It implements engine.Session.
func (s *session) Examine(ctx context.Context, folder engine.FolderName) (engine.FolderStatus, error) {
	const op = "open a folder"
	x, done := s.begin(ctx, wire.Select)
	defer done()
	o, err := s.examine(x, op, engine.Opening{Folder: folder}, false)
	if err == nil {
		err = x.Flush()
	}
	for err == nil && x.Open() > 0 {
		var r *wire.Response
		var end wire.End
		if r, end, err = x.Next(); err != nil {
			break
		}
		if r != nil {
			o.takes(r)
			continue
		}
		o.ends(end)
	}
	if err == nil {
		err = o.err
	}
	if err != nil {
		return engine.FolderStatus{}, s.fail(ctx, op, err)
	}
	return o.status, nil
}

// openUnnumbered opens the folders whose UIDVALIDITY is told as zero, to see what is in them. Dovecot answers so, and with no messages, while another session
// is at work on a folder that nobody has opened before: the one, for example, whose connection was just lost. Where opening tells none either the
// service has none, and the other folders' status is believed.
func (s *session) openUnnumbered(ctx context.Context, folders []engine.Folder) error {
	for i := range folders {
		f := &folders[i]
		if !f.Selectable || f.Err != nil || f.Status.Validity != 0 {
			continue
		}
		status, err := s.Examine(ctx, f.Name)
		switch {
		case err != nil && !s.Alive():
			return err
		case err != nil: // who needs the folder will hear of it
		case status.Validity == 0:
			return nil
		default:
			f.Status = status
		}
	}
	return nil
}
