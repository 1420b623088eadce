package engine

import (
	"maps"
	"slices"
)

// verify signs in on both sides, reads back every copy from the destination and compares it with the digests that were taken while
// it was copied. It changes nothing on either side: copies that are gone, or differ, are told in the pass's folder numbers, and the ledger notes
// which are gone, so that the user can have them copied again.
func (p *activePass) verify() error {
	defer p.dismiss()
	if err := p.open(); err != nil {
		return err
	}
	var total int64
	for _, f := range p.folders {
		total += f.kept.Items.Copied + f.kept.Items.Adopted
	}
	p.progress.write(func(g *Progress) { g.Phase, g.Total = Verifying, total })
	return p.eachFolder(func(f *folderWork) error {
		if f.kept.ID == 0 || f.kept.Items.Settled() == 0 {
			return nil
		}
		return p.verifyFolder(f)
	})
}

// verifyFolder compares the copies of one folder. Items whose place the destination did not tell, and those that are no longer in their
// place, are looked for by their digests. A folder that is no longer at the destination has lost all its copies.
func (p *activePass) verifyFolder(f *folderWork) error {
	byUID := map[UID][]CopiedItem{} // a server that keeps one of two equal messages gives both its UID
	var unplaced []ClaimedItem
	settled := f.kept.Items.Settled()
	placed := f.exists && f.status.Validity != 0 && f.kept.DestinationValidity == f.status.Validity
	err := p.eachCopied(p.ctx, f.kept.ID, func(c CopiedItem) error {
		if c.DestinationUID == 0 || !placed {
			unplaced = append(unplaced, c.ClaimedItem)
			return nil
		}
		byUID[c.DestinationUID] = append(byUID[c.DestinationUID], c)
		return nil
	})
	if err != nil {
		return err
	}
	f.write(func(t *FolderTally) { t.Before = min(t.Messages, settled); t.Left = t.Messages - t.Before })
	same, different, moved, err := p.readBack(f, byUID)
	if err != nil {
		return err
	}
	unplaced = append(unplaced, moved...)
	gone, err := p.lookFor(f, unplaced, byUID)
	if err != nil {
		return err
	}
	found := int64(len(unplaced) - len(gone))
	f.write(func(t *FolderTally) { t.Verified, t.Different, t.Removed = same+found, different, int64(len(gone)) })
	return p.e.o.Ledger.NoteRemoved(p.ctx, p.pass.ID, f.kept.ID, gone)
}

// lookFor looks for items by their digests, among the messages that are no copies of others, and returns those that are not there.
func (p *activePass) lookFor(f *folderWork, unplaced []ClaimedItem, byUID map[UID][]CopiedItem) (missing []UID, err error) {
	if len(unplaced) == 0 {
		return nil, nil
	}
	found := make([]UID, len(unplaced))
	if f.exists {
		there, err := p.headers(Destination, Opening{f.name, f.status.Validity}, UIDSet{{1, MaxUID}})
		if err != nil {
			return nil, err
		}
		there = slices.DeleteFunc(there, func(a arrival) bool { _, placed := byUID[a.uid]; return placed })
		found, err = match(unplaced, there, func(uid UID) (Digest, error) { return p.bodyDigest(Destination, f.name, uid) })
		if err != nil {
			return nil, err
		}
	}
	for i, item := range unplaced {
		if found[i] == 0 {
			missing = append(missing, item.UID)
		}
	}
	return missing, nil
}

// readBack fetches the copies under their UIDs and compares their digests. moved are the items that nothing lies under the UID of; a copy that
// the destination cannot deliver counts as different, for it is there.
func (p *activePass) readBack(f *folderWork, byUID map[UID][]CopiedItem) (same, different int64, moved []ClaimedItem, err error) {
	set := SetOf(slices.Collect(maps.Keys(byUID))...)
	left, err := p.digests(Destination, Opening{f.name, f.status.Validity}, set, func(m Meta, head, body Digest, lost error) {
		for _, c := range byUID[m.UID] {
			if lost == nil && c.agrees(head, body) {
				same++
				continue
			}
			different++
			p.log.Warn("copy differs", "folder", f.kept.ID, "uid", c.UID, "destination_uid", m.UID, "err", lost)
		}
		p.progress.write(func(g *Progress) { g.Done += int64(len(byUID[m.UID])); g.DoneBytes += m.Size })
	})
	for u, items := range byUID {
		if !left.Contains(u) {
			continue
		}
		for _, c := range items {
			moved = append(moved, c.ClaimedItem)
		}
	}
	return same, different, moved, err
}

// agrees reports whether a message of these digests is the item's copy.
func (c CopiedItem) agrees(head, body Digest) bool {
	return body == c.Body || c.Body == (Digest{}) && head == c.Head
}
