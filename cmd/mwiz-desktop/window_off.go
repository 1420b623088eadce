//go:build nogui

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"
)

// toolkit would show windows.
type toolkit struct{ shown chan struct{} }

// startToolkit starts nothing.
func startToolkit() *toolkit { return nil }

// windowParts is what the window would be made of; this flavour of the program has none.
type windowParts struct {
	Toolkit                             *toolkit
	Book, Work, Enroller, SignIns, Find any

	Log         *slog.Logger
	Version     string
	Home        string
	Sandbox     bool
	Interrupted int
	Support     func(context.Context, io.Writer) error
	MaySleep    func(bool)
	Stop        func(context.Context) error
}

// haveDisplay reports that there can be no window.
func haveDisplay() bool { return false }

// openWindow says what to do instead.
func openWindow(context.Context, windowParts) int {
	fmt.Fprintln(os.Stderr, `This is the command line without the window. Run "mwiz help", or start mwiz-desktop for the window.`)
	return 2
}

// askRescue asks nothing.
func askRescue(context.Context, *toolkit, time.Time) bool { return false }
