package engine

import "time"

// ProjectRow is a line of My Migrations.
type ProjectRow struct {
	Project
	Updated   time.Time      // when the project or a pass of it last changed
	Mailboxes int            //
	Statuses  map[Status]int // mailboxes in each status
	LastNew   int64          // messages copied by the last new pass of each mailbox, added up
	Passes    int            // counted passes of the mailbox that used most
	Failed    int64          // items that could not be copied
}

// Status derives the project's status.
func (r ProjectRow) Status() Status { return Combine(r.Statuses) }

// MailboxRow is a line of a project's Mailboxes.
type MailboxRow struct {
	Mailbox
	Last   *Pass // the pass that says where it stands: unfinished, or the last that copied or failed; nil when there is none
	Passes int   // counted passes
	Items  ItemCounts
}

// PassRow is a line of a project's Passes, readable offline for ever.
type PassRow struct {
	Pass
	Source, Destination string // addresses of the mailbox
}

// FolderRow is a line of a project's Folders: one source folder of one mailbox, as the last pass that looked at it has found it.
type FolderRow struct {
	Mailbox     MailboxID
	Address     string     // of the mailbox at the source
	FolderTally            // of that pass, but Vanished, which is the last pass's for new items. Of a folder that is Gone only the names
	Kind        PassKind   // of that pass
	Seen        time.Time  // when it ended
	Gone        bool       // that pass did not find it at the source any more
	Items       ItemCounts // how the ledger accounts for its messages now
	Elsewhere   int64      // of its messages, migrated to another folder: rules led there once
	Outdated    bool       // a later pass has copied from the mailbox and told nothing of its folders: it is running, or was interrupted
}

// FailureRow is a line of a project's Errors.
type FailureRow struct {
	Failure
	Mailbox MailboxID
	Source  string // address of the mailbox
	FolderID
	Folder string // display name
	UID    UID
	State  ItemState // ItemFailed or Skipped
	Size   int64
	Date   Date
	Pass   PassID // that tried last
}

// FailureCause counts the items of a project that are not at the destination for one cause.
type FailureCause struct {
	State     ItemState // ItemFailed or Skipped
	Kind      Kind
	Count     int64
	Mailboxes []MailboxID // that have such items, ascending
}

// Setback is a mailbox, or one folder of it, that its last pass could not deal with as a whole.
type Setback struct {
	PassRow              // that pass: for a mailbox one that failed or was interrupted, for a folder the last that was to copy and told of its folders
	Folder  *FolderTally // with the error by which the folder was left; nil: the mailbox
}

// Removed is what the last verifying pass has found removed at the destination in one folder.
type Removed struct {
	Mailbox MailboxID
	Source  string // address of the mailbox
	FolderID
	Folder string // display name
	Pass   PassID
	UIDs   []UID // of the source messages, ascending
}

// Page selects part of a long list.
type Page struct{ Offset, Limit int }
