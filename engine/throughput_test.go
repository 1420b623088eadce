package engine

import (
	"testing"
	"time"
)

// A pass of any length has at most so many points, and they lose nothing.
func TestThroughputIsBounded(t *testing.T) {
	begun := time.Date(2026, time.March, 14, 10, 22, 0, 0, time.UTC)
	for _, length := range []time.Duration{time.Second, 29 * time.Second, 31 * time.Second, time.Hour, 30 * 24 * time.Hour} {
		var g gauge
		g.begin(begun)
		const times = 5000
		for i := range times {
			g.add(begun.Add(length*time.Duration(i)/times), 2, 100)
		}
		got := g.read(begun.Add(length))
		var sum Point
		for _, p := range got.Points {
			sum.Messages += p.Messages
			sum.Bytes += p.Bytes
		}
		n := len(got.Points)
		if sum != (Point{2 * times, 100 * times}) || n > MostPoints || n < 4 || time.Duration(n)*got.Step < length || time.Duration(n-2)*got.Step > length {
			t.Errorf("%v: %d points of %v, %v", length, n, got.Step, sum)
		}
	}
}

// What was quiet at the end is part of the picture; a pass that has copied nothing has none.
func TestThroughputIsQuiet(t *testing.T) {
	begun := time.Date(2026, time.March, 14, 10, 22, 0, 0, time.UTC)
	var g gauge
	g.add(begun, 1, 1) // before it began
	g.begin(begun)
	if got := g.read(begun.Add(time.Hour)); len(got.Points) != 0 {
		t.Error(got)
	}
	g.add(begun.Add(-time.Second), 1, 10) // the clock was set back
	g.add(begun.Add(time.Second), 3, 30)
	got := g.read(begun.Add(2 * time.Second))
	if len(got.Points) != 9 || got.Points[0].Messages != 1 || got.Points[4] != (Point{3, 30}) || got.Points[8] != (Point{}) {
		t.Error(got)
	}
	got.Points[0].Messages = 7 // nothing of it is shared
	if g.read(begun).Points[0].Messages != 1 {
		t.Error("shared")
	}
}
