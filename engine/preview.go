package engine

// preview counts what a new pass would copy, what it could not, and how much of it the destination has no room for. It writes nothing but its own
// line in the history.
func (p *activePass) preview() error {
	defer p.dismiss()
	if err := p.open(); err != nil {
		return err
	}
	if _, err := p.openClaims(); err != nil {
		return err
	}
	err := p.eachFolder(func(f *folderWork) error {
		if f.why.LeavesOut() {
			return nil
		}
		if p.idle(f) {
			f.write(func(t *FolderTally) {
				t.Skipped = min(f.kept.LeftOut+f.items().Held, t.Messages)
				t.Before = t.Messages - t.Skipped
			})
			return nil
		}
		return p.previewFolder(f)
	})
	if err == nil {
		p.compareRoom()
	}
	return err
}

// compareRoom notes by how much the destination's quota is too small. That it cannot be found out is no error.
func (p *activePass) compareRoom() {
	var room Room
	err := p.retrying(Destination, func(s Session) (err error) {
		room, err = s.Room(p.ctx)
		return err
	})
	if err != nil {
		p.log.Info("the quota is not told", "err", err)
		return
	}
	t := p.tally()
	if room.Bytes >= 0 {
		p.pass.Lack.Bytes = max(0, t.Bytes-room.Bytes)
	}
	if room.Messages >= 0 {
		p.pass.Lack.Messages = max(0, t.Left-room.Messages)
	}
}

func (p *activePass) previewFolder(f *folderWork) error {
	if err := p.plan(p.ctx, f); err != nil {
		return err
	}
	if items := f.items(); items.Claimed > 0 { // in doubt: they may have to be sent again
		f.write(func(t *FolderTally) { t.Before = min(t.Messages-t.Skipped, items.Settled()-items.Held+items.Claimed) })
	}
	if err := p.recognise(f); err != nil {
		return err
	}
	if err := p.leaveToOthers(f); err != nil || len(f.pending) == 0 {
		return err
	}
	limit := p.home().maxSize
	if own := f.status.MaxSize; own > 0 && (limit == 0 || own < limit) {
		limit = own
	}
	return p.scanPending(f, func(m Meta) {
		if p.limits.Rules.leavesOut(m) {
			f.write(func(t *FolderTally) { t.Skipped++ })
			return
		}
		if limit > 0 && m.Size > limit {
			f.write(func(t *FolderTally) { t.New++; t.Failed++ })
			p.progress.write(func(g *Progress) { g.Tally.New++; g.Tally.Failed++ })
			return
		}
		f.write(func(t *FolderTally) { t.New++; t.Left++; t.Bytes += max(0, m.Size) })
		p.progress.write(func(g *Progress) { g.Tally.New++; g.Tally.Bytes += max(0, m.Size) })
	})
}
