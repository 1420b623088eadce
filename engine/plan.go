package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// folderWork is a source folder in a running pass.
type folderWork struct {
	target
	key      Validity     // under which the ledger keeps it; see keyOf
	kept     KeptFolder   // ID 0 until the ledger keeps it
	older    []KeptFolder // the same folder under other UIDVALIDITYs, with items
	before   []KeptFolder // the same folder under this one, with items, when it still went to another place
	pending  UIDSet       // to look at, none of them settled; UIDs need not exist
	missed   UIDSet       // found by reconciling, to look at though the watermark may be past them
	leftOut  int64        // messages that are no items because rules leave them out
	all      bool         // it holds messages that others hold too: see sift
	deferred UIDSet       // of these, messages that another folder holds and could not settle in this pass
	numbers  []numbered   // of the messages that were pending last, ascending by UID; see share
	waiting  UIDSet       // to be planned again, when another folder has their messages
	apart    UIDSet       // what the destination has not copied within itself: it is to be downloaded
	doubt    bool         // items in doubt must be looked up before anything is planned here
	checks   int          // how often reconciling has found messages that were not reached
	done     bool         // nothing more is to be done in this pass
	lost     bool         // the destination had been set back
	there    int64        // messages at the destination when the pass began; -1: not known

	mu      sync.Mutex
	tally   FolderTally
	next    UID // destination: every UID yet to be given is at least this
	err     error
	chunks  int         // not fetched yet
	density float64     // messages a UID of those that were pending last, about
	spent   UIDSet      // failed in this pass: the next one tries them again
	falls   map[UID]int // how often a connection fell in this pass with an item on its way
	suspects
}

func (f *folderWork) read() FolderTally {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tally
	t.Left = max(0, t.Left)
	if f.err != nil {
		t.Error, t.Cause = textOf(f.err), KindOf(f.err)
		var e *Error
		if errors.As(f.err, &e) {
			t.Side = e.Side
		}
	}
	return t
}

func (f *folderWork) write(change func(*FolderTally)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.tally)
}

// spend notes an item that has failed.
func (f *folderWork) spend(uid UID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spent = f.spent.Add(uid)
}

// failures returns the items that have failed in this pass.
func (f *folderWork) failures() UIDSet {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.spent)
}

// fail leaves the folder for this pass; the first error stays.
func (f *folderWork) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *folderWork) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// open signs in on both sides and surveys the folders: how every kind of pass begins.
func (p *activePass) open() error {
	if err := p.signIn(); err != nil {
		return err
	}
	p.progress.phase(Planning, time.Time{}, NoError)
	return p.survey()
}

// eachFolder does something with every folder that is free of errors. What spoils the folder alone stays with it.
func (p *activePass) eachFolder(do func(*folderWork) error) error {
	for _, f := range p.folders {
		if f.failed() == nil {
			p.progress.write(func(g *Progress) { g.Folder = f.source.Display })
			if err := do(f); err != nil {
				if spoils(p.ctx, err) {
					return err
				}
				f.fail(err)
			}
		}
		p.progress.write(func(g *Progress) { g.FoldersDone++ })
	}
	return nil
}

// signIn signs in on both sides at once, lists both, and makes of the two sessions the pass's first lane.
func (p *activePass) signIn() error {
	l := &lane{p: p, queue: &p.queue}
	g := new(errgroup.Group)
	g.Go(func() (err error) { l.source, p.from, err = p.connect(Source); return err })
	g.Go(func() (err error) { l.destination, p.to, err = p.connect(Destination); return err })
	err := g.Wait()
	if err != nil {
		l.close()
		return err
	}
	p.e.faster(p.project.ID)
	l.learn(l.destination.Limits())
	p.lanes = []*lane{l}
	return nil
}

// survey maps the folders and lays out what the ledger knows of each. Nothing is written, nothing asked of a server.
func (p *activePass) survey() error {
	kept, err := p.e.o.Ledger.KeptFolders(p.ctx, p.mailbox.ID)
	if err != nil {
		return err
	}
	rules, faults := p.limits.Rules.read()
	if len(faults) > 0 {
		return &Error{Op: "read the rules", Kind: Other, Text: faults[0].Error(), Err: errRules}
	}
	if p.pass.Kind == Verify {
		rules.include, rules.exclude = nil, nil // what was copied is there, whatever is wanted now
	}
	encode := func(path []string) (FolderName, error) { return p.home().destination.Encode(p.to, path) }
	var folders []*folderWork
	subscribed := slices.ContainsFunc(p.from.Folders, func(f Folder) bool { return f.Subscribed && f.Role != RoleInbox })
	for _, t := range folderMap(p.from, p.to, kept, rules, encode) {
		f := &folderWork{target: t, key: p.keyOf(t.source.Status), next: t.status.UIDNext, err: t.source.Err}
		if f.err == nil {
			f.err = t.err
		}
		f.tally = FolderTally{Source: t.source.Display, Destination: t.display, Why: t.why, Size: t.source.Status.Size,
			Hidden: subscribed && !t.source.Subscribed && t.source.Role != RoleInbox, Messages: t.source.Status.Messages}
		if f.there = t.status.Messages; t.err != nil || t.why.LeavesOut() || t.exists && t.status.Validity == 0 {
			f.there = -1
		}
		folders = append(folders, f)
	}
	remember(folders, kept)
	for _, f := range folders {
		if f.all = p.from.Labels && f.source.Role == RoleAll; f.why.LeavesOut() {
			f.exclude()
		}
	}
	if p.pass.Kind == Verify {
		folders = append(folders, p.elsewhere(folders)...)
	}
	p.mu.Lock()
	p.folders = folders
	p.mu.Unlock()
	p.progress.write(func(g *Progress) { g.Folders = len(folders) })
	p.noteShown()
	return nil
}

// exclude closes a folder that rules leave out.
func (f *folderWork) exclude() {
	f.done = true
	items := f.items()
	f.write(func(t *FolderTally) {
		t.Before = min(items.Settled()-items.Held, t.Messages)
		t.Skipped = t.Messages - t.Before
	})
}

// elsewhere returns the folders again that went to another place before, with what went there: for verifying.
func (p *activePass) elsewhere(folders []*folderWork) (more []*folderWork) {
	for _, f := range folders {
		for _, k := range f.before {
			e := &folderWork{target: target{source: f.source, name: k.Destination, display: string(k.Destination), why: Earlier}, key: f.key, kept: k, there: -1}
			for _, d := range p.to.Folders {
				if d.Name == k.Destination {
					e.display, e.exists, e.status, e.there = d.Display, d.Selectable, d.Status, d.Status.Messages
				}
			}
			n := min(k.Items.Settled(), f.tally.Messages)
			f.tally.Messages -= n
			e.tally = FolderTally{Folder: k.ID, Source: f.source.Display, Destination: e.display, Why: Earlier, Size: -1, Messages: n}
			more = append(more, e)
		}
	}
	return more
}

// items counts the items of the folder, whatever place they went to.
func (f *folderWork) items() ItemCounts {
	n := f.kept.Items
	for _, k := range f.before {
		n.Add(k.Items)
	}
	return n
}

// finished reports whether the folder was ever finished.
func (f *folderWork) finished() bool {
	return f.kept.Watermark > 0 || slices.ContainsFunc(f.before, func(k KeptFolder) bool { return k.Watermark > 0 })
}

// refiltered reports whether the folder was last finished under other rules for single messages: then the watermark says nothing.
func (p *activePass) refiltered(f *folderWork) bool { return f.kept.Filter != p.filterOf(f) }

// watermark is up to where the folder need not be looked at.
func (p *activePass) watermark(f *folderWork) UID {
	if p.refiltered(f) {
		return 0
	}
	return f.kept.Watermark
}

// keyOf returns the UIDVALIDITY under which the ledger keeps a source folder. Where a server has none, UIDs mean nothing beyond this pass: the
// folder gets a value of this pass's own, so that the next pass takes it for renumbered and matches its messages by content.
func (p *activePass) keyOf(s FolderStatus) Validity {
	if s.Validity != 0 {
		return s.Validity
	}
	return 1<<31 | Validity(p.pass.ID)
}

// remember gives every folder what the ledger keeps of it.
func remember(folders []*folderWork, kept []KeptFolder) {
	known := map[FolderName][]KeptFolder{}
	for _, k := range kept {
		known[k.Name] = append(known[k.Name], k)
	}
	for _, f := range folders {
		f.kept, f.older, f.before = KeptFolder{}, nil, nil
		for _, k := range known[f.source.Name] {
			switch {
			case k.Validity == f.key && k.Destination == f.name:
				f.kept = k
			case k.Items.All() == 0:
			case k.Validity == f.key:
				f.before = append(f.before, k)
			default:
				f.older = append(f.older, k)
			}
		}
		f.write(func(t *FolderTally) { t.Folder = f.kept.ID })
	}
}

// refresh reads again what the ledger keeps of the folders.
func (p *activePass) refresh(ctx context.Context) error {
	kept, err := p.e.o.Ledger.KeptFolders(ctx, p.mailbox.ID)
	if err == nil {
		remember(p.folders, kept)
	}
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// idle reports whether a folder that nobody has touched since the last pass needs nothing: the ledger alone can tell.
func (p *activePass) idle(f *folderWork) bool {
	next, all := f.source.Status.UIDNext, f.items()
	if all.Settled()+f.kept.LeftOut < f.source.Status.Messages {
		return false // there are messages that nobody knows
	}
	return f.exists && !p.refiltered(f) && len(f.missed) == 0 && all.Claimed+all.Failed == 0 && f.kept.ID != 0 && next != 0 && f.kept.Watermark >= next-1 && !f.setBack()
}

// setBack reports whether the destination has lost messages that it had when the folder was last finished: it was restored from a backup, or
// its copy on another machine answers.
func (f *folderWork) setBack() bool {
	s, k := f.status, f.kept
	return f.exists && s.UIDNext != 0 && s.UIDNext < k.DestinationNext && s.Validity == k.DestinationValidity
}

// plan decides which UIDs of the folder are to be looked at, from what the ledger knows: those above the watermark that have no item,
// and those that failed in an earlier pass. New folders have everything to be looked at.
func (p *activePass) plan(ctx context.Context, f *folderWork) error {
	status, from := f.source.Status, p.watermark(f)
	f.pending = nil
	for _, k := range append([]KeptFolder{f.kept}, f.before...) {
		if k.ID == 0 || k.Items.Failed == 0 {
			continue
		}
		failed, err := p.e.o.Ledger.FailedUIDs(ctx, k.ID, p.cause)
		if err != nil {
			return err
		}
		f.pending = f.pending.Union(failed)
	}
	f.pending = f.pending.Without(f.failures())
	items := f.items()
	f.leftOut, f.deferred = 0, nil
	if from > 0 {
		f.leftOut = min(f.kept.LeftOut, status.Messages)
	}
	f.write(func(t *FolderTally) {
		t.Skipped = min(f.leftOut+items.Held, t.Messages)
		t.Before = min(items.Settled()-items.Held, t.Messages-t.Skipped)
	})
	if p.pass.Kind == Retry || status.Messages == 0 {
		return nil
	}
	last := MaxUID
	if status.UIDNext > 0 {
		last = status.UIDNext - 1
	}
	fresh := f.missed
	if from < last {
		fresh = fresh.Union(UIDSet{{from + 1, last}})
	}
	if len(fresh) == 0 {
		return nil
	}
	known, err := p.known(ctx, f, fresh[0].First-1)
	if err != nil {
		return err
	}
	f.pending = f.pending.Union(fresh.Without(known)).Without(f.failures())
	return nil
}

// known returns the UIDs above the given one that have an item in any state but failed, whatever place it went to.
func (p *activePass) known(ctx context.Context, f *folderWork, above UID) (all UIDSet, err error) {
	for _, k := range append([]KeptFolder{f.kept}, f.before...) {
		if k.ID == 0 || k.Items.All() == 0 {
			continue
		}
		known, err := p.e.o.Ledger.KnownUIDs(ctx, k.ID, above)
		if err != nil {
			return nil, err
		}
		all = all.Union(known)
	}
	return all, nil
}

// estimate returns about how many messages are pending, at least one where there are pending UIDs. Only the pending UIDs decide what is
// fetched: what vanished at the source makes the estimate wrong.
func (f *folderWork) estimate() int64 {
	here := f.source.Status.Messages
	if fresh := here - f.items().Settled() - f.leftOut; fresh > 0 {
		here = fresh
	}
	return min(f.pending.Count(), max(1, here))
}

// keep makes the ledger keep the folders that have work, all at once so that the writes share a transaction.
func (p *activePass) keep(ctx context.Context, folders []*folderWork) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range folders {
		g.Go(func() error {
			k, err := p.e.o.Ledger.KeepFolder(ctx, KeptFolder{
				Mailbox: p.mailbox.ID, Name: f.source.Name, Display: f.source.Display,
				Validity: f.key, Destination: f.name, Mapped: f.mapped, DestinationValidity: f.status.Validity,
				DestinationNext: f.status.UIDNext,
			})
			if err != nil {
				return err
			}
			for _, was := range f.before { // its failed messages are for the new place now
				if was.Items.Failed > 0 && err == nil {
					err = p.e.o.Ledger.TakeFailed(ctx, was.ID, k.ID)
				}
			}
			if err != nil {
				return err
			}
			f.lost = f.lost || f.setBack()
			f.kept = k
			f.write(func(t *FolderTally) { t.Folder = k.ID })
			return nil
		})
	}
	return g.Wait()
}

// makeFolders creates the destination folders that are missing, parents first, in one go; over a new connection where the old one is lost,
// for a folder that is there already is no error. What cannot be made is left for this pass.
func (p *activePass) makeFolders() error {
	for tried := 0; ; {
		var missing []*folderWork
		for _, f := range p.folders {
			if !f.exists && !f.why.LeavesOut() && f.failed() == nil {
				missing = append(missing, f)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		l := p.home()
		broken := p.create(l.destination, missing)
		if broken == nil {
			return nil
		}
		_ = l.destination.Close()
		s, err := p.redial(p.ctx, Destination, &tried, broken)
		if err != nil {
			return err
		}
		l.destination = s
	}
}

// create makes folders and returns the error by which the connection was lost under it, if it was. Those whose names the destination refuses
// get plain ones.
func (p *activePass) create(destination Session, missing []*folderWork) (broken error) {
	slices.SortStableFunc(missing, func(a, b *folderWork) int { return len(a.path) - len(b.path) })
	refused, broken := p.createAs(destination, missing)
	if broken != nil || len(refused) == 0 {
		return broken
	}
	still, broken := p.createAs(destination, p.rename(destination, refused))
	if broken != nil {
		return broken
	}
	for _, r := range still {
		r.fail(r.err)
	}
	return nil
}

// createAs makes folders under the names that they have and returns which ones the destination refuses to make.
func (p *activePass) createAs(destination Session, missing []*folderWork) (refused []refusal, broken error) {
	names := make([]FolderName, len(missing))
	uses := make([]Role, len(missing))
	for i, f := range missing {
		names[i] = f.name
		if slices.Contains(mappedRoles, f.source.Role) {
			uses[i] = f.source.Role
		}
	}
	for i, r := range destination.Create(p.ctx, names, uses) {
		f := missing[i]
		switch {
		case r.Err == nil:
		case !destination.Alive():
			broken = r.Err
			continue
		default:
			p.log.Warn("folder could not be made", "err", r.Err)
			refused = append(refused, refusal{f, r.Err})
			continue
		}
		f.exists, f.status = true, r.Status
		f.mu.Lock()
		f.next = r.Status.UIDNext
		f.mu.Unlock()
	}
	return refused, broken
}

// spoils reports whether err ends the whole pass; otherwise it stays with the folder.
func spoils(ctx context.Context, err error) bool {
	return ctx.Err() != nil || Answers[KindOf(err)].Spoils >= SpoilsPass || errors.Is(err, context.Canceled)
}
