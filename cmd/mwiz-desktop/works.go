package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/gui/wording"
	"mwiz/store"
)

// works is an engine at work on a ledger. Stop it before the ledger is closed.
type works struct {
	ledger      *store.Ledger
	engine      *engine.Engine
	enroller    engine.Enroller
	interrupted int         // passes that the last run left unfinished
	maySleep    atomic.Bool // the user lets the computer fall asleep while passes run
	cancel      context.CancelFunc
	ended       chan struct{} // closed when all of it has ended
	err         error         // what the engine's Run returned; read after ended
}

// startWorks settles what the last run left behind and sets an engine to work, and what else is to be done beside it.
func (p *program) startWorks(ctx context.Context, ledger *store.Ledger, keychain engine.Keychain, beside ...func(context.Context, *works)) (*works, error) {
	interrupted, err := ledger.InterruptPasses(ctx)
	if err != nil {
		return nil, err
	}
	if interrupted > 0 {
		p.note("cli.interrupted", "Count", interrupted)
	}
	p.log.Info("at work", "version", version, "system", runtime.GOOS+"/"+runtime.GOARCH)
	w := &works{
		ledger:      ledger,
		interrupted: interrupted,
		engine:      p.newEngine(ledger, keychain),
		enroller:    engine.Enroller{Roster: ledger, Keychain: keychain},
		ended:       make(chan struct{}),
	}
	working, cancel := context.WithCancel(context.WithoutCancel(ctx)) // ended by stop alone, so that it ends in order
	w.cancel = cancel
	var all sync.WaitGroup
	all.Go(func() { w.err = w.engine.Run(working) })
	all.Go(func() { p.tidy(working, w) })
	w.maySleep.Store(p.maySleep)
	all.Go(func() { w.keepAwake(working, p.log) })
	for _, do := range beside {
		all.Go(func() { do(working, w) })
	}
	go func() {
		all.Wait()
		close(w.ended)
	}()
	return w, nil
}

// tidy does what can wait until the window is there: it clears secrets that nothing refers to out of the keychain, and keeps the day's copy of the ledger.
func (p *program) tidy(working context.Context, w *works) {
	if p.leisure != nil {
		select {
		case <-p.leisure:
		case <-working.Done():
		}
	}
	var both sync.WaitGroup
	both.Go(func() { p.keepCopy(working, w.ledger) })
	if err := w.enroller.Sweep(working); err != nil && working.Err() == nil {
		p.log.Warn("secrets that nothing refers to are still in the keychain", "err", err)
	}
	both.Wait()
}

// copyGrace is how long a copy of the ledger that is being made may take to its end when the work has ended.
const copyGrace = 4 * time.Second

// keepCopy makes the day's copy of the ledger, if it is due.
func (p *program) keepCopy(working context.Context, ledger *store.Ledger) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(working))
	defer cancel()
	defer context.AfterFunc(working, func() { time.AfterFunc(copyGrace, cancel) })()
	if _, err := ledger.KeepDailyCopy(ctx); err != nil {
		p.log.Warn("the migration history could not be copied", "err", err)
	}
}

// newEngine returns an engine that is not at work.
func (p *program) newEngine(ledger *store.Ledger, keychain engine.Keychain) *engine.Engine {
	return engine.New(engine.Options{Ledger: ledger, Keychain: keychain, Log: p.log, Tokens: p.tokensFor(keychain), Provider: providers(), SignInWait: p.signInWait, SignInFirst: p.attends,
		Dialer: imap.NewDialer(imap.Options{Log: p.log, Version: version})})
}

// stop ends the work in order and returns when it has ended. It may be called more than once.
func (w *works) stop() error { return w.stopWithin(context.Background()) }

// stopWithin is stop, but returns when ctx ends, with its cause, if that comes first.
func (w *works) stopWithin(ctx context.Context) error {
	w.cancel()
	select {
	case <-w.ended:
		return w.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// outcome is what became of one mailbox of a request.
type outcome struct {
	mailbox engine.Mailbox
	pass    engine.Pass
	refused error // why no pass was begun; nil when one was
	notes   []engine.Note
}

// pass runs a pass of each mailbox of the request and returns what became of it, in the order in which the mailboxes were added. When
// ctx is cancelled, the passes stop in order; pass returns when they have. watch, unless nil, gets pictures of the work.
func (w *works) pass(ctx context.Context, r engine.Request, watch func(engine.Snapshot)) ([]outcome, error) {
	started, err := w.engine.Start(ctx, r)
	if err != nil {
		return nil, err
	}
	var ids []engine.PassID
	for _, p := range started.Passes {
		ids = append(ids, p.ID)
	}
	defer context.AfterFunc(ctx, func() { w.engine.Stop(r.Project) })()
	if watch != nil {
		defer w.watch(ctx, watch)()
	}
	ctx = context.WithoutCancel(ctx) // what happened is told, also after a stop
	if err := w.engine.Wait(ctx, ids...); err != nil {
		return nil, err
	}
	return w.outcomes(ctx, r, ids, started.Refused)
}

// outcomes reads what became of a request: of the passes that were begun, and of the mailboxes that were refused.
func (w *works) outcomes(ctx context.Context, r engine.Request, ids []engine.PassID, refused map[engine.MailboxID]error) ([]outcome, error) {
	passes := map[engine.MailboxID]engine.Pass{}
	for offset := 0; len(passes) < len(ids); offset += pageSize { // they are the newest
		rows, err := w.ledger.PassRows(ctx, r.Project, engine.Page{Offset: offset, Limit: pageSize})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if slices.Contains(ids, row.Pass.ID) {
				passes[row.Pass.Mailbox] = row.Pass
			}
		}
		if len(rows) < pageSize {
			break
		}
	}
	mailboxes, err := w.ledger.Mailboxes(ctx, r.Project)
	if err != nil {
		return nil, err
	}
	var list []outcome
	for _, m := range mailboxes {
		if pass, ok := passes[m.ID]; ok {
			record, _, err := w.ledger.PassRecord(ctx, pass.ID)
			if err != nil {
				return nil, err
			}
			list = append(list, outcome{mailbox: m, pass: pass, notes: record.Notes})
		} else if why, ok := refused[m.ID]; ok {
			list = append(list, outcome{mailbox: m, pass: engine.Pass{Kind: r.Kind}, refused: why})
		}
	}
	return list, nil
}

// watch shows pictures of the work until the function that it returns is called.
func (w *works) watch(ctx context.Context, show func(engine.Snapshot)) (end func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := w.watching(ctx, show)
	return func() {
		cancel()
		<-done
	}
}

// watching shows pictures of the work until ctx ends; then it closes done.
func (w *works) watching(ctx context.Context, show func(engine.Snapshot)) (done <-chan struct{}) {
	ended := make(chan struct{})
	pictures := w.engine.Watch(ctx)
	go func() {
		defer close(ended)
		for {
			select {
			case s := <-pictures:
				show(s)
			case <-ctx.Done():
				return
			}
		}
	}()
	return ended
}

// trouble tells why a mailbox did not get all that was asked, and false where it did.
func (o outcome) trouble() (wording.Trouble, bool) {
	if o.refused != nil {
		return wording.TroubleOf(o.refused, o.mailbox.Source.Address), true
	}
	return wording.TroubleOfPass(o.pass, o.mailbox.Source.Address, o.mailbox.Destination.Address)
}

// ended returns the exit code of a run over mailboxes: the worst that became of one, unless it was stopped.
func ended(list []outcome) error {
	code := exitDone
	for _, o := range list {
		one := exitFailed // failed, refused or interrupted
		switch {
		case o.refused != nil:
		case o.pass.State == engine.PassCompleted:
			one = exitDone
		case o.pass.State == engine.PassCompletedWithErrors:
			one = exitItemErrors
		case o.pass.State == engine.PassStopped:
			one = exitStopped
		}
		code = max(code, one) // the codes grow with what they mean
	}
	if code == exitDone {
		return nil
	}
	return &ending{code: code}
}

// withKeys does something with the keychain that belongs to the ledger, and closes it.
func (p *program) withKeys(do func(engine.Keychain) error) error {
	if p.keychain != nil {
		return do(p.keychain)
	}
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return err
	}
	keychain := store.NewKeychain(dir, p.log)
	return errors.Join(do(keychain), keychain.Close())
}
