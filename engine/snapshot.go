package engine

import "time"

// Snapshot is a picture of the work in progress, for the screen. Nothing in it is shared with the engine.
type Snapshot struct {
	At       time.Time
	Revision uint64        // grows whenever a pass changed state or the tables of the ledger did: read again what is shown
	Passes   []Progress    // unfinished passes, oldest first
	Messages float64       // copied a second, over the last few seconds
	Bytes    float64       // copied a second
	Left     time.Duration // estimate to the end of all of them; 0 when not known
}

// Phase is what a running pass is doing.
type Phase string

// The phases.
const (
	Waiting    Phase = "waiting" // queued, throttled, or until an item in doubt may be decided: see Progress.Until
	SigningIn  Phase = "signing in"
	Planning   Phase = "planning"
	LookingUp  Phase = "looking up" // items in doubt
	Copying    Phase = "copying"
	Verifying  Phase = "verifying"
	Finishing  Phase = "finishing"
	Connecting Phase = "connecting again"
	Offline    Phase = "offline" // neither service can be reached: the pass waits for the network

	AwaitingSignIn Phase = "waiting for a sign-in" // by the account's owner, for the saved one is no longer accepted; until Progress.Until at most
)

// Progress is one unfinished pass.
type Progress struct {
	Project     ProjectID
	Mailbox     MailboxID
	Pass        PassID
	Kind        PassKind
	State       PassState
	Stopping    bool
	Phase       Phase
	Until       time.Time // of Waiting and Connecting; zero when not known
	Reason      Kind      // why it waits
	Daily       bool      // it waits because an account has moved as much as its service allows in a day
	Awaited     Side      // of AwaitingSignIn: at which side
	Folder      string    // display name of the folder being copied
	FoldersDone int
	Folders     int
	Done        int64 // messages dealt with in this pass
	Total       int64 // messages to deal with, as far as planned; 0 until planned
	DoneBytes   int64
	TotalBytes  int64 // 0 when the server does not say
	Tally       Tally
	Started     time.Time
}

// Fraction returns the part of the pass that is done, 0 to 1, and false while the total is not known.
func (p Progress) Fraction() (float64, bool) {
	if p.Total <= 0 {
		return 0, false
	}
	return min(1, float64(p.Done)/float64(p.Total)), true
}
