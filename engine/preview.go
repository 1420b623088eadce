package engine

// preview counts what a new pass would copy. It writes nothing but its own line in the history.
func (p *activePass) preview() error {
	defer p.dismiss()
	if err := p.open(); err != nil {
		return err
	}
	if _, err := p.openClaims(); err != nil {
		return err
	}
	return p.eachFolder(func(f *folderWork) error {
		if f.why == Excluded {
			return nil
		}
		if p.idle(f) {
			f.write(func(t *FolderTally) {
				t.Skipped = min(f.kept.LeftOut, t.Messages)
				t.Before = t.Messages - t.Skipped
			})
			return nil
		}
		return p.previewFolder(f)
	})
}

func (p *activePass) previewFolder(f *folderWork) error {
	if err := p.plan(p.ctx, f); err != nil {
		return err
	}
	if items := f.items(); items.Claimed > 0 { // in doubt: they may have to be sent again
		f.write(func(t *FolderTally) { t.Before = min(t.Messages-t.Skipped, items.Settled()+items.Claimed) })
	}
	if err := p.recognise(f); err != nil {
		return err
	}
	if len(f.pending) == 0 {
		return nil
	}
	return p.scanPending(f, func(m Meta) {
		if p.limits.Rules.leavesOut(m) {
			f.write(func(t *FolderTally) { t.Skipped++ })
			return
		}
		f.write(func(t *FolderTally) { t.New++; t.Left++; t.Bytes += max(0, m.Size) })
		p.progress.write(func(g *Progress) { g.Tally.New++; g.Tally.Bytes += max(0, m.Size) })
	})
}
