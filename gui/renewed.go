package gui

import (
	"time"

	"mwiz/engine"
)

// renewal is when the secrets of a mailbox were last entered, by side.
type renewal [2]time.Time

// renewed remembers that secrets of a mailbox were entered just now.
func (w *Window) renewed(id engine.MailboxID, s engine.Secrets) {
	r := w.renewals[id]
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		if !s.On(side).Empty() {
			r[side] = w.now()
		}
	}
	w.renewals[id] = r
}

// pinnedSince reports whether a key was trusted at the side at which a pass ended for want of trust, after it did.
func (w *Window) pinnedSince(project engine.ProjectID, p engine.Pass) bool {
	t := w.pinned[project][p.Side]
	return p.Cause == engine.Untrusted && p.Host != "" && !t.IsZero() && !t.Before(ended(p))
}

// renewedSince reports whether the secret for want of which a pass ended was entered after it did: the next pass tries another one. Where the pass
// does not say at which side it ended, either side's will do.
func (w *Window) renewedSince(p engine.Pass) bool {
	r, end := w.renewals[p.Mailbox], ended(p)
	since := func(side engine.Side) bool { return !r[side].IsZero() && !r[side].Before(end) }
	if p.Host == "" {
		return since(engine.Source) || since(engine.Destination)
	}
	return since(p.Side)
}
