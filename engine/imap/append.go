package imap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// batch is messages on their way to a folder.
type batch struct {
	s        *session
	ctx      context.Context
	folder   engine.FolderName
	x        *wire.Exchange
	messages []engine.Message
	answers  []engine.Appended
	answered []bool
	commands [][]int    // which messages each command carries
	held     []bool     // commands that were refused before their literal was sent
	err      error      // of the writing
	lesson   *lesson    // what flags the folder keeps, if that was not known
	sent     [][]string // flags, of each message
	full     bool       // the folder was known to make no more of them
}

const appendOp = "append"

// Append writes a batch to a folder. It implements engine.Session. A NO to a command of many messages is the answer for each
// of them: none is stored, and nothing is sent again here.
func (s *session) Append(ctx context.Context, folder engine.FolderName, messages []engine.Message) (wait func() []engine.Appended) {
	s.learnFlags(ctx)
	s.busy.Lock()
	defer s.busy.Unlock()
	s.compress(ctx)
	s.compression.sent.begin()
	var lesson *lesson
	if flagged(messages) {
		lesson = s.learn(ctx, folder)
	}
	b := &batch{lesson: lesson, s: s, ctx: ctx, folder: folder, messages: messages, answers: make([]engine.Appended, len(messages)), answered: make([]bool, len(messages))}
	b.x = s.conn.Begin(ctx, 0)
	s.unanswered.Add(1)
	b.plan(folder)
	b.err = b.write(folder)
	return b.wait
}

// nulText says why a message with NUL bytes stays where it is. A literal may not hold them (RFC 3501, 4.3), and what literal8
// (RFC 3516) carries may be encoded anew: Dovecot 2.3 takes both, and stores another message without a word.
const nulText = "the message holds NUL bytes, which no mail service stores unchanged"

// holdsNUL reports whether a message in memory holds a NUL. One that streams is watched while it is sent.
func holdsNUL(m engine.Message) bool {
	r, ok := m.Body.(*bytes.Reader)
	if !ok {
		return false
	}
	var found nulFinder
	at, _ := r.Seek(0, io.SeekCurrent)
	_, _ = r.WriteTo(&found)
	_, _ = r.Seek(at, io.SeekStart)
	return found.nul
}

type nulFinder struct{ nul bool }

func (f *nulFinder) Write(p []byte) (int, error) {
	f.nul = f.nul || bytes.IndexByte(p, 0) >= 0
	return len(p), nil
}

var errNUL = errors.New(nulText)

// nulGuard fails at a NUL, so that the message is never sent to its end.
type nulGuard struct{ r io.Reader }

func (g nulGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if i := bytes.IndexByte(p[:n], 0); i >= 0 {
		return i, errNUL
	}
	return n, err
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

// plan decides which messages go into which command and with which flags.
func (b *batch) plan(folder engine.FolderName) {
	keeps, limit, full := b.s.takes(folder)
	b.full = full
	batches := b.s.batches()
	b.sent = make([][]string, len(b.messages))
	var together []int
	flush := func() {
		if len(together) > 0 {
			b.commands, together = append(b.commands, together), nil
		}
	}
	for i, m := range b.messages {
		b.sent[i], b.answers[i].Dropped = keeps.choose(m.Flags)
		switch {
		case limit > 0 && m.Size > limit:
			b.settle(i, b.s.ours(appendOp, engine.Refused, "the message has %d bytes, the service takes %d", m.Size, limit))
		case holdsNUL(m):
			b.settle(i, b.s.ours(appendOp, engine.Refused, nulText))
		case batches && m.Size > 0:
			together = append(together, i)
		default: // also an empty message, which in a command of many could mean to give up (RFC 3502)
			flush()
			b.commands = append(b.commands, []int{i})
		}
	}
	flush()
}

// settle gives a message its answer.
func (b *batch) settle(i int, err error) {
	b.answered[i], b.answers[i].Err = true, err
}

// write sends the commands, and all that they carry.
func (b *batch) write(folder engine.FolderName) error {
	for _, members := range b.commands {
		parts := make([]wire.Part, 0, 2+2*len(members))
		parts = append(parts, wire.Text("APPEND "), wire.Name(string(folder)))
		for _, i := range members {
			m := b.messages[i]
			body := m.Body
			if _, inMemory := body.(*bytes.Reader); !inMemory {
				body = nulGuard{body}
			}
			parts = append(parts, wire.Text(arguments(strings.Join(b.sent[i], " "), m.Date)), wire.Literal(body, m.Size))
		}
		err := b.x.Send(parts...)
		if errors.Is(err, errNUL) && len(members) == 1 {
			b.settle(members[0], b.s.ours(appendOp, engine.Refused, nulText)) // a literal that was cut is not stored
		}
		b.held = append(b.held, errors.Is(err, wire.ErrHeld))
		if err != nil && !errors.Is(err, wire.ErrHeld) {
			return err
		}
	}
	return b.x.Flush()
}

// arguments writes what stands in front of a literal.
func arguments(flags string, date engine.Date) string {
	s := append(make([]byte, 0, 64), ' ')
	if flags != "" {
		s = append(append(append(s, '('), flags...), ") "...)
	}
	if year := date.Year(); !date.IsZero() && year > 0 && year <= 9999 {
		s = append(wire.AppendDate(append(s, '"'), date.Time), `" `...)
	}
	return string(s)
}

// wait returns the answers when they have come.
func (b *batch) wait() []engine.Appended {
	defer b.s.unanswered.Add(-1)
	defer b.x.Close()
	defer func() { b.s.compression.sent.end(b.stored()) }()
	for b.x.Open() > 0 {
		r, end, err := b.x.Next()
		if err != nil {
			b.dies(err)
			break
		}
		if r != nil {
			continue
		}
		b.answer(end)
		if end.Status.Type == "BAD" && !b.held[end.Command] {
			b.dies(errBad)
			_ = b.s.conn.Close()
		}
	}
	if b.lesson != nil {
		<-b.lesson.over
	}
	for i := range b.answers {
		if !b.answered[i] {
			b.answers[i].Err = b.inDoubt()
		}
		b.answers[i].Dropped = b.lesson.unkept(b.messages[i].Flags, b.answers[i].Dropped)
	}
	return b.answers
}

// stored returns how many octets were answered with a yes.
func (b *batch) stored() (octets int64) {
	for i, m := range b.messages {
		if b.answered[i] && b.answers[i].Err == nil {
			octets += m.Size
		}
	}
	return octets
}

// dies notes the first reason why no more answers come.
func (b *batch) dies(err error) {
	if b.err == nil {
		b.err = err
	}
}

// errBad is why a connection ends on which a server did not understand an APPEND. It may not have skipped the literal, then, and
// take the message for commands: Dovecot 2.3 does. That nothing may come so far is why flags, dates and names are sent in
// their strictest form only.
var errBad = errors.New("the service did not understand what was sent")

// answer takes the end of a command.
func (b *batch) answer(end wire.End) {
	members := b.commands[end.Command]
	var uids []uint32
	var validity uint32
	ok := false
	var refusal *engine.Error
	if end.Status.OK() {
		b.s.made(b.folder, members, b.sent)
	} else {
		refusal = b.refusal(end.Status, len(members))
	}
	if end.Status.OK() && end.Status.Code == "APPENDUID" {
		validity, uids, ok = wire.ParseAppendUID(end.Status.Args, len(members))
	}
	for n, i := range members {
		b.answered[i] = true
		switch {
		case refusal != nil:
			b.answers[i].Err = refusal
		case ok:
			b.answers[i].UID, b.answers[i].Validity = engine.UID(uids[n]), engine.Validity(validity)
		}
	}
}

var tooManyKeywords = regexp.MustCompile(`(?i)too many (user )?(flags|keywords)`)

// refusal makes the error of a command of so many messages that was refused. A folder that makes no more keywords, Cyrus has room for a hundred, takes the
// same message without new ones: it may come again. Many at once say nothing of that, for some of theirs may have room.
func (b *batch) refusal(s wire.Status, messages int) *engine.Error {
	err := b.s.refuse(appendOp, s)
	if messages == 1 && tooManyKeywords.MatchString(s.Text) && !b.full {
		b.s.filled(b.folder)
		err.Kind = engine.Throttled
	}
	return err
}

// inDoubt makes the error of a message that was perhaps stored.
func (b *batch) inDoubt() error {
	return b.s.unknown(b.ctx, appendOp, b.err)
}
