package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestGate: a credential for all accounts is tried one at a time until it is accepted, not at all for a while after three refusals in a row, and again
// behind a few refusals when it was accepted before.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{turn: make(chan struct{}, 1)}
		denied := &Error{Op: "sign in", Kind: Denied, Text: "no"}
		try := func(answer error) bool {
			leave, err := g.enter(t.Context(), Credential{})
			if err != nil {
				if !errors.Is(err, ErrAdminRefused) || KindOf(err) != Denied {
					t.Errorf("turned away by %v", err)
				}
				return false
			}
			leave(answer)
			return true
		}
		for range mostRefused {
			want(t, "tries before it is refused too often", try(denied), true)
		}
		want(t, "tries at once", try(nil), false)
		time.Sleep(refusedPause)
		want(t, "tries later", try(denied), true)
		want(t, "tries at once", try(nil), false)
		time.Sleep(refusedPause)
		want(t, "tries later", try(&Error{Kind: Unreachable}), true)
		want(t, "tries later", try(nil), true)
		for range mostRefusedOpen {
			want(t, "tries of what was accepted", try(denied), true)
		}
		want(t, "tries of what is refused by now", try(nil), false)
		time.Sleep(refusedPause)

		leave, err := g.enter(t.Context(), Credential{})
		if err != nil {
			t.Fatal(err)
		}
		second := make(chan error, 1)
		go func() {
			leave, err := g.enter(t.Context(), Credential{})
			if err == nil {
				leave(nil)
			}
			second <- err
		}()
		synctest.Wait()
		want(t, "others in the middle of a try", len(second), 0)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(ErrStopped)
		if _, err := g.enter(ctx, Credential{}); !errors.Is(err, ErrStopped) {
			t.Errorf("stopped while it waits: %v", err)
		}
		leave(nil)
		want(t, "the second", <-second, nil)
	})
}
