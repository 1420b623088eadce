package engine

import (
	"context"
	"time"
)

// Ledger is what the engine needs of the durable account of every item and pass. All methods are safe for concurrent
// use; each is one transaction, durable (it survives a power cut) when it returns nil. Errors are *Error of kind Broken
// unless said otherwise.
type Ledger interface {
	Projects
	Passes
	Items
	Records
	Volumes
}

// Projects reads what there is to migrate. ErrNotFound where the id names nothing.
type Projects interface {
	Project(ctx context.Context, id ProjectID) (Project, error)
	Mailboxes(ctx context.Context, project ProjectID) ([]Mailbox, error)
}

// Passes writes the life of passes.
type Passes interface {
	// QueuePasses begins a pass of each mailbox, in state queued. A mailbox with an unfinished pass (ErrUnfinished) or, for kind
	// NewItems, with limit counted passes (ErrPassLimit) is refused; the others are queued all the same.
	QueuePasses(ctx context.Context, mailboxes []MailboxID, kind PassKind, limit int) (queued []Pass, refused map[MailboxID]error, err error)
	// StartPass turns a queued pass to running, and keeps the first record of it.
	StartPass(ctx context.Context, id PassID, r PassRecord) error
	// CountPass gives the pass its number, the mailbox's next one, or that of an interrupted pass, which it goes on with; calling it again
	// changes nothing.
	CountPass(ctx context.Context, id PassID) (number int, err error)
	// SeePass notes that the pass is alive, and how far it is: what is left of it if it is never finished.
	SeePass(ctx context.Context, id PassID, t Tally, r PassRecord) error
	// FinishPass ends a pass: its State, Tally, Cause and Error are taken from p, Ended is now.
	FinishPass(ctx context.Context, p Pass, folders []FolderTally, r PassRecord) error
	// InterruptPasses turns every unfinished pass to interrupted. For start-up, before any pass is queued.
	InterruptPasses(ctx context.Context) (interrupted int, err error)
}

// Items keeps what happened to every source message.
type Items interface {
	// DigestKey is this ledger's random key for digests.
	DigestKey() DigestKey
	// KeptFolders returns what is remembered of a mailbox's source folders, every UIDVALIDITY of each.
	KeptFolders(ctx context.Context, mailbox MailboxID) ([]KeptFolder, error)
	// KeepFolder returns the folder named f.Name under f.Validity of f.Mailbox that goes to f.Destination, made from f when there is none; its display
	// name and Mapped are set to f's. Where f.DestinationValidity is known and another than before, the destination UIDs of the folder's
	// items are forgotten; where it is the same and f.DestinationNext is known and lower than before, those from there on, for they
	// are given again. Watermark, Filter, LeftOut and Items of f are ignored.
	KeepFolder(ctx context.Context, f KeptFolder) (KeptFolder, error)
	// KnownUIDs returns the UIDs above the given one that have an item in any state but failed.
	KnownUIDs(ctx context.Context, folder FolderID, above UID) (UIDSet, error)
	// FailedUIDs returns the UIDs of the folder's failed items: of those that failed for the given cause, for NoError of all.
	FailedUIDs(ctx context.Context, folder FolderID, cause Kind) (UIDSet, error)
	// HeldUIDs returns the UIDs of the folder's held items.
	HeldUIDs(ctx context.Context, folder FolderID) (UIDSet, error)
	// Claim writes that these items are about to be appended. An item may be absent or failed; any other state is an error.
	Claim(ctx context.Context, c Claim) (ClaimID, error)
	// Settle writes outcomes of items of one folder, whether claimed or not, under the given pass.
	Settle(ctx context.Context, pass PassID, folder FolderID, outcomes []Outcome) error
	// Release takes back claims of items that were certainly not appended: they are absent again, or failed where the watermark
	// is past them.
	Release(ctx context.Context, folder FolderID, uids []UID) error
	// OpenClaims returns the claims of a mailbox with items in doubt, oldest first, and when the pass that made the last of them was last seen.
	OpenClaims(ctx context.Context, mailbox MailboxID) (claims []OpenClaim, seen time.Time, err error)
	// LabelledItems returns the claimed and the copied items of a mailbox that are of given messages; see ClaimedItem.Message.
	LabelledItems(ctx context.Context, mailbox MailboxID, messages []uint64) ([]LabelledItem, error)
	// CopiedItems returns up to limit copied or adopted items of a folder with UIDs above after, ascending, for verifying.
	CopiedItems(ctx context.Context, folder FolderID, after UID, limit int) ([]CopiedItem, error)
	// NoteRemoved notes which copies of a folder a verifying pass has not found, in place of what an earlier one noted there, so that the user
	// can choose to have them copied again. UIDs without a copied or adopted item are left out.
	NoteRemoved(ctx context.Context, pass PassID, folder FolderID, uids []UID) error
	// TakeFailed makes the failed items of one folder those of another: the same source folder, which goes elsewhere now.
	TakeFailed(ctx context.Context, from, to FolderID) error
	// ForgetFailed takes failed items out of the ledger, because rules leave their messages out now.
	ForgetFailed(ctx context.Context, folder FolderID, uids []UID) error
	// Advance moves the folder's watermark and DestinationNext up and notes what was left out. Refused when an item up to the watermark is claimed.
	Advance(ctx context.Context, folder FolderID, to Finished) error
}

// Finished is how far a folder is when all its messages are accounted for; see KeptFolder.
type Finished struct {
	Watermark, DestinationNext UID
	Filter                     string
	LeftOut                    int64
}

// CopiedItem is a settled item with where its copy lies.
type CopiedItem struct {
	ClaimedItem
	State          ItemState
	DestinationUID UID // 0 when not known
}

// LabelledItem is an item of a message that lies in several folders of its source at once, with where its copy lies.
type LabelledItem struct {
	CopiedItem             // Claimed or Copied
	Folder      FolderID   // of the source
	Destination FolderName // the folder that its copy lies in
	Validity    Validity   // under which DestinationUID was given; 0 when not known
}

// Keychain keeps secrets. Implementations return within a time limit of their own. Errors: ErrNoSecret where the
// reference names none, ErrNoKeychain where there is no keychain, *Error of kind Locked where it does not open.
type Keychain interface {
	Get(ctx context.Context, ref SecretRef) (Secret, error)
	Set(ctx context.Context, ref SecretRef, s Secret) error
	Delete(ctx context.Context, ref SecretRef) error
}

// Tokens gets what is shown to services in place of a password, from identity providers.
type Tokens interface {
	// Token returns an access token by which the credential's account signs in: one that is still good, unless that is refused, the one that the service
	// has just refused. What is kept for the account may change with it, and is kept anew, before Token returns. Errors are *Error:
	// ErrSignInAgain, of kind Denied, where the provider takes what is kept no longer; of kind Denied, Unreachable or Throttled else.
	Token(ctx context.Context, c Credential, refused Secret) (Secret, error)
}

// Dialer opens sessions.
type Dialer interface {
	// Dial connects and signs in, by the endpoint's Access; s is the password, or the access token where that is what it asks for. Errors are *Error of kind Unreachable, Untrusted, Denied, Throttled or Unreadable.
	Dial(ctx context.Context, side Side, e Endpoint, user string, s Secret) (Session, error)
}

// Session is one signed-in connection. One goroutine at a time calls its methods, but for Close, which any may call at any time
// and which ends every call. It cannot delete, rename, move or store flags: no such method exists. Errors are *Error;
// after kind Unreachable or Unreadable the session is dead unless Alive says otherwise. A cancelled ctx closes the connection.
type Session interface {
	// List returns every folder of the personal namespace with its status, in as few round trips as the server allows, and
	// whether it may make folders below. With much, much is to be appended: what that takes to know is asked in the same breath, where it else waits
	// for the first message.
	List(ctx context.Context, much bool) (Listing, error)
	// Encode writes a path as this server names it. The error says which component cannot be written.
	Encode(l Listing, path []string) (FolderName, error)
	// Create makes folders (pipelined; one that exists already is no error), subscribes them, and returns the status of each, or why not.
	Create(ctx context.Context, folders []FolderName, roles []Role) []CreateResult
	// Examine opens a folder read-only and returns its status.
	Examine(ctx context.Context, folder FolderName) (FolderStatus, error)
	// Scan reports each message of the set that exists, without bodies, ascending or not. Size is -1 where unknown.
	Scan(ctx context.Context, f Opening, set UIDSet, each func(Meta) error) (FolderStatus, error)
	// Headers is Scan with headers.
	Headers(ctx context.Context, f Opening, set UIDSet, each func(Header) error) (FolderStatus, error)
	// Labels reports each message of the set that exists with what tells it from all others of the account, whatever folder it is seen in. For services
	// whose Listing says Labels.
	Labels(ctx context.Context, f Opening, set UIDSet, each func(Labelled) error) (FolderStatus, error)
	// Fetch streams the messages of the set that exist. each must not keep m.Body; what it leaves unread is skipped. A message that
	// the server cannot deliver is reported to each with a nil Body and its error in lost. An error from each ends the fetch,
	// and the session with it.
	Fetch(ctx context.Context, f Opening, set UIDSet, each func(m Message, lost error) error) (FolderStatus, error)
	// FetchEach is Fetch for one folder after the other: the next is asked for while those before are on their way. next returns what to
	// fetch, until it returns false; each is told which of them a message is of, counted from 0. over is told when one is over, with the error
	// that has spoiled it alone. An error of each or over ends the fetch, and the session with it. What over was not told of when FetchEach
	// returns an error is not over.
	FetchEach(ctx context.Context, next func() (Wanted, bool), each func(which int, m Message, lost error) error, over func(which int, err error) error) error
	// Search returns the UIDs of the messages of a folder whose Message-ID field holds the given text, printable ASCII, as far as the server finds them.
	// A server that cannot search refuses, and the session lives on.
	Search(ctx context.Context, f Opening, messageID string) ([]UID, error)
	// Append writes a batch to a folder in the quickest form that the server takes and returns when it is written; wait returns
	// one answer a message when they have come. Batches are answered in order; several may be on their way. wait must be called.
	// Messages must be in memory or alone: a batch of one may have a Body that streams.
	Append(ctx context.Context, folder FolderName, batch []Message) (wait func() []Appended)
	// Copy has the server copy messages of one folder into another (RFC 9051, 6.4.7), with their flags and dates: all that there are of the set, or none.
	// Like Append it is never tried again below: an error of kind Unreachable leaves open whether it was done, any other says that it was not.
	Copy(ctx context.Context, from Opening, set UIDSet, to FolderName) (Copies, error)
	// Room returns what the account's quota leaves; where there is none, or the server does not tell, nothing is known and nothing is asked.
	Room(ctx context.Context) (Room, error)
	// Limits returns what is known of the server's limits.
	Limits() Limits
	// Alive reports whether the connection can still be used.
	Alive() bool
	// Worn reports whether the service would soon end the connection for what it has refused over it: before more is sent, a new one is better.
	Worn() bool
	Close() error
}

// Labelled is a message where messages may be in several folders at once.
type Labelled struct {
	UID     UID
	Message uint64   // the same in every folder; 0 where the server does not tell it
	Labels  []string // the folders that hold it besides the one that is open: their names, or special uses
}

// Opening names a folder to open read-only and the UIDVALIDITY it must have: an *Error of kind Renumbered if it has another.
// Validity 0 takes any.
type Opening struct {
	Folder   FolderName
	Validity Validity
}

// Wanted is messages of a folder that are to be fetched.
type Wanted struct {
	Opening
	Set UIDSet
}

// CreateResult is the answer for one folder of Create.
type CreateResult struct {
	Status FolderStatus
	Err    error
}

// Room is how much an account still takes: -1 where that is not known.
type Room struct{ Bytes, Messages int64 }

// Limits is what a server says of itself.
type Limits struct {
	MaxSize    int64  // largest message taken; 0 when not known
	Window     int    // most messages that should be on their way to it at once; 0: any number
	Batch      bool   // many messages are stored by one command, all or none (RFC 3502)
	ReportsUID bool   // appended messages are answered with their UIDs (RFC 4315), and copied ones with those of their copies
	Greeting   string // name and version, as far as told; for the log
}
