package engine_test

import (
	"fmt"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestOneCopyOfEqualMessages copies to a server that keeps one of several equal messages. All are copied as far as the ledger goes, also when the
// connection is cut before any is confirmed; none is sent again, and a verifying pass finds all of them in the one.
func TestOneCopyOfEqualMessages(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		t.Run(fmt.Sprint("cut=", cut), func(t *testing.T) {
			t.Parallel()
			destination := newMemHost(t)
			destination.merges = true
			b := &breaker{v: stepServers{lanes: 1}, source: newMemHost(t), destination: destination}
			for i := range 6 {
				b.source.put(t, "anna", imaptest.Inbox, fmt.Sprint(i), imaptest.Message{Bytes: []byte(fmt.Sprintf("Subject: %d\n\nx\n", i/3)), Date: time2020})
			}
			from, to := imaptest.Wire(t, b.source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, b.destination.Addr(), imaptest.WireOptions{})
			if cut {
				to.Break(imaptest.Fault{Before: "APPENDUID"})
			}
			order := b.order(t, "anna", from, to)
			for _, copied := range []int64{6, 0} {
				if p, err := order.pass(t.Context(), new(steps).wrap); err != nil || p.State != engine.PassCompleted || p.Tally.Copied != copied {
					t.Errorf("a pass that should copy %d: %+v, %v", copied, p, err)
				}
			}
			order.Kind = engine.Verify
			if p, err := order.pass(t.Context(), new(steps).wrap); err != nil || p.Tally.Verified != 6 || p.Tally.Removed+p.Tally.Different != 0 {
				t.Errorf("verified: %+v, %v", p.Tally, err)
			}
			if n := b.destination.read(t, "anna").Count(); n != 2 {
				t.Errorf("%d messages at the destination", n)
			}
		})
	}
}
