package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestFragmentIsNoCopy holds promise 3 against a server that stores the beginning of a message when the connection is cut in its middle: the
// whole is sent again, and what lies there besides is told.
func TestFragmentIsNoCopy(t *testing.T) {
	t.Parallel()
	for _, size := range []int{60_000, 20_000} { // lines: streamed, and held in memory
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			destination := newMemHost(t)
			destination.cuts = true
			b := &breaker{v: stepServers{lanes: 1}, source: newMemHost(t), destination: destination}
			large := fmt.Sprintf("Subject: large\n\n%s", bytes.Repeat([]byte("large, and then cut\n"), size))
			b.source.put(t, "anna", imaptest.Inbox, "large", imaptest.Message{Bytes: []byte(large), Date: time2020})
			b.mail = b.source.read(t, "anna")
			from, to := imaptest.Wire(t, b.source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, b.destination.Addr(), imaptest.WireOptions{})
			order := b.order(t, "anna", from, to)
			to.Break(imaptest.Fault{Up: true, After: 300_000})
			first, err := order.pass(t.Context(), new(steps).wrap)
			if err != nil || to.Broken() != 1 {
				t.Fatalf("%d faults struck, %v", to.Broken(), err)
			}
			d := b.mail.Diff(b.destination.read(t, "anna"))
			if len(d.Missing)+len(d.Doubled) > 0 || len(d.Extra) != 1 {
				t.Errorf("a whole message and a fragment should be there:\n%s", d)
			}
			if first.State != engine.PassCompletedWithErrors {
				t.Errorf("the fragment is not told: %+v", first)
			}
			b.accounted(t, order, strings.ToLower(string(first.State)))
			again, err := order.pass(t.Context(), new(steps).wrap)
			if err != nil || again.State != engine.PassCompleted || again.Tally.Copied > 0 {
				t.Errorf("another pass: %+v, %v", again, err)
			}
		})
	}
}
