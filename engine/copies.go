package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
)

// Where a service keeps labels, a message lies in the folder of each of its labels, and a pass copies it into each. It is downloaded once: for one of these
// folders. Into the others the destination copies it within itself, by UID COPY from the folder that got it.
//
// The protocol is that of an append: the items are claimed, durably, before the command, and settled by its answer. An outcome that is not known is in
// doubt, and looked up like any other: a copy has the bytes and the date of what it is a copy of. What the destination refuses, or leaves out because
// its owner has removed the earlier copy, is downloaded.
//
// The ledger tells whether there is an earlier copy, by the service's number for the message. One that is under way in another folder is waited for:
// the folder is planned again when that has come to an end, well or not. So no message is under way for two folders at once.
//
// A copy is taken only if it is what an append would have made: of the same date, with the message's flags as the source tells them now, and the keywords
// among those that it has. A destination that does not tell the UIDs of copies gets downloads.

// numbered is a message with the service's number for it.
type numbered struct {
	uid     UID
	message uint64
	labels  bool // other folders hold it, too
}

// number returns the service's number for a message of the folder, 0 when it is not known.
func (f *folderWork) number(uid UID) uint64 {
	i, found := slices.BinarySearchFunc(f.numbers, uid, func(n numbered, u UID) int { return int(int64(n.uid) - int64(u)) })
	if !found {
		return 0
	}
	return f.numbers[i].message
}

// share takes out of the folder's pending messages those that the destination has and can copy, which it does, and those that another folder is about
// to download.
func (p *activePass) share(f *folderWork) error {
	f.numbers, f.waiting = nil, nil
	if !p.from.Labels || len(f.pending) == 0 {
		return nil
	}
	err := p.toldLabels(f, f.pending, func(m Labelled) {
		if m.Message != 0 {
			f.numbers = append(f.numbers, numbered{m.UID, m.Message, len(m.Labels) > 0})
		}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(f.numbers, func(a, b numbered) int { return int(int64(a.uid) - int64(b.uid)) })
	known := map[uint64][]LabelledItem{}
	for page := range slices.Chunk(f.numbers, 1000) {
		messages := make([]uint64, len(page))
		for i, n := range page {
			messages[i] = n.message
		}
		items, err := p.e.o.Ledger.LabelledItems(p.ctx, p.mailbox.ID, messages)
		if err != nil {
			return err
		}
		for _, item := range items {
			known[item.Message] = append(known[item.Message], item)
		}
	}
	if err := p.copyThere(f, known); err != nil {
		return err
	}
	p.await(f, known)
	return nil
}

// await takes out of the folder's pending messages those that another folder is about to bring to the destination, or has perhaps brought there: they
// are planned again when that is known.
func (p *activePass) await(f *folderWork, known map[uint64][]LabelledItem) {
	if p.pass.Kind != NewItems { // another kind of pass plans no folder twice
		return
	}
	var waiting []UID
	for _, n := range f.numbers {
		if !f.pending.Contains(n.uid) {
			continue
		}
		switch g := p.taken[n.message]; {
		case slices.ContainsFunc(known[n.message], p.looksUp):
			waiting = append(waiting, n.uid)
		case g != nil && g != f:
			waiting = append(waiting, n.uid)
		case n.labels:
			p.taken[n.message] = f
		}
	}
	f.wait(SetOf(waiting...))
}

// wait leaves messages for when the folder is planned again.
func (f *folderWork) wait(uids UIDSet) {
	f.waiting = f.waiting.Union(uids)
	f.pending = f.pending.Without(uids)
}

// looksUp reports whether the pass will look up an item that is in doubt.
func (p *activePass) looksUp(item LabelledItem) bool {
	g := p.folderOf(item.Folder)
	return item.State == Claimed && g != nil && g.doubt && g.failed() == nil
}

// copyBatch is how many messages are copied by one command at most, and copyBytes about how many bytes: a server may have to write all of them before it
// answers.
const (
	copyBatch = batchMessages
	copyBytes = 32 << 20
)

// copyThere has the destination copy into a folder what it has in others.
func (p *activePass) copyThere(f *folderWork, known map[uint64][]LabelledItem) error {
	if !p.home().destination.Limits().ReportsUID {
		return nil
	}
	places := map[Opening][]LabelledItem{} // with the UIDs that the messages have in this folder
	for _, n := range f.numbers {
		for _, item := range known[n.message] {
			if !f.apart.Contains(n.uid) && p.stands(f, item) {
				item.UID = n.uid
				at := Opening{item.Destination, item.Validity}
				places[at] = append(places[at], item)
			}
		}
	}
	order := slices.SortedFunc(maps.Keys(places), func(a, b Opening) int { return strings.Compare(string(a.Folder), string(b.Folder)) })
	for _, at := range order {
		for left := places[at]; len(left) > 0; {
			n, bytes := 0, int64(0)
			for n < len(left) && n < copyBatch && (n == 0 || bytes+left[n].Size <= copyBytes) {
				bytes += left[n].Size
				n++
			}
			batch := slices.DeleteFunc(slices.Clone(left[:n]), func(i LabelledItem) bool { return !f.pending.Contains(i.UID) })
			left = left[n:]
			doubt, err := p.copyFrom(f, at, batch)
			if err != nil {
				return err
			}
			if doubt { // no more before it is looked up
				p.leave(f, left)
				return nil
			}
		}
	}
	return nil
}

// leave leaves items for when the folder is planned again, if it will be.
func (p *activePass) leave(f *folderWork, items []LabelledItem) {
	if p.pass.Kind != NewItems {
		return
	}
	var uids []UID
	for _, item := range items {
		if f.pending.Contains(item.UID) {
			uids = append(uids, item.UID)
		}
	}
	f.wait(SetOf(uids...))
}

// stands reports whether the copy of an item lies in another folder of the destination, as far as the ledger and the list of folders tell.
func (p *activePass) stands(f *folderWork, item LabelledItem) bool {
	if item.State != Copied || item.DestinationUID == 0 || item.Validity == 0 || item.Destination == f.name {
		return false
	}
	for _, g := range p.folders {
		if g.name == item.Destination && !g.why.LeavesOut() {
			back := g.lost || !g.done && g.setBack() // what is done has been looked at, and its numbers have moved on
			return g.status.Validity == item.Validity && !back && g.failed() == nil
		}
	}
	for _, d := range p.to.Folders { // no folder of this pass goes there
		if d.Name == item.Destination {
			return d.Selectable && d.Status.Validity == item.Validity
		}
	}
	return false
}

// copyFrom has the destination copy some messages, and reports whether it is in doubt if it has.
func (p *activePass) copyFrom(f *folderWork, at Opening, items []LabelledItem) (doubt bool, err error) {
	if err := context.Cause(p.ctx); err != nil {
		return false, err
	}
	if items, err = p.unchanged(f, at, items); err != nil || len(items) == 0 {
		return false, err
	}
	p.progress.write(func(g *Progress) { g.Phase, g.Folder, g.Total = Copying, f.source.Display, g.Total+int64(len(items)) })
	b := &batch{folder: f}
	var uids []UID
	theirs := map[UID]UID{} // by their UIDs there, those here
	for _, item := range items {
		b.items = append(b.items, held{ClaimedItem: item.ClaimedItem})
		theirs[item.DestinationUID] = item.UID
		uids = append(uids, item.UID)
	}
	l := p.home()
	if err := l.claim(b); err != nil {
		return false, err
	}
	f.pending = f.pending.Without(SetOf(uids...))
	n := int64(len(items))
	f.write(func(t *FolderTally) { t.New += n; t.Left += n })
	copies, err := l.destination.Copy(p.grace, at, SetOf(slices.Collect(maps.Keys(theirs))...), f.name)
	switch {
	case err != nil && lost(err):
		p.inDoubt(err)
		return true, nil
	case err != nil:
		p.log.Info("the destination does not copy within itself, messages are downloaded", "folder", f.kept.ID, "messages", n, "err", err)
	}
	if len(copies.UIDs) == 0 {
		return false, p.askedFor(f, b)
	}
	return false, p.copied(f, b, copies, theirs)
}

// unchanged returns the items whose copy is there, and as an append would make it now.
func (p *activePass) unchanged(f *folderWork, at Opening, items []LabelledItem) (same []LabelledItem, err error) {
	here, there := map[UID]Meta{}, map[UID]Meta{}
	var uids, theirs []UID
	for _, item := range items {
		uids, theirs = append(uids, item.UID), append(theirs, item.DestinationUID)
	}
	if len(uids) == 0 {
		return nil, nil
	}
	if err := p.scan(Source, Opening{f.source.Name, f.source.Status.Validity}, SetOf(uids...), func(m Meta) { here[m.UID] = m }); err != nil {
		return nil, err
	}
	err = p.scan(Destination, at, SetOf(theirs...), func(m Meta) { there[m.UID] = m })
	switch kind := KindOf(err); {
	case kind == Missing, kind == Renumbered: // its owner has removed the folder
		return nil, nil
	case err != nil:
		return nil, err
	}
	for _, item := range items {
		m, is := here[item.UID]
		c, was := there[item.DestinationUID]
		if is && was && m.Date.date() == c.Date.date() && item.Date.date() == c.Date.date() && alikeFlags(m.Flags, c.Flags) {
			same = append(same, item)
		}
	}
	if n := len(items) - len(same); n > 0 {
		p.log.Info("copies are not what they were, messages are downloaded", "folder", f.kept.ID, "messages", n)
	}
	return same, nil
}

// alikeFlags reports whether a copy has the flags of its message: all that stand in RFC 9051, and its keywords. Keywords that it has besides are the
// server's own.
func alikeFlags(message, copied []string) bool {
	system := map[string]bool{}
	has := map[string]bool{}
	for _, f := range copied {
		low := strings.ToLower(f)
		if has[low] = true; strings.HasPrefix(low, `\`) {
			system[low] = true
		}
	}
	for _, f := range message {
		low := strings.ToLower(f)
		if !has[low] {
			return false
		}
		delete(system, low)
	}
	return len(system) == 0
}

// copied settles what the destination says that it has copied. What it left out is downloaded.
func (p *activePass) copied(f *folderWork, b *batch, c Copies, theirs map[UID]UID) error {
	items := map[UID]ClaimedItem{}
	for _, h := range b.items {
		items[h.UID] = h.ClaimedItem
	}
	var outcomes []Outcome
	var done Tally
	for there, uid := range c.UIDs {
		here := theirs[there]
		at := f.arrived(Appended{UID: uid, Validity: c.Validity})
		outcomes = append(outcomes, Outcome{UID: here, State: Copied, DestinationUID: at, ClaimedItem: items[here]})
		done.Copied++
		done.Bytes += items[here].Size
		delete(items, here)
	}
	slices.SortFunc(outcomes, func(a, b Outcome) int { return int(int64(a.UID) - int64(b.UID)) })
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	if err := p.e.o.Ledger.Settle(ctx, p.pass.ID, f.kept.ID, outcomes); err != nil {
		return err
	}
	f.write(func(t *FolderTally) { t.Add(done); t.Left -= done.Copied })
	p.progress.write(func(g *Progress) {
		g.Done += done.Copied
		g.Tally.Add(done)
	})
	p.gauge.add(time.Now(), done.Copied, 0) // nothing was moved
	return p.notCopied(f, slices.Collect(maps.Keys(items)))
}

// askedFor looks up what became of a batch that the destination has refused, or of which it does not say. It has answered: what is not there now does
// not come later.
func (p *activePass) askedFor(f *folderWork, b *batch) error {
	claims, err := p.claimsOf(b.claim)
	if err != nil {
		return err
	}
	if err := p.lookInto(f.name, claims, false); err != nil {
		return err
	}
	if claims, err = p.claimsOf(b.claim); err != nil || len(claims) == 0 {
		return err
	}
	left := claims[0].Items
	uids := make([]UID, len(left))
	for i, item := range left {
		uids[i] = item.UID
	}
	f.suspect(b.from, left, nil)
	return p.notCopied(f, uids)
}

// claimsOf returns what is in doubt of a claim.
func (p *activePass) claimsOf(id ClaimID) ([]OpenClaim, error) {
	claims, _, err := p.e.o.Ledger.OpenClaims(p.ctx, p.mailbox.ID)
	return slices.DeleteFunc(claims, func(c OpenClaim) bool { return c.ID != id }), err
}

// notCopied takes back the claims of messages that were certainly not copied: they are to be downloaded.
func (p *activePass) notCopied(f *folderWork, uids []UID) error {
	if len(uids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	if err := p.e.o.Ledger.Release(ctx, f.kept.ID, uids); err != nil {
		return err
	}
	n := int64(len(uids))
	f.write(func(t *FolderTally) { t.New -= n; t.Left -= n })
	f.apart = f.apart.Union(SetOf(uids...))
	f.pending = f.pending.Union(SetOf(uids...))
	return nil
}
