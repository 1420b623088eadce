package engine

import (
	"testing"
	"time"
)

// trial is work under a governor, in a time of its own.
type trial struct {
	g    governor
	now  mark
	have int
	most int
	rate func(n int) float64 // bytes a second of so many
	room int                 // how many the service lets in; 0: any number
	owed float64
	left int64
	seen []int // every number that there was
}

func newTrial(first, most int, rate func(n int) float64) *trial {
	now := mark{at: time.Unix(0, 0)}
	return &trial{g: newGovernor(first, now), now: now, have: first, most: most, rate: rate, left: 1 << 40, seen: []int{first}}
}

// run lets time pass. Work is done in portions of 256 KB; who comes takes two seconds for it.
func (w *trial) run(d time.Duration) {
	const step, portion = 250 * time.Millisecond, 256 << 10
	for end := w.now.at.Add(d); w.now.at.Before(end); {
		w.now.at = w.now.at.Add(step)
		for w.owed += w.rate(w.have) * step.Seconds(); w.owed >= portion; w.owed -= portion {
			w.now.done += portion
			w.now.portions++
		}
		n := w.g.decide(outlook{mark: w.now, have: w.have, most: w.most, ready: w.now.at.Sub(w.g.changed) >= 2*time.Second, left: w.left})
		if w.room > 0 {
			n = min(n, w.room)
		}
		if n != w.have {
			w.have = n
			w.seen = append(w.seen, n)
		}
	}
}

const mb = 1 << 20

// TestGovernor: more come where that pays, and as many as pay; where it does not they go again, and not all of the time is spent on trying.
func TestGovernor(t *testing.T) {
	each := func(n int) float64 { return float64(n) * mb / 4 }
	upTo := func(limit float64) func(int) float64 {
		return func(n int) float64 { return min(each(n), limit) }
	}
	for _, tc := range []struct {
		name        string
		first, most int
		rate        func(int) float64
		left        int64
		minutes     time.Duration
		want        []int
	}{
		{name: "each connection is limited", first: 4, most: 8, rate: each, minutes: 1, want: []int{4, 8}},
		{name: "as many as there may be", first: 1, most: 16, rate: each, minutes: 2, want: []int{1, 2, 4, 8, 16}},
		{name: "all together are limited", first: 4, most: 8, rate: upTo(mb), minutes: 1, want: []int{4, 8, 4, 6, 4}},
		{name: "tried less and less", first: 4, most: 8, rate: upTo(mb), minutes: 15, want: []int{4, 8, 4, 6, 4, 5, 4, 5, 4, 5, 4, 5, 4}},
		{name: "some pay", first: 4, most: 16, rate: upTo(2 * mb), minutes: 1, want: []int{4, 8, 16, 8, 12, 8}},
		{name: "one has come too much", first: 4, most: 8, rate: func(n int) float64 { return each(n) / float64(max(n-3, 1)) }, minutes: 1, want: []int{4, 8, 4, 6, 4}},
		{name: "nothing left to begin", first: 4, most: 8, rate: each, left: 9 * mb, minutes: 1, want: []int{4}},
		{name: "no room", first: 4, most: 4, rate: each, minutes: 1, want: []int{4}},
		{name: "slow", first: 1, most: 2, rate: func(n int) float64 { return each(n) / 20 }, minutes: 2, want: []int{1, 2}},
		{name: "nothing happens", first: 1, most: 2, rate: func(int) float64 { return 0 }, minutes: 5, want: []int{1}},
	} {
		w := newTrial(tc.first, tc.most, tc.rate)
		if tc.left > 0 {
			w.left = tc.left
		}
		w.run(tc.minutes * time.Minute)
		want(t, tc.name, w.seen, tc.want)
	}
}

// TestGovernorHeeds: who is told that it is too much has half as many, and tries again after a while; a service that lets no more in, or takes some away, is not asked
// for more before that.
func TestGovernorHeeds(t *testing.T) {
	each := func(n int) float64 { return float64(n) * mb / 4 }
	w := newTrial(4, 8, each)
	w.run(20 * time.Second)
	w.now.troubles++
	w.run(time.Second)
	w.now.troubles++ // the same one
	w.run(time.Second)
	want(t, "too much", w.seen, []int{4, 8, 4})
	want(t, "none has paid", w.g.paid, 0)
	w.run(20 * time.Second)
	want(t, "rests", w.seen, []int{4, 8, 4})
	w.run(30 * time.Second)
	want(t, "tries again", w.seen, []int{4, 8, 4, 8})
	for range 5 {
		w.now.troubles++
		w.run(calm + time.Second)
	}
	want(t, "at least one", w.have, 1)

	w = newTrial(4, 8, each)
	w.room = 4
	w.run(25 * time.Second)
	want(t, "not let in", w.g.asked, 4)
	w.room = 0
	w.run(30 * time.Second)
	want(t, "let in later", w.seen, []int{4, 8})

	w.have = 5 // three connections are lost, and do not come back
	w.run(20 * time.Second)
	want(t, "taken away", w.have, 5)
	w.run(30 * time.Second)
	want(t, "let in again", w.have, 8)
	w.most = 5 // others want some
	w.run(20 * time.Second)
	want(t, "fewer may be", w.have, 5)
}
