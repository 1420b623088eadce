package engine

import (
	"testing"
	"time"
)

// TestPace: it grows by every mailbox that is let in, is halved once a trouble, and is careful from then on.
func TestPace(t *testing.T) {
	now := time.Unix(0, 0)
	c := &pace{limit: firstPace}
	for range 24 {
		c.faster(now)
	}
	want(t, "grown", c.limit, 32)
	c.slower(now, 20)
	want(t, "halved", c.limit, 10)
	c.slower(now.Add(time.Second), 20)
	want(t, "the same trouble", c.limit, 10)
	for range 30 {
		c.faster(now.Add(2 * time.Second))
	}
	want(t, "calm", c.limit, 10)
	for range 21 {
		c.faster(now.Add(calm))
	}
	want(t, "careful", c.limit, 12)
	for range 9 {
		now = now.Add(2 * calm)
		c.slower(now, 2)
	}
	want(t, "at least one", c.limit, 1)
}

// TestPaceMeasures: beyond what sign-ins bring it grows only while the project becomes faster by it, and not past what the user allows.
func TestPaceMeasures(t *testing.T) {
	for _, tc := range []struct {
		name   string
		most   int
		rate   func(mailboxes int) int64 // portions in a quarter of a second
		queued bool
		want   int
	}{
		{"faster", 100, func(n int) int64 { return int64(n) }, true, 100},
		{"no faster", 100, func(n int) int64 { return int64(min(n, 32)) }, true, 32},
		{"the user's limit", 32, func(n int) int64 { return int64(n) }, true, 32},
		{"nothing queued", 100, func(n int) int64 { return int64(n) }, false, 32},
	} {
		now := time.Unix(0, 0)
		c := &pace{limit: firstPace}
		for range 40 {
			c.faster(now)
		}
		want(t, tc.name+": by sign-ins", c.limit, 32)
		for range 240 {
			now = now.Add(250 * time.Millisecond)
			for range tc.rate(c.limit) {
				c.load.add(1, 10_000)
			}
			c.measure(now, c.limit, tc.most, tc.queued)
		}
		want(t, tc.name, c.limit, tc.want)
		c.slower(now, c.limit)
		want(t, tc.name+": halved", c.limit, tc.want/2)
	}
}
