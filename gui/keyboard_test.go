package gui

import (
	"context"
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

// tabTo presses Tab until what has the keyboard is wanted.
func (r *rig) tabTo(what string, wanted func(fyne.Focusable) bool) fyne.Focusable {
	r.t.Helper()
	for range 60 {
		r.window.Canvas().FocusNext()
		if f := r.window.Canvas().Focused(); f != nil && wanted(f) {
			return f
		}
	}
	r.t.Fatalf("Tab never comes to %s", what)
	return nil
}

// button wants a button.
func button(label string) func(fyne.Focusable) bool {
	return func(f fyne.Focusable) bool {
		b, is := f.(*keyButton)
		return is && b.Text == label
	}
}

func isA[T fyne.Focusable](f fyne.Focusable) bool { _, is := f.(T); return is }

// keys types characters where the keyboard is.
func (r *rig) keys(text string) {
	for _, c := range text {
		r.window.Canvas().Focused().TypedRune(c)
	}
}

// TestKeyboardAlone goes by the keyboard alone from the empty window to the sandbox, and there to a pass and its history.
func TestKeyboardAlone(t *testing.T) {
	r := mustWindow(t, &book{})
	opened := 0
	r.parts.Sandbox = func(context.Context) error { opened++; return nil }
	r.parts.Remember = func(Memory) error { return nil }
	r.projects.reload()
	r.mustSay("How a migration goes")
	r.press(fyne.KeyReturn)
	want(t, r.free(), true)
	r.tabTo("the sandbox", button("Try the sandbox"))
	r.press(fyne.KeySpace)
	want(t, opened, 1)

	s := mustWindow(t, sample()) // what it opens
	want(t, isA[*keyList](s.window.Canvas().Focused()), true)
	s.command("Migrate New Items") // Ctrl+M
	want(t, len(s.desk.requests), 1)
	s.show(atWork())
	s.command("Stop") // Ctrl+.
	want(t, s.desk.stops, 1)
	s.show(engine.Snapshot{Revision: 3})

	s.press(fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn) // opens
	p := s.view.(*projectPage)
	s.press(fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyHome, fyne.KeyPageDown)
	want(t, p.mailboxes.list.cursor, 10)
	s.command("Next tab") // Ctrl+Tab
	want(t, p.tabs.selected, 1)
	s.press(fyne.KeyDown, fyne.KeyReturn) // into its folders
	want(t, s.window.Canvas().Focused() == fyne.Focusable(p.passes.folders.list), true)
	s.tabTo("the tabs", isA[*tabTitle])
	s.press(fyne.KeyRight)
	want(t, p.tabs.selected, 2)
	want(t, isA[*tabTitle](s.window.Canvas().Focused()), true)
	s.press(fyne.KeyLeft, fyne.KeyLeft)
	want(t, p.tabs.selected, 0)
	s.command("Previous tab")
	want(t, p.tabs.selected, len(p.tabs.contents)-1)
	s.press(fyne.KeyEscape)
	want(t, s.view, view(s.projects))
}

func TestColumnsByTheKeyboard(t *testing.T) {
	r := mustWindow(t, sample())
	var kept Memory
	r.parts.Remember = func(m Memory) error { kept = m; return nil }
	k := r.tabTo("the header", isA[*headerKeys]).(*headerKeys)
	r.press(fyne.KeyRight, fyne.KeyRight)
	want(t, r.projects.columns[k.at].title, "column.status")
	before := r.projects.columns[k.at].width
	r.keys("++-")
	want(t, r.projects.columns[k.at].width, before+12)
	want(t, kept.Columns["projects"][k.at], before+12)
	r.press(fyne.KeyReturn)
	want(t, r.projects.order, order{by: "status"})
	r.keys(" ")
	want(t, r.projects.order, order{by: "status", descending: true})
	r.press(fyne.KeyHome)
	want(t, k.at, 0)
	r.press(fyne.KeyLeft) // the last one
	want(t, r.projects.columns[k.at].title, "column.actions")
	r.press(fyne.KeyReturn) // by which nothing is sorted
	want(t, r.projects.order.by, "status")
	r.press(fyne.KeyDown)
	want(t, r.window.Canvas().Focused() == fyne.Focusable(r.projects.list), true)
}

// Esc and Enter are heard in every dialog, whatever in it has the keyboard.
func TestDialogsHearEscAndEnter(t *testing.T) {
	for name, ask := range map[string]func(*rig){
		"closing":     func(r *rig) { r.show(atWork()); r.close() },
		"schedule":    func(r *rig) { r.askSchedule(r.book.projects[0].Project) },
		"preferences": func(r *rig) { r.askPreferences() },
		"report":      func(r *rig) { r.askReport(r.book.projects[0].Project) },
		"about":       func(r *rig) { r.about() },
		"licences":    func(r *rig) { r.showLicences() },
		"delete":      func(r *rig) { r.deleteProject(r.book.projects[0]) },
		"passwords": func(r *rig) {
			r.open(0)
			r.askPasswords(r.book.projects[0].Project, r.book.mailboxes[0].Mailbox, func() {})
		},
		"tour": func(r *rig) { r.showTour() },
	} {
		t.Run(name, func(t *testing.T) {
			r := mustWindow(t, sample())
			ask(r)
			stops := len(guitest.Find(r.window.Canvas(), func(o fyne.CanvasObject) bool { _, is := o.(fyne.Focusable); return is }))
			for i := range min(stops, 12) {
				for range i {
					r.window.Canvas().FocusNext()
				}
				focused := r.window.Canvas().Focused()
				r.press(fyne.KeyEscape)
				if !r.free() {
					t.Fatalf("Esc is not heard by %T", focused)
				}
				ask(r)
			}
		})
	}
}

func TestChoicesByTheKeyboard(t *testing.T) {
	r := mustWindow(t, sample())
	b := r.askSchedule(r.book.projects[0].Project)
	r.tabTo("the choices", isA[*choices])
	r.press(fyne.KeyRight, fyne.KeyRight) // there is no further one
	want(t, b.choice.chosen, 2)
	want(t, b.hours.Disabled(), false)
	r.press(fyne.KeyHome)
	want(t, b.day.Disabled(), true)
	r.press(fyne.KeyEnd, fyne.KeyReturn)
	want(t, len(r.book.schedules), 1)
	r.askSchedule(r.book.projects[0].Project)
	r.tabTo("Cancel", button("Cancel"))
	r.press(fyne.KeyReturn)
	want(t, r.free(), true)
}

// On every page, what has the keyboard leaves Esc, F5 and the rest to the page, and Enter presses a button.
func TestPagesHearTheirKeys(t *testing.T) {
	for name, open := range map[string]func(*rig){
		"projects":  func(r *rig) { r.home() },
		"mailboxes": func(r *rig) { r.open(0) },
		"passes":    func(r *rig) { r.open(0); r.command("Next tab") },
		"errors":    func(r *rig) { r.open(0); r.command("Errors") },
		"folders":   func(r *rig) { r.open(0); r.command("Folders") },
		"settings":  func(r *rig) { r.editProject(r.book.projects[0].Project) },
		"receipt":   func(r *rig) { r.Window.findMessage(r.book.projects[0].Project, "", "") },
		"connector": func(r *rig) { r.startForm() },
		"rules":     func(r *rig) { r.editRules(r.book.projects[0].Project, func(engine.Project, bool) {}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := mustWindow(t, sample())
			open(r)
			var heard fyne.KeyName
			r.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { heard = e.Name })
			first, stops := fyne.Focusable(nil), 0
			for range 80 {
				r.window.Canvas().FocusNext()
				f := r.window.Canvas().Focused()
				if f == nil || f == first {
					break
				}
				if first == nil {
					first = f
				}
				stops++
				switch f := f.(type) {
				case *field:
					if heard = ""; f.escape == nil {
						f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
						want(t, heard, fyne.KeyEscape)
					}
				case *keyButton, *keyCheck, *keySelect:
					heard = ""
					f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
					if heard != fyne.KeyEscape {
						t.Errorf("%T keeps Esc to itself", f)
					}
				case *widget.Button, *widget.Check, *widget.Select:
					t.Errorf("%T keeps its keys to itself", f)
				}
			}
			if stops < 4 {
				t.Errorf("Tab stops at %d places", stops)
			}
		})
	}

	r := mustWindow(t, sample())
	r.open(0)
	r.tabTo("Preview", button("Preview"))
	r.press(fyne.KeyReturn)
	want(t, len(r.desk.requests), 1)
	r.press(fyne.KeyEscape)
	want(t, r.view, view(r.projects))
	n := newSelect([]string{"a", "b"}, nil)
	r.window.SetContent(n)
	r.window.Canvas().Focus(n)
	r.press(fyne.KeyRight)
	want(t, n.Selected, "a")
	r.press(fyne.KeyReturn)
	want(t, r.free(), false) // the choices are shown
}

// What Tab comes to is on the screen, also where the page is longer than the window, there and back.
func TestTabScrolls(t *testing.T) {
	for name, open := range map[string]func(*rig){
		"settings":  func(r *rig) { r.editProject(r.book.projects[0].Project) },
		"connector": func(r *rig) { r.startForm() },
	} {
		t.Run(name, func(t *testing.T) {
			r := mustWindow(t, sample())
			r.window.Resize(fyne.NewSize(1280, 420))
			open(r)
			r.window.Resize(fyne.NewSize(1280, 421))
			hidden, scrolled := 0, false
			for i := range 120 {
				if i < 60 {
					r.window.Canvas().FocusNext()
				} else {
					r.window.Canvas().FocusPrevious()
				}
				o, is := r.window.Canvas().Focused().(fyne.CanvasObject)
				if !is {
					continue
				}
				s := scrollOf(r.window.Canvas().Content(), o, nil)
				if s == nil {
					continue
				}
				d := fyne.CurrentApp().Driver()
				top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s).Y
				scrolled = scrolled || s.Offset.Y > 0
				if top < 0 || top+o.Size().Height > s.Size().Height {
					hidden++
				}
			}
			if !scrolled || hidden > 0 {
				t.Errorf("scrolled: %v, %d stops out of sight", scrolled, hidden)
			}
		})
	}
}

// The wheel over an entry scrolls the page, unless the entry has more lines than it shows.
func TestWheelOverEntries(t *testing.T) {
	r := mustWindow(t, sample())
	r.editRules(r.book.projects[0].Project, func(engine.Project, bool) {})
	r.window.Resize(fyne.NewSize(1280, 300))
	p := r.view.(*rulesPage)
	page := scrollOf(r.window.Canvas().Content(), p.editor.include, nil)
	turn := func(o fyne.CanvasObject) float32 {
		page.ScrollToOffset(fyne.Position{})
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(20, 10)
		test.Scroll(r.window.Canvas(), at, 0, -30)
		return page.Offset.Y
	}
	want(t, turn(p.editor.include), 30)
	p.editor.include.SetText("a\nb\nc\nd\ne\nf")
	want(t, turn(p.editor.include), 0)
	p.editor.include.SetText("a")
	want(t, turn(p.editor.include), 30)
}

// PgDn and PgUp scroll the page that what has the keyboard is on, and no further than its end.
func TestPageKeysScrollAForm(t *testing.T) {
	r := mustWindow(t, sample())
	r.editRules(r.book.projects[0].Project, func(engine.Project, bool) {})
	r.window.Resize(fyne.NewSize(1280, 240))
	page := scrollOf(r.window.Canvas().Content(), r.view.(*rulesPage).editor.include, nil)
	seen := map[string]bool{}
	for range 40 {
		f := r.window.Canvas().Focused()
		if e, is := f.(*field); f != nil && (!is || !e.MultiLine) && scrollOf(r.window.Canvas().Content(), f.(fyne.CanvasObject), nil) == page {
			seen[fmt.Sprintf("%T", f)] = true
			page.ScrollToOffset(fyne.Position{})
			r.press(fyne.KeyPageDown)
			want(t, page.Offset.Y, page.Size().Height-2*sightRoom)
			r.press(fyne.KeyPageDown, fyne.KeyPageDown, fyne.KeyPageDown, fyne.KeyPageDown, fyne.KeyPageDown, fyne.KeyPageDown)
			want(t, page.Offset.Y, page.Content.MinSize().Height-page.Size().Height)
			r.press(fyne.KeyPageUp)
			want(t, page.Offset.Y, page.Content.MinSize().Height-2*page.Size().Height+2*sightRoom)
		}
		r.window.Canvas().FocusNext()
	}
	if len(seen) < 2 {
		t.Errorf("only %v were on the page", seen)
	}
}

// What the mouse does in a row selects it: the keys that follow are for the same row.
func TestActionsSelectTheirRow(t *testing.T) {
	b := sample()
	r := mustWindow(t, b)
	r.press(fyne.KeyHome)
	before, _ := r.projects.chosen()
	row := r.projects.list.CreateItem().(*projectRow)
	r.projects.update(1, row)
	row.preview.Tapped(nil)
	after, _ := r.projects.chosen()
	want(t, after.ID, r.projects.shown[1].ID)
	want(t, before.ID == after.ID, false)
}
