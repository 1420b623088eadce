package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of trouble an error is, and so what is spoiled by it and whether waiting helps: see Answers.
type Kind uint8

// The kinds; the numbers are the ledger's.
const (
	NoError     Kind = iota
	Denied           // the service does not accept the sign-in
	Unreachable      // no connection, or one that broke
	Throttled        // the service asks to slow down
	Full             // no room at the destination
	Missing          // a folder that is not there and cannot be made
	Refused          // this message, never: too big, bad bytes
	Gone             // the message is no longer at the source
	Broken           // the ledger or this machine's disk
	Untrusted        // the service cannot prove who it is
	Renumbered       // UIDVALIDITY changed: the folder's UIDs mean other messages now
	Unreadable       // an answer that cannot be understood
	Locked           // the keychain does not give the secret out
	Replaced         // a folder's messages are other ones than before: only the user can tell whether it is another folder
	Other
)

// Radius is how much an error spoils.
type Radius uint8

// The radii, smallest first.
const (
	SpoilsItem Radius = iota
	SpoilsFolder
	SpoilsPass
	SpoilsProgram
)

// Answer is what a kind of error means for the work.
type Answer struct {
	Name    string // as the command line and the ledger's readers see it
	Spoils  Radius
	Waiting bool // trying again later can help without anybody doing anything
}

// Answers holds what every kind means. The table is the only place that decides it.
var Answers = [...]Answer{
	NoError:     {"none", SpoilsItem, false},
	Denied:      {"denied", SpoilsPass, false},
	Unreachable: {"unreachable", SpoilsPass, true},
	Throttled:   {"throttled", SpoilsPass, true},
	Full:        {"full", SpoilsPass, false},
	Missing:     {"missing", SpoilsFolder, false},
	Refused:     {"refused", SpoilsItem, false},
	Gone:        {"gone", SpoilsItem, false},
	Broken:      {"broken", SpoilsProgram, false},
	Untrusted:   {"untrusted", SpoilsPass, false},
	Renumbered:  {"renumbered", SpoilsFolder, false},
	Unreadable:  {"unreadable", SpoilsFolder, false},
	Locked:      {"locked", SpoilsPass, false},
	Replaced:    {"replaced", SpoilsFolder, false},
	Other:       {"other", SpoilsFolder, false},
}

func (k Kind) String() string { return Answers[k].Name }

// Error is the one error type of the engine and its ports: an operation, its kind and its cause.
type Error struct {
	Op   string        // what was tried: "sign in", "append", "list folders" …
	Kind Kind          // what sort of trouble
	Side Side          // where; meaningful only with Host
	Host string        // the endpoint's host, "" when no service is to blame
	Text string        // the server's words, or ours; shown to the user; never a secret or message text
	Wait time.Duration // how long the service asked to wait, 0 when it did not say
	Err  error         // cause, may be nil

	Certificate *Certificate // of kind Untrusted: what the service has shown; nil where it has shown none
}

func (e *Error) Error() string {
	s := e.Op
	if e.Host != "" {
		s += " at " + e.Host
	}
	switch {
	case e.Text != "":
		return fmt.Sprintf("%s: %s: %s", s, e.Kind, e.Text)
	case e.Err != nil:
		return fmt.Sprintf("%s: %s: %v", s, e.Kind, e.Err)
	}
	return fmt.Sprintf("%s: %s", s, e.Kind)
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *Error in err's chain: NoError for nil, Other where there is none.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return NoError
	case errors.As(err, &e):
		return e.Kind
	}
	return Other
}

// Causes by which a pass is cancelled, and refusals to start one.
var (
	ErrStopped    = errors.New("stopped by the user")
	ErrQuit       = errors.New("the program is closing")
	ErrPassLimit  = errors.New("all passes of this mailbox are used")
	ErrUnfinished = errors.New("a pass of this mailbox is not finished")
	ErrNotFound   = errors.New("not found")
	ErrNameTaken  = errors.New("another project has this name")
	ErrLocked     = errors.New("another instance uses this ledger")
	ErrNewer      = errors.New("this ledger was made by a newer version")
	ErrDamaged    = errors.New("the ledger is damaged")
	ErrUnsuitable = errors.New("the ledger cannot lie in this folder")
	ErrNoSecret   = errors.New("no password is kept")
	ErrNoKeychain = errors.New("no keychain in this session")
)

// Stopped reports whether ctx was cancelled on purpose, by ErrStopped or ErrQuit.
func Stopped(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return errors.Is(cause, ErrStopped) || errors.Is(cause, ErrQuit)
}

// waitOf returns how long the service asked to wait, 0 when it did not say.
func waitOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
