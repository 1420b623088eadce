package main

import (
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
)

func TestTable(t *testing.T) {
	table := newTable("folder", "#copied", "why")
	table.add("日本", "7", "")
	table.add("R&D", "12,345", "\x1b[31mred\x1b[0m")
	want := "FOLDER  COPIED  WHY\n" +
		"日本         7\n" +
		"R&D     12,345  [31mred[0m\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBars(t *testing.T) {
	s := engine.Snapshot{Messages: 120, Bytes: 3.4e6, Left: 3 * time.Minute, Passes: []engine.Progress{
		{Mailbox: 1, State: engine.Running, Phase: engine.Copying, Folder: "Zürich", Done: 372, Total: 600},
		{Mailbox: 2, State: engine.Running, Phase: engine.SigningIn},
		{Mailbox: 3, State: engine.Running, Phase: engine.Planning},
		{Mailbox: 4, State: engine.Queued},
	}}
	names := map[engine.MailboxID]string{1: "ann@old.example", 2: "佐藤@old.example", 3: "c@old.example", 4: "d@old.example"}
	messages, bytes := wording.Rate(s.Messages, s.Bytes)
	rates := messages + "  " + bytes + "  "
	for _, test := range []struct {
		width, height int
		want          []string
	}{
		{100, 24, []string{
			"ann@old.example  ████████████░░░░░░░░  62%  372/600  Copying Zürich",
			"佐藤@old.example ░░░░░░░░░░░░░░░░░░░░      Signing in",
			"c@old.example    ░░░░░░░░░░░░░░░░░░░░      Looking for new items",
			rates + "about 3 minutes left  1 more mailbox",
		}},
		{30, 4, []string{"ann@old.example  ███████████…", rates + "ab…"}},
	} {
		if got, want := strings.Join(bars(s, names, test.width, test.height), "\n"), strings.Join(test.want, "\n"); got != want {
			t.Errorf("%d×%d: got\n%s\nwant\n%s", test.width, test.height, got, want)
		}
	}
	if got := bars(engine.Snapshot{}, names, 80, 24); got != nil {
		t.Errorf("with nothing under way: %q", got)
	}
}

// What is drawn takes the place of what was drawn, and nothing of it is left at the end.
func TestScreen(t *testing.T) {
	var out strings.Builder
	s := &screen{out: &out}
	s.show([]string{"a", "b"})
	s.show([]string{"c"})
	s.above("stopping")
	s.show([]string{"d"})
	s.clear()
	want := "a\x1b[K\r\nb\x1b[K\r\n" +
		"\x1b[2A\rc\x1b[K\r\n\x1b[J" +
		"\x1b[1A\rstopping\x1b[K\r\n\x1b[J" +
		"d\x1b[K\r\n" +
		"\x1b[1A\r\x1b[J"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
