package report

import (
	"math"
	"slices"
	"time"

	"mwiz/engine"
)

// Speed is how fast passes went together: messages and bytes a second, in each step of their time. The zero value is not known.
type Speed struct {
	Step            time.Duration
	Messages, Bytes []float64
}

// Peak returns the highest value of each.
func (s Speed) Peak() (messages, bytes float64) {
	if len(s.Messages) == 0 {
		return 0, 0
	}
	return slices.Max(s.Messages), slices.Max(s.Bytes)
}

// together adds up how fast passes went that ran between two times. Passes that are not in known have left no throughput.
func together(passes []engine.Pass, known map[engine.PassID]engine.Throughput, from, until time.Time) Speed {
	span := until.Sub(from)
	step := max((span+engine.MostPoints-1)/engine.MostPoints, 250*time.Millisecond)
	n := int((span + step - 1) / step)
	if n <= 0 {
		return Speed{}
	}
	s := Speed{Step: step, Messages: make([]float64, n), Bytes: make([]float64, n)}
	some := false
	for _, p := range passes {
		t := known[p.ID]
		for i, one := range t.Points {
			some = true
			begins := p.Started.Sub(from) + time.Duration(i)*t.Step
			s.spread(begins, min(begins+t.Step, max(span, begins+1)), one)
		}
	}
	if !some {
		return Speed{}
	}
	return s
}

// spread adds what was copied between two times to the steps that they touch, to each its part.
func (s *Speed) spread(from, until time.Duration, p engine.Point) {
	last := len(s.Messages) - 1
	for i := min(last, max(0, int(from/s.Step))); i <= last; i++ {
		begins, ends := max(from, time.Duration(i)*s.Step), min(until, time.Duration(i+1)*s.Step)
		if begins >= until {
			return
		}
		if i == last {
			ends = until
		}
		part := float64(ends-begins) / float64(until-from)
		s.Messages[i] += part * float64(p.Messages) / s.Step.Seconds()
		s.Bytes[i] += part * float64(p.Bytes) / s.Step.Seconds()
	}
}

// Scale returns what an axis ends with whose highest value is v: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten.
func Scale(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 3, 4, 5, 6, 8} {
		if v <= n*unit*(1+1e-9) {
			return n * unit
		}
	}
	return 10 * unit
}
