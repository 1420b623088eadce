package gui

import (
	"context"
	"io"

	"mwiz/engine"
)

// Book is what the window reads and writes of the ledger. Every method may take time: none is called on the window's goroutine.
type Book interface {
	engine.Roster
	engine.Schedules
	Project(ctx context.Context, id engine.ProjectID) (engine.Project, error)
	// ProjectRows returns every project, the one with the newest activity first.
	ProjectRows(ctx context.Context) ([]engine.ProjectRow, error)
	AddProject(ctx context.Context, p engine.Project) (engine.ProjectID, error)
	// UpdateProject writes p's name, endpoints and settings.
	UpdateProject(ctx context.Context, p engine.Project) error
	// MailboxRows returns a page of a project's mailboxes in the order they were added.
	MailboxRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.MailboxRow, error)
	// PassRows returns a page of the passes of all mailboxes of a project, the newest first.
	PassRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.PassRow, error)
	CountPasses(ctx context.Context, project engine.ProjectID) (int, error)
	// KeptFolders returns what is remembered of a mailbox's source folders, every UIDVALIDITY of each.
	KeptFolders(ctx context.Context, mailbox engine.MailboxID) ([]engine.KeptFolder, error)
	// FolderRows returns the source folders of all mailboxes of a project, as the last pass that looked at them found them.
	FolderRows(ctx context.Context, project engine.ProjectID) ([]engine.FolderRow, error)
	// PassRecord returns what is kept of a pass beside its row and its folders, and false where nothing is.
	PassRecord(ctx context.Context, pass engine.PassID) (engine.PassRecord, bool, error)
	// PassFolders returns what a pass did in each folder.
	PassFolders(ctx context.Context, pass engine.PassID) ([]engine.FolderTally, error)
	// Throughputs returns how fast the passes of a project went, of those that copied something.
	Throughputs(ctx context.Context, project engine.ProjectID) (map[engine.PassID]engine.Throughput, error)
	// FailureRows returns a page of the items of a project that are not at the destination, by mailbox and folder.
	FailureRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.FailureRow, error)
	CountFailures(ctx context.Context, project engine.ProjectID) (int, error)
	// FailureCauses counts these items by cause: failed before skipped, the most frequent first.
	FailureCauses(ctx context.Context, project engine.ProjectID) ([]engine.FailureCause, error)
	// FailuresOf returns a page of those that have one cause.
	FailuresOf(ctx context.Context, project engine.ProjectID, state engine.ItemState, kind engine.Kind, page engine.Page) ([]engine.FailureRow, error)
	// Setbacks returns the mailboxes and folders that their last pass could not deal with as a whole.
	Setbacks(ctx context.Context, project engine.ProjectID) ([]engine.Setback, error)
	// RemovedItems returns what the last verifying passes of a project's mailboxes have found removed at the destination.
	RemovedItems(ctx context.Context, project engine.ProjectID) ([]engine.Removed, error)
	// CopyAgain marks items whose copies are gone, so that a retrying pass copies them again, and returns how many there were.
	CopyAgain(ctx context.Context, folder engine.FolderID, uids []engine.UID) (marked int, err error)
}

// SignIns lets owners of accounts sign in at their identity providers. Its methods take as long as a person does; none is called on the window's goroutine,
// but for the last three.
type SignIns interface {
	// Browser hands the address of the provider's page to open, waits, and returns what is to be kept of the sign-in. Nothing of it is kept yet.
	Browser(ctx context.Context, c engine.Credential, open func(page string) error) (engine.Secret, error)
	// Device hands a code to show, which is typed on whatever device, and is as Browser else.
	Device(ctx context.Context, c engine.Credential, show func(engine.DeviceCode)) (engine.Secret, error)
	// BuiltIn reports whether the program has an application of its own for a method, so that none need be given.
	BuiltIn(m engine.Method) bool
	// Codes reports whether the method's provider gives codes.
	Codes(m engine.Method) bool
	// Certificate returns what to keep of the file of an application's certificate and its key; engine.ErrKeyPassword where the password is another.
	Certificate(file []byte, password string) (engine.Secret, error)
}

// Work is what the window asks of the engine.
type Work interface {
	// Start begins a pass; it returns as soon as the passes stand in the ledger as queued.
	Start(ctx context.Context, r engine.Request) (engine.Started, error)
	// Stop stops the passes of a project, or of some of its mailboxes, in order.
	Stop(project engine.ProjectID, mailboxes ...engine.MailboxID)
	// Watch returns pictures of the work, the latest wins, at most four a second.
	Watch(ctx context.Context) <-chan engine.Snapshot
	// Check signs in once and out again; secrets that the credential does not hold are the keychain's.
	Check(ctx context.Context, c engine.Credential) error
	// SignedIn tells passes of a mailbox that wait for it that somebody has signed in again. m is the mailbox as the ledger has it now.
	SignedIn(m engine.Mailbox, side engine.Side, s engine.Secret)
	// Receipts says what became of messages. It signs in where it has to: for a Message-ID, and to read copies back.
	Receipts(ctx context.Context, q engine.ReceiptQuery) ([]engine.Receipt, error)
	// Throughput returns how fast an unfinished pass goes; nothing where it has copied nothing yet.
	Throughput(pass engine.PassID) engine.Throughput
	// SaveMessage writes a message that was not migrated to to, as it stands at the source. s are its mailbox's secrets; nil: the keychain's.
	SaveMessage(ctx context.Context, project engine.ProjectID, row engine.FailureRow, given engine.Given, to io.Writer) error
}
