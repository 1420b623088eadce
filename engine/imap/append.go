package imap

import (
	"context"
	"errors"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// batch is messages on their way to a folder.
type batch struct {
	s        *session
	ctx      context.Context
	x        *wire.Exchange
	messages []engine.Message
	answers  []engine.Appended
	answered []bool
	commands [][]int // which messages each command carries
	err      error   // of the writing
}

const appendOp = "append"

// Append writes a batch to a folder. It implements engine.Session. A NO to a command of many messages is the answer for each
// of them: none is stored, and nothing is sent again here.
func (s *session) Append(ctx context.Context, folder engine.FolderName, messages []engine.Message) (wait func() []engine.Appended) {
	s.learnFlags(ctx)
	s.busy.Lock()
	defer s.busy.Unlock()
	b := &batch{s: s, ctx: ctx, messages: messages, answers: make([]engine.Appended, len(messages)), answered: make([]bool, len(messages))}
	b.x = s.conn.Begin(ctx, 0)
	s.unanswered.Add(1)
	flags := b.plan()
	b.err = b.write(folder, flags)
	return b.wait
}

// learnFlags asks once for an account what flags it keeps, unless List has.
func (s *session) learnFlags(ctx context.Context) {
	if s.knowsFlags() {
		return
	}
	x, done := s.begin(ctx, wire.Select)
	defer done()
	s.examined = nil
	var p permanentFlags
	for _, c := range []string{`SELECT "INBOX"`, `EXAMINE "INBOX"`} {
		if x.Send(wire.Text(c)) != nil {
			return
		}
	}
	if x.Flush() != nil {
		return
	}
	selected := false
	for x.Open() > 0 {
		r, _, err := x.Next()
		switch {
		case err != nil:
			return
		case r == nil:
			selected = true
		case !selected:
			p.read(r)
		}
	}
	s.keepFlags(p)
}

// plan decides which messages go into which command and how their flags are written.
func (b *batch) plan() (flags []string) {
	keeps, limits := b.s.permanentFlags(), b.s.Limits()
	flags = make([]string, len(b.messages))
	var together []int
	flush := func() {
		if len(together) > 0 {
			b.commands, together = append(b.commands, together), nil
		}
	}
	for i, m := range b.messages {
		send, dropped := keeps.choose(m.Flags)
		b.answers[i].Dropped = dropped
		flags[i] = strings.Join(send, " ")
		switch {
		case limits.MaxSize > 0 && m.Size > limits.MaxSize:
			b.answered[i] = true
			b.answers[i].Err = b.s.ours(appendOp, engine.Refused, "the message has %d bytes, the service takes %d", m.Size, limits.MaxSize)
		case limits.Batch && m.Size > 0:
			together = append(together, i)
		default: // also an empty message, which in a command of many could mean to give up (RFC 3502)
			flush()
			b.commands = append(b.commands, []int{i})
		}
	}
	flush()
	return flags
}

// write sends the commands, and all that they carry.
func (b *batch) write(folder engine.FolderName, flags []string) error {
	for _, members := range b.commands {
		parts := make([]wire.Part, 0, 2+2*len(members))
		parts = append(parts, wire.Text("APPEND "), wire.Name(string(folder)))
		for _, i := range members {
			m := b.messages[i]
			parts = append(parts, wire.Text(arguments(flags[i], m.Date)), wire.Literal(m.Body, m.Size))
		}
		if err := b.x.Send(parts...); err != nil && !errors.Is(err, wire.ErrHeld) {
			return err
		}
	}
	return b.x.Flush()
}

// arguments writes what stands in front of a literal.
func arguments(flags string, date engine.Date) string {
	s := " "
	if flags != "" {
		s += "(" + flags + ") "
	}
	if !date.IsZero() {
		s += `"` + wire.FormatDate(date.Time) + `" `
	}
	return s
}

// wait returns the answers when they have come.
func (b *batch) wait() []engine.Appended {
	defer b.s.unanswered.Add(-1)
	defer b.x.Close()
	for b.x.Open() > 0 {
		r, end, err := b.x.Next()
		if err != nil {
			b.err = err
			break
		}
		if r == nil {
			b.answer(end)
		}
	}
	for i := range b.answers {
		if !b.answered[i] {
			b.answers[i].Err = b.inDoubt()
		}
	}
	return b.answers
}

// answer takes the end of a command.
func (b *batch) answer(end wire.End) {
	members := b.commands[end.Command]
	var uids []uint32
	var validity uint32
	ok := false
	if end.Status.OK() && end.Status.Code == "APPENDUID" {
		validity, uids, ok = wire.ParseAppendUID(end.Status.Args, len(members))
	}
	for n, i := range members {
		b.answered[i] = true
		switch {
		case !end.Status.OK():
			b.answers[i].Err = b.s.refuse(appendOp, end.Status)
		case ok:
			b.answers[i].UID, b.answers[i].Validity = engine.UID(uids[n]), engine.Validity(validity)
		}
	}
}

// inDoubt makes the error of a message that was perhaps stored.
func (b *batch) inDoubt() error {
	err := b.s.fail(b.ctx, appendOp, b.err)
	var e *engine.Error
	if errors.As(err, &e) && e.Kind != engine.Unreachable {
		doubt := *e
		doubt.Kind = engine.Unreachable
		return &doubt
	}
	return err
}
