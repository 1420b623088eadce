package engine

import "io"

// Meta is what a folder says of a message without its body.
type Meta struct {
	UID   UID
	Size  int64    // RFC822.SIZE in bytes; an estimate at some servers
	Flags []string // as the server writes them; never \Recent
	Date  Date
}

// Message is a message in flight. Exactly Size bytes follow from Body; they are the bytes of the source, untouched.
type Message struct {
	Meta
	Body io.Reader
}

// Header is a message's header with what identifies it, for looking up and adopting.
type Header struct {
	Meta
	Bytes []byte // the header as it stands, at most 256 KB
}

// Copies is the destination's answer to Copy.
type Copies struct {
	Validity Validity    // of the folder that got them; 0 when the server did not say
	UIDs     map[UID]UID // of each message that was copied, its copy's; nil when the server did not say
}

// Appended is the destination's answer for one appended message.
type Appended struct {
	UID      UID      // 0 when the server did not say
	Validity Validity // 0 when the server did not say
	Err      error    // nil: stored. An *Error of kind Refused, Full …: not stored. Of kind Unreachable: in doubt
	Dropped  []string // flags the server does not take
}
