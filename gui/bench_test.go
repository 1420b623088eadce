package gui

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
)

// crowd is a book with one project of many mailboxes beside the sample's others.
func crowd(mailboxes int) *book {
	b := sample()
	b.mailboxes, b.passes = nil, nil
	for i := range mailboxes {
		b.mailboxes = append(b.mailboxes, engine.MailboxRow{Mailbox: mailboxOf(engine.MailboxID(i+1), 1, fmt.Sprintf("user%05d", i))})
	}
	b.recount()
	return b
}

// crowded is the n-th picture of a project with so many passes at work: numbers differ from one to the next.
func crowded(passes, n int) engine.Snapshot {
	s := engine.Snapshot{At: noon, Messages: 1118.4 + float64(n%13), Bytes: 4_310_000 + float64(n%17)*10_000, Left: 14*time.Minute - time.Duration(n)*time.Second/4}
	for i := range passes {
		done := int64(100*i+n*7) % 20_000
		s.Passes = append(s.Passes, engine.Progress{Project: 1, Mailbox: engine.MailboxID(i + 1), Pass: engine.PassID(900 + i), Kind: engine.NewItems, State: engine.Running,
			Phase: engine.Copying, Total: 20_000, Done: done, Tally: engine.Tally{New: 20_000, Copied: done}, Folder: "Archive/2023", Started: noon})
	}
	return s
}

// benchWindow is a window with 10,000 mailboxes in a project.
func benchWindow(b *testing.B) *Window {
	b.Helper()
	b.Setenv("LC_ALL", "C.UTF-8")
	w := newWindow(b.Context(), Parts{App: test.NewTempApp(b), Book: crowd(10_000), Work: &desk{}, Version: "1.0.0", Now: func() time.Time { return noon }}, func(f func()) { f() })
	w.window.Resize(fyne.NewSize(1280, 800))
	b.Cleanup(w.window.Close)
	return w
}

// openFirst opens the project of many mailboxes.
func (w *Window) openFirst(b *testing.B) *projectPage {
	b.Helper()
	rows, err := w.parts.Book.ProjectRows(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range rows {
		if r.ID == 1 {
			w.open(r)
		}
	}
	w.window.Resize(fyne.NewSize(1280, 801))
	return w.view.(*projectPage)
}

// What the window does with a picture of 50 passes at work, but for painting.
func BenchmarkPicture(b *testing.B) {
	for _, view := range []struct {
		name string
		open func(*Window)
	}{
		{"projects", func(*Window) {}},
		{"mailboxes", func(w *Window) { w.openFirst(b) }},
		{"searched", func(w *Window) { w.openFirst(b).mailboxes.narrow.search.SetText("user") }},
		{"status", func(w *Window) { w.openFirst(b).mailboxes.narrow.status.SetSelectedIndex(1) }},
		{"passes", func(w *Window) { w.openFirst(b).tabs.choose(onPasses) }},
	} {
		b.Run(view.name, func(b *testing.B) {
			w := benchWindow(b)
			view.open(w)
			w.show(crowded(50, 0))
			n := 0
			for b.Loop() {
				n++
				w.show(crowded(50, n))
			}
		})
	}
}

// A step of the wheel in a list of 10,000 mailboxes, 50 of them at work.
func BenchmarkWheel(b *testing.B) {
	w := benchWindow(b)
	l := w.openFirst(b).mailboxes.list
	w.show(crowded(50, 0))
	at := float32(0)
	for b.Loop() {
		at += 60
		if at > 400_000 {
			at = 0
		}
		l.ScrollToOffset(at)
	}
}

// The window made anew, with a project of 10,000 mailboxes in the ledger.
func BenchmarkOpenWindow(b *testing.B) {
	b.Setenv("LC_ALL", "C.UTF-8")
	book, app := crowd(10_000), test.NewTempApp(b)
	for b.Loop() {
		w := newWindow(b.Context(), Parts{App: app, Book: book, Work: &desk{}, Version: "1.0.0"}, func(f func()) { f() })
		w.window.Resize(fyne.NewSize(1280, 800))
		w.window.Close()
	}
}
