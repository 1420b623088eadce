package engine

import (
	"context"
	"log/slog"
)

// Options are what an engine is made of. Ledger, Keychain and Dialer must be set.
type Options struct {
	Ledger   Ledger
	Keychain Keychain
	Dialer   Dialer
	Log      *slog.Logger // nil: nothing is logged
	Memory   int64        // bytes of message bodies held at once, over all passes; default 64 MB
}

// Request asks for a pass of each of some mailboxes of a project.
type Request struct {
	Project   ProjectID
	Kind      PassKind
	Mailboxes []MailboxID           // nil: all
	Secrets   map[MailboxID]Secrets // for this run only, instead of the keychain's
}

// Started is what became of a request.
type Started struct {
	Passes  []Pass
	Refused map[MailboxID]error // ErrPassLimit, ErrUnfinished
}

// Engine runs passes.
type Engine struct{ o Options }

// New returns an engine; Run sets it to work.
func New(o Options) *Engine { return &Engine{o: o} }

// Run works until ctx is cancelled, then stops in order (promise 7) and returns when all goroutines have ended.
func (e *Engine) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Start begins passes: they stand in the ledger as queued when it returns.
func (e *Engine) Start(ctx context.Context, r Request) (Started, error) { return Started{}, nil }

// Stop stops passes of a project, those of the given mailboxes or all.
func (e *Engine) Stop(project ProjectID, mailboxes ...MailboxID) {}

// Watch returns pictures of the work until ctx ends, the latest wins, at most four a second.
func (e *Engine) Watch(ctx context.Context) <-chan Snapshot { return nil }

// Check signs in to an endpoint once and out again.
func (e *Engine) Check(ctx context.Context, side Side, to Endpoint, user string, s Secret) error {
	return nil
}
