package engine

import "time"

// ItemState is where an item stands. An item that is absent from the ledger has not been looked at.
type ItemState uint8

// The states; the numbers are the ledger's. An item is claimed before it is appended and leaves that state when its
// outcome is written (absent → claimed → copied, skipped, failed or adopted); failed may be claimed again. An item is held, without a claim, when other
// folders of the source have its message and it was settled there: see activePass.sift.
const (
	Claimed ItemState = 1 + iota
	Copied
	Skipped
	ItemFailed
	Adopted
	Held
)

func (s ItemState) String() string {
	return [...]string{"absent", "claimed", "copied", "skipped", "failed", "adopted", "held"}[min(s, 6)]
}

// ClaimID identifies a claim in the ledger.
type ClaimID int64

// Claim is the durable word "about to append these": one a batch. Whatever arrives under it has a UID of at least UIDNext.
type Claim struct {
	Pass        PassID
	Folder      FolderID
	Destination FolderName
	Validity    Validity // of the destination folder; 0 when not known: look everywhere in it
	UIDNext     UID      // lower bound of the UIDs that the batch can get; 0 when not known
	At          time.Time
	Items       []ClaimedItem
}

// ClaimedItem is one message of a claim.
type ClaimedItem struct {
	UID  UID
	Size int64 // octets of the message
	Date Date  // kept to the second
	Head Digest
	Body Digest // zero for a message that is streamed: known only afterwards
	// Message tells it from all others of its account, whatever folder it lies in; 0 where a service keeps no such number. It is kept
	// with the claim, for LabelledItems; no other method tells it again.
	Message uint64
}

// OpenClaim is a claim with the items of it that are not settled: they are in doubt.
type OpenClaim struct {
	ID ClaimID
	Claim
}

// Outcome settles one item.
type Outcome struct {
	UID            UID
	State          ItemState   // Copied, Skipped, ItemFailed, Adopted or Held
	DestinationUID UID         // 0 when not known
	ClaimedItem    ClaimedItem // what to keep of an item that was never claimed, and the body digest of a streamed one; UID is ignored
	Failure        *Failure    // of a failed or skipped item
}

// Failure says why an item is not at the destination, so that the admin can find it. The texts that show whose message
// it is are empty where the project keeps no details.
type Failure struct {
	Kind      Kind
	Text      string // the server's words or ours, never the message's
	Subject   string
	Sender    string
	MessageID string
}
