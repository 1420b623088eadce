package engine

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Options are what an engine is made of. Ledger, Keychain and Dialer must be set.
type Options struct {
	Ledger   Ledger
	Keychain Keychain
	Dialer   Dialer
	Log      *slog.Logger // nil: nothing is logged
	Memory   int64        // bytes of message bodies held at once, over all passes; default 32 MB

	Provider func(Endpoint) Provider // what is known of services; nil: nothing

	Tokens     Tokens        // nil: nobody signs in by an access token
	SignInWait time.Duration // how long a pass waits, in the middle, for somebody to sign in again; 0: it fails
	// SignInFirst says that a pass waits so also at its beginning, for an account that it was not let in to yet.
	SignInFirst bool

	measured func(lanes int, m mark) mark // what takes the place of what so many lanes have done; nil: nothing
}

// Request asks for a pass of each of some mailboxes of a project.
type Request struct {
	Project   ProjectID
	Kind      PassKind
	Mailboxes []MailboxID           // nil: all
	Cause     Kind                  // of a Retry: only items that failed for it are tried; NoError: all
	Secrets   map[MailboxID]Secrets // for this run only, instead of the keychain's
	Shared    Secrets               // of the endpoints, likewise
	Replaced  bool                  // go on in folders that look like other ones than before: what agrees with a message of before is not copied again, all else is
}

// Started is what became of a request.
type Started struct {
	Passes  []Pass
	Refused map[MailboxID]error // ErrPassLimit, ErrUnfinished
}

// Engine runs passes. Its goroutines all belong to Run.
type Engine struct {
	o       Options
	memory  *semaphore.Weighted
	rate    meter
	horizon horizon
	busy    atomic.Int32 // passes that run
	lanes   atomic.Int32 // of all passes, at work

	mu       sync.Mutex
	passes   []*activePass // unfinished, oldest first
	paces    map[ProjectID]*pace
	gates    map[string]*gate // of the credentials that open every account of an endpoint
	rations  map[rationKey]*ration
	quitting bool
	revision uint64
	shown    uint64 // revision of the last picture that was handed out
	watchers map[chan Snapshot]struct{}
	wake     chan struct{} // something to dispatch or to show; never blocks
}

// New returns an engine; Run sets it to work.
func New(o Options) *Engine {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Memory <= 0 {
		o.Memory = 32 << 20
	}
	return &Engine{
		o:        o,
		memory:   semaphore.NewWeighted(o.Memory),
		paces:    map[ProjectID]*pace{},
		gates:    map[string]*gate{},
		watchers: map[chan Snapshot]struct{}{},
		wake:     make(chan struct{}, 1),
	}
}

// Run works until ctx is cancelled, then stops in order (promise 7) and returns when all goroutines have ended.
func (e *Engine) Run(ctx context.Context) error {
	var running sync.WaitGroup
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, p := range e.dispatch() {
			e.busy.Add(1)
			running.Go(func() {
				p.run()
				e.busy.Add(-1)
				e.remove(p)
			})
		}
		e.publish()
		select {
		case <-ctx.Done():
		case <-e.wake:
		case now := <-tick.C:
			e.readLimits(ctx)
			e.measure(now)
		}
	}
	e.quit()
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	for {
		e.publish()
		select {
		case <-ended:
			e.publish()
			return nil
		case <-e.wake:
		case <-tick.C:
		}
	}
}

// Start begins passes: they stand in the ledger as queued when it returns.
func (e *Engine) Start(ctx context.Context, r Request) (Started, error) {
	project, err := e.o.Ledger.Project(ctx, r.Project)
	if err != nil {
		return Started{}, err
	}
	mailboxes, err := e.o.Ledger.Mailboxes(ctx, r.Project)
	if err != nil {
		return Started{}, err
	}
	byID := map[MailboxID]Mailbox{}
	var ids []MailboxID
	for _, m := range mailboxes {
		if r.Mailboxes == nil || slices.Contains(r.Mailboxes, m.ID) {
			byID[m.ID] = m
			ids = append(ids, m.ID)
		}
	}

	e.mu.Lock()
	defer e.mu.Unlock() // held over the write, so that no pass is queued behind quit's back
	if e.quitting {
		return Started{}, ErrQuit
	}
	queued, refused, err := e.o.Ledger.QueuePasses(ctx, ids, r.Kind, project.Settings.Limits().PassLimit)
	if err != nil {
		return Started{}, err
	}
	for _, q := range queued {
		p := newActivePass(e, q, project, byID[q.Mailbox])
		given := Given{Shared: r.Shared}
		if s, ok := r.Secrets[q.Mailbox]; ok {
			given.Own = &s
		}
		p.take(given)
		p.replaced, p.cause = r.Replaced, r.Cause
		p.team = &e.pace(r.Project).load
		e.passes = append(e.passes, p)
	}
	e.changedLocked()
	return Started{queued, refused}, nil
}

// Stop stops passes of a project, those of the given mailboxes or all: nothing new is begun, what is under way is finished.
func (e *Engine) Stop(project ProjectID, mailboxes ...MailboxID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.passes {
		if p.project.ID == project && (len(mailboxes) == 0 || slices.Contains(mailboxes, p.mailbox.ID)) {
			p.stop(ErrStopped)
		}
	}
	e.changedLocked()
}

// Busy reports whether a project has passes that are not ended.
func (e *Engine) Busy(project ProjectID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.passes, func(p *activePass) bool { return p.project.ID == project })
}

// Wait returns when none of the passes is unfinished any more; their outcome then stands in the ledger.
func (e *Engine) Wait(ctx context.Context, ids ...PassID) error {
	e.mu.Lock()
	var ended []<-chan struct{}
	for _, p := range e.passes {
		if slices.Contains(ids, p.pass.ID) {
			ended = append(ended, p.ended)
		}
	}
	e.mu.Unlock()
	for _, c := range ended {
		select {
		case <-c:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Check signs in once, lists the folders, for some services tell only then that they do not open the mailbox, and signs out. Secrets that the credential does not hold are the keychain's.
func (e *Engine) Check(ctx context.Context, c Credential) error {
	own, err := e.secretOf(ctx, c, false)
	if err != nil {
		return err
	}
	if c.Shared, err = e.secretOf(ctx, c, true); err != nil {
		return err
	}
	c.Own = own
	session, err := e.signIn(ctx, c)
	if err != nil {
		return err
	}
	_, err = session.List(ctx, false)
	return errors.Join(err, session.Close())
}

// mostMemory is how many bytes of message bodies a pass may hold: what its lanes have on their way, and not what a slow destination leaves waiting.
const mostMemory = 16 << 20

// dispatch returns the passes to run now: the oldest queued ones, as many a project as its limit of mailboxes in flight and its pace allow,
// and those that were stopped while they were queued. A pass that waits, for its service has asked for it, holds no other.
func (e *Engine) dispatch() []*activePass {
	e.mu.Lock()
	defer e.mu.Unlock()
	running := map[ProjectID]int{}
	for _, p := range e.passes {
		if p.dispatched && !p.parked.Load() {
			running[p.project.ID]++
		}
	}
	var next []*activePass
	for _, p := range e.passes {
		if p.dispatched || p.ctx.Err() == nil && running[p.project.ID] >= min(p.limits.Mailboxes, e.pace(p.project.ID).limit) {
			continue
		}
		p.dispatched = true
		p.memory = semaphore.NewWeighted(min(max(streamOver, e.o.Memory/int64(min(len(e.passes), p.limits.Mailboxes))), mostMemory))
		running[p.project.ID]++
		next = append(next, p)
	}
	return next
}

// quit stops every pass because the program closes. Queued ones that nobody has dispatched end here, without work.
func (e *Engine) quit() {
	e.mu.Lock()
	e.quitting = true
	var idle []*activePass
	for _, p := range e.passes {
		p.stop(ErrQuit)
		if !p.dispatched {
			p.dispatched = true
			idle = append(idle, p)
		}
	}
	e.changedLocked()
	e.mu.Unlock()
	for _, p := range idle {
		p.run()
		e.remove(p)
	}
}

func (e *Engine) remove(p *activePass) {
	e.mu.Lock()
	e.passes = slices.DeleteFunc(e.passes, func(q *activePass) bool { return q == p })
	e.changedLocked()
	e.mu.Unlock()
	close(p.ended)
}

// changed makes the next picture at once and tells the screen to read the ledger again.
func (e *Engine) changed() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changedLocked()
}

func (e *Engine) changedLocked() {
	e.revision++
	e.poke()
}
