package wording

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"mwiz/assets"
	"mwiz/engine"
)

// The sentences are tested in English, whatever the machine speaks.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C.UTF-8")
	os.Exit(m.Run())
}

func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUserLanguage(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want string
	}{
		{nil, "en"},
		{map[string]string{"LANG": "de_DE.UTF-8"}, "de-DE"},
		{map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "fr_CH@euro"}, "fr-CH"},
		{map[string]string{"LANG": "de_DE", "LC_ALL": "C.UTF-8"}, "en"},
	} {
		want(t, userLanguage(func(name string) string { return test.env[name] }), test.want)
	}
}

func TestLanguages(t *testing.T) {
	de := newCatalogue("de-DE")
	want(t, de.say("status.failed"), "Fehlgeschlagen")
	want(t, de.say("ended", "Count", 1, "Time", "2 s"), "1 neues Element in 2 s übertragen.")
	want(t, de.say("ended", "Count", 12345, "Time", "2 s"), "12.345 neue Elemente in 2 s übertragen.")
	want(t, de.say("welcome.title"), "Noch keine Migrationen")
	fr := newCatalogue("fr")
	want(t, fr.say("status.failed"), "Failed")
	want(t, fr.say("no such sentence"), "no such sentence")
}

// Every sentence of another language stands in English too and fills the same gaps.
func TestTranslationsAgree(t *testing.T) {
	read := func(name string) map[string]any {
		raw, err := assets.Translations().ReadFile(path.Join("translations", name))
		if err != nil {
			t.Fatal(err)
		}
		var said map[string]any
		if err := json.Unmarshal(raw, &said); err != nil {
			t.Fatal(name, err)
		}
		return said
	}
	english := read("active.en.json")
	files, err := assets.Translations().ReadDir("translations")
	if err != nil {
		t.Fatal(err)
	}
	gap := regexp.MustCompile(`{{\.\w+}}`)
	for _, f := range files {
		for id, said := range read(f.Name()) {
			model, ok := english[id]
			if !ok {
				t.Errorf("%s: %s is not an English sentence", f.Name(), id)
				continue
			}
			known := fmt.Sprint(model)
			for _, g := range gap.FindAllString(fmt.Sprint(said), -1) {
				if !strings.Contains(known, g) {
					t.Errorf("%s: %s has a gap %s that nothing fills", f.Name(), id, g)
				}
			}
		}
	}
}

func TestEveryWordIsKnown(t *testing.T) {
	var said []string
	for _, s := range []engine.Status{engine.Pending, engine.Processing, engine.Stopping, engine.Completed, engine.CompletedWithErrors, engine.StatusStopped, engine.StatusFailed} {
		said = append(said, Status(s))
	}
	for _, s := range []engine.PassState{engine.Queued, engine.Running, engine.PassCompleted, engine.PassCompletedWithErrors, engine.PassStopped, engine.PassFailed, engine.PassInterrupted} {
		said = append(said, State(s))
	}
	for _, k := range []engine.PassKind{engine.NewItems, engine.Preview, engine.Trial, engine.Verify, engine.Retry, engine.Rebuild} {
		said = append(said, Kind(k))
	}
	for _, p := range []engine.Phase{engine.Waiting, engine.SigningIn, engine.Planning, engine.LookingUp, engine.Copying, engine.Verifying, engine.Finishing, engine.Connecting, engine.Offline} {
		said = append(said, Phase(p))
	}
	for _, n := range []engine.NoteKind{engine.NoteShown, engine.NoteFlags, engine.NoteFlagsLost} {
		for _, text := range []string{"", "x"} {
			if s := Note(engine.Note{What: n, Folder: "F", Count: 2, Text: text}); strings.Contains(s, "note.") {
				t.Errorf("no words for %s", n)
			}
		}
	}
	for _, p := range []engine.Placing{engine.SameName, engine.SameRole, engine.ByTable, engine.ByPattern, engine.ByPrefix, engine.ByParent, engine.Renamed, engine.Earlier, engine.Excluded, engine.Virtual, engine.Chats} {
		said = append(said, Placing(p))
	}
	for _, s := range said {
		if strings.Contains(s, ".") || s == "" {
			t.Errorf("%q is no word", s)
		}
	}
}

// Every kind of error and every refusal has one sentence and one step, both without a gap left open.
func TestEveryTroubleIsTold(t *testing.T) {
	var all []Trouble
	for kind := range engine.Answers {
		err := &engine.Error{Op: "append", Kind: engine.Kind(kind), Side: engine.Destination, Host: "mail.new", Text: "server\x1b[31m says"}
		all = append(all, TroubleOf(fmt.Errorf("wrapped: %w", err), "anna@new"), Trouble{Kind: engine.Kind(kind)})
	}
	for _, s := range specials {
		all = append(all, TroubleOf(fmt.Errorf("wrapped: %w", s.err), "anna@new"))
	}
	for _, f := range []engine.FailureRow{{Failure: engine.Failure{Kind: engine.Gone}, State: engine.ItemFailed}, {Failure: engine.Failure{Kind: engine.Gone}, State: engine.Skipped}} {
		all = append(all, TroubleOfItem(engine.Project{}, f))
	}
	all = append(all, TroubleOfSheet("empty"))
	for _, trouble := range all {
		for _, said := range []string{trouble.Sentence(), trouble.Step()} {
			if strings.HasPrefix(said, "Trouble.") || strings.HasPrefix(said, "trouble.") || strings.Contains(said, "<no value>") || !strings.HasSuffix(said, ".") || said == "" {
				t.Errorf("%+v says %q", trouble, said)
			}
		}
		if strings.Contains(trouble.Details(), "\x1b") {
			t.Errorf("details %q", trouble.Details())
		}
	}
}

func TestTrouble(t *testing.T) {
	denied := TroubleOf(&engine.Error{Op: "sign in", Kind: engine.Denied, Host: "mail.old", Text: "no"}, "anna@old")
	want(t, denied.Sentence(), "mail.old refused the password of anna@old.")
	want(t, denied.NeedsPassword(), true)
	want(t, denied.Details(), "no")
	want(t, Trouble{Kind: engine.Missing, Side: engine.Destination, Folder: "Sent"}.Sentence(), "“Sent” is not at the destination and cannot be made there.")
	want(t, TroubleOf(errors.Join(errors.New("x"), engine.ErrPassLimit), "a@b").Sentence(), "All passes of a@b are used.")
	want(t, TroubleOf(engine.ErrNoKeychain, "").KeychainClosed(), true)
	// What a refusal wraps keeps the kind's own sentence only when it has none of its own.
	want(t, TroubleOf(&engine.Error{Op: "read a password", Kind: engine.Locked, Err: engine.ErrNoSecret}, "a@b").Sentence(), "No password is kept for a@b.")

	interrupted, told := TroubleOfPass(engine.Pass{State: engine.PassInterrupted}, "anna@old", "anna@new")
	want(t, told, true)
	want(t, interrupted.Sentence(), "The last pass was interrupted. Nothing is lost.")
	_, told = TroubleOfPass(engine.Pass{State: engine.PassCompleted}, "anna@old", "anna@new")
	want(t, told, false)
	refused, _ := TroubleOfPass(engine.Pass{State: engine.PassFailed, Cause: engine.Denied}, "", "")
	want(t, refused.Sentence(), "The mail service refused the password of this mailbox.")
	there, _ := TroubleOfPass(engine.Pass{State: engine.PassFailed, Cause: engine.Denied, Side: engine.Destination, Host: "mail.new"}, "anna@old", "anna@new")
	want(t, there.Sentence(), "mail.new refused the password of anna@new.")
	none, _ := TroubleOfPass(engine.Pass{State: engine.PassFailed, Cause: engine.Locked, Error: "source: no password is kept"}, "anna@old", "anna@new")
	want(t, none.Sentence(), "No password is kept for anna@old.")
}

// A copy that was removed and is wanted again is blamed on the destination, a message that is gone on the source.
func TestTroubleOfItem(t *testing.T) {
	p := engine.Project{Source: engine.Endpoint{Host: "mail.old"}, Destination: engine.Endpoint{Host: "mail.new"}}
	gone := engine.FailureRow{Failure: engine.Failure{Kind: engine.Gone}, State: engine.Skipped}
	want(t, TroubleOfItem(p, gone).Sentence(), "This message is no longer at mail.old.")
	gone.State = engine.ItemFailed
	want(t, TroubleOfItem(p, gone).Sentence(), "The copy of this message was removed at mail.new.")
	want(t, TroubleOfItem(p, engine.FailureRow{Failure: engine.Failure{Kind: engine.Refused}}).Sentence(), "mail.new refused this message.")
}

func TestDisplay(t *testing.T) {
	for _, test := range []struct {
		in   string
		max  int
		want string
	}{
		{"inv\u202Ecod.exe", 0, "invcod.exe"},
		{"a\r\nb\tc", 0, "a  b c"},
		{"\x1b[31mred\u009b1m", 0, "[31mred1m"},
		{"zero\u200bwidth\ue000", 0, "zerowidth"},
		{"bad\xff", 0, "bad\uFFFD"},
		{"日本語", 2, "日…"},
		{"日本", 2, "日本"},
		{strings.Repeat("x", 201), 0, strings.Repeat("x", 199) + "…"},
	} {
		want(t, Display(test.in, test.max), test.want)
	}
}

func FuzzDisplay(f *testing.F) {
	f.Add("a\u202eb\xff\n", 3)
	f.Fuzz(func(t *testing.T, s string, max int) {
		shown := Display(s, max)
		if max <= 0 {
			max = 200
		}
		if n := len([]rune(shown)); n > max {
			t.Errorf("%d runes, at most %d", n, max)
		}
		if strings.ContainsAny(shown, "\r\n\t\x1b\u202e\u200b") {
			t.Errorf("%q", shown)
		}
	})
}

func TestNumbers(t *testing.T) {
	want(t, Number(1234567), "1,234,567")
	for n, said := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1500: "1.5 kB", 24_400_000: "24 MB", 999_999: "1.0 MB", 3_210_000_000: "3.2 GB"} {
		want(t, Bytes(n), said)
	}
	for d, said := range map[time.Duration]string{0: "0 s", 420 * time.Millisecond: "0.4 s", 12 * time.Second: "12 s", 200 * time.Second: "3 min 20 s",
		125 * time.Minute: "2 h 05 min", 76 * time.Hour: "3 d 4 h"} {
		want(t, Duration(d), said)
	}
	want(t, Left(0), "")
	want(t, Left(20*time.Second), "less than a minute left")
	want(t, Left(14*time.Minute+40*time.Second), "about 15 minutes left")
	want(t, Left(3*time.Hour), "about 3 hours left")
	want(t, Left(72*time.Hour), "about 3 days left")
}

func TestWhen(t *testing.T) {
	now := time.Date(2025, time.November, 25, 15, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		t    time.Time
		want string
	}{
		{time.Time{}, ""},
		{now.Add(-10 * time.Second), "Just now"},
		{now.Add(-time.Minute), "1 minute ago"},
		{now.Add(-28 * time.Minute), "28 minutes ago"},
		{now.Add(-3 * time.Hour), "Today 12:00"},
		{now.Add(-20 * time.Hour), "Yesterday 19:00"},
		{now.AddDate(0, 0, -4), "21 Nov, 15:00"},
		{now.AddDate(-1, 0, 0), "25 Nov 2024"},
	} {
		want(t, When(test.t, now), test.want)
	}
	want(t, Moment(now), "25 Nov 2025, 15:00")
}

// The system that shows a notification may run what it is given: nothing but plain words and numbers.
func TestNotificationsAreFixedWords(t *testing.T) {
	plain := regexp.MustCompile(`^[A-Za-z0-9 .,:()/-]*$`)
	for _, said := range []string{Ended(engine.Tally{Copied: 12345}, time.Hour), Ended(engine.Tally{Copied: 1, Failed: 2000}, 300*time.Millisecond)} {
		if !plain.MatchString(said) {
			t.Errorf("%q", said)
		}
	}
}
