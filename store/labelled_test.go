package store

import (
	"testing"

	"mwiz/engine"
)

// TestLabelledItems are found by their message while they are claimed or copied, wherever they lie, and in their own mailbox only.
func TestLabelledItems(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	const high = 1<<64 - 2 // numbers have 64 bits
	c := claimOf(h, 1, 2, 3, 4)
	for i, m := range []uint64{1<<60 + 7, 1<<60 + 8, high, 0} {
		c.Items[i].Message = m
	}
	_, err := h.Claim(t.Context(), c)
	must(t, err)
	must(t, h.settle(t, engine.Copied, 1, 4))
	must(t, h.Release(t.Context(), h.folder, []engine.UID{2}))
	find := func(mailbox engine.MailboxID, messages ...uint64) (uids []engine.UID, states []engine.ItemState) {
		t.Helper()
		items, err := h.LabelledItems(t.Context(), mailbox, messages)
		must(t, err)
		for _, i := range items {
			want(t, "place", i.Folder == h.folder && i.Destination != "" && i.Message != 0, true)
			uids, states = append(uids, i.UID), append(states, i.State)
		}
		return uids, states
	}
	uids, states := find(h.mailbox, high, 1<<60+7, 1<<60+8, 9, 0)
	want(t, "uids", uids, []engine.UID{3, 1}) // in the order of signed numbers
	want(t, "states", states, []engine.ItemState{engine.Claimed, engine.Copied})
	c = claimOf(h, 2)
	c.Items[0].Message = 1<<60 + 8
	_, err = h.Claim(t.Context(), c)
	must(t, err)
	uids, _ = find(h.mailbox, 1<<60+8)
	want(t, "claimed again", uids, []engine.UID{2})
	if _, err := h.LabelledItems(t.Context(), 99, []uint64{high}); err == nil {
		t.Error("a mailbox that is not there has items")
	}
	wantSound(t, h.Ledger)
}
