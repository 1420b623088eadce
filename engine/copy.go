package engine

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// home returns the pass's first lane, whose sessions its own goroutine uses between copying.
func (p *activePass) home() *lane { return p.lanes[0] }

// migrate copies what no earlier pass has settled. It works in rounds: what is in doubt is looked up, the folders that are free of
// doubt are planned, copied and reconciled; what reconciling or a lost connection leaves open is for the next round.
func (p *activePass) migrate() error {
	defer p.dismiss()
	kept, err := p.e.o.Ledger.KeptFolders(p.ctx, p.mailbox.ID)
	if err != nil {
		return err
	}
	p.early = len(kept) == 0 && p.pass.Kind == NewItems
	finished := slices.ContainsFunc(kept, func(k KeptFolder) bool { return k.Watermark > 0 })
	p.samples.wanted = !finished && p.pass.Kind == NewItems || p.pass.Kind == Trial
	p.samples.copies = map[*folderWork]map[UID]sample{}
	if err := p.open(); err != nil {
		return err
	}
	if p.pass.Kind != Rebuild {
		if err := p.makeFolders(); err != nil {
			return err
		}
	}
	var settled Tally // when something was last got done
	for round, idle := 0, 0; ; round++ {
		if now := p.tally(); now == settled {
			if idle++; idle > maxIdleRounds {
				return &Error{Op: "copy", Kind: Unreachable, Text: "the connection was lost again and again"}
			}
		} else {
			settled, idle = now, 0
		}
		doubt, err := p.lookUp(round > 0)
		if err != nil {
			return err
		}
		work, err := p.planRound()
		if err != nil {
			return err
		}
		if len(work) == 0 && !doubt {
			p.calibrate()
			return nil
		}
		p.copy(work)
		if err := context.Cause(p.ctx); err != nil {
			return err
		}
		if err := p.reconcile(work); err != nil {
			return err
		}
	}
}

// maxIdleRounds is how many rounds in a row may get nothing done before the pass ends.
const maxIdleRounds = 4

// planRound plans every folder that is not done and not in doubt, and returns those with work. Folders without are done.
func (p *activePass) planRound() ([]*folderWork, error) {
	if err := p.refresh(p.ctx); err != nil {
		return nil, err
	}
	var fresh, work []*folderWork
	p.taken = map[uint64]*folderWork{}
	open, waits := 0, false // folders that may come to hold more in this pass, and whether one waits for them
	for _, f := range inTurn(p.folders) {
		if f.done || f.failed() != nil {
			continue
		}
		if f.doubt || f.all && open > 0 { // what others hold is known when they are done
			open++
			waits = waits || !f.doubt
			continue
		}
		if err := p.plan(p.ctx, f); err != nil {
			return nil, err
		}
		switch {
		case p.idle(f) || p.pass.Kind == Retry && len(f.pending) == 0:
			f.done = true
		default:
			fresh = append(fresh, f)
			open++
		}
	}
	if err := p.keep(p.ctx, fresh); err != nil {
		return nil, err
	}
	for _, f := range fresh {
		if err := p.narrow(f); err != nil {
			if spoils(p.ctx, err) {
				return nil, err
			}
			f.fail(err)
			continue
		}
		work = append(work, f)
	}
	if waits && len(work) == 0 && !slices.ContainsFunc(p.folders, func(f *folderWork) bool { return f.doubt && f.failed() == nil }) {
		return p.planRound() // those that it waits for have failed
	}
	return work, nil
}

// narrow takes out of the folder's pending messages those that are at the destination already and those that the rules leave out; in a trial, all but a few of the others too, and
// where only the ledger is to be rebuilt, all.
func (p *activePass) narrow(f *folderWork) error {
	if len(f.pending) == 0 {
		return nil
	}
	if err := p.recognise(f); err != nil {
		return err
	}
	if p.pass.Kind == Rebuild {
		f.pending = nil
		return nil
	}
	if err := p.filter(f); err != nil {
		return err
	}
	if err := p.leaveToOthers(f); err != nil {
		return err
	}
	if p.pass.Kind == Trial {
		if err := p.sample(f); err != nil {
			return err
		}
	}
	return p.share(f)
}

// copy runs the lanes over the work until it is done or the pass ends.
func (p *activePass) copy(work []*folderWork) {
	var total, bytes int64
	for _, f := range work {
		n := f.estimate()
		total += n
		bytes += n * max(0, f.source.Status.Size) / max(1, f.source.Status.Messages)
	}
	if total == 0 {
		return
	}
	p.progress.write(func(g *Progress) {
		g.Phase = Copying
		g.Total += total
		for _, f := range work {
			g.TotalBytes += max(0, f.source.Status.Size)
		}
	})
	wanted := p.lanesFor(total, bytes)
	p.queue.chunks = chunks(work, total, wanted, p.limited())
	for p.ctx.Err() == nil {
		until, spent, _ := p.rationed()
		if !spent {
			p.runLanes(min(wanted, p.queue.len()))
			if p.queue.len() == 0 {
				return
			}
			if until, spent, _ = p.rationed(); !spent {
				continue // one that was let go has lost its connection when the others were done
			}
		}
		if err := p.sitOutRation(until); err != nil {
			p.stop(err)
			return
		}
		p.progress.phase(Copying, time.Time{}, NoError)
	}
}

// A further lane is worth its sign-in for so many messages or bytes.
const (
	laneWorth = 200
	laneBytes = 8 << 20
)

// lanesAtOnce is how many lanes all passes together should have: where many mailboxes are in flight, each needs few.
const lanesAtOnce = 32

// firstLanes is how many lanes a pass begins with where it may have that many; of more than twice as many, half. Further ones come when they pay.
const firstLanes = 4

// lanesFor returns how many lanes so much is worth to begin with.
func (p *activePass) lanesFor(messages, bytes int64) int {
	worth := max((messages+laneWorth-1)/laneWorth, bytes/laneBytes, 1)
	most := p.mostLanes()
	first := min(most, max(firstLanes, most/2, p.paid.Load()))
	return int(min(worth, first, int64(max(1, lanesAtOnce/max(1, p.e.busy.Load())))))
}

// chunks cuts the work into pieces for the lanes: large enough to stream, small enough to share; the largest folders first. They are small where an
// account may move only so much a day.
func chunks(work []*folderWork, total int64, lanes int, rationed bool) []chunk {
	const least, most = 64, 1000
	size := int64(most)
	if rationed { // what was asked for comes, however little of the day's volume is left
		size = least
	}
	if lanes > 1 && !rationed {
		size = min(max(total/int64(4*lanes), least), most)
	}
	order := slices.Clone(work)
	slices.SortStableFunc(order, func(a, b *folderWork) int { return cmp.Compare(b.estimate(), a.estimate()) })
	var out []chunk
	for _, f := range order {
		messages := f.estimate()
		if messages == 0 {
			continue
		}
		parts := (messages + size - 1) / size
		sets := f.pending.Split((f.pending.Count() + parts - 1) / parts) // UIDs are spread evenly, as far as anybody knows
		f.mu.Lock()
		f.chunks, f.density = len(sets), float64(messages)/float64(f.pending.Count())
		f.mu.Unlock()
		for _, s := range sets {
			out = append(out, chunk{f, s})
		}
	}
	return out
}
