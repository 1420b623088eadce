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
	key     Validity     // under which the ledger keeps it; see keyOf
	kept    KeptFolder   // ID 0 until the ledger keeps it
	older   []KeptFolder // the same folder under other UIDVALIDITYs, with items
	pending UIDSet       // to look at, none of them settled; UIDs need not exist
	doubt   bool         // items in doubt must be looked up before anything is planned here
	checks  int          // how often reconciling has found messages that were not reached
	done    bool         // nothing more is to be done in this pass
	lost    bool         // the destination had been set back

	mu     sync.Mutex
	tally  FolderTally
	next   UID // destination: every UID yet to be given is at least this
	err    error
	chunks int         // not fetched yet
	spent  UIDSet      // failed in this pass: the next one tries them again
	falls  map[UID]int // how often a connection fell in this pass with an item on its way
	suspects
}

func (f *folderWork) read() FolderTally {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tally
	t.Left = max(0, t.Left)
	if f.err != nil {
		t.Error = textOf(f.err)
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
	l.maxSize = l.destination.Limits().MaxSize
	p.lanes = []*lane{l}
	return nil
}

// survey maps the folders and lays out what the ledger knows of each. Nothing is written, nothing asked of a server.
func (p *activePass) survey() error {
	kept, err := p.e.o.Ledger.KeptFolders(p.ctx, p.mailbox.ID)
	if err != nil {
		return err
	}
	destinations := map[FolderName]FolderName{}
	for _, k := range kept {
		if k.Destination != "" {
			destinations[k.Name] = k.Destination
		}
	}
	encode := func(path []string) (FolderName, error) { return p.home().destination.Encode(p.to, path) }
	var folders []*folderWork
	for _, t := range folderMap(p.from, p.to, destinations, encode) {
		f := &folderWork{target: t, key: p.keyOf(t.source.Status), next: t.status.UIDNext, err: t.source.Err}
		if f.err == nil {
			f.err = t.err
		}
		f.tally = FolderTally{Source: t.source.Display, Destination: t.display, Messages: t.source.Status.Messages}
		folders = append(folders, f)
	}
	remember(folders, kept)
	p.mu.Lock()
	p.folders = folders
	p.mu.Unlock()
	p.progress.write(func(g *Progress) { g.Folders = len(folders) })
	return nil
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
		f.older = nil
		for _, k := range known[f.source.Name] {
			switch {
			case k.Validity == f.key:
				f.kept = k
			case k.Items.All() > 0:
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
func (f *folderWork) idle() bool {
	next := f.source.Status.UIDNext
	return f.exists && f.kept.ID != 0 && next != 0 && f.kept.Watermark >= next-1 && f.kept.Items.Claimed == 0 && f.kept.Items.Failed == 0 && !f.setBack()
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
	status := f.source.Status
	f.pending = nil
	if f.kept.ID != 0 && f.kept.Items.Failed > 0 {
		failed, err := p.e.o.Ledger.FailedUIDs(ctx, f.kept.ID)
		if err != nil {
			return err
		}
		f.pending = failed.Without(f.failures())
	}
	settled := f.kept.Items.Settled()
	f.write(func(t *FolderTally) { t.Before = min(settled, t.Messages) })
	if p.pass.Kind == Retry || status.Messages == 0 {
		return nil
	}
	last := MaxUID
	if status.UIDNext > 0 {
		last = status.UIDNext - 1
	}
	if f.kept.Watermark >= last {
		return nil
	}
	fresh := UIDSet{{f.kept.Watermark + 1, last}}
	if f.kept.ID != 0 && f.kept.Items.All() > 0 {
		known, err := p.e.o.Ledger.KnownUIDs(ctx, f.kept.ID, f.kept.Watermark)
		if err != nil {
			return err
		}
		fresh = fresh.Without(known)
	}
	f.pending = f.pending.Union(fresh).Without(f.failures())
	return nil
}

// estimate returns about how many messages are pending, at least one where there are pending UIDs. Only the pending UIDs decide what is
// fetched: what vanished at the source makes the estimate wrong.
func (f *folderWork) estimate() int64 {
	here := f.source.Status.Messages
	if fresh := here - f.kept.Items.Settled(); fresh > 0 {
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
				Validity: f.key, Destination: f.name, DestinationValidity: f.status.Validity,
				DestinationNext: f.status.UIDNext,
			})
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
			if !f.exists && f.failed() == nil {
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
