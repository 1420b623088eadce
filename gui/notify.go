package gui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// batch is the passes of a project that ended together.
type batch struct {
	project engine.ProjectID
	passes  []engine.PassID
	tally   engine.Tally // as the last picture of each had it
	weight  float64      // of what they did, as in work
}

// noticeEnds raises a notification for every project whose last pass has ended between two pictures.
func (w *Window) noticeEnds(before, after engine.Snapshot) {
	for _, p := range before.Passes {
		if !slices.ContainsFunc(after.Passes, func(q engine.Progress) bool { return q.Pass == p.Pass }) {
			w.noteEnd(p)
		}
	}
	for id, b := range w.endings {
		if !slices.ContainsFunc(after.Passes, ofProject(id)) {
			delete(w.endings, id)
			w.notify(*b)
		}
	}
}

// noteEnd adds a pass that has ended to its project's.
func (w *Window) noteEnd(p engine.Progress) {
	b := w.endings[p.Project]
	if b == nil {
		b = &batch{project: p.Project}
		w.endings[p.Project] = b
	}
	b.passes = append(b.passes, p.Pass)
	b.tally.Add(p.Tally)
	b.weight += float64(p.Done + lookWeight)
}

// notify tells the system, and the foot of the window, of passes that have ended: fixed words and numbers only, for the system may run what it is
// given. What previews have found is told in the window.
func (w *Window) notify(b batch) {
	ask(w, nil, func(ctx context.Context) (rows []engine.PassRow, err error) {
		return w.parts.Book.PassRows(ctx, b.project, engine.Page{Limit: len(b.passes) + 20})
	}, func(rows []engine.PassRow, err error) {
		rows = slices.DeleteFunc(rows, func(r engine.PassRow) bool { return !slices.Contains(b.passes, r.ID) })
		if err != nil {
			w.parts.Log.Warn("read the passes that ended", "error", err)
			return
		}
		if title, text := endWords(rows); title != "" {
			w.parts.App.SendNotification(fyne.NewNotification(title, text))
			w.notice(title + ": " + text)
		}
		if previews(rows) {
			w.tellPreview(b.project, rows)
		}
	})
}

// previews reports whether passes are previews, all of them.
func previews(rows []engine.PassRow) bool { return allOf(rows, engine.Preview) }

// allOf reports whether there are passes and all are of a kind.
func allOf(rows []engine.PassRow, kind engine.PassKind) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r engine.PassRow) bool { return r.Kind != kind })
}

// endWords sums passes that ended together up in a title and a sentence; "" where there is nothing to tell.
func endWords(rows []engine.PassRow) (title, text string) {
	var sum engine.Tally
	var first, last time.Time
	good := true
	for _, r := range rows {
		sum.Add(r.Tally)
		good = good && r.State == engine.PassCompleted
		if first.IsZero() || r.Queued.Before(first) {
			first = r.Queued
		}
		if e := ended(r.Pass); e.After(last) {
			last = e
		}
	}
	switch {
	case len(rows) == 0:
		return "", ""
	case previews(rows):
		return wording.T("notify.preview"), wording.T("notify.preview.text", "Count", sum.New)
	case good && allOf(rows, engine.Verify):
		return wording.T("notify.verify"), wording.T("notify.verify.text", "Count", sum.Verified, "Different", wording.Number(sum.Different), "Removed", wording.Number(sum.Removed))
	case good && allOf(rows, engine.Trial):
		return wording.T("notify.trial"), wording.Ended(sum, last.Sub(first))
	case allOf(rows, engine.Trial):
		return wording.T("notify.trial.look"), wording.Ended(sum, last.Sub(first))
	case good:
		return wording.T("notify.done"), wording.Ended(sum, last.Sub(first))
	}
	return wording.T("notify.look"), wording.Ended(sum, last.Sub(first))
}
