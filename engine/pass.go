package engine

import "time"

// PassID identifies a pass in the ledger.
type PassID int64

// PassKind says what a pass is for. Only NewItems counts towards the limit of passes.
type PassKind string

// The kinds.
const (
	NewItems PassKind = "new"     // copy what was not migrated before
	Preview  PassKind = "preview" // count what NewItems would copy
	Trial    PassKind = "trial"   // at most 10 items a folder and 5 MB
	Verify   PassKind = "verify"  // sign in, read the copies back and compare
	Retry    PassKind = "retry"   // failed items only
	Rebuild  PassKind = "rebuild" // recognise what is at the destination, copy nothing: for a ledger that was lost
)

// PassState is where a pass stands: Queued → Running → one of the others. A pass found unfinished at start-up becomes Interrupted.
type PassState string

// The states, as the ledger writes them.
const (
	Queued                  PassState = "queued"
	Running                 PassState = "running"
	PassCompleted           PassState = "completed"
	PassCompletedWithErrors PassState = "completed with errors"
	PassStopped             PassState = "stopped"
	PassFailed              PassState = "failed"
	PassInterrupted         PassState = "interrupted"
)

// Ended reports whether the pass is over.
func (s PassState) Ended() bool { return s != Queued && s != Running }

// Pass is one run over one mailbox.
type Pass struct {
	ID      PassID
	Mailbox MailboxID
	Kind    PassKind
	State   PassState
	Number  int       // 1, 2 …: which of the mailbox's passes it is; 0 while it does not count
	Queued  time.Time // when the button was pressed
	Started time.Time // zero while queued
	Ended   time.Time // zero until ended
	Seen    time.Time // when it last wrote to the ledger
	Tally   Tally
	Lack    Room   // of a preview: by how much the destination's quota is too small for what is new; zero: it is not, or that is not known
	Cause   Kind   // kind of the error that ended it; NoError without one
	Side    Side   // where it happened; means nothing without Host
	Host    string // the host of the mail service to blame, "" when none is
	Error   string // that error's text, the server's words or ours; "" without one
}

// Duration returns how long the pass ran, up to now for one that is running; 0 while queued.
func (p Pass) Duration(now time.Time) time.Duration {
	switch {
	case p.Started.IsZero():
		return 0
	case p.Ended.IsZero():
		return now.Sub(p.Started)
	}
	return p.Ended.Sub(p.Started)
}
