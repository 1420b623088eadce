package engine

import (
	"fmt"
	"slices"
)

// recognise takes out of the folder's pending messages those that are at the destination already: copied by an earlier pass before
// the source renumbered the folder, or put there by somebody else. That may be another tool, the user, this program on another
// machine, or with a ledger whose place an older copy has taken. A folder that was finished before is compared with no more of the
// destination than what has come since: what rules left out then was compared too.
func (p *activePass) recognise(f *folderWork) error {
	finished := f.kept.Watermark > 0
	switch {
	case !f.finished() && len(f.older) > 0 && p.pass.Kind == Retry:
		return nil
	case !f.finished() && len(f.older) > 0:
		return p.rematch(f)
	case p.limits.NoAdopt && p.pass.Kind != Rebuild || f.status.Messages == 0:
		return nil
	case !finished || p.pass.Kind == Rebuild:
		return p.adopt(f, 1)
	case f.status.UIDNext > max(f.kept.DestinationNext, 1):
		return p.adopt(f, max(f.kept.DestinationNext, 1))
	}
	return nil
}

// Renumbered folders are taken for the folder they were when at least this part, or this number, of the items that
// could agree do agree (the rule of mbsync).
const (
	agreeingPart   = 0.8
	agreeingNumber = 20
)

// rematch finds the messages of a folder whose UIDVALIDITY has changed among the items of its earlier UIDVALIDITYs. Where too few
// agree it is another folder by the same name, or one that cannot be told: it is left, and the user decides (Request.Replaced).
func (p *activePass) rematch(f *folderWork) error {
	var old []ClaimedItem
	type place struct {
		folder FolderName
		uid    UID
	}
	var at []place // of old, at the destination
	done := map[place]bool{}
	for _, k := range append([]KeptFolder{f.kept}, f.before...) {
		if k.Items.Settled() == 0 {
			continue
		}
		err := p.eachCopied(p.ctx, k.ID, func(c CopiedItem) error { done[place{k.Destination, c.DestinationUID}] = true; return nil }) // an earlier pass was cut off here
		if err != nil {
			return err
		}
	}
	for _, k := range f.older {
		err := p.eachCopied(p.ctx, k.ID, func(c CopiedItem) error {
			here := place{k.Destination, c.DestinationUID}
			if c.DestinationUID == 0 || !done[here] {
				done[here] = true // the same copy may be known under several UIDVALIDITYs
				old, at = append(old, c.ClaimedItem), append(at, here)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(old) == 0 {
		return nil
	}
	folder := Opening{f.source.Name, f.source.Status.Validity}
	present, err := p.headers(Source, folder, f.pending)
	if err != nil || len(present) == 0 {
		return err
	}
	found, err := match(old, present, func(uid UID) (Digest, error) { return p.bodyDigest(Source, f.source.Name, uid) })
	if err != nil {
		return err
	}
	byUID := map[UID]arrival{}
	for _, a := range present {
		byUID[a.uid] = a
	}
	outcomes, count := map[FolderName][]Outcome{}, 0 // by where the copies lie
	for i, uid := range found {
		a := byUID[uid]
		if uid == 0 || a.size != old[i].Size && a.date.date() != old[i].Date.date() {
			continue
		}
		item := old[i]
		item.UID = uid
		outcomes[at[i].folder] = append(outcomes[at[i].folder], Outcome{UID: uid, State: Adopted, DestinationUID: at[i].uid, ClaimedItem: item})
		count++
	}
	could := min(len(old), len(present))
	decided := p.replaced || f.kept.Items.Settled() > 0 // now, or when a pass began with it that was cut off
	if !decided && count < agreeingNumber && float64(count) < agreeingPart*float64(could) {
		return &Error{Op: "open folder", Kind: Replaced, Side: Source, Host: p.project.Source.Host,
			Text: fmt.Sprintf("%d of %d messages are among the %d of before", count, len(present), len(old))}
	}
	p.log.Info("renumbered folder recognised", "folder", f.kept.ID, "items", count)
	for _, k := range f.older {
		here := outcomes[k.Destination]
		delete(outcomes, k.Destination)
		id, err := p.placeOf(f, k)
		if err == nil {
			err = p.takeOver(f, id, here)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// placeOf returns under which id the ledger keeps the folder, as it is numbered now, with the place that it went to when it was k.
func (p *activePass) placeOf(f *folderWork, k KeptFolder) (FolderID, error) {
	if k.Destination == f.name || p.pass.Kind == Preview {
		return f.kept.ID, nil
	}
	kept, err := p.e.o.Ledger.KeepFolder(p.ctx, KeptFolder{Mailbox: k.Mailbox, Name: k.Name, Display: k.Display, Validity: f.key,
		Destination: k.Destination, Mapped: k.Mapped, DestinationValidity: k.DestinationValidity})
	return kept.ID, err
}

// adopt finds the folder's pending messages among those that lie at the destination, from a UID on, without being ours.
func (p *activePass) adopt(f *folderWork, from UID) error {
	here, there, err := p.alike(f, from)
	if err != nil || len(there) == 0 {
		return err
	}
	arrivals, err := p.unknown(f.name, f.status.Validity, there)
	if err != nil || len(arrivals) == 0 {
		return err
	}
	present, err := p.headers(Source, Opening{f.source.Name, f.source.Status.Validity}, here)
	if err != nil {
		return err
	}
	byHead := map[Digest][]arrival{}
	for _, a := range arrivals {
		byHead[a.head] = append(byHead[a.head], a)
	}
	wanted := map[Digest][]arrival{}
	for _, h := range present {
		wanted[h.head] = append(wanted[h.head], h)
	}
	var outcomes []Outcome
	for head, group := range wanted {
		pairs, err := p.pair(f, group, byHead[head])
		if err != nil {
			return err
		}
		outcomes = append(outcomes, pairs...)
	}
	return p.takeOver(f, f.kept.ID, outcomes)
}

// alike returns the pending messages of a folder and those at the destination, from a UID on, that agree in size or in date with one of the other
// side. A hundred bytes a message tell, where headers are thousands; and in a mailbox that is in use most messages are alike to none.
func (p *activePass) alike(f *folderWork, from UID) (here, there UIDSet, err error) {
	var arrived, pending []Meta
	set := UIDSet{{from, MaxUID}}
	if err := p.scan(Destination, Opening{f.name, f.status.Validity}, set, func(m Meta) { arrived = append(arrived, m) }); err != nil || len(arrived) == 0 {
		return nil, nil, err
	}
	if err := p.scanPending(f, func(m Meta) { pending = append(pending, m) }); err != nil {
		return nil, nil, err
	}
	return among(pending, arrived), among(arrived, pending), nil
}

// among returns the UIDs of the messages in list that agree in size or date with one of others. What is not known agrees with everything.
func among(list, others []Meta) UIDSet {
	sizes, dates := map[int64]bool{}, map[int64]bool{}
	unknown := false
	for _, m := range others {
		sizes[m.Size], dates[m.Date.Unix()] = true, true
		unknown = unknown || m.Size < 0
	}
	var uids []UID
	for _, m := range list {
		if unknown || m.Size < 0 || sizes[m.Size] || !m.Date.IsZero() && dates[m.Date.Unix()] {
			uids = append(uids, m.UID)
		}
	}
	return SetOf(uids...)
}

// pair finds the copies of messages that share a header digest. One message and one candidate of its size are a pair; anything else
// is compared whole, so that nothing is taken for copied that is not.
func (p *activePass) pair(f *folderWork, here, there []arrival) ([]Outcome, error) {
	if len(there) == 0 {
		return nil, nil
	}
	outcome := func(h, t arrival, body Digest) Outcome {
		item := ClaimedItem{UID: h.uid, Size: h.size, Date: h.date, Head: h.head, Body: body}
		return Outcome{UID: h.uid, State: Adopted, DestinationUID: t.uid, ClaimedItem: item}
	}
	if len(here) == 1 && len(there) == 1 && here[0].size == there[0].size {
		return []Outcome{outcome(here[0], there[0], Digest{})}, nil
	}
	bodies := map[Digest][]arrival{}
	for _, t := range there {
		d, err := p.bodyDigest(Destination, f.name, t.uid)
		if err != nil {
			return nil, err
		}
		bodies[d] = append(bodies[d], t)
	}
	delete(bodies, Digest{}) // gone meanwhile
	var out []Outcome
	for _, h := range here {
		d, err := p.bodyDigest(Source, f.source.Name, h.uid)
		if err != nil {
			return nil, err
		}
		if same := bodies[d]; len(same) > 0 {
			out = append(out, outcome(h, same[0], d))
			bodies[d] = same[1:]
		}
	}
	return out, nil
}

// takeOver settles messages as adopted, under an id that the ledger keeps the folder by, and takes them out of the folder's pending.
func (p *activePass) takeOver(f *folderWork, id FolderID, outcomes []Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	uids := make([]UID, len(outcomes))
	for i, o := range outcomes {
		uids[i] = o.UID
	}
	f.pending = f.pending.Without(SetOf(uids...))
	n := int64(len(outcomes))
	f.write(func(t *FolderTally) { t.New += n; t.Adopted += n })
	if p.pass.Kind == Preview {
		p.foresee(f.name, outcomes)
		return nil
	}
	for page := range slices.Chunk(outcomes, 1000) {
		if err := p.e.o.Ledger.Settle(p.ctx, p.pass.ID, id, page); err != nil {
			return err
		}
	}
	p.progress.write(func(g *Progress) { g.Tally.Adopted += n })
	return nil
}

// foresee notes what a pass would adopt, so that a folder that shares the destination folder does not count it again.
func (p *activePass) foresee(name FolderName, outcomes []Outcome) {
	if p.foreseen == nil {
		p.foreseen = map[FolderName]UIDSet{}
	}
	var uids []UID
	for _, o := range outcomes {
		if o.DestinationUID != 0 {
			uids = append(uids, o.DestinationUID)
		}
	}
	p.foreseen[name] = p.foreseen[name].Union(SetOf(uids...))
}

// sample leaves a trial pass the newest few messages of the folder, within what is left of its bytes.
func (p *activePass) sample(f *folderWork) error {
	var all []Meta
	err := p.scanPending(f, func(m Meta) { all = append(all, m) })
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Meta) int { return int(int64(b.UID) - int64(a.UID)) })
	var chosen []UID
	for _, m := range all {
		if len(chosen) == trialMessages {
			break
		}
		if size := max(m.Size, 0); p.trialled+size <= trialBytes {
			p.trialled += size
			chosen = append(chosen, m.UID)
		}
	}
	f.pending = SetOf(chosen...)
	return nil
}

// A trial copies at most this much.
const (
	trialMessages = 10 // a folder
	trialBytes    = 5 << 20
)

// scanPending reports the pending messages of a folder that exist.
func (p *activePass) scanPending(f *folderWork, each func(Meta)) error {
	return p.scan(Source, Opening{f.source.Name, f.source.Status.Validity}, f.pending, each)
}

// scan reports the messages of a folder among set.
func (p *activePass) scan(side Side, folder Opening, set UIDSet, each func(Meta)) error {
	seen := map[UID]bool{}
	return p.retrying(side, func(s Session) error {
		_, err := s.Scan(p.ctx, folder, set, func(m Meta) error {
			if !seen[m.UID] && set.Contains(m.UID) { // "n:*" always answers with the last message
				seen[m.UID] = true
				each(m)
			}
			return nil
		})
		return err
	})
}
