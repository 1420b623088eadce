package gui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// What went wrong is grouped by cause, mailboxes before folders before messages, each with its sentence and the next step.
func TestErrorsAreGrouped(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.mustSay("Errors (9)") // known before they are read
	want(t, p.failures.read, false)
	r.command("Errors")
	r.mustSay("2 mailboxes  The mail service refused the password of this mailbox.", "2 mailboxes  The last pass was interrupted. Nothing is lost.",
		"2 folders  This folder is not at secure.emailsrvr.com and cannot be made there.", "2 messages  secure.emailsrvr.com refused this message.",
		"Raise the limit there if it was too large, then press Retry Errors.", "message too large (52 MB, limit 25 MB)", "The folder Projects/2024/Oven",
		"The last passes of 4 mailboxes did not end well.  2 folders were left.  3 messages are not at the destination.")
	var levels []level
	for _, c := range p.failures.causes {
		levels = append(levels, c.level)
	}
	for i := 1; i < len(levels); i++ {
		want(t, levels[i] >= levels[i-1], true)
	}
}

// The keyboard opens and closes causes, and what is selected stays so.
func TestCausesOpenAndClose(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.command("Errors")
	all := p.failures.length()
	r.press(fyne.KeyReturn)
	want(t, p.failures.length(), all-2)
	r.press(fyne.KeySpace)
	want(t, p.failures.length(), all)
	r.press(fyne.KeyDown, fyne.KeyLeft) // from what the cause has hit
	want(t, p.failures.length(), all-2)
	at, _ := p.failures.list.choice()
	want(t, at, 0)
	r.changed()
	want(t, p.failures.length(), all-2) // it stays closed when it is read again
	r.press(fyne.KeyRight)
	want(t, p.failures.length(), all)
	for i := range all {
		key, ok := p.failures.keyOf(i)
		found, there := p.failures.lineOf(key)
		want(t, ok && there, true)
		want(t, found, i)
	}
}

// A cause is tried again where it has hit, by a pass that can.
func TestCausesAreTriedAgain(t *testing.T) {
	b := sample()
	b.failures = append(b.failures, engine.FailureRow{Mailbox: 9, Source: "info@old-host.example", Folder: "INBOX", UID: 5, State: engine.Skipped, Size: 9})
	r := mustWindow(t, b)
	p := r.open(0)
	r.command("Errors")
	r.tapAction("Retry these")
	want(t, r.desk.requests[0].Kind, engine.NewItems)
	want(t, r.desk.requests[0].Cause, engine.NoError)
	want(t, len(r.desk.requests[0].Mailboxes), 2)
	want(t, r.desk.requests[0].Mailboxes[0], 4)
	last := p.failures.causes[len(p.failures.causes)-1]
	want(t, last.again, "")
	r.mustSay("1 message  Left out by a rule of the project.")
	for _, c := range p.failures.causes {
		if c.level == ofItems && c.again != "" {
			p.failures.again(c)
			want(t, r.desk.requests[len(r.desk.requests)-1].Kind, engine.Retry)
			want(t, r.desk.requests[len(r.desk.requests)-1].Mailboxes[0], 3)
			want(t, r.desk.requests[len(r.desk.requests)-1].Cause, c.kind)
			want(t, c.kind == engine.Refused || c.kind == engine.Unreadable, true)
		}
	}
	n := len(r.desk.requests)
	r.show(atWork())
	p.failures.again(p.failures.causes[0]) // not while the project is at work
	want(t, len(r.desk.requests), n)
}

// Why a mailbox was left is told in full, with the way to enter its password.
func TestSetbackIsTold(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0)
	r.command("Errors")
	r.press(fyne.KeyDown, fyne.KeyReturn)
	r.mustSay("Mailbox not migrated", "dmitri@old-host.example", "refused the password", "[AUTHENTICATIONFAILED] Invalid credentials")
	r.tapButton("Enter password")
	want(t, r.says("Mailbox not migrated"), false)
	r.mustSay("dmitri@old-host.example")
}

// A folder that looks like another one than before is migrated as a new one when the user says so, and only then.
func TestReplacedFolderIsMigratedAnew(t *testing.T) {
	b := sample()
	for id, folders := range b.folders {
		for i := range folders {
			if folders[i].Error != "" {
				b.folders[id][i].Cause, b.folders[id][i].Side, b.folders[id][i].Error = engine.Replaced, engine.Source, "2 of 30 messages are among the 12 of before"
			}
		}
	}
	r := mustWindow(t, b)
	p := r.open(0)
	r.command("Errors")
	r.mustSay("2 folders  This folder at imap.old-host.example holds other messages than before")
	for _, c := range p.failures.causes {
		if c.level == ofFolders {
			want(t, c.again, "")
			p.failures.setbackDetails(c.setbacks[0])
			break
		}
	}
	r.tapButton("Migrate as New Folder")
	want(t, len(r.desk.requests), 1)
	want(t, r.desk.requests[0].Replaced, true)
	want(t, r.desk.requests[0].Kind, engine.NewItems)
	want(t, len(r.desk.requests[0].Mailboxes), 1)
}

// The list is exported as the verb writes it.
func TestErrorsAreExported(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.open(0)
	r.command("Errors")
	path := filepath.Join(t.TempDir(), "errors.csv")
	p.failures.exportIn(r.book.projects[0].Project, mustFile(t, path))
	text, err := os.ReadFile(path)
	want(t, err, nil)
	want(t, strings.Count(string(text), "\r\n"), 1+9)
	r.mustSay("Saved as errors.csv.")
}
