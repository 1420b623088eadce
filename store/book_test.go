package store

import (
	"context"

	"mwiz/engine"
)

// What the engine and the window ask of a ledger. The window's list is copied from gui.Book: to import gui would build Fyne.
var (
	_ engine.Ledger = (*Ledger)(nil)
	_ book          = (*Ledger)(nil)
)

type book interface {
	engine.Roster
	Project(ctx context.Context, id engine.ProjectID) (engine.Project, error)
	ProjectRows(ctx context.Context) ([]engine.ProjectRow, error)
	AddProject(ctx context.Context, p engine.Project) (engine.ProjectID, error)
	UpdateProject(ctx context.Context, p engine.Project) error
	MailboxRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.MailboxRow, error)
	PassRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.PassRow, error)
	CountPasses(ctx context.Context, project engine.ProjectID) (int, error)
	PassFolders(ctx context.Context, pass engine.PassID) ([]engine.FolderTally, error)
	FailureRows(ctx context.Context, project engine.ProjectID, page engine.Page) ([]engine.FailureRow, error)
	CountFailures(ctx context.Context, project engine.ProjectID) (int, error)
	RemovedItems(ctx context.Context, project engine.ProjectID) ([]engine.Removed, error)
	CopyAgain(ctx context.Context, folder engine.FolderID, uids []engine.UID) (marked int, err error)
}
