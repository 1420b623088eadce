package engine

import (
	"context"
	"slices"
	"time"
)

// arrival is a message at the destination that might be a copy of an item.
type arrival struct {
	uid  UID
	size int64
	date Date
	head Digest
	id   Digest // of the Message-ID; zero when there is none
}

// lookUp settles what is in doubt: claimed by a pass that was cut off, or in this one when a connection was lost. What has arrived
// is copied. What has not may still arrive, for a server may store seconds after the cut: only when the late-commit
// wait is over and a second look agrees are its claims taken back. Until then the folder stays in doubt, and the others go on;
// with wait, lookUp sits the time out. It reports whether anything is still in doubt.
func (p *activePass) lookUp(wait bool) (doubt bool, err error) {
	claims, err := p.openClaims()
	if err != nil || len(claims) == 0 {
		return false, err
	}
	p.progress.phase(LookingUp, time.Time{}, NoError)
	due := p.cut.Add(time.Duration(p.limits.LateCommitWait) * time.Second)
	now := time.Now()
	if due.Sub(now) > time.Duration(p.limits.LateCommitWait)*time.Second { // the clock went back: wait in full
		due = now.Add(time.Duration(p.limits.LateCommitWait) * time.Second)
		p.cut = now
	}
	if err := p.lookAt(claims, false); err != nil {
		return false, err
	}
	if claims, err = p.openClaims(); err != nil || len(claims) == 0 {
		return false, err
	}
	if wait {
		if err := p.pause(p.ctx, Waiting, time.Until(due), Unreachable); err != nil {
			return false, err
		}
	}
	if time.Now().Before(due) {
		return true, nil
	}
	p.progress.phase(LookingUp, time.Time{}, NoError)
	if err := p.lookAt(claims, true); err != nil {
		return false, err
	}
	claims, err = p.openClaims()
	return len(claims) > 0, err
}

// openClaims reads what is in doubt and marks the folders that it concerns.
func (p *activePass) openClaims() ([]OpenClaim, error) {
	claims, seen, err := p.e.o.Ledger.OpenClaims(p.ctx, p.mailbox.ID)
	if err != nil {
		return nil, err
	}
	folders, places := map[FolderID]bool{}, map[FolderName]bool{}
	for _, c := range claims {
		folders[c.Folder], places[c.Destination] = true, true
		if !p.asked { // left by an earlier pass; losses of this one set p.cut themselves
			p.cut = later(p.cut, later(seen, c.At))
		}
	}
	p.asked = true
	for _, f := range p.folders {
		// what shares its place with a folder in doubt would be taken for its copies, or missed as them
		f.doubt = places[f.name] || folders[f.kept.ID] || slices.ContainsFunc(slices.Concat(f.older, f.before), func(k KeptFolder) bool { return folders[k.ID] })
	}
	return claims, nil
}

// lookAt compares claims with what lies in their destination folders. With release, what has not arrived is given back, provided
// that nothing arrives while we look.
func (p *activePass) lookAt(claims []OpenClaim, release bool) error {
	byFolder := map[FolderName][]OpenClaim{}
	for _, c := range claims {
		byFolder[c.Destination] = append(byFolder[c.Destination], c)
	}
	for name, group := range byFolder {
		if err := p.lookInto(name, group, release); err != nil {
			if spoils(p.ctx, err) {
				return err
			}
			p.log.Warn("items in doubt could not be looked up", "err", err)
			for _, f := range p.folders {
				if f.name == name {
					f.fail(err)
				}
			}
		}
	}
	return nil
}

// lookInto looks for the claims of one destination folder.
func (p *activePass) lookInto(name FolderName, claims []OpenClaim, release bool) error {
	before := UID(0)
	for look := 0; ; look++ {
		status, err := p.examine(Destination, name)
		if KindOf(err) == Missing {
			status, err = FolderStatus{}, nil // the folder is not there: nothing has arrived
		}
		if err != nil {
			return err
		}
		arrivals, err := p.arrivals(name, status, claims)
		if err != nil {
			return err
		}
		left, err := p.settleArrived(name, claims, arrivals)
		if err != nil || len(left) == 0 {
			return err
		}
		switch {
		case !release:
			return nil
		case look > 0 && status.UIDNext == before:
			return p.releaseAll(left)
		}
		before = status.UIDNext
		claims = left
		if err := p.pause(p.ctx, LookingUp, settleTime, NoError); err != nil {
			return err
		}
	}
}

// settleTime lies between the two looks that must agree before anything in doubt is sent again.
const settleTime = time.Second

// examine opens a folder read-only, over a new connection where the old one is lost.
func (p *activePass) examine(side Side, name FolderName) (status FolderStatus, err error) {
	err = p.retrying(side, func(s Session) error {
		status, err = s.Examine(p.ctx, name)
		return err
	})
	return status, err
}

// retrying calls f with the pass's first session of a side, and with a new one as long as the connection is lost under it. f must be
// free to run again.
func (p *activePass) retrying(side Side, f func(Session) error) error {
	tried := 0
	for {
		s := p.home().on(side)
		err := f(*s)
		if err == nil || p.ctx.Err() != nil || (*s).Alive() {
			return err
		}
		_ = (*s).Close()
		fresh, err := p.redial(p.ctx, side, &tried, err)
		if err != nil {
			return err
		}
		*s = fresh
	}
}

// arrivals returns the messages of a destination folder that may be copies of the claims: those from the lowest UIDNEXT of the
// claims on, the whole folder where its UIDVALIDITY is another, and none that the ledger knows as the copy of another item.
func (p *activePass) arrivals(name FolderName, status FolderStatus, claims []OpenClaim) ([]arrival, error) {
	from := MaxUID
	for _, c := range claims {
		if c.Validity == 0 || c.UIDNext == 0 || c.Validity != status.Validity {
			from = 1
		}
		from = min(from, c.UIDNext)
	}
	if status.Messages == 0 || status.UIDNext != 0 && max(from, 1) >= status.UIDNext {
		return nil, nil
	}
	return p.unknown(name, status.Validity, UIDSet{{max(from, 1), MaxUID}})
}

// unknown returns the messages of a destination folder among set that the ledger does not know as the copy of an item. validity is the folder's
// UIDVALIDITY: UIDs that were given under another one say nothing.
func (p *activePass) unknown(name FolderName, validity Validity, set UIDSet) ([]arrival, error) {
	kept, err := p.e.o.Ledger.KeptFolders(p.ctx, p.mailbox.ID)
	if err != nil {
		return nil, err
	}
	var ours []UID
	var unplaced []ClaimedItem // ours, but nobody knows under which UID
	for _, k := range kept {
		if k.Destination != name || k.Items.Settled() == 0 {
			continue
		}
		err := p.eachCopied(p.ctx, k.ID, func(c CopiedItem) error {
			if c.DestinationUID == 0 || k.DestinationValidity != validity && k.DestinationValidity != 0 {
				unplaced = append(unplaced, c.ClaimedItem)
			} else {
				ours = append(ours, c.DestinationUID)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	set = set.Without(SetOf(ours...)).Without(p.foreseen[name])
	there, err := p.headers(Destination, Opening{Folder: name}, set)
	if err != nil {
		return nil, err
	}
	there = slices.DeleteFunc(there, func(a arrival) bool { return !set.Contains(a.uid) }) // "n:*" always answers with the last message
	if len(unplaced) == 0 || len(there) == 0 {
		return there, nil
	}
	found, err := match(unplaced, there, func(uid UID) (Digest, error) { return p.bodyDigest(Destination, name, uid) })
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(there, func(a arrival) bool { return slices.Contains(found, a.uid) }), nil
}

// eachCopied reads the copied and adopted items of a folder, page by page.
func (p *activePass) eachCopied(ctx context.Context, folder FolderID, each func(CopiedItem) error) error {
	const page = 5000
	for after := UID(0); ; {
		items, err := p.e.o.Ledger.CopiedItems(ctx, folder, after, page)
		if err != nil {
			return err
		}
		for _, c := range items {
			after = c.UID
			if err := each(c); err != nil {
				return err
			}
		}
		if len(items) < page {
			return nil
		}
	}
}

// headers reads the headers of a folder's messages and returns their digests, in ascending order of UID.
func (p *activePass) headers(side Side, folder Opening, set UIDSet) (out []arrival, err error) {
	key := p.e.o.Ledger.DigestKey()
	err = p.retrying(side, func(s Session) error {
		out = nil
		_, err := s.Headers(p.ctx, folder, set, func(h Header) error {
			out = append(out, arrival{h.UID, h.Size, h.Date, HeadDigest(key, h.Bytes), messageID(h.Bytes)})
			return nil
		})
		return err
	})
	slices.SortFunc(out, func(a, b arrival) int { return int(int64(a.uid) - int64(b.uid)) })
	return slices.CompactFunc(out, func(a, b arrival) bool { return a.uid == b.uid }), err
}

// bodyDigest reads one message whole and returns its digest, zero when it is not there.
func (p *activePass) bodyDigest(side Side, folder FolderName, uid UID) (whole Digest, err error) {
	_, err = p.digests(side, Opening{Folder: folder}, SetOf(uid), func(_ Meta, _, body Digest, lost error) {
		if lost == nil {
			whole = body
		}
	})
	return whole, err
}

// digests reads the messages of a set whole and reports the digests of each, once; lost is why one could not be delivered. left are those that
// were not there.
func (p *activePass) digests(side Side, folder Opening, set UIDSet, each func(m Meta, head, body Digest, lost error)) (left UIDSet, err error) {
	left = set
	d := NewDigester(p.e.o.Ledger.DigestKey())
	err = p.retrying(side, func(s Session) error {
		if len(left) == 0 {
			return nil
		}
		var got UIDSet
		_, err := s.Fetch(p.ctx, folder, left, func(m Message, lost error) error {
			if !left.Contains(m.UID) || got.Contains(m.UID) {
				return nil
			}
			d.Reset()
			if lost == nil {
				if err := copyAll(d, m); err != nil {
					return err
				}
			}
			if side == Source {
				p.download.add(m.Size)
			}
			head, body := d.Sums()
			each(m.Meta, head, body, lost)
			got = got.Add(m.UID)
			return nil
		})
		left = left.Without(got)
		return err
	})
	return left, err
}

// settleArrived settles the claimed items that have arrived as copied and returns the claims with those that have not.
func (p *activePass) settleArrived(name FolderName, claims []OpenClaim, arrivals []arrival) ([]OpenClaim, error) {
	var wanted []ClaimedItem
	for _, c := range claims {
		wanted = append(wanted, c.Items...)
	}
	found, err := match(wanted, arrivals, func(uid UID) (Digest, error) { return p.bodyDigest(Destination, name, uid) })
	if err == nil {
		err = p.matchAltered(claims, arrivals, found)
	}
	if err == nil {
		err = p.dropFragments(name, claims, arrivals, found)
	}
	if err != nil {
		return nil, err
	}
	var left []OpenClaim
	i := 0
	for _, c := range claims {
		var outcomes []Outcome
		var missing []ClaimedItem
		for _, item := range c.Items {
			if uid := found[i]; uid != 0 {
				outcomes = append(outcomes, Outcome{UID: item.UID, State: Copied, DestinationUID: uid, ClaimedItem: item})
			} else {
				missing = append(missing, item)
			}
			i++
		}
		if len(outcomes) > 0 {
			if err := p.e.o.Ledger.Settle(p.ctx, p.pass.ID, c.Folder, outcomes); err != nil {
				return nil, err
			}
			p.countFound(c, outcomes)
		}
		if len(missing) > 0 {
			c.Items = missing
			left = append(left, c)
		}
	}
	return left, nil
}

// countFound counts items found at the destination: as copied now when this pass sent them, else as settled before.
func (p *activePass) countFound(c OpenClaim, found []Outcome) {
	p.log.Info("items in doubt had arrived", "folder", c.Folder, "items", len(found))
	if c.Pass != p.pass.ID {
		return
	}
	f := p.folderOf(c.Folder)
	if f == nil {
		return
	}
	done := Tally{Copied: int64(len(found))}
	for _, o := range found {
		f.arrived(Appended{UID: o.DestinationUID, Validity: f.status.Validity})
		done.Bytes += o.ClaimedItem.Size
	}
	f.write(func(t *FolderTally) { t.Add(done); t.Left -= done.Copied })
	p.progress.write(func(g *Progress) { g.Done += done.Copied; g.Tally.Add(done) })
}

// releaseAll takes back the claims of items that have not arrived and will not. Those that have been on their way too often fail.
func (p *activePass) releaseAll(claims []OpenClaim) error {
	for _, c := range claims {
		f := p.folderOf(c.Folder)
		if f != nil && c.Pass == p.pass.ID {
			again, given := f.fell(c.Items)
			if len(given) > 0 {
				if err := p.giveUpOn(c, f, given); err != nil {
					return err
				}
			}
			if c.Items = again; len(again) == 0 {
				continue
			}
		}
		uids := make([]UID, len(c.Items))
		for i, item := range c.Items {
			uids[i] = item.UID
		}
		p.log.Info("items in doubt had not arrived", "folder", c.Folder, "items", len(uids))
		if err := p.e.o.Ledger.Release(p.ctx, c.Folder, uids); err != nil {
			return err
		}
		if f == nil {
			continue
		}
		if c.Destination == f.name {
			f.suspect(c.UIDNext, c.Items, nil)
		}
		if c.Pass == p.pass.ID { // counted again when they are planned again
			n := int64(len(uids))
			f.write(func(t *FolderTally) { t.New -= n; t.Left -= n })
		}
	}
	return nil
}
