package gui

import (
	"slices"
	"time"

	"mwiz/engine"
)

// How long a picture of the work stays while only numbers change: a moment at first, so that something short is seen to move, then a second.
// Every picture paints the whole window, and without a graphics card that is most of what the window costs.
const (
	quickPace = 250 * time.Millisecond
	slowPace  = time.Second
)

// pace says when pictures are shown.
type pace struct {
	shown engine.Snapshot
	at    time.Time     // when it was shown
	pause time.Duration // until the next one
}

// due returns when a picture is to be shown: at once where a pass came, went or changed its state, or where the ledger has news.
func (p *pace) due(s engine.Snapshot, now time.Time) time.Time {
	if p.at.IsZero() || s.Revision != p.shown.Revision || !slices.EqualFunc(s.Passes, p.shown.Passes, alike) {
		return now
	}
	return p.at.Add(p.pause)
}

// note tells that a picture has been shown.
func (p *pace) note(s engine.Snapshot, now time.Time) {
	if len(s.Passes) != len(p.shown.Passes) {
		p.pause = 0
	}
	p.pause = min(max(quickPace, p.pause*5/4), slowPace)
	p.shown, p.at = s, now
}

// alike reports whether two passes differ in numbers at most. What one is doing flickers with many of them at work: that can wait too, but for being
// asked for.
func alike(a, b engine.Progress) bool {
	return a.Pass == b.Pass && a.State == b.State && a.Stopping == b.Stopping && (a.Phase == engine.AwaitingSignIn) == (b.Phase == engine.AwaitingSignIn)
}
