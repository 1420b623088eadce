package engine

import "time"

// ProjectID identifies a project in the ledger.
type ProjectID int64

// Project is a named set of mailboxes moved from one endpoint to another.
type Project struct {
	ID                  ProjectID
	Name                string
	Source, Destination Endpoint
	Settings            Settings
	Created             time.Time
}

// On returns the project's endpoint on a side.
func (p Project) On(side Side) Endpoint {
	if side == Source {
		return p.Source
	}
	return p.Destination
}

// Settings are a project's choices. The zero value of a field means its documented default; use the methods to read the limits.
type Settings struct {
	PassLimit      int  `json:"pass_limit,omitempty"`       // passes a mailbox that count; default 10
	ErrorLimit     int  `json:"error_limit,omitempty"`      // failed items after which a pass ends failed; default 100
	Lanes          int  `json:"lanes,omitempty"`            // most session pairs a mailbox; default 8. A pass begins with fewer
	Mailboxes      int  `json:"mailboxes,omitempty"`        // most mailboxes in flight; default 32
	LateCommitWait int  `json:"late_commit_wait,omitempty"` // seconds before an item in doubt may be sent again; default 60
	DownloadDay    int  `json:"download_day,omitempty"`     // MB that may be read from a source account in a day; default the provider's, -1 any
	UploadDay      int  `json:"upload_day,omitempty"`       // MB that may be written to a destination account in a day, likewise
	NoAdopt        bool `json:"no_adopt,omitempty"`         // do not recognise what another tool already copied
	NoDetails      bool `json:"no_details,omitempty"`       // keep no subject, sender and Message-ID of failed items

	Rules Rules `json:"rules,omitzero"` // which mail is copied, and where to

	// Draft says at which stop setting the project up in the window goes on; "" when it is set up.
	Draft string `json:"draft,omitempty"`
}

// Limits returns s with every zero limit replaced by its default.
func (s Settings) Limits() Settings {
	defaults := []struct {
		field *int
		value int
	}{{&s.PassLimit, 10}, {&s.ErrorLimit, 100}, {&s.Lanes, 8}, {&s.Mailboxes, 32}, {&s.LateCommitWait, 60}}
	for _, d := range defaults {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return s
}

// Status is what a project, or a mailbox, is doing. It is derived, never stored.
type Status string

// The statuses, in MigrationWiz's words.
const (
	Pending             Status = "pending" // nothing has run
	Processing          Status = "processing"
	Stopping            Status = "stopping"
	Completed           Status = "completed"
	CompletedWithErrors Status = "completed with errors"
	StatusStopped       Status = "stopped" // stopped by the user, or interrupted
	StatusFailed        Status = "failed"
)

// StatusOf derives a mailbox's status from the state of its last pass; "" means that none has run.
func StatusOf(last PassState) Status {
	switch last {
	case "":
		return Pending
	case Queued, Running:
		return Processing
	case PassCompleted:
		return Completed
	case PassCompletedWithErrors:
		return CompletedWithErrors
	case PassFailed:
		return StatusFailed
	default:
		return StatusStopped
	}
}

// Combine derives a project's status from the number of its mailboxes in each status:
// work in progress wins, then the need to look (stopped, failed, errors), then completion.
// A project is failed only when every mailbox that ran has failed.
func Combine(count map[Status]int) Status {
	ran := 0
	for s, n := range count {
		if s != Pending {
			ran += n
		}
	}
	switch {
	case count[Stopping] > 0:
		return Stopping
	case count[Processing] > 0:
		return Processing
	case ran == 0:
		return Pending
	case count[StatusFailed] == ran:
		return StatusFailed
	case count[StatusStopped] > 0:
		return StatusStopped
	case count[StatusFailed]+count[CompletedWithErrors] > 0:
		return CompletedWithErrors
	default:
		return Completed
	}
}
