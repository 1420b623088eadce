package engine

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
)

// Some servers store what they have of a message when the connection ends in its middle, though they must not (RFC 3501, 6.3.11). Such a
// fragment has the header of the whole.

// dropFragments takes out of found the arrivals that are only the beginning of their item, so that the whole is sent again.
func (p *activePass) dropFragments(name FolderName, claims []OpenClaim, arrivals []arrival, found []UID) error {
	sizes := map[UID]int64{}
	for _, a := range arrivals {
		sizes[a.uid] = a.size
	}
	i := -1
	for _, c := range claims {
		f := p.folderOf(c.Folder)
		for _, item := range c.Items {
			if i++; f == nil || found[i] == 0 || sizes[found[i]] >= item.Size {
				continue
			}
			fragment, err := p.isFragment(f, name, item, found[i])
			if err != nil {
				return err
			}
			if fragment {
				p.log.Warn("the destination has stored a part of an item only; the whole is sent again", "folder", f.kept.ID, "uid", found[i])
				found[i] = 0
			}
		}
	}
	return nil
}

// isFragment reports whether the message under uid is the beginning of a source message that goes on. Where only blanks and line ends would
// follow, the server has trimmed it: that is the whole.
func (p *activePass) isFragment(f *folderWork, name FolderName, item ClaimedItem, uid UID) (bool, error) {
	there := sha256.New()
	size, err := p.readBody(Destination, Opening{Folder: name}, uid, there, func(w hash.Hash, m Message) error {
		_, err := io.Copy(w, m.Body)
		return err
	})
	if err != nil || size < 0 || size >= item.Size {
		return false, err
	}
	here, more := sha256.New(), false
	whole, err := p.readBody(Source, Opening{f.source.Name, f.source.Status.Validity}, item.UID, here, func(w hash.Hash, m Message) error {
		more = false
		if _, err := io.CopyN(w, m.Body, min(size, m.Size)); err != nil {
			return err
		}
		rest := make([]byte, 32<<10)
		for {
			n, err := m.Body.Read(rest)
			more = more || len(bytes.TrimSpace(rest[:n])) > 0
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	return err == nil && whole > size && more && bytes.Equal(here.Sum(nil), there.Sum(nil)), err
}

// readBody lets read take one message into w, from the beginning each time the connection is lost, and returns the message's size; -1 when it is
// not there.
func (p *activePass) readBody(side Side, folder Opening, uid UID, w hash.Hash, read func(hash.Hash, Message) error) (size int64, err error) {
	err = p.retrying(side, func(s Session) error {
		size = -1
		_, err := s.Fetch(p.ctx, folder, SetOf(uid), func(m Message, lost error) error {
			if lost != nil || m.UID != uid {
				return nil
			}
			w.Reset()
			size = m.Size
			if err := read(w, m); err != nil {
				return &Error{Op: "fetch", Kind: Unreachable, Side: side, Err: err}
			}
			return nil
		})
		return err
	})
	return size, err
}
