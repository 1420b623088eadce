package engine

import "time"

// Measuring returns options under which the lanes of a pass are governed as if so many of them did so many bytes of work a second, whatever the machine does.
func Measuring(o Options, rate func(lanes int) float64) Options {
	const portion = 256 << 10
	var last time.Time
	var done float64
	o.measured = func(lanes int, m mark) mark {
		if !last.IsZero() {
			done += rate(lanes) * m.at.Sub(last).Seconds()
		}
		last = m.at
		m.done, m.portions = int64(done), int64(done/portion)
		return m
	}
	return o
}
