package engine

import (
	"sync"
	"time"
)

// Throughput is how fast a pass went: what it copied in each step of its time, the first one first, at most MostPoints of them.
type Throughput struct {
	Step   time.Duration
	Points []Point
}

// Point is what was copied in one step.
type Point struct{ Messages, Bytes int64 }

// MostPoints is how many points a Throughput has at most: the longer the pass, the longer its steps.
const MostPoints = 120

// firstStep is the step of a pass that has just begun.
const firstStep = 250 * time.Millisecond

// PassRecord is what is kept of a pass beside its row and its folders.
type PassRecord struct {
	Settings   Settings // the project's, as the pass had them
	Throughput Throughput
	Notes      []Note
}

// gauge gathers a pass's throughput.
type gauge struct {
	mu     sync.Mutex
	begun  time.Time
	step   time.Duration
	points []Point
}

// begin says when the pass began.
func (g *gauge) begin(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.begun, g.step, g.points = at, firstStep, nil
}

// add notes what was copied at a time.
func (g *gauge) add(at time.Time, messages, bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun.IsZero() {
		return
	}
	p := g.reach(at)
	p.Messages += messages
	p.Bytes += bytes
}

// reach returns the point of a time, after making room for it: where there is none, steps become twice as long until there is.
func (g *gauge) reach(at time.Time) *Point {
	since := max(0, at.Sub(g.begun))
	for since/g.step >= MostPoints {
		half := g.points[:0]
		for i, p := range g.points {
			if i%2 == 0 {
				half = append(half, p)
				continue
			}
			half[i/2].Messages += p.Messages
			half[i/2].Bytes += p.Bytes
		}
		g.points = half
		g.step *= 2
	}
	i := int(since / g.step)
	for len(g.points) <= i {
		g.points = append(g.points, Point{})
	}
	return &g.points[i]
}

// read returns the throughput up to a time; nothing where nothing was copied.
func (g *gauge) read(until time.Time) Throughput {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.points) == 0 {
		return Throughput{}
	}
	g.reach(until)
	return Throughput{g.step, append([]Point(nil), g.points...)}
}

// Throughput returns how fast an unfinished pass goes, up to now; nothing where it has copied nothing yet, or is not unfinished. Of passes that have
// ended the ledger knows.
func (e *Engine) Throughput(id PassID) Throughput {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.passes {
		if p.pass.ID == id {
			return p.gauge.read(time.Now())
		}
	}
	return Throughput{}
}
