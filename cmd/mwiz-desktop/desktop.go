package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/alecthomas/kong"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// lastWait is how long the work may take to end after the window has given it up.
const lastWait = 5 * time.Second

// desktop opens the window on the user's ledger. Where another window is open on it, that one comes to the front instead.
func (p *program) desktop(ctx context.Context) error {
	if !haveDisplay() {
		fmt.Fprintf(p.stderr, "%s\n\n", wording.T("cli.no_display", "Program", p.name))
		p.usage(ctx)
		return &ending{code: exitUsage}
	}
	t := startToolkit()
	err := p.openDesktop(ctx, t)
	if errors.Is(err, engine.ErrDamaged) && ctx.Err() == nil {
		if asked, rescue := p.rescue(ctx, t); asked {
			err = rescue
		}
	}
	var end *ending
	if err != nil && !errors.As(err, &end) && ctx.Err() == nil {
		complain(advice(err))
		return &ending{code: exitFailed}
	}
	return err
}

// usage lists the verbs on standard error.
func (p *program) usage(ctx context.Context) {
	parser, err := p.grammar(ctx, &choices{}, "", func(int) {})
	if err != nil {
		return
	}
	parser.Stdout = p.stderr
	if help, err := kong.Trace(parser, nil); err == nil {
		_ = help.PrintUsage(false)
	}
}

// rescue offers to put the latest copy in the place of a damaged ledger, and starts the program again when that is done: the toolkit opens its windows once
// in a process. It reports false where there is no copy, so that there was nothing to ask.
func (p *program) rescue(ctx context.Context, t *toolkit) (asked bool, err error) {
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return false, err
	}
	copies, err := store.Copies(dir)
	if err != nil || len(copies) == 0 {
		return false, err
	}
	if !askRescue(ctx, t, copies[0].Time) {
		return true, &ending{code: exitFailed}
	}
	aside, err := store.Restore(ctx, dir, copies[0])
	if err != nil {
		return true, err
	}
	p.log.Warn("the ledger was damaged and is restored from a copy", "made", copies[0].Time, "kept", aside)
	self, err := os.Executable()
	if err == nil {
		err = exec.Command(self, os.Args[1:]...).Start()
	}
	return true, err
}

func (p *program) openDesktop(ctx context.Context, t *toolkit) error {
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return err
	}
	ledger, err := store.Open(ctx, dir, p.log)
	if errors.Is(err, engine.ErrLocked) && askToShow(ctx, dir) {
		return nil
	}
	if err != nil {
		return err
	}
	door, err := listenAtDoor(dir, bringToFront)
	if err != nil {
		p.log.Warn("a second start will not find this window", "err", err)
	} else {
		defer door.Close()
	}
	err = p.withKeys(func(keychain engine.Keychain) error { return p.showDesktop(ctx, t, ledger, keychain, false) })
	return errors.Join(err, ledger.Close())
}

// showDesktop opens the window on a ledger and returns when it has closed and the work has ended.
func (p *program) showDesktop(ctx context.Context, t *toolkit, ledger *store.Ledger, keychain engine.Keychain, sandbox bool) error {
	p.signInWait, p.leisure = longestSignIn, t.shown
	scheduler := engine.Scheduler{Schedules: ledger, Log: p.log}
	if err := scheduler.Catch(ctx); err != nil {
		return err
	}
	w, err := p.startWorks(ctx, ledger, keychain, func(working context.Context, w *works) {
		scheduler.Engine = w.engine
		scheduler.Run(working)
	})
	if err != nil {
		return err
	}
	home := ""
	if !sandbox {
		if home, err = store.Dir(p.env("MWIZ_HOME")); err != nil {
			return errors.Join(err, w.stop())
		}
	}
	code := openWindow(ctx, windowParts{
		Toolkit:     t,
		Book:        ledger,
		Work:        w.engine,
		Enroller:    w.enroller,
		Log:         p.log,
		Version:     version,
		SignIns:     p.tokensFor(keychain),
		Find:        p.findService,
		Home:        home,
		Sandbox:     sandbox,
		MaySleep:    w.maySleep.Store,
		Interrupted: w.interrupted,
		Support:     func(ctx context.Context, to io.Writer) error { return p.writeBundle(ctx, to, ledger, nil) },
		Stop:        func(ctx context.Context) error { return w.stopWithin(ctx) },
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait) // the window has stopped the work already, unless it lost patience
	defer cancel()
	if err := w.stopWithin(last); err != nil {
		return err
	}
	if code != exitDone {
		return &ending{code: code}
	}
	return nil
}
