package engine

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// Some servers change messages as they store them, so that no digest agrees any more. What they leave alone is the Message-ID and,
// most often, the date.

// matchAltered finds among the arrivals that are left those that are claimed items altered by the destination: of the same Message-ID
// and date, first come first served. It fills in found.
func (p *activePass) matchAltered(claims []OpenClaim, arrivals []arrival, found []UID) error {
	free := map[Digest][]arrival{}
	taken := map[UID]bool{}
	for _, u := range found {
		taken[u] = true
	}
	for _, a := range arrivals {
		if a.id != (Digest{}) && !taken[a.uid] {
			free[a.id] = append(free[a.id], a)
		}
	}
	if len(free) == 0 {
		return nil
	}
	i := 0
	for _, c := range claims {
		first := i
		i += len(c.Items)
		f := p.folderOf(c.Folder)
		if f == nil {
			continue
		}
		var missing []UID
		for j, item := range c.Items {
			if found[first+j] == 0 {
				missing = append(missing, item.UID)
			}
		}
		if len(missing) == 0 {
			continue
		}
		here, err := p.headers(Source, Opening{f.source.Name, f.source.Status.Validity}, SetOf(missing...))
		if err != nil {
			return err
		}
		ids := map[UID]Digest{}
		for _, a := range here {
			ids[a.uid] = a.id
		}
		for j, item := range c.Items {
			if found[first+j] != 0 || ids[item.UID] == (Digest{}) {
				continue
			}
			for k, a := range free[ids[item.UID]] {
				if a.uid != 0 && a.date.date() == item.Date.date() {
					found[first+j], free[ids[item.UID]][k].uid = a.uid, 0
					break
				}
			}
		}
	}
	return nil
}

// folderOf returns the folder of the pass that the ledger keeps under id, nil when it is there no more under that UIDVALIDITY.
func (p *activePass) folderOf(id FolderID) *folderWork {
	for _, f := range p.folders {
		if f.kept.ID == id || slices.ContainsFunc(f.before, func(k KeptFolder) bool { return k.ID == id }) {
			return f
		}
	}
	return nil
}

// messageID returns a digest of the header's Message-ID, zero when it has none. What stands behind its @ does not count: Domino writes its own there.
func messageID(header []byte) (id Digest) {
	if value, _, _ := bytes.Cut(field(header, "message-id"), []byte("@")); len(value) > 0 {
		sum := sha256.Sum256(value)
		copy(id[:], sum[:])
	}
	return id
}

// field returns the value of the first field of that name in a header, with its folds, nil when there is none.
func field(header []byte, name string) []byte {
	for len(header) > 0 {
		line := header
		if i := bytes.IndexByte(header, '\n'); i >= 0 {
			line = header[:i+1]
			for i+1 < len(header) && (header[i+1] == ' ' || header[i+1] == '\t') { // folded
				j := bytes.IndexByte(header[i+1:], '\n')
				if j < 0 {
					line = header
					break
				}
				i += j + 1
				line = header[:i+1]
			}
		}
		header = header[len(line):]
		colon := len(name)
		switch {
		case len(bytes.TrimRight(line, "\r\n")) == 0: // the header's end
			return nil
		case len(line) > colon && line[colon] == ':' && bytes.EqualFold(line[:colon], []byte(name)):
			return bytes.TrimSpace(line[colon+1:])
		}
	}
	return nil
}
