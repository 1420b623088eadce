//go:build !nogui

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"

	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/engine/sheet"
	"mwiz/gui"
	"mwiz/gui/wording"
)

const (
	appID   = "org.mwiz.desktop"
	appName = "mwiz-desktop"
)

// lastStop is how long the work may take to stop in order once the window has gone: a little more than appends in flight get.
const lastStop = 40 * time.Second

// windowParts is what the window is made of.
type windowParts struct {
	Toolkit     *toolkit
	Book        gui.Book
	Work        gui.Work
	Enroller    engine.Enroller
	Log         *slog.Logger
	Version     string
	SignIns     gui.SignIns // lets owners of accounts sign in
	Find        func(ctx context.Context, address string) (discover.Answer, error)
	Home        string                                 // the folder in which the window remembers how it was arranged; "": it does not
	Sandbox     bool                                   // the parts are the sandbox's
	Support     func(context.Context, io.Writer) error // writes a support bundle
	MaySleep    func(bool)                             // whether the computer may fall asleep while passes run
	Stop        func(context.Context) error            // stops the engine in order
	Interrupted int                                    // passes that the last run left unfinished
}

// openWindow opens the window and returns the exit code when it has closed and the work has stopped in order, whatever closed
// it: its button, Quit, a signal (Fyne ends its loop at one; interrupted tells of one that came before). It must be called on the main goroutine.
func openWindow(interrupted context.Context, parts windowParts) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var once sync.Once
	var stopped error
	stop := func(ctx context.Context) { once.Do(func() { stopped = parts.Stop(ctx) }) }

	window := newWindow(ctx, parts, stop)
	err := show(window.Native())
	close(parts.Toolkit.shown)
	if err == nil {
		serveTree()
		go window.Follow(ctx)
		runLoop(interrupted, fyne.CurrentApp())
		cancel()
	}

	last, done := context.WithTimeout(context.Background(), lastStop)
	defer done()
	stop(last)
	switch {
	case err != nil:
		parts.Log.Error("open the window", "error", err)
		message(wording.T("cli.no_window"))
		return exitFailed
	case stopped != nil:
		parts.Log.Error("stop in order", "error", stopped)
		return exitFailed
	}
	return exitDone
}

// askRescue opens a window that asks whether to restore a copy of the damaged ledger, and waits for the answer.
func askRescue(interrupted context.Context, t *toolkit, made time.Time) (restore bool) {
	<-t.fonts
	window := gui.Rescue(t.app, made, func(yes bool) { restore = yes })
	if show(window) != nil {
		return false
	}
	serveTree()
	runLoop(interrupted, fyne.CurrentApp())
	return restore
}

// newWindow makes the application and its window.
func newWindow(ctx context.Context, parts windowParts, stop func(context.Context)) *gui.Window {
	a := parts.Toolkit.app
	memory := windowMemory{parts.Home, parts.Log}
	p := gui.Parts{App: a, Fonts: parts.Toolkit.fonts, Memory: memory.read(), Book: parts.Book, Work: parts.Work, Enroller: parts.Enroller, Log: parts.Log,
		Version: parts.Version, SignIns: parts.SignIns, ReadSheet: readSheet, Sandbox: sandboxOpener(parts.Sandbox), Guide: guide, Tray: trayOf(a), Quit: stop, Interrupted: parts.Interrupted,
		Prefer: func(p gui.Preferences) { parts.MaySleep(p.AllowSleep) }}
	if parts.Home != "" {
		p.Remember, p.Support, p.LogFolder = memory.write, parts.Support, filepath.Join(parts.Home, logFolder)
	}
	if !parts.Sandbox {
		p.Find = parts.Find
	}
	window := gui.New(ctx, p)
	if parts.Sandbox {
		window.Native().SetTitle(appName + " (sandbox)")
	}
	window.Native().SetMaster()
	return window
}

// trayOf returns what shows a menu beside the clock, nil where nothing does.
func trayOf(a fyne.App) func(*fyne.Menu) {
	d, is := a.(desktop.App)
	if !is || !haveTray() {
		return nil
	}
	return d.SetSystemTrayMenu
}

// readSheet reads a table of mailboxes for the window.
func readSheet(r io.Reader) ([]gui.SheetRow, error) {
	rows, err := sheet.Read(r)
	list := make([]gui.SheetRow, len(rows))
	for i, row := range rows {
		list[i] = gui.SheetRow{Enrolment: engine.Enrolment{Mailbox: row.Mailbox, Secrets: row.Secrets}, Problem: row.Problem}
	}
	return list, err
}

// show opens the window. Fyne only logs what goes wrong with that, or panics, and would then run on unseen: an error here is found by
// looking for the system's window.
func show(w fyne.Window) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	w.Show()
	if !exists(w) {
		return errors.New("the system made no window: no OpenGL")
	}
	return nil
}

// haveDisplay reports whether there can be a window. Fyne is built for X11, to which Wayland's desktops offer a bridge.
func haveDisplay() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != ""
}

// exists reports whether the system has made a window for w.
func exists(w fyne.Window) (is bool) {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return false
	}
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.WindowsWindowContext:
			is = c.HWND != 0
		case driver.MacWindowContext:
			is = c.NSWindow != 0
		case driver.X11WindowContext:
			is = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			is = c.WaylandSurface != 0
		}
	})
	return is
}

// sandboxOpener returns what opens the sandbox: a second program, so that nothing of it comes near the ledger of this one. nil within
// the sandbox.
func sandboxOpener(inside bool) func(context.Context) error {
	if inside {
		return nil
	}
	return func(context.Context) error {
		path, err := os.Executable()
		if err != nil {
			return err
		}
		demo := exec.Command(path, "demo")
		if err := demo.Start(); err != nil {
			return err
		}
		go func() { _ = demo.Wait() }()
		return nil
	}
}
