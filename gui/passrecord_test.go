package gui

import (
	"testing"
	"time"

	"mwiz/engine"
)

// A pass shows how fast it went and what it ran under, and only where it is known.
func TestPassShowsItsRecord(t *testing.T) {
	r := mustWindow(t, sample())
	r.open(0).command(cmdTab2)
	r.pick(7)
	r.mustSay("Messages per second", "Bytes per second", "at most 35, on average 25", "40", "at most 1.6 MB/s, on average 1.2 MB/s", "5 min 20 s")
	r.tapButton("Settings used")
	r.mustSay("Most connections for each mailbox", "Not these folders", "\\Trash, Old/*", "Messages from", "2020-01-01")
	r.window.Canvas().Overlays().Top().Hide()
	r.pick(6) // has none
	want(t, r.says("Messages per second"), false)
	want(t, r.says("Settings used"), false)
}

// The picture of a pass at work grows, but not with every picture of the work.
func TestPassAtWorkIsDrawn(t *testing.T) {
	r := mustWindow(t, sample())
	r.book.passes = append(r.book.passes, engine.PassRow{Pass: engine.Pass{ID: 900, Mailbox: 1, Kind: engine.NewItems, State: engine.Running, Queued: noon.Add(-time.Minute), Started: noon.Add(-time.Minute)}})
	now := noon
	r.parts.Now = func() time.Time { return now }
	r.open(0).command(cmdTab2)
	r.pick(0)
	want(t, r.says("Messages per second"), false)
	copied := func(n int64) {
		r.desk.throughput = engine.Throughput{Step: time.Second, Points: []engine.Point{{Messages: n, Bytes: 1000 * n}}}
		r.show(atWork())
	}
	now = now.Add(liveEvery)
	copied(7)
	r.mustSay("Messages per second", "at most 7")
	copied(8)
	want(t, r.says("at most 8"), false)
	now = now.Add(liveEvery)
	copied(9)
	r.mustSay("at most 9")
}
