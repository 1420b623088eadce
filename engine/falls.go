package engine

import "context"

// Some messages bring their connection down whenever they are read or sent. What was on its way when a connection fell is sent again in small groups,
// then one by one, so that the one to blame is found: it fails, and the others are copied.
const (
	maxFalls   = 3  // times that an item may be on its way when a connection falls, in one pass
	smallGroup = 16 // messages that are sent together after the first
)

// fell counts that connections fell with items on their way, and returns those that have had their chances.
func (f *folderWork) fell(items []ClaimedItem) (again, given []ClaimedItem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.falls == nil {
		f.falls = map[UID]int{}
	}
	for _, item := range items {
		if f.falls[item.UID]++; f.falls[item.UID] >= maxFalls {
			given = append(given, item)
		} else {
			again = append(again, item)
		}
	}
	return again, given
}

// together returns how many messages may be sent in a batch with one, and whether such a batch goes alone.
func (f *folderWork) together(uid UID) (most int, careful bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.falls[uid] {
	case 0:
		return batchMessages, false
	case 1:
		return smallGroup, true
	}
	return 1, true
}

// giveUpOn settles items with which connections have fallen again and again. Their claims are looked up: they have not arrived.
func (p *activePass) giveUpOn(c OpenClaim, f *folderWork, items []ClaimedItem) error {
	heads := p.sourceHeads(p.home().source, f, items)
	outcomes := make([]Outcome, len(items))
	for i, item := range items {
		outcomes[i] = p.failure(held{ClaimedItem: item, header: heads[item.UID]}, &Error{Op: "append", Kind: Refused, Side: Destination,
			Host: p.project.Destination.Host, Text: "the connection was lost each time that this message was sent"})
	}
	if err := p.e.o.Ledger.Settle(p.ctx, p.pass.ID, c.Folder, outcomes); err != nil {
		return err
	}
	f.suspect(c.UIDNext, nil, items)
	n := int64(len(items))
	f.write(func(t *FolderTally) { t.Failed += n; t.Left -= n })
	p.progress.write(func(g *Progress) { g.Done += n; g.Tally.Failed += n })
	for _, item := range items {
		f.spend(item.UID)
		p.itemFailed()
	}
	return nil
}

// sourceHeads reads the headers of items, by which a person finds them; what does not come is left out.
func (p *activePass) sourceHeads(s Session, f *folderWork, items []ClaimedItem) map[UID][]byte {
	out := map[UID][]byte{}
	if p.limits.NoDetails || !s.Alive() {
		return out
	}
	uids := make([]UID, len(items))
	for i, item := range items {
		uids[i] = item.UID
	}
	_, err := s.Headers(p.ctx, Opening{f.source.Name, f.source.Status.Validity}, SetOf(uids...), func(h Header) error {
		out[h.UID] = append([]byte(nil), h.Bytes...)
		return nil
	})
	if err != nil {
		p.log.Info("headers of failed items could not be read", "folder", f.kept.ID, "err", err)
	}
	return out
}

// isolate looks for the first of the messages that were asked for and have not come, and puts it before all else, to be asked for alone: it may be the
// one that the connection falls with.
func (r *reader) isolate(ctx context.Context) {
	for i, c := range r.again {
		if len(c.set) == 0 || c.folder.failed() != nil {
			continue
		}
		f := c.folder
		var first *Meta
		_, err := r.l.source.Scan(ctx, Opening{f.source.Name, f.source.Status.Validity}, c.set, func(m Meta) error {
			if c.set.Contains(m.UID) && (first == nil || m.UID < first.UID) {
				first = &m
			}
			return nil
		})
		if err != nil || first == nil {
			return
		}
		one := SetOf(first.UID)
		r.again[i].set = c.set.Without(one)
		r.again = append([]chunk{{f, one}}, r.again...)
		f.mu.Lock()
		f.chunks++
		f.mu.Unlock()
		r.alone = first
		return
	}
}

// giveUpAlone settles the message that was asked for alone, and with which the connection has fallen once more.
func (r *reader) giveUpAlone(lost error) error {
	p, m := r.l.p, *r.alone
	r.alone, r.fallen = nil, 0
	if len(r.again) == 0 || !r.again[0].set.Contains(m.UID) {
		return nil
	}
	f := r.again[0].folder
	r.again[0].set = nil
	head := p.sourceHeads(r.l.source, f, []ClaimedItem{{UID: m.UID}})[m.UID]
	f.write(func(t *FolderTally) { t.New++; t.Left++ })
	return p.failItem(f, Message{Meta: m}, head, &Error{Op: "read messages", Kind: Refused, Side: Source, Host: p.project.Source.Host,
		Text: "the connection was lost each time that this message was read", Err: lost})
}
