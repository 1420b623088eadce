package engine

import "context"

// reconcile closes the folders of a round: the messages at the source must be those that the ledger accounts for. Where the numbers
// differ the folder is listed and compared message by message; what was not reached is pending again, once. Then the watermark moves.
func (p *activePass) reconcile(work []*folderWork) error {
	ctx := p.ctx
	if err := p.refresh(ctx); err != nil {
		return err
	}
	if _, err := p.openClaims(); err != nil {
		return err
	}
	for _, f := range work {
		if f.doubt || f.failed() != nil || len(f.waiting) > 0 {
			continue
		}
		err := p.audit(f)
		if closing := p.reconcileFolder(f); err == nil {
			err = closing
		}
		if err == nil && f.done && f.lost {
			err = &Error{Op: "reconcile", Kind: Other, Side: Destination, Host: p.project.Destination.Host,
				Text: "the destination was set back to an earlier state: a verifying pass shows which copies it has lost"}
		}
		switch {
		case err == nil:
		case spoils(ctx, err):
			return err
		default:
			f.fail(err)
		}
	}
	return nil
}

func (p *activePass) reconcileFolder(f *folderWork) error {
	if p.pass.Kind != NewItems {
		f.done = true
		known := f.items().All() - f.items().Held
		f.write(func(t *FolderTally) {
			t.Before = max(0, min(t.Messages-t.Skipped, known)-t.Copied-t.Adopted-t.Failed)
			t.Left = t.Messages - t.Before - t.Copied - t.Adopted - t.Skipped - t.Failed
		})
		if p.pass.Kind == Retry && f.kept.Items.Failed > 0 {
			return p.giveUp(f)
		}
		return nil
	}
	last := MaxUID
	if next := f.source.Status.UIDNext; next > 0 {
		last = next - 1
	}
	known := f.items().All() + f.leftOut + f.deferred.Count()
	if known != f.source.Status.Messages || f.read().Left > 0 {
		missing, err := p.compare(f, last)
		if err != nil {
			return err
		}
		if f.missed = missing; len(missing) > 0 {
			f.checks++
			f.done = f.checks > maxChecks // Unexplained shows it
			return nil
		}
	} else {
		f.write(func(t *FolderTally) {
			t.New, t.Left = t.Copied+t.Adopted+t.Failed, 0
			t.Skipped = min(f.leftOut+f.items().Held, t.Messages-t.New)
			t.Before = t.Messages - t.New - t.Skipped
		})
	}
	f.done = true
	if n := f.deferred.Count(); n > 0 { // the watermark stays
		f.write(func(t *FolderTally) {
			t.New += n
			t.Left += n
			t.Before -= n
		})
		return nil
	}
	if last == MaxUID {
		last = 0 // without UIDNEXT every pass looks at all UIDs
	}
	next, err := p.destinationNext(f)
	if err != nil {
		return err
	}
	return p.e.o.Ledger.Advance(p.ctx, f.kept.ID, Finished{last, next, p.filterOf(f), f.leftOut})
}

// destinationNext returns the UID that the destination will give next, which a server that does not report UIDs is asked for; or the lowest one
// that an item can have whose fate could not be audited, so that the next pass looks there.
func (p *activePass) destinationNext(f *folderWork) (UID, error) {
	f.mu.Lock()
	next, copied, open := f.next, f.tally.Copied, f.suspects
	f.mu.Unlock()
	if open.resent != nil {
		return min(next, open.base), nil
	}
	if copied == 0 || p.home().destination.Limits().ReportsUID {
		return next, nil
	}
	status, err := p.examine(Destination, f.name)
	return max(next, status.UIDNext), err
}

// maxChecks is how often messages that were not reached are tried again within a pass.
const maxChecks = 3

// compare lists the folder up to the UID last and returns the messages that the ledger has no item for. The tally tells the rest:
// what is there, and what has vanished.
func (p *activePass) compare(f *folderWork, last UID) (missing UIDSet, err error) {
	var present, out UIDSet
	err = p.scan(Source, Opening{f.source.Name, f.source.Status.Validity}, UIDSet{{1, last}}, func(m Meta) {
		present = present.Add(m.UID)
		if p.limits.Rules.leavesOut(m) {
			out = out.Add(m.UID)
		}
	})
	if err != nil {
		return nil, err
	}
	withheld, err := p.withheld(f, last, present.Count())
	if err != nil {
		return nil, err
	}
	known, err := p.known(p.ctx, f, 0)
	if err != nil {
		return nil, err
	}
	failed, err := p.e.o.Ledger.FailedUIDs(p.ctx, f.kept.ID, NoError)
	if err != nil {
		return nil, err
	}
	known = known.Union(failed)
	out = out.Without(known)
	missing = present.Without(known).Without(out)
	var held UIDSet
	if f.all {
		if held, err = p.e.o.Ledger.HeldUIDs(p.ctx, f.kept.ID); err != nil {
			return nil, err
		}
		held = held.Without(held.Without(present))
		here, err := p.sift(f, missing)
		if err != nil {
			return nil, err
		}
		if err := p.hold(f, here.held); err != nil {
			return nil, err
		}
		held, out, missing, f.deferred = held.Union(here.held), out.Union(here.barred), here.left, here.deferred
	}
	vanished := known.Without(present).Count()
	p.gone(f, failed.Without(present))
	f.leftOut = out.Count()
	f.write(func(t *FolderTally) {
		t.Messages, t.Skipped = present.Count()+withheld, f.leftOut+held.Count()
		t.Vanished = vanished
		t.New, t.Left = t.Copied+t.Adopted+t.Failed, 0
		t.Before = max(0, present.Count()-missing.Count()-t.New-t.Skipped)
	})
	return missing, nil
}

// withheld returns how many messages the source counts in a folder beside those that it has told of up to the UID last. A service that says OK and
// tells of nothing must not look like an empty folder.
func (p *activePass) withheld(f *folderWork, last UID, told int64) (int64, error) {
	if told >= f.source.Status.Messages {
		return 0, nil
	}
	status, err := p.examine(Source, f.source.Name)
	if err != nil || status.Messages <= told {
		return 0, err // deleted meanwhile
	}
	if status.UIDNext > last {
		err = p.scan(Source, Opening{f.source.Name, f.source.Status.Validity}, UIDSet{{last + 1, MaxUID}}, func(Meta) { told++ })
	}
	return max(0, status.Messages-told), err
}

// giveUp settles the failed items whose message is no longer at the source.
func (p *activePass) giveUp(f *folderWork) error {
	failed, err := p.e.o.Ledger.FailedUIDs(p.ctx, f.kept.ID, p.cause)
	if err != nil {
		return err
	}
	var present UIDSet
	if err := p.scan(Source, Opening{f.source.Name, f.source.Status.Validity}, failed, func(m Meta) { present = present.Add(m.UID) }); err != nil {
		return err
	}
	p.gone(f, failed.Without(present))
	return nil
}

// gone settles failed items whose message is no longer at the source: nothing is left to retry.
func (p *activePass) gone(f *folderWork, uids UIDSet) {
	var outcomes []Outcome
	for _, u := range uids.UIDs() {
		outcomes = append(outcomes, Outcome{UID: u, State: Skipped, Failure: &Failure{Kind: Gone, Text: "deleted at the source before it could be copied"}})
	}
	if len(outcomes) == 0 {
		return
	}
	if err := p.e.o.Ledger.Settle(context.WithoutCancel(p.ctx), p.pass.ID, f.kept.ID, outcomes); err != nil {
		p.stop(err)
	}
}
