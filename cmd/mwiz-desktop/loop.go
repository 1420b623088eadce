//go:build !nogui

package main

import (
	"context"

	"fyne.io/fyne/v2"
)

// runLoop runs the toolkit's loop until the window has closed, or a signal has come; for one that came before the toolkit listens to
// signals, ctx has ended.
//
// The toolkit hands its last callback, which saves its preferences, to a goroutine that may send it into the queue which the loop is
// just closing: a panic in about one of ten ends (Fyne 2.8.1, internal/driver/glfw/loop.go, runGL). So the callback is taken
// away and called here, when the loop has ended.
func runLoop(ctx context.Context, a fyne.App) {
	a.Lifecycle().SetOnStarted(func() {
		if ctx.Err() != nil {
			a.Quit()
		}
	})
	lifecycle, ok := a.Lifecycle().(interface {
		OnStopped() func()
		SetOnStoppedHookExecuted(func())
	})
	if !ok {
		a.Run()
		return
	}
	last := lifecycle.OnStopped()
	lifecycle.SetOnStoppedHookExecuted(nil)
	a.Run()
	if last != nil {
		last()
	}
}
