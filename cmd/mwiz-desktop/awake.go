package main

import (
	"context"
	"log/slog"

	"mwiz/engine"
	"mwiz/engine/awake"
	"mwiz/gui/wording"
)

// keepAwake keeps the computer awake while there are passes, unless it may sleep, until ctx ends.
func (w *works) keepAwake(ctx context.Context, log *slog.Logger) {
	busy := make(chan bool)
	w.watching(ctx, func(s engine.Snapshot) {
		select {
		case busy <- len(s.Passes) > 0 && !w.maySleep.Load():
		case <-ctx.Done():
		}
	})
	awake.Follow(ctx, busy, wording.T("awake.reason"), log)
}
