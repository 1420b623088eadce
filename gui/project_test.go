package gui

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

// names returns the projects in the order in which they are shown.
func (r *rig) names() string {
	var names []string
	for _, p := range r.projects.shown {
		names = append(names, strings.Fields(p.Name)[0])
	}
	return strings.Join(names, " ")
}

func TestNoProjects(t *testing.T) {
	r := mustWindow(t, &book{})
	r.mustSay("No migrations yet", "Start new migration", "Try the sandbox")
	opened := false
	r.parts.Sandbox = func(context.Context) error { opened = true; return nil }
	r.tapButton("Try the sandbox")
	want(t, opened, true)
	r.tapButton("Start new migration")
	r.mustSay("Project name", "From", "To")
}

func TestProjectsAreListed(t *testing.T) {
	r := mustWindow(t, sample())
	r.mustSay("My Migrations", "Sonnenschein Bakery", "imap.ruth.example to imap.new-host.example", "4 minutes ago", "24,108", "2 of 10", "No pass is running")
	want(t, r.names(), "Sonnenschein Nordwind Kanzlei School")
}

func TestProjectsAreSortedAndKeepTheirSelection(t *testing.T) {
	r := mustWindow(t, sample())
	r.projects.list.choose(2)
	header := func(title string) {
		tap(r, func(c *headerCell) bool { return c.label.value == title })
	}
	header("Name")
	want(t, r.names(), "Kanzlei Nordwind School Sonnenschein")
	chosen, _ := r.projects.chosen()
	want(t, chosen.Name, "Kanzlei Ruth & Partner")
	header("Name")
	want(t, r.names(), "Sonnenschein School Nordwind Kanzlei")
	header("New in last pass")
	want(t, r.names(), "Nordwind Sonnenschein Kanzlei School")
	header("Mailboxes")
	want(t, r.names(), "Nordwind Sonnenschein Kanzlei School")
}

func TestProjectsAreSearched(t *testing.T) {
	r := mustWindow(t, sample())
	r.command("Find")
	test.Type(r.projects.search, "new-host ruth")
	want(t, r.names(), "Kanzlei")
	test.Type(r.projects.search, "x")
	r.mustSay("No project matches the search.")
	r.press(fyne.KeyEscape)
	want(t, r.names(), "Sonnenschein Nordwind Kanzlei School")
}

// The row reads Processing as soon as the button is pressed, before the ledger has answered.
func TestMigrateTurnsProcessingAtOnce(t *testing.T) {
	r := mustWindowQueued(t, sample())
	r.run()
	r.tapAction("Migrate New Items")
	row := func() string {
		return guitest.Find(r.window.Canvas(), func(c *statusCell) bool { return true })[0].word.value
	}
	want(t, row(), "Processing")
	want(t, len(r.desk.requests), 0)
	r.run()
	want(t, len(r.desk.requests), 1)
	want(t, r.desk.requests[0].Project, 1)
	want(t, r.desk.requests[0].Kind, engine.NewItems)
	want(t, len(r.desk.requests[0].Mailboxes), 0)
	r.show(atWork())
	r.mustSay("Processing  33 %", "3 mailboxes active", "1 waiting", "118 messages/s", "4.3 MB/s", "about 14 minutes left")
	r.tapAction("Stop")
	r.run()
	want(t, r.desk.stops, 1)
}

func TestStartIsAskedOnce(t *testing.T) {
	r := mustWindowQueued(t, sample())
	r.run()
	r.tapAction("Migrate New Items")
	r.start(r.book.projects[0].Project, engine.NewItems)
	r.run()
	want(t, len(r.desk.requests), 1)
}

func TestRefusedMailboxesAreToldTogether(t *testing.T) {
	r := mustWindow(t, sample())
	r.desk.started = engine.Started{Passes: make([]engine.Pass, 3), Refused: map[engine.MailboxID]error{}}
	for i := range 11 {
		r.desk.started.Refused[engine.MailboxID(i+1)] = engine.ErrPassLimit
	}
	r.tapAction("Migrate New Items")
	r.mustSay("3 started, 11 mailboxes were not", "All passes of anna@old-host.example are used.", "and 3 more", "Raise the limit")
	r.press(fyne.KeyReturn)
	want(t, r.window.Canvas().Overlays().Top(), nil)
}

func TestStartThatFailsIsTold(t *testing.T) {
	r := mustWindow(t, sample())
	r.desk.err = &engine.Error{Op: "queue passes", Kind: engine.Broken, Text: "disk full"}
	r.tapAction("Migrate New Items")
	r.mustSay("That did not work", "The migration history on this computer cannot be read or written.", "Details: disk full")
	r.press(fyne.KeyEscape)
	want(t, r.busy(1), false)
}

// A slow answer never replaces a newer one.
func TestOldAnswersAreDropped(t *testing.T) {
	r := mustWindowQueued(t, sample())
	r.run()
	r.projects.reload()
	slow := r.queue
	r.queue = nil
	r.book.projects[0].Name = "Renamed"
	r.projects.reload()
	r.run()
	r.book.projects[0].Name = "Old"
	for _, f := range slow {
		f()
	}
	r.mustSay("Renamed")
}

func TestKeyboardThroughProjects(t *testing.T) {
	r := mustWindow(t, sample())
	want(t, r.window.Canvas().Focused() == fyne.Focusable(r.projects.list), true)
	r.press(fyne.KeyEnd)
	chosen, _ := r.projects.chosen()
	want(t, chosen.Name, "School board")
	r.press(fyne.KeyHome, fyne.KeyDown, fyne.KeyReturn)
	r.mustSay("Mailboxes (44)")
	r.command("Passes")
	r.mustSay("Duration")
	r.press(fyne.KeyEscape)
	r.mustSay("My Migrations")
	chosen, _ = r.projects.chosen()
	want(t, chosen.ID, 2)
	r.command("Migrate New Items")
	want(t, r.desk.requests[0].Project, 2)
}

func TestProjectIsDeletedAfterAQuestion(t *testing.T) {
	r := mustWindow(t, sample())
	added, err := r.parts.Enroller.Add(t.Context(), 3, []engine.Enrolment{{Mailbox: mailboxOf(0, 3, "paul"), Secrets: engine.Secrets{Source: engine.NewSecret("geheim")}}}, nil)
	if err != nil || len(added) != 1 || len(r.drawer.secrets) != 1 {
		t.Fatal(added, err, r.drawer.secrets)
	}
	r.projects.reload()
	r.projects.list.choose(2)
	r.command("Delete…")
	r.mustSay("Delete Kanzlei Ruth & Partner?", "2 mailboxes go with their history and their saved passwords.")
	r.press(fyne.KeyEscape)
	want(t, len(r.book.projects), 4)
	r.command("Delete…")
	r.press(fyne.KeyReturn)
	want(t, len(r.book.projects), 3)
	want(t, len(r.drawer.secrets), 0)
	want(t, r.says("Kanzlei"), false)
}

func TestBrokenLedgerIsToldInPlaceOfTheTable(t *testing.T) {
	b := sample()
	b.broken = &engine.Error{Op: "read projects", Kind: engine.Broken, Text: "disk I/O error"}
	r := mustWindow(t, b)
	r.mustSay("cannot be read or written", "Try again")
	want(t, r.says("Sonnenschein"), false)
	b.broken = nil
	r.tapButton("Try again")
	r.mustSay("Sonnenschein")
}

func TestClosingAsksWhilePassesRun(t *testing.T) {
	r := mustWindow(t, sample())
	r.show(atWork())
	r.close()
	r.mustSay("4 passes are running. Stop them and close?")
	r.press(fyne.KeyEscape)
	want(t, r.quits, 0)
	r.close()
	r.close() // asks once
	want(t, len(r.window.Canvas().Overlays().List()), 1)
	r.press(fyne.KeyReturn)
	want(t, r.quits, 1)
	r.mustSay("Stopping…")
}

func TestClosingAnIdleWindowDoesNotAsk(t *testing.T) {
	r := mustWindow(t, sample())
	r.close()
	want(t, r.quits, 1)
}

// When the last pass of a project has ended there is one notification, of fixed words and numbers.
func TestEndedPassesAreNotified(t *testing.T) {
	b := sample()
	r := mustWindow(t, b)
	s := atWork()
	r.show(s)
	for i, p := range s.Passes {
		b.passes = append(b.passes, engine.PassRow{Pass: engine.Pass{ID: p.Pass, Mailbox: p.Mailbox, Kind: engine.NewItems, State: engine.PassCompleted,
			Queued: noon.Add(-time.Minute), Ended: noon.Add(time.Duration(i) * time.Second), Tally: engine.Tally{Copied: 100}}, Source: "$(reboot)@old"})
	}
	half := s
	half.Passes = s.Passes[:2]
	r.show(half)
	r.mustSay("Processing  60 %") // of the messages: two ended, two at 65 % and 45 %
	test.AssertNotificationSent(t, fyne.NewNotification("Migration completed", "400 new items migrated in 1 min 03 s."), func() { r.show(engine.Snapshot{Revision: 8}) })
	r.mustSay("Migration completed: 400 new items migrated in 1 min 03 s.")
}

func TestEndWords(t *testing.T) {
	pass := func(id engine.PassID, kind engine.PassKind, state engine.PassState, n engine.Tally) engine.PassRow {
		return engine.PassRow{Pass: engine.Pass{ID: id, Kind: kind, State: state, Tally: n, Queued: noon, Ended: noon.Add(time.Minute)}, Source: "`$(x)`"}
	}
	plain := regexp.MustCompile(`^[A-Za-z0-9 .,:()/-]*$`)
	for _, test := range []struct {
		rows        []engine.PassRow
		title, text string
	}{
		{nil, "", ""},
		{[]engine.PassRow{pass(1, engine.Preview, engine.PassCompleted, engine.Tally{New: 1234})}, "Preview completed", "1,234 new items to migrate."},
		{[]engine.PassRow{pass(1, engine.Trial, engine.PassCompleted, engine.Tally{Copied: 7})}, "Trial completed", "7 new items migrated in 1 min 00 s."},
		{[]engine.PassRow{pass(1, engine.Verify, engine.PassCompleted, engine.Tally{Verified: 70, Removed: 1})}, "Verification completed",
			"70 copies are as they were sent, 0 differ, 1 removed."},
		{[]engine.PassRow{pass(1, engine.NewItems, engine.PassFailed, engine.Tally{Copied: 3, Failed: 2})}, "Migration ended with errors", "3 new items migrated in 1 min 00 s, 2 failed."},
	} {
		title, text := endWords(test.rows)
		want(t, title, test.title)
		want(t, text, test.text)
		if !plain.MatchString(title + text) {
			t.Errorf("%q %q", title, text)
		}
	}
}

// What a preview has found is said in exact numbers, and the pass can be started from there.
func TestPreviewIsTold(t *testing.T) {
	b := sample()
	r := mustWindow(t, b)
	s := engine.Snapshot{Revision: 1}
	for i := range 3 {
		p := engine.Progress{Project: 1, Mailbox: engine.MailboxID(i + 1), Pass: engine.PassID(900 + i), Kind: engine.Preview, State: engine.Running}
		s.Passes = append(s.Passes, p)
		state := []engine.PassState{engine.PassCompleted, engine.PassCompletedWithErrors, engine.PassFailed}[i]
		b.passes = append(b.passes, engine.PassRow{Pass: engine.Pass{ID: p.Pass, Mailbox: p.Mailbox, Kind: engine.Preview, State: state,
			Tally: engine.Tally{New: 107, Failed: int64(i), Bytes: 19_000_000}}})
	}
	b.passes[len(b.passes)-1].Tally = engine.Tally{}
	r.show(s)
	r.show(engine.Snapshot{Revision: 2})
	r.mustSay("Preview of Sonnenschein Bakery", "Pass 3 of 10 will copy 213 new messages, 38 MB; 0 will be changed, 0",
		"2 of 3 mailboxes have something new.", "1 message is larger than secure.emailsrvr.com takes.", "1 mailbox could not be looked at")
	r.tapButton("Migrate New Items")
	want(t, r.desk.requests[0].Kind, engine.NewItems)
	want(t, r.window.Canvas().Overlays().Top(), nil)

	nothing := newForecast(b.projects[0], b.passes[len(b.passes)-1:])
	want(t, nothing.words()[0], "Nothing is new. Pass 3 of 10 would copy 0 messages; 0 will be changed, 0 deleted.")
	used := forecast{project: b.projects[0], tally: engine.Tally{New: 1, Bytes: 12}}
	used.project.Passes = 10
	want(t, used.words()[0], "1 message is new, 12 bytes, but all 10 passes are used. The limit can be raised in the settings.")
}

func TestSearchWords(t *testing.T) {
	want(t, matches(strings.Fields("a b"), "xA", "by"), true)
	want(t, matches(strings.Fields("a z"), "xA", "by"), false)
	want(t, matches(nil), true)
}

func TestErrorsAreNotShownForNothing(t *testing.T) {
	r := mustWindow(t, sample())
	r.tell(nil, "")
	want(t, len(r.window.Canvas().Overlays().List()), 0)
	r.tell(errors.New("x"), "")
	want(t, len(r.window.Canvas().Overlays().List()), 1)
	want(t, slices.Contains(guitest.Texts(r.window.Canvas()), "Something unexpected happened."), true)
}

// Ten thousand mailboxes are counted in full, whatever was shown in the row before; a status that has no room is left out, not cut.
func TestCountsHaveRoom(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(Theme{})
	c := newCountsCell()
	w := test.NewTempWindow(t, c)
	w.Resize(fyne.NewSize(176, 40))
	c.Resize(fyne.NewSize(170, 20))
	c.show(3, map[engine.Status]int{engine.Pending: 3})
	c.show(10_000, map[engine.Status]int{engine.Pending: 4_000, engine.Processing: 3_000, engine.Completed: 3_000})
	said := guitest.Texts(w.Canvas())
	for _, want := range []string{"10,000", "3,000"} {
		if !slices.Contains(said, want) {
			t.Errorf("no %s in %q", want, said)
		}
	}
	for _, one := range said {
		if strings.Contains(one, "…") {
			t.Errorf("%q is cut", one)
		}
	}
}
