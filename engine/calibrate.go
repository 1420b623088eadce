package engine

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// A first pass reads so many copies back: the first ones, and the first ones with bytes in their header that servers like to mend; of so many
// folders, for each costs a round trip.
const (
	plainSamples   = 2
	oddSamples     = 3
	sampledFolders = 2
)

// samples are the copies by which a first pass learns whether the destination keeps messages as they are.
type samples struct {
	mu         sync.Mutex
	wanted     bool
	plain, odd int
	copies     map[*folderWork]map[UID]Digest // by their UID at the destination
}

// offer notes a copy, if it is one to be read back.
func (s *samples) offer(f *folderWork, uid UID, h held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := s.copies[f]
	if !s.wanted || uid == 0 || h.Body == (Digest{}) || s.plain == plainSamples && s.odd == oddSamples || copies == nil && len(s.copies) == sampledFolders {
		return
	}
	switch {
	case s.odd < oddSamples && eightBit(h.header):
		s.odd++
	case s.plain < plainSamples:
		s.plain++
	default:
		return
	}
	if copies == nil {
		copies = map[UID]Digest{}
		s.copies[f] = copies
	}
	copies[uid] = h.Body
}

// eightBit reports whether the header of a message, of which text is the beginning, holds bytes that are not ASCII.
func eightBit(text []byte) bool {
	for i, b := range text {
		switch {
		case b >= 0x80:
			return true
		case b == '\n' && (bytes.HasPrefix(text[i+1:], []byte("\n")) || bytes.HasPrefix(text[i+1:], []byte("\r\n"))):
			return false
		}
	}
	return false
}

// calibrate reads the samples back and tells where the destination has changed them: a copy that is not exact is never made in silence. That it
// cannot be found out is no error of the pass.
func (p *activePass) calibrate() {
	for f, copies := range p.samples.copies {
		changed, err := p.changed(f, copies)
		if err != nil {
			p.log.Warn("copies could not be read back", "folder", f.kept.ID, "err", err)
		}
		if changed > 0 {
			f.fail(&Error{Op: "read back", Kind: Other, Side: Destination, Host: p.project.Destination.Host,
				Text: fmt.Sprintf("the destination changes messages as it stores them: %d of %d that were read back; a verifying pass tells how many", changed, len(copies))})
		}
	}
}

// changed counts the copies in a folder that are other messages than those sent. One that its owner has moved already is not.
func (p *activePass) changed(f *folderWork, copies map[UID]Digest) (n int, err error) {
	set := SetOf(slices.Collect(maps.Keys(copies))...)
	_, err = p.digests(Destination, Opening{f.name, f.status.Validity}, set, func(m Meta, _, body Digest, lost error) {
		if lost == nil && body != copies[m.UID] {
			n++
			p.log.Warn("the destination has changed a message", "folder", f.kept.ID, "destination_uid", m.UID)
		}
	})
	return n, err
}
