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
		if f.idle() {
			f.write(func(t *FolderTally) { t.Before = t.Messages })
			return nil
		}
		return p.previewFolder(f)
	})
}

func (p *activePass) previewFolder(f *folderWork) error {
	if err := p.plan(p.ctx, f); err != nil {
		return err
	}
	if f.kept.ID != 0 && f.kept.Items.Claimed > 0 { // in doubt: they may have to be sent again
		f.write(func(t *FolderTally) { t.Before = min(t.Messages, f.kept.Items.Settled()+f.kept.Items.Claimed) })
	}
	if err := p.recognise(f); err != nil {
		return err
	}
	if len(f.pending) == 0 {
		return nil
	}
	return p.scanPending(f, func(m Meta) {
		f.write(func(t *FolderTally) { t.New++; t.Left++; t.Bytes += max(0, m.Size) })
		p.progress.write(func(g *Progress) { g.Tally.New++; g.Tally.Bytes += max(0, m.Size) })
	})
}
