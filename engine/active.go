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

// graceTime is how long appends in flight may go on after a pass was stopped.
const graceTime = 30 * time.Second

// ErrErrorLimit ends a pass that met too many items that cannot be copied.
var ErrErrorLimit = errors.New("too many items could not be copied")

// activePass is a pass that is queued or running.
type activePass struct {
	e          *Engine
	pass       Pass
	project    Project
	mailbox    Mailbox
	limits     Settings
	cause      Kind     // of a Retry: only items that failed for it are tried; NoError: all
	secrets    *Secrets // nil: the keychain's. Guarded by mu once the pass runs
	shared     Secrets  // of the endpoints; empty: the keychain's
	replaced   bool     // folders that look like other ones than before are gone on with
	log        *slog.Logger
	dispatched bool          // guarded by Engine.mu
	ended      chan struct{} // closed when the ledger holds the outcome
	progress   board
	gauge      gauge

	ctx    context.Context         // cancelled: begin nothing new. The cause says why
	stop   context.CancelCauseFunc // first cause wins; also called with the error that ends the pass
	grace  context.Context         // outlives ctx by graceTime: for what is under way
	relief context.CancelFunc

	from, to Listing // what the two sides listed
	lanes    []*lane // the first is made by signing in; the pass's own goroutine uses it between copying
	queue    queue
	load     workload
	team     *workload           // of all passes of the project
	paid     atomic.Int64        // lanes that have paid in this pass; 0: none beyond the first
	early    bool                // further lanes are signed in while the first one plans
	parked   atomic.Bool         // it waits, for seconds at least
	memory   *semaphore.Weighted // its share of the engine's; made when it is dispatched
	trialled int64               // bytes chosen so far by a trial
	samples  samples             // copies to be read back

	download, upload *ration // what its accounts may move in a day; nil: any

	taken map[uint64]*folderWork // in this round: who downloads a message that several folders hold

	foreseen map[FolderName]UIDSet // in a preview: what a pass would adopt, by destination folder

	mu       sync.Mutex
	accepted [2]bool              // by side: it has been signed in
	renewal  [2]chan struct{}     // by side: closed when somebody has signed in again; nil while nobody waits for that
	wanted   int                  // lanes for a first pass; 0 until it is known how much there is
	ordered  [2][]<-chan signedIn // sessions being made, by side

	renewedRef [2]SecretRef // where what that sign-in brought is kept; "" before

	folders []*folderWork // every source folder; the slice is set once
	notes   []Note
	counted bool
	active  int       // lanes at work that go on: none that is still to come, was let go, or has retired
	asked   bool      // the ledger was asked for claims that earlier passes have left; of the pass's own goroutine
	cut     time.Time // when a destination connection was last lost with appends in flight, or might have been
	failed  int       // items failed in this pass
}

func newActivePass(e *Engine, q Pass, project Project, m Mailbox) *activePass {
	p := &activePass{e: e, pass: q, project: project, mailbox: m, limits: project.Settings.Limits(), ended: make(chan struct{}), team: &workload{}}
	p.log = e.o.Log.With("mailbox", m.ID, "pass", q.ID)
	p.ctx, p.stop = context.WithCancelCause(context.Background())
	p.grace, p.relief = context.WithCancel(context.Background())
	context.AfterFunc(p.ctx, func() { time.AfterFunc(graceTime, p.relief) })
	p.progress.g = Progress{Project: project.ID, Mailbox: m.ID, Pass: q.ID, Kind: q.Kind, State: Queued, Phase: Waiting}
	return p
}

// run does the pass from sign-in to its last line in the ledger. Errors end in the pass's record.
func (p *activePass) run() {
	defer p.relief()
	err := p.work()
	if cause := context.Cause(p.ctx); cause != nil {
		err = cause // the first thing that ended it; later errors follow from it
	}
	p.progress.phase(Finishing, time.Time{}, NoError)
	p.finish(err)
}

func (p *activePass) work() error {
	if p.ctx.Err() != nil {
		return nil
	}
	p.pass.Started = time.Now()
	p.gauge.begin(p.pass.Started)
	p.progress.write(func(g *Progress) { g.State, g.Phase, g.Started = Running, SigningIn, p.pass.Started })
	if err := p.e.o.Ledger.StartPass(p.ctx, p.pass.ID, p.record()); err != nil {
		return err
	}
	p.e.changed()
	if err := p.readSecrets(); err != nil {
		return err
	}
	if err := p.readRations(); err != nil {
		return err
	}
	heartbeat := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() { p.beat(heartbeat) })
	defer beating.Wait()
	defer close(heartbeat)
	switch p.pass.Kind {
	case Preview:
		return p.preview()
	case Verify:
		return p.verify()
	default:
		return p.migrate()
	}
}

// beat notes in the ledger every few seconds that the pass is alive, and how it goes: after a crash, the late-commit wait counts from then, and
// the history shows the pass up to then.
func (p *activePass) beat(done <-chan struct{}) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			p.keepVolumes()
			if err := p.e.o.Ledger.SeePass(context.WithoutCancel(p.ctx), p.pass.ID, p.tally(), p.record()); err != nil {
				p.log.Warn("pass could not be noted as alive", "err", err)
			}
		}
	}
}

// Given is secrets for one run only, instead of the keychain's.
type Given struct {
	Own    *Secrets // of a mailbox's accounts; nil: the keychain's
	Shared Secrets  // of the endpoints; empty: the keychain's
}

// take uses what is given for this run only.
func (p *activePass) take(given Given) {
	if p.shared = given.Shared; given.Own != nil {
		own := *given.Own
		p.secrets = &own
	}
}

// readSecrets takes the mailbox's secrets out of the keychain, once, so that a keychain that locks at night stops nothing.
func (p *activePass) readSecrets() error {
	for _, side := range []Side{Source, Destination} {
		if err := p.readSecret(p.ctx, side); err != nil {
			return err
		}
	}
	return nil
}

// readSecret takes what signing in on a side needs out of the keychain, unless it was given.
func (p *activePass) readSecret(ctx context.Context, side Side) (err error) {
	p.mu.Lock()
	if p.secrets == nil {
		p.secrets = &Secrets{}
	}
	p.mu.Unlock()
	c := p.credential(side)
	if c.Own, err = p.e.secretOf(ctx, c, false); err != nil {
		return err
	}
	if c.Shared, err = p.e.secretOf(ctx, c, true); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secrets.On(side).Empty() { // or else somebody has signed in meanwhile
		p.secrets.set(side, c.Own)
	}
	p.shared.set(side, c.Shared)
	return nil
}

// credential returns what the pass signs in with on a side, as far as it has been read.
func (p *activePass) credential(side Side) Credential {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := Credential{Side: side, To: p.project.On(side), Account: p.mailbox.On(side), Own: p.secrets.On(side), Shared: p.shared.On(side)}
	if ref := p.renewedRef[side]; ref != "" {
		c.Account.Secret = ref
	}
	return c
}

// secretOf returns a secret that a credential needs: the endpoint's or the account's, the keychain's where the credential has none.
func (e *Engine) secretOf(ctx context.Context, c Credential, shared bool) (Secret, error) {
	facts := c.To.Access.Method.Facts()
	has, ref, must := c.Own, c.Account.Secret, !facts.ForAll
	if shared {
		has, ref, must = c.Shared, c.To.Access.Secret, facts.Secret == MustBeGiven
	}
	switch {
	case facts.ForAll && !shared: // a secret of the account's would be one for another way to sign in
		return Secret{}, nil
	case !has.Empty():
		return has, nil
	case ref == "" && !must:
		return Secret{}, nil
	case ref == "" && facts.Token && !shared:
		return Secret{}, &Error{Op: "sign in", Kind: Denied, Side: c.Side, Host: c.To.Host, Err: ErrNotSignedIn}
	case ref == "":
		return Secret{}, &Error{Op: "read the password", Kind: Locked, Side: c.Side, Err: ErrNoSecret}
	}
	s, err := e.o.Keychain.Get(ctx, ref)
	if err != nil {
		err = &Error{Op: "read the password", Kind: Locked, Side: c.Side, Err: err}
	}
	return s, err
}

// tally adds up what the folders did.
func (p *activePass) tally() (t Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.folders {
		t.Add(f.read().Tally)
	}
	t.Left = max(0, t.Left)
	return t
}

// did counts work that was answered.
func (p *activePass) did(messages int, bytes int64) {
	p.load.add(messages, bytes)
	p.team.add(messages, bytes)
}

// trouble counts that a service has said that it is too much.
func (p *activePass) trouble() { p.load.troubles.Add(1) }

// finish writes the end of the pass, whatever has happened.
func (p *activePass) finish(err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	p.keepVolumes()
	p.countLeft()
	p.pass.Tally = p.tally()
	p.pass.State = p.outcome(err)
	folders := p.tallies()
	if p.pass.State == PassFailed {
		p.pass.Cause, p.pass.Error = KindOf(err), textOf(err)
		var e *Error
		if errors.As(err, &e) {
			p.pass.Side, p.pass.Host = e.Side, e.Host
		}
	}
	done := p.pass.State == PassCompleted || p.pass.State == PassCompletedWithErrors
	if p.pass.Kind == NewItems && done && p.pass.Tally.Copied+p.pass.Tally.Failed == 0 {
		if err := p.count(ctx); err != nil {
			p.log.Error("pass could not be counted", "err", err)
		}
	}
	if err := p.e.o.Ledger.FinishPass(ctx, p.pass, folders, p.record()); err != nil {
		p.log.Error("end of pass could not be written; it will show as interrupted", "err", err)
	}
	p.log.Info("pass ended", "state", string(p.pass.State), "copied", p.pass.Tally.Copied, "failed", p.pass.Tally.Failed,
		"seconds", p.pass.Duration(time.Now()).Seconds(), "err", err)
}

// countLeft counts as left what the pass has not reached in folders that it did not finish: it was cut short there, and has not lost count.
func (p *activePass) countLeft() {
	if p.pass.Kind != NewItems {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.folders {
		f.write(func(t *FolderTally) {
			if open := t.Unexplained(); open > 0 && (!f.done || t.Error != "") {
				t.Left += open
			}
		})
	}
}

// record returns what is to be kept of the pass beside its row and its folders, as it is now.
func (p *activePass) record() PassRecord {
	p.mu.Lock()
	defer p.mu.Unlock()
	return PassRecord{p.project.Settings, p.gauge.read(time.Now()), slices.Clone(p.notes)}
}

// tallies returns what the pass did in its folders, and what their destinations hold now as far as it knows.
func (p *activePass) tallies() []FolderTally {
	p.mu.Lock()
	defer p.mu.Unlock()
	var folders []FolderTally
	copied := map[FolderName]int64{} // by destination: folders may share one
	for _, f := range p.folders {
		t := f.read()
		folders = append(folders, t)
		copied[f.name] += t.Copied
	}
	for i, f := range p.folders {
		if folders[i].There = f.there; f.there >= 0 {
			folders[i].There += copied[f.name]
		}
	}
	return folders
}

// outcome decides the state in which the pass ends. Only a pass that did all it found is completed.
func (p *activePass) outcome(err error) PassState {
	switch {
	case errors.Is(err, ErrStopped) || errors.Is(err, ErrQuit):
		return PassStopped
	case err != nil:
		return PassFailed
	}
	t := p.pass.Tally
	if t.Failed+t.Different > 0 || t.Left > 0 && p.pass.Kind == NewItems {
		return PassCompletedWithErrors
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.folders {
		if f := f.read(); f.Error != "" || f.Unexplained() != 0 && p.pass.Kind == NewItems {
			return PassCompletedWithErrors
		}
	}
	return PassCompleted
}

// textOf returns what to keep of the error that ended a pass: the service's words where there are any.
func textOf(err error) string {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Text != "":
		return e.Text
	case errors.As(err, &e) && e.Err != nil:
		return e.Err.Error()
	}
	return err.Error()
}

// count makes this one of the mailbox's passes that count.
func (p *activePass) count(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counted || p.pass.Kind != NewItems {
		return nil
	}
	n, err := p.e.o.Ledger.CountPass(ctx, p.pass.ID)
	if err != nil {
		return err
	}
	p.counted, p.pass.Number = true, n
	return nil
}

// itemFailed counts an item that could not be copied and ends the pass when there are too many.
func (p *activePass) itemFailed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed++; p.failed == p.limits.ErrorLimit {
		p.stop(&Error{Op: "copy", Kind: Other, Err: ErrErrorLimit})
	}
}
