package gui

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

// Numbers are shown once a second in the long run, at first more often, and the last ones always; what a pass does is shown at once.
func TestPace(t *testing.T) {
	r := mustWindow(t, sample())
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		r.desk.pictures = make(chan engine.Snapshot)
		go r.Follow(ctx)
		copied := func() int64 { return r.snap.Passes[0].Tally.Copied }
		n, shown := 0, 0
		send := func(seconds int) {
			shown = 0
			for range seconds * 4 {
				before := int64(-1)
				if len(r.snap.Passes) > 0 {
					before = copied()
				}
				n++
				r.desk.pictures <- crowded(50, n)
				<-time.After(250 * time.Millisecond)
				synctest.Wait()
				if copied() != before {
					shown++
				}
			}
		}
		send(1)
		if shown < 3 {
			t.Errorf("in the first second %d pictures were shown", shown)
		}
		send(10)
		send(10)
		if shown > 11 {
			t.Errorf("in ten seconds %d pictures of numbers were shown", shown)
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		want(t, copied(), crowded(50, n).Passes[0].Tally.Copied)

		stopping := crowded(50, n)
		stopping.Passes[3].Stopping = true
		r.desk.pictures <- stopping
		synctest.Wait()
		want(t, r.snap.Passes[3].Stopping, true)
		r.desk.pictures <- crowded(49, n)
		synctest.Wait()
		want(t, len(r.snap.Passes), 49)
	})
}

// Lines on the screen follow a picture without the list being laid out anew, after scrolling too.
func TestLinesFollowAPicture(t *testing.T) {
	r := mustWindow(t, crowd(200))
	rows, _ := r.book.ProjectRows(t.Context())
	for _, row := range rows {
		if row.ID == 1 {
			r.openProject(row)
		}
	}
	r.settle()
	l := r.view.(*projectPage).mailboxes.list
	for _, offset := range []float32{0, 1350, 0} {
		l.ScrollToOffset(offset)
		for n := range 3 {
			s := crowded(50, n)
			r.show(s)
			seen := 0
			guitest.Walk(l, func(o fyne.CanvasObject) {
				line, is := o.(*mailboxRow)
				if !is || line.id >= len(s.Passes) {
					return
				}
				seen++
				want(t, line.status.word.value, working(s, ofMailbox(engine.MailboxID(line.id+1))).words(s, engine.MailboxID(line.id+1)))
			})
			if seen < 10 {
				t.Fatalf("only %d lines of mailboxes at work at %v", seen, offset)
			}
		}
		if n := len(l.bound); n > 40 {
			t.Errorf("%d lines are kept for a screen of rows", n)
		}
	}
}

// A progress line is drawn anew when its end has moved by what can be seen, many small steps included.
func TestProgressLineMoves(t *testing.T) {
	r := mustWindow(t, sample())
	p := newProgressLine()
	r.window.SetContent(container(layout.NewGridWrapLayout(fyne.NewSize(200, 4)), p))
	drawn := 0
	last := p.drawn
	for n := range 1000 {
		p.show(float64(n+1) / 1000)
		if p.drawn != last {
			drawn, last = drawn+1, p.drawn
		}
	}
	if drawn < 200 || drawn > 510 {
		t.Errorf("drawn %d times over 200 pixels", drawn)
	}
	want(t, last, 1)
}
