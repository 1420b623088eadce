package engine

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// A first pass reads so many copies back: the first ones, and the first ones with bytes in their header that servers like to mend, and the first ones
// that are flagged; of so many
// folders, for each costs a round trip.
const (
	plainSamples   = 2
	oddSamples     = 3
	flaggedSamples = 2
	sampledFolders = 2
)

// samples are the copies by which a first pass learns whether the destination keeps messages as they are.
type samples struct {
	mu                  sync.Mutex
	wanted              bool
	plain, odd, flagged int
	copies              map[*folderWork]map[UID]sample // by their UID at the destination
}

// sample is what a copy should be.
type sample struct {
	body  Digest
	flags []string // in lower case
}

// offer notes a copy, if it is one to be read back.
func (s *samples) offer(f *folderWork, uid UID, h held, dropped []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := s.copies[f]
	flags := sentFlags(h.meta.Flags, dropped)
	flagged := slices.Contains(flags, `\flagged`) && s.flagged < flaggedSamples // servers that lose any lose this one
	if !s.wanted || uid == 0 || h.Body == (Digest{}) || !flagged && (s.plain == plainSamples && s.odd == oddSamples || copies == nil && len(s.copies) >= sampledFolders) {
		return
	}
	switch {
	case flagged:
		s.flagged++
	case s.odd < oddSamples && eightBit(h.header):
		s.odd++
	case s.plain < plainSamples:
		s.plain++
	default:
		return
	}
	if copies == nil {
		copies = map[UID]sample{}
		s.copies[f] = copies
	}
	copies[uid] = sample{h.Body, flags}
}

// sentFlags returns the flags of a message that every service should keep, less those that the destination has dropped.
func sentFlags(flags, dropped []string) (sent []string) {
	for _, f := range flags {
		switch low := strings.ToLower(f); low {
		case `\seen`, `\answered`, `\flagged`, `\draft`:
			if !slices.ContainsFunc(dropped, func(d string) bool { return strings.EqualFold(d, f) }) {
				sent = append(sent, low)
			}
		}
	}
	return sent
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
func (p *activePass) changed(f *folderWork, copies map[UID]sample) (n int, err error) {
	set := SetOf(slices.Collect(maps.Keys(copies))...)
	_, err = p.digests(Destination, Opening{f.name, f.status.Validity}, set, func(m Meta, _, body Digest, lost error) {
		var gone []string
		for _, flag := range copies[m.UID].flags {
			if !slices.ContainsFunc(m.Flags, func(f string) bool { return strings.EqualFold(f, flag) }) {
				gone = append(gone, flag)
			}
		}
		if lost == nil && len(gone) > 0 {
			p.note(Note{What: NoteFlagsLost, Count: 1, Text: strings.Join(gone, ", ")})
			p.log.Warn("the destination has not kept flags", "folder", f.kept.ID, "destination_uid", m.UID, "flags", gone)
		}
		if lost == nil && body != copies[m.UID].body {
			n++
			p.log.Warn("the destination has changed a message", "folder", f.kept.ID, "destination_uid", m.UID)
		}
	})
	return n, err
}
