package gui

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"mwiz/engine"
)

// verified is the sample with a verifying pass of its first mailbox that has found copies removed.
func verified() *book {
	b := sample()
	m := b.mailboxes[0]
	p := engine.Pass{ID: 500, Mailbox: m.ID, Kind: engine.Verify, State: engine.PassCompleted, Queued: noon, Started: noon, Ended: noon,
		Tally: engine.Tally{Verified: 3094, Different: 1, Removed: 5}}
	b.passes = append(b.passes, engine.PassRow{Pass: p, Source: m.Source.Address, Destination: m.Destination.Address})
	b.folders[p.ID] = foldersOf(3100, 0)
	for i, uids := range [][]engine.UID{{1, 2, 9}, {4, 7}} {
		b.removed = append(b.removed, engine.Removed{Mailbox: m.ID, Source: m.Source.Address, FolderID: engine.FolderID(i + 1), Folder: "INBOX", Pass: p.ID, UIDs: uids})
	}
	b.removed = append(b.removed, engine.Removed{Mailbox: 2, FolderID: 9, Pass: 400, UIDs: []engine.UID{1}}) // another pass's
	return b
}

// What a verifying pass has found removed is copied again after a question, that of this mailbox alone.
func TestRemovedIsCopiedAgain(t *testing.T) {
	r := mustWindow(t, verified())
	r.open(0)
	r.command("Passes")
	r.mustSay("3,094 copies are as they were copied, 1 are different, 5 are no longer in their folder.")
	r.tapButton("Copy 5 removed items again")
	r.mustSay("Copy 5 removed items again?", "A message that was moved to another folder")
	r.tapButton("Cancel")
	want(t, len(r.book.removed), 3)
	r.tapButton("Copy 5 removed items again")
	r.tapButton("Copy again")
	want(t, len(r.book.removed), 1)
	want(t, r.desk.requests[0].Kind, engine.Retry)
	want(t, slices.Equal(r.desk.requests[0].Mailboxes, []engine.MailboxID{1}), true)
	r.view.reload()
	want(t, r.says("removed items again"), false)
}

// While the project works, and for every other pass, nothing is offered.
func TestRemovedIsLeftWhileAtWork(t *testing.T) {
	r := mustWindow(t, verified())
	p := r.open(0)
	r.command("Passes")
	r.show(atWork())
	want(t, p.passes.folders.again.Disabled(), true)
	r.show(engine.Snapshot{})
	want(t, p.passes.folders.again.Disabled(), false)
	r.pick(3)
	want(t, p.passes.folders.offer.Visible(), false)
}

func TestRemovedThatCannotBeMarkedIsTold(t *testing.T) {
	r := mustWindow(t, verified())
	p := r.open(0)
	r.command("Passes")
	p.passes.folders.copyAgain()
	r.book.broken = engine.ErrUnfinished
	r.tapButton("Copy again")
	r.mustSay("A pass of anna@old-host.example is still running.")
	want(t, len(r.desk.requests), 0)
}

func TestHistoryIsRebuiltAfterAQuestion(t *testing.T) {
	r := mustWindow(t, sample())
	menu := r.projectMenu(r.book.projects[0])
	i := slices.IndexFunc(menu.Items, func(i *fyne.MenuItem) bool { return i.Label == "Rebuild history…" })
	menu.Items[i].Action()
	r.mustSay("Rebuild the history of Sonnenschein Bakery?", "Nothing is copied and nothing is")
	want(t, len(r.desk.requests), 0)
	r.tapButton("Rebuild")
	want(t, r.desk.requests[0].Kind, engine.Rebuild)
	r.show(atWork())
	want(t, r.projectMenu(r.book.projects[0]).Items[i].Disabled, true)
}

// A message that was not migrated is saved as it is, for its owner alone; one that cannot be read leaves nothing behind.
func TestErrorIsSaved(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.command("Errors")
	r.secrets[3] = engine.Secrets{Source: engine.NewSecret("for now")}
	path := filepath.Join(t.TempDir(), "a.eml")
	for _, broken := range []error{nil, &engine.Error{Op: "fetch", Kind: engine.Gone, Side: engine.Source, Host: "imap.old-host.example"}} {
		r.desk.unsaved = broken
		file, err := storage.Writer(storage.NewFileURI(path))
		want(t, err, nil)
		p.failures.saveIn(r.book.failures[0], file)
		info, err := os.Stat(path)
		if broken != nil {
			want(t, errors.Is(err, os.ErrNotExist), true)
			r.mustSay("This message is no longer at imap.old-host.example.")
			continue
		}
		want(t, err, nil)
		if runtime.GOOS != "windows" {
			want(t, info.Mode().Perm(), 0o600)
		}
		content, _ := os.ReadFile(path)
		want(t, string(content), "Subject: Drawings for the new oven, final final\r\n\r\n")
		r.mustSay("Saved as a.eml.")
		want(t, r.desk.secrets.Source.Reveal(), "for now")
	}
	want(t, r.desk.saved[0].UID, 4100)
}

// The place is asked for, with a name to begin with that no system takes for a path.
func TestSavingAsks(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.command("Errors")
	r.pickError()
	r.press(fyne.KeyReturn)
	r.mustSay("Message not migrated")
	r.tapButton("Save as .eml…")
	r.mustSay("Save a message", "celine@old-host.example-Projects_2024-4100.eml")
	want(t, r.says("Message not migrated"), false)
	want(t, len(r.desk.saved), 0)
	r.tapButton("Cancel")
	want(t, r.says("Save a message"), false)
	want(t, len(r.desk.saved), 0)
}

// What is known to be gone from the source cannot be saved.
func TestGoneIsNotSaved(t *testing.T) {
	b := sample()
	b.failures[0].Kind, b.failures[0].State = engine.Gone, engine.Skipped
	r := mustWindow(t, b)
	p := r.open(0)
	r.command("Errors")
	want(t, p.failures.save.Disabled(), true) // a cause is chosen
	want(t, p.failures.menu(b.failures[0]).Items[1].Disabled, true)
	r.pickError()
	want(t, p.failures.save.Disabled(), false)
	r.press(fyne.KeyEnd)
	want(t, p.failures.save.Disabled(), true)
}
