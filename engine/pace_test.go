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
