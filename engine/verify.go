package engine

import (
	"time"
)

// verify signs in on both sides, reads back every copy from the destination and compares it with the digests that were taken while
// it was copied. It changes nothing: copies that are gone, or differ, are told in the pass's folder numbers.
func (p *activePass) verify() error {
	defer p.dismiss()
	if err := p.signIn(); err != nil {
		return err
	}
	p.progress.phase(Planning, time.Time{}, NoError)
	if err := p.survey(); err != nil {
		return err
	}
	var total int64
	for _, f := range p.folders {
		total += f.kept.Items.Copied + f.kept.Items.Adopted
	}
	p.progress.write(func(g *Progress) { g.Phase, g.Total = Verifying, total })
	for _, f := range p.folders {
		if f.failed() == nil && f.kept.ID != 0 && f.kept.Items.Settled() > 0 {
			p.progress.write(func(g *Progress) { g.Folder = f.source.Display })
			err := p.verifyFolder(f)
			if err != nil && spoils(p.ctx, err) {
				return err
			}
			if err != nil {
				f.fail(err)
			}
		}
		p.progress.write(func(g *Progress) { g.FoldersDone++ })
	}
	return nil
}

// verifyFolder compares the copies of one folder, a page of items at a time. Items whose place the destination did not tell are
// looked for by their digests.
func (p *activePass) verifyFolder(f *folderWork) error {
	byUID := map[UID]CopiedItem{}
	var unplaced []ClaimedItem
	settled := f.kept.Items.Settled()
	err := p.eachCopied(p.ctx, f.kept.ID, func(c CopiedItem) error {
		if c.DestinationUID == 0 || f.kept.DestinationValidity != f.status.Validity && f.kept.DestinationValidity != 0 {
			unplaced = append(unplaced, c.ClaimedItem)
			return nil
		}
		byUID[c.DestinationUID] = c
		return nil
	})
	if err != nil {
		return err
	}
	f.write(func(t *FolderTally) { t.Before = min(t.Messages, settled); t.Left = t.Messages - t.Before })
	same, different, err := p.readBack(f, byUID)
	if err != nil {
		return err
	}
	found := int64(0)
	if len(unplaced) > 0 {
		there, err := p.headers(Destination, Opening{Folder: f.name}, UIDSet{{1, MaxUID}})
		if err != nil {
			return err
		}
		uids, err := match(unplaced, there, func(uid UID) (Digest, error) { return p.bodyDigest(Destination, f.name, uid) })
		if err != nil {
			return err
		}
		for _, u := range uids {
			if u != 0 {
				found++
			}
		}
	}
	gone := int64(len(byUID)+len(unplaced)) - same - different - found
	f.write(func(t *FolderTally) { t.Verified, t.Different, t.Removed = same+found, different, gone })
	return nil
}

// readBack fetches the copies under their UIDs and compares their digests.
func (p *activePass) readBack(f *folderWork, byUID map[UID]CopiedItem) (same, different int64, err error) {
	uids := make([]UID, 0, len(byUID))
	for u := range byUID {
		uids = append(uids, u)
	}
	left := SetOf(uids...)
	d := NewDigester(p.e.o.Ledger.DigestKey())
	err = p.retrying(Destination, func(s Session) error {
		var got UIDSet
		_, err := s.Fetch(p.ctx, Opening{Folder: f.name}, left, func(m Message, lost error) error {
			c, ours := byUID[m.UID]
			if !ours || got.Contains(m.UID) || lost != nil {
				return nil
			}
			d.Reset()
			if err := copyAll(d, m); err != nil {
				return err
			}
			head, body := d.Sums()
			if body == c.Body || c.Body == (Digest{}) && head == c.Head {
				same++
			} else {
				different++
				p.log.Warn("copy differs", "folder", f.kept.ID, "uid", c.UID, "destination_uid", m.UID)
			}
			got = got.Add(m.UID)
			p.progress.write(func(g *Progress) { g.Done++; g.DoneBytes += m.Size })
			return nil
		})
		left = left.Without(got)
		return err
	})
	return same, different, err
}
