package engine

// denied reports whether the destination holds what it may have denied: messages of the batch among those that came since it was claimed. Then the
// batch must not be sent again before it has been looked up. It asks over the lane's session, on which nothing may be under way.
func (l *lane) denied(b *batch) (bool, error) {
	folder := Opening{b.folder.name, 0}
	set := UIDSet{{max(b.from, 1), MaxUID}}
	sizes := map[int64]bool{}
	heads := map[Digest]bool{}
	for _, h := range b.items {
		sizes[h.Size], heads[h.Head] = true, true
	}
	var alike []UID
	_, err := l.destination.Scan(l.p.ctx, folder, set, func(m Meta) error {
		if set.Contains(m.UID) && (sizes[m.Size] || m.Size < 0) {
			alike = append(alike, m.UID)
		}
		return nil
	})
	if err != nil || len(alike) == 0 {
		return false, err
	}
	found := false
	key := l.p.e.o.Ledger.DigestKey()
	_, err = l.destination.Headers(l.p.ctx, folder, SetOf(alike...), func(h Header) error {
		found = found || heads[HeadDigest(key, h.Bytes)]
		return nil
	})
	return found, err
}
