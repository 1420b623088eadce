package gui

import (
	"reflect"
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/assets"
	"mwiz/engine"
)

// Rules are shown as they are kept, and kept as they are shown.
func TestRulesAreEdited(t *testing.T) {
	r := mustWindow(t, sample())
	r.book.projects[0].Settings.Rules = sampleRules()
	r.editProject(r.book.projects[0].Project)
	r.tapButton("Save")
	if got := r.book.projects[0].Settings.Rules; !reflect.DeepEqual(got, sampleRules()) {
		t.Errorf("%+v", got)
	}
	r.editProject(r.book.projects[0].Project)
	p := r.view.(*settingsPage)
	p.rules.table.SetText("A = X\n\nB -> x")
	p.rules.merge.SetChecked(false)
	p.rules.include.SetText("re:[")
	p.rules.since.SetText("31.12.2025")
	p.rules.size.SetText("1,5 GB")
	r.tapButton("Save")
	r.mustSay("“re:[” is no regular expression: missing closing ]", "“B” would share it with “A”: merge them, or choose another name.", "The first day, 2025-12-31, is after the last, 2024-12-31.")
	p.rules.merge.SetChecked(true)
	p.rules.include.SetText("INBOX\nA/*")
	p.rules.until.SetText("")
	r.tapButton("Save")
	got := r.book.projects[0].Settings.Rules
	if !reflect.DeepEqual(got.Map, []engine.Mapping{{From: "A", To: "X"}, {From: "B", To: "x"}}) || got.Since != "2025-12-31" || got.MaxSize != 1_500_000_000 || len(got.Include) != 2 {
		t.Errorf("%+v", got)
	}
}

// Tab leaves an input of several lines, and Enter stays in it.
func TestKeysInRules(t *testing.T) {
	r := mustWindow(t, sample())
	p := r.rules(engine.Rules{})
	c := r.window.Canvas()
	want(t, c.Focused(), fyne.Focusable(p.editor.include))
	want(t, p.editor.include.AcceptsTab(), false)
	for _, next := range []*field{p.editor.exclude, p.editor.since, p.editor.until, p.editor.size, p.editor.table, p.editor.patterns, p.editor.prefix} {
		c.FocusNext()
		want(t, c.Focused(), fyne.Focusable(next))
	}
	p.editor.include.TypedRune('a')
	p.editor.include.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	want(t, p.editor.include.Text, "a\n")
}

// What a preview has found is told: quotas that are too small, folders that their owners do not see, folders that share one, what is left out.
func TestSummaryWarns(t *testing.T) {
	r := mustWindow(t, sample())
	c := &census{mailboxes: []counted{
		{mailbox: mailboxOf(1, 1, "anna"), preview: engine.Pass{ID: 1, State: engine.PassCompleted, Lack: engine.Room{Bytes: 12_000_000}, Tally: engine.Tally{New: 7, Failed: 2, Skipped: 3}},
			folders: []engine.FolderTally{{Source: "A", Destination: "X", Messages: 5, Hidden: true}, {Source: "B", Destination: "X", Hidden: true}, {Source: "C", Messages: 3, Hidden: true, Why: engine.Excluded}}},
		{mailbox: mailboxOf(2, 1, "ben"), preview: engine.Pass{ID: 2, State: engine.PassCompleted, Lack: engine.Room{Messages: 4}}}}}
	c.sum()
	want(t, c.left, 5)
	r.warn(t, c, "2 messages are larger than new.example takes. They will be listed as errors and can be saved as files.",
		"2 mailboxes are too small at new.example, their passes will stop until there is room: anna@sonnenschein.example lacks 12 MB, ben@sonnenschein.example lacks room for 4 messages",
		"1 folder that its owner has hidden, by not subscribing to it, is copied too: anna@old-host.example A",
		"A, B are merged in X.", "Your rules leave out 3 messages.")
}

// warn holds that a census warns of just that.
func (r *rig) warn(t *testing.T, c *census, sentences ...string) {
	t.Helper()
	got := c.warnings(engine.Project{Destination: engine.Endpoint{Host: "new.example"}}, assets.Preset{}, assets.Preset{}, assets.Preset{})
	if !reflect.DeepEqual(got, sentences) {
		t.Errorf("%q\nwant %q", got, sentences)
	}
}

// A line of the folder map leads elsewhere, or is left out; then all is counted again by the new rules.
func TestFolderMapIsEdited(t *testing.T) {
	r := mustWindow(t, sample())
	s := r.draft("summary", 12).stop().(*summaryStop)
	at := func(source string) mapped {
		for _, f := range s.census.folders {
			if f.source == source {
				return f
			}
		}
		t.Fatal(source)
		return mapped{}
	}
	counted := len(r.desk.requests)
	s.placeFolder(at("Trash"))
	s.placing.to.SetText("sent")
	r.tapButton("Save and count again")
	r.mustSay("“Trash” would share it with “[Gmail]/Gesendet”: merge them, or choose another name.")
	s.placing.to.SetText(" ")
	r.tapButton("Save and count again")
	r.mustSay("A folder name is missing in “Trash”.")
	s.placing.to.SetText("Bin")
	r.tapButton("Save and count again")
	rules := func() engine.Rules { return r.book.projects[0].Settings.Rules }
	if got := rules(); !reflect.DeepEqual(got.Map, []engine.Mapping{{From: "Trash", To: "Bin"}}) || got.Merge {
		t.Errorf("%+v", got)
	}
	want(t, len(r.desk.requests), counted+1)
	want(t, r.desk.requests[counted].Kind, engine.Preview)

	s.placeFolder(at("Archive/2023"))
	s.placing.copy.SetChecked(false)
	want(t, s.placing.to.Disabled(), true)
	s.placing.shown.accept()
	want(t, len(rules().Exclude), 1)
	out := at("Archive/2023")
	out.why, out.destination = engine.Excluded, ""
	s.placeFolder(out)
	s.placing.copy.SetChecked(true)
	s.placing.shown.accept()
	want(t, len(rules().Exclude), 0)

	s.z.project.Settings.Rules.Exclude = []string{"re:^Arch"}
	s.placeFolder(out)
	s.placing.copy.SetChecked(true)
	s.placing.shown.accept()
	r.mustSay("Another rule leaves this folder out. Change it under All rules.")
	r.press(fyne.KeyEscape)

	s.z.project.Settings.Rules = engine.Rules{}
	r.tapButton("All rules…")
	r.view.(*rulesPage).editor.prefix.SetText("Old mail")
	r.tapButton("Save")
	if _, ok := r.view.(*wizard); !ok {
		t.Errorf("the view is %T", r.view)
	}
	want(t, rules().Prefix, "Old mail")
	want(t, r.desk.requests[len(r.desk.requests)-1].Kind, engine.Preview)
	r.view.(*wizard).stop().(*summaryStop).rules.OnTapped()
	r.tapButton("Cancel")
	want(t, r.view.(*wizard).at, atSummary)
}
