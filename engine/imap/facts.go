package imap

import (
	"context"
	"errors"
	"maps"
	"strings"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// account is what the sessions of a destination account have learned of its folders. It is forgotten with the last of them.
type account struct {
	sessions int
	folders  map[engine.FolderName]*facts
}

// facts is what a folder takes. Permissions may differ from one to the next (RFC 4314), and so may what fits (RFC 7889).
type facts struct {
	asked bool
	flags *permanentFlags // nil: not told
	limit int64           // octets of a message; 0: not told
	full  bool            // it makes no more keywords
	made  map[string]bool // keywords that it has taken, in lower case
}

// keeps returns what a folder keeps that is said to keep p.
func (k *facts) keeps(p permanentFlags) permanentFlags {
	if !k.full {
		return p
	}
	now := permanentFlags{known: true, listed: maps.Clone(k.made)}
	maps.Copy(now.listed, p.listed)
	if !p.known {
		for f := range systemFlags {
			now.listed[f] = true
		}
	}
	return now
}

// join counts a session in.
func (d *Dialer) join(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[key]
	if a == nil {
		a = &account{folders: map[engine.FolderName]*facts{}}
		d.accounts[key] = a
	}
	a.sessions++
}

// leave counts it out.
func (d *Dialer) leave(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a := d.accounts[key]; a != nil {
		if a.sessions--; a.sessions == 0 {
			delete(d.accounts, key)
		}
	}
}

// facts lets f look at, and change, what is known of a folder.
func (s *session) facts(folder engine.FolderName, f func(*facts)) {
	d := s.dialer
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[s.key]
	if a == nil { // the session is closed
		f(&facts{})
		return
	}
	folder = key(folder)
	k := a.folders[folder]
	if k == nil {
		k = &facts{}
		a.folders[folder] = k
	}
	f(k)
}

// takes returns what a folder takes, as far as it is known: what is not is as in INBOX. A full one makes no more keywords.
func (s *session) takes(folder engine.FolderName) (flags permanentFlags, limit int64, full bool) {
	flags, limit = s.permanentFlags(), s.Limits().MaxSize
	s.facts(folder, func(k *facts) {
		if k.flags != nil {
			flags = *k.flags
		}
		if k.limit > 0 {
			limit = k.limit
		}
		flags, full = k.keeps(flags), k.full
	})
	return flags, limit, full
}

// made notes the keywords that a folder has taken with some messages, of whose flags these are some.
func (s *session) made(folder engine.FolderName, messages []int, flags [][]string) {
	s.facts(folder, func(k *facts) {
		for _, i := range messages {
			for _, f := range flags[i] {
				if f[0] == '\\' {
					continue
				}
				if k.made == nil {
					k.made = map[string]bool{}
				}
				k.made[strings.ToLower(f)] = true
			}
		}
	})
}

// filled notes that a folder makes no more keywords.
func (s *session) filled(folder engine.FolderName) {
	s.facts(folder, func(k *facts) {
		k.full = true
		if k.made == nil {
			k.made = map[string]bool{}
		}
	})
}

// lesson is a question on its way: what flags a folder keeps.
type lesson struct {
	over  chan struct{}
	flags *permanentFlags // nil: not told
}

// learn asks what flags a folder keeps, in the same breath with what is appended to it, unless that is known or was asked.
func (s *session) learn(ctx context.Context, folder engine.FolderName) *lesson {
	if key(folder) == inbox && s.knowsFlags() {
		return nil
	}
	ask := false
	s.facts(folder, func(k *facts) { ask, k.asked = !k.asked, true })
	if !ask {
		return nil
	}
	s.examined = nil
	x := s.conn.Begin(ctx, wire.Select)
	err := x.Send(wire.Text("SELECT "), wire.Name(string(folder)))
	if err == nil && s.has("UNSELECT") { // what comes in costs a server more where it is in sight
		err = x.Send(wire.Text("UNSELECT"))
	}
	if err != nil && !errors.Is(err, wire.ErrHeld) {
		x.Close()
		return nil
	}
	l := &lesson{over: make(chan struct{})}
	go func() {
		defer close(l.over)
		defer x.Close()
		if flags, ok := readPermanent(x); ok {
			l.flags = &flags
		}
		s.facts(folder, func(k *facts) { k.flags = l.flags })
	}()
	return l
}

// readPermanent takes the answers to a SELECT and what was sent behind it.
func readPermanent(x *wire.Exchange) (flags permanentFlags, ok bool) {
	for x.Open() > 0 {
		r, end, err := x.Next()
		switch {
		case err != nil:
			return flags, false
		case r != nil:
			flags.read(r)
		case end.Command == 0:
			ok = end.Status.OK()
		}
	}
	return flags, ok && flags.known
}

// unkept adds to what was dropped of a message's flags what was sent and is not kept.
func (l *lesson) unkept(flags, dropped []string) []string {
	if l == nil || l.flags == nil {
		return dropped
	}
	_, all := l.flags.choose(flags)
	for _, f := range all {
		dropped = appendNew(dropped, f)
	}
	return dropped
}

// flagged reports whether any message has flags that matter.
func flagged(messages []engine.Message) bool {
	for _, m := range messages {
		for _, f := range m.Flags {
			if !strings.EqualFold(f, `\Recent`) {
				return true
			}
		}
	}
	return false
}
