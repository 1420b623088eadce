package engine

import (
	"context"
	"fmt"
	"slices"
)

// suspects are the items of a folder whose fate at the destination an answer alone does not tell: sent again after doubt, so that the
// first sending may still turn up; or refused, though some servers keep what they refuse.
type suspects struct {
	base    UID // no copy of them has a lower UID; 0 when not known
	resent  map[Digest]bool
	refused []ClaimedItem
}

// suspect notes items for the audit. from is the lowest UID that a copy can have.
func (f *folderWork) suspect(from UID, resent, refused []ClaimedItem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.suspects
	if s.resent == nil {
		s.base, s.resent = from, map[Digest]bool{}
	}
	s.base = min(s.base, from)
	for _, item := range resent {
		s.resent[item.Head] = true
	}
	s.refused = append(s.refused, refused...)
}

// audit looks, at a folder's end, for what its suspects have left at the destination. A refused item that is there counts as copied; a
// second copy of one that was sent again is told to the user, who alone may delete it. Suspects that could not be looked for stay.
func (p *activePass) audit(f *folderWork) (err error) {
	f.mu.Lock()
	s := f.suspects
	f.suspects = suspects{}
	f.mu.Unlock()
	if s.resent == nil {
		return nil
	}
	defer func() {
		if err != nil {
			f.mu.Lock()
			f.suspects = s
			f.mu.Unlock()
		}
	}()
	there, err := p.unknown(f.name, f.status.Validity, UIDSet{{max(s.base, 1), MaxUID}})
	if err != nil || len(there) == 0 {
		return err
	}
	kept, err := match(s.refused, there, func(uid UID) (Digest, error) { return p.bodyDigest(Destination, f.name, uid) })
	if err != nil {
		return err
	}
	if err := p.keptThough(f, s.refused, kept); err != nil {
		return err
	}
	twins := slices.DeleteFunc(there, func(a arrival) bool { return !s.resent[a.head] || slices.Contains(kept, a.uid) })
	if len(twins) == 0 {
		return nil
	}
	uids := make([]UID, len(twins))
	for i, a := range twins {
		uids[i] = a.uid
	}
	p.log.Warn("the destination stored items late, they are there twice", "folder", f.kept.ID, "uids", SetOf(uids...).String())
	f.fail(&Error{Op: "audit", Kind: Other, Side: Destination, Host: p.project.Destination.Host,
		Text: fmt.Sprintf("stored late and there twice: %d, with UID %s; nothing was deleted", len(twins), SetOf(uids...))})
	return nil
}

// keptThough settles refused items that the destination has kept all the same.
func (p *activePass) keptThough(f *folderWork, refused []ClaimedItem, at []UID) error {
	var outcomes []Outcome
	var bytes int64
	for i, item := range refused {
		if at[i] != 0 {
			outcomes = append(outcomes, Outcome{UID: item.UID, State: Copied, DestinationUID: at[i], ClaimedItem: item})
			bytes += item.Size
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	p.log.Info("refused items were kept by the destination", "folder", f.kept.ID, "items", len(outcomes))
	if err := p.e.o.Ledger.Settle(context.WithoutCancel(p.ctx), p.pass.ID, f.kept.ID, outcomes); err != nil {
		return err
	}
	n := int64(len(outcomes))
	f.write(func(t *FolderTally) { t.Failed -= n; t.Copied += n; t.Bytes += bytes })
	p.progress.write(func(g *Progress) { g.Tally.Failed -= n; g.Tally.Copied += n })
	return nil
}
