package imap

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// session is one signed-in connection. It implements engine.Session.
type session struct {
	place
	dialer *Dialer
	conn   *wire.Conn
	client *imapclient.Client
	log    *slog.Logger
	key    string // of the account, in the dialer's table
	caps   goimap.CapSet
	told   string // name and version, as far as told

	compression compression

	left       sync.Once           // when closed
	unanswered atomic.Int32        // batches whose answers are awaited
	busy       sync.Mutex          // held by the call in progress
	examined   *examined           // the folder that is open read-only; nil for none
	lists      map[string][]string // lists of flags seen, by their bytes
	kept       int                 // those bytes
	scratch    []byte
	row        row // being read
}

// has reports whether the server offers a capability, given in upper case.
func (s *session) has(capability string) bool {
	_, ok := s.caps[goimap.Cap(capability)]
	if !ok && capability == "LITERAL-" {
		_, ok = s.caps["LITERAL+"]
	}
	return ok
}

// lookFor returns the argument of a capability that has one, as APPENDLIMIT=1000.
func (s *session) lookFor(capability string) (string, bool) {
	for c := range s.caps {
		if value, ok := strings.CutPrefix(string(c), capability+"="); ok {
			return value, true
		}
	}
	return "", false
}

// Limits returns what is known of the server's limits. It implements engine.Session.
func (s *session) Limits() engine.Limits {
	l := engine.Limits{Batch: s.batches(), ReportsUID: s.has("UIDPLUS"), Greeting: s.told}
	if s.exchange() {
		l.Window = window
	}
	if value, ok := s.lookFor("APPENDLIMIT"); ok {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 0 {
			l.MaxSize = n
		}
	}
	return l
}

// batches reports whether many messages go into one command.
func (s *session) batches() bool {
	return s.has("MULTIAPPEND") && s.conn.Literals() == wire.LiteralPlus
}

// Alive reports whether the connection can still be used. It implements engine.Session.
func (s *session) Alive() bool { return s.conn.Err() == nil }

// Exchange ends a connection over which it has refused ten commands: "BYE Connection closed. 14". A new one is better when it has refused worn, so that the
// window of those that are on their way can all be refused too, and none is ever in doubt.
const (
	worn   = 5
	window = 4
)

// Worn implements engine.Session.
func (s *session) Worn() bool { return s.exchange() && s.conn.Refused() >= worn }

// exchange reports whether the server is Microsoft's.
func (s *session) exchange() bool {
	return strings.Contains(s.told, "Microsoft.Exchange") || strings.Contains(s.conn.Greeting(), "Microsoft Exchange")
}

// Close signs out if nothing is in progress, and ends the connection without waiting for the server's farewell: that would cost a round trip
// and tell nothing. It implements engine.Session.
func (s *session) Close() error {
	if s.unanswered.Load() == 0 && s.busy.TryLock() {
		defer s.busy.Unlock()
		s.compareSpeed()
		if s.Alive() {
			s.client.Logout()
		}
	}
	if s.side == engine.Destination {
		s.left.Do(func() { s.dialer.leave(s.key) })
	}
	return s.conn.Close()
}

// begin opens an exchange of raw commands; see wire.Conn.Begin. done must be called.
func (s *session) begin(ctx context.Context, kinds wire.Kind) (x *wire.Exchange, done func()) {
	s.busy.Lock()
	x = s.conn.Begin(ctx, kinds) // never to be left open while waiting for something else: its responses would hold up all
	return x, func() { x.Close(); s.busy.Unlock() }
}

// cause returns why a call of the library failed: what ended the connection, unless the server has refused the command. An
// error that is neither ends the connection, for the library may have lost its step.
func (s *session) cause(err error) error {
	var refusal *goimap.Error
	if errors.As(err, &refusal) {
		return err
	}
	if dead := s.conn.Err(); dead != nil {
		return dead
	}
	_ = s.conn.Close()
	return &wire.ProtocolError{Err: err}
}
