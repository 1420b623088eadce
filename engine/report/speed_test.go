package report

import (
	"math"
	"testing"
	"time"

	"mwiz/engine"
)

// Nothing is lost when passes of different lengths and beginnings are added up.
func TestSpeedOfPassesTogether(t *testing.T) {
	begun := at(0, 10, 0)
	passes := []engine.Pass{{ID: 1, Started: begun}, {ID: 2, Started: begun.Add(37 * time.Second)}, {ID: 3, Started: begun}}
	known := map[engine.PassID]engine.Throughput{}
	for id, points := range map[engine.PassID]int{1: 110, 2: 7} {
		one := engine.Throughput{Step: 4 * time.Second}
		for i := range points {
			one.Points = append(one.Points, engine.Point{Messages: int64(i % 5), Bytes: int64(i) * 1000})
		}
		known[id] = one
	}
	s := together(passes, known, begun, begun.Add(439*time.Second))
	var messages, bytes, wantMessages, wantBytes float64
	for i := range s.Messages {
		messages += s.Messages[i] * s.Step.Seconds()
		bytes += s.Bytes[i] * s.Step.Seconds()
	}
	for _, one := range known {
		for _, p := range one.Points {
			wantMessages += float64(p.Messages)
			wantBytes += float64(p.Bytes)
		}
	}
	if math.Abs(messages-wantMessages) > 1e-6 || math.Abs(bytes-wantBytes) > 1e-3 || len(s.Messages) > engine.MostPoints {
		t.Errorf("got %v messages, %v bytes in %d steps, want %v and %v", messages, bytes, len(s.Messages), wantMessages, wantBytes)
	}
	want(t, "nothing known", len(together(passes[2:], known, begun, begun.Add(time.Minute)).Messages), 0)
	want(t, "no time", len(together(passes, known, begun, begun).Messages), 0)
}

func TestScale(t *testing.T) {
	for _, one := range [][2]float64{{0, 1}, {0.0003, 0.0003}, {0.7, 0.8}, {1, 1}, {7, 8}, {9, 10}, {118, 200}, {400, 400}, {4_310_000, 5_000_000}} {
		if got := Scale(one[0]); got < one[1]*(1-1e-9) || got > one[1]*(1+1e-9) {
			t.Errorf("%v: got %v, want %v", one[0], got, one[1])
		}
	}
}
