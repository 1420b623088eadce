package engine

import "time"

// FolderName is a folder's name exactly as its server writes it (usually modified UTF-7), without quotes. It is the key:
// two names that decode alike may be two folders. See Folder.Display for people.
type FolderName string

// Role is a folder's special use (RFC 6154), e.g. `\Sent`; `\Inbox` for INBOX; "" for none.
type Role string

// The roles that are mapped from side to side.
const (
	RoleInbox     Role = `\Inbox`
	RoleAll       Role = `\All`
	RoleArchive   Role = `\Archive`
	RoleDrafts    Role = `\Drafts`
	RoleFlagged   Role = `\Flagged`
	RoleImportant Role = `\Important` // RFC 8457
	RoleJunk      Role = `\Junk`
	RoleSent      Role = `\Sent`
	RoleTrash     Role = `\Trash`
)

// Folder is a folder as its server lists it.
type Folder struct {
	Name       FolderName
	Path       []string // decoded components, outermost first; undecodable ones as the raw bytes
	Display    string   // Path joined by "/"; undecodable bytes escaped; for people only
	Role       Role
	Selectable bool // false for \Noselect and \NonExistent: it holds no messages, its children may
	Subscribed bool
	Childless  bool         // \Noinferiors: there can be no folders below it
	Status     FolderStatus // zero when not Selectable
	Err        error        // this folder alone could not be read (its STATUS was refused)
}

// FolderStatus is what STATUS or SELECT says of a folder.
type FolderStatus struct {
	Validity Validity // 0: not known
	UIDNext  UID      // 0: not known
	Messages int64
	Size     int64 // bytes of all messages; -1 where the server does not say (RFC 8438), and at a destination, which is not asked
	MaxSize  int64 // octets of the largest message that it takes; 0: not known (RFC 7889)
}

// Listing is one side's folders.
type Listing struct {
	Folders   []Folder // in the server's order
	Prefix    string   // the personal namespace's prefix, decoded, e.g. "INBOX."; "" for none
	Separator string   // between the components of a name; "" when the namespace is flat
	Labels    bool     // a message may be in several folders at once, and the one for RoleAll holds them all (X-GM-EXT-1)
	Reserved  []string // names, in lower case, that new folders at the top cannot have
	Forbidden string   // characters that the names of new folders cannot hold, as far as that is known of servers of its make
}

// FolderID identifies a source folder of a mailbox under one UIDVALIDITY in the ledger.
type FolderID int64

// KeptFolder is what the ledger remembers of a source folder under one UIDVALIDITY.
type KeptFolder struct {
	ID                  FolderID
	Mailbox             MailboxID
	Name                FolderName
	Display             string
	Validity            Validity
	Destination         FolderName // where its messages go; a folder that rules have led elsewhere meanwhile is kept once for each place
	Mapped              string     // what rules had to say of that place when it was decided; "": nothing
	DestinationValidity Validity   // under which the destination UIDs of its items mean what they say; 0: not known
	DestinationNext     UID        // every message there with a lower UID was known when the folder was last finished; 0: not finished yet
	Watermark           UID        // every UID up to here that ever existed is an item, or was gone before it was seen, or was left out by Filter
	Filter              string     // the rules for single messages under which the folder was last finished; "": none
	LeftOut             int64      // messages up to the watermark that they left out
	Items               ItemCounts
}

// ItemCounts is a number of items in each state.
type ItemCounts struct{ Claimed, Copied, Adopted, Skipped, Failed, Held int64 }

// Settled returns how many items need nothing more: all but the claimed and the failed.
func (c ItemCounts) Settled() int64 { return c.Copied + c.Adopted + c.Skipped + c.Held }

// Add adds o's numbers to c.
func (c *ItemCounts) Add(o ItemCounts) {
	c.Claimed += o.Claimed
	c.Copied += o.Copied
	c.Adopted += o.Adopted
	c.Skipped += o.Skipped
	c.Failed += o.Failed
	c.Held += o.Held
}

// All returns how many items there are.
func (c ItemCounts) All() int64 { return c.Settled() + c.Claimed + c.Failed }

// FolderTally is what a pass did in one source folder; the numbers add up, see Unexplained.
type FolderTally struct {
	Folder      FolderID // 0 when the ledger does not keep the folder (preview)
	Source      string   // display name
	Destination string   // display name; "" for a folder that rules leave out
	Why         Placing  // why it goes there; "": not known
	Size        int64    // bytes of all messages at the source; -1: not known
	Hidden      bool     // its owner has subscribed to other folders and not to this one: most programs do not show it
	Messages    int64    // messages at the source when the folder was opened
	Before      int64    // of these, settled by earlier passes
	Tally
	There int64  // messages in the destination folder: those it had when the pass began, and those copied there; -1 when not known
	Error string // why the folder as a whole was left, "" if it was not
	Cause Kind   // of that error
	Side  Side   // where it happened; means nothing without Error
}

// Unexplained returns the messages at the source that are neither copied before, nor copied, adopted, skipped, failed
// or left by this pass: zero unless something is wrong (a negative number: more items than messages).
func (f FolderTally) Unexplained() int64 {
	return f.Messages - f.Before - f.Copied - f.Adopted - f.Skipped - f.Failed - f.Left
}

// Tally counts what a pass did.
type Tally struct {
	New      int64 // messages found that no earlier pass had settled, and that no rule leaves out
	Copied   int64
	Adopted  int64 // found at the destination already
	Skipped  int64 // left out by rule, by this pass or an earlier one
	Failed   int64
	Vanished int64 // settled once, no longer at the source
	Left     int64 // found, not reached: the pass ended before
	Bytes    int64 // of the copied messages; in a preview, of the new ones

	// Of a verifying pass only:
	Verified  int64 // copies read back and found equal
	Different int64 // copies that are not what was copied
	Removed   int64 // copies that are no longer at the destination
}

// Add adds o's numbers to t.
func (t *Tally) Add(o Tally) {
	t.New += o.New
	t.Copied += o.Copied
	t.Adopted += o.Adopted
	t.Skipped += o.Skipped
	t.Failed += o.Failed
	t.Vanished += o.Vanished
	t.Left += o.Left
	t.Bytes += o.Bytes
	t.Verified += o.Verified
	t.Different += o.Different
	t.Removed += o.Removed
}

// Date is a message's INTERNALDATE: an instant and the zone it was written in. The zero Date is unknown.
type Date struct{ time.Time }
