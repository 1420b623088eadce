package imaptest

import (
	"maps"
	"slices"
	"strings"
)

func (s *providerSession) list(rest string) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	folders := s.p.account(s.user)
	parents := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		if parent, _, ok := s.p.cutLast(name); ok && folders[parent] == nil && !parents[parent] {
			parents[parent] = true
			s.say(`* LIST (\Noselect) %s %s`, Quote(s.p.o.Separator), Quote(parent))
		}
		f := folders[name]
		s.say(`* LIST (%s) %s %s`, f.attributes, Quote(s.p.o.Separator), Quote(name))
		if strings.Contains(rest, "STATUS") {
			s.say("* STATUS %s %s", Quote(name), s.p.statusOf(f))
		}
	}
}

// cutLast cuts a folder's name before its last part.
func (p *Provider) cutLast(name string) (parent, last string, ok bool) {
	i := strings.LastIndex(name, p.o.Separator)
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

func (s *providerSession) status(rest string) string {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	name := words(rest)[0]
	f := s.p.account(s.user)[name]
	if f == nil {
		return "NO [NONEXISTENT] no such folder"
	}
	s.say("* STATUS %s %s", Quote(name), s.p.statusOf(f))
	return "OK done"
}

func (s *providerSession) selected(rest string) string {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.open = s.p.account(s.user)[words(rest)[0]]
	if s.open == nil {
		return "NO [NONEXISTENT] no such folder"
	}
	permanent := s.p.o.Permanent
	if permanent == "" {
		permanent = `(\Answered \Flagged \Deleted \Seen \Draft \*)`
	}
	s.say("* %d EXISTS", len(s.p.shown(s.open)))
	s.say("* OK [PERMANENTFLAGS %s] kept", permanent)
	s.say("* OK [UIDVALIDITY 7] valid")
	s.say("* OK [UIDNEXT %d] next", s.open.next)
	return "OK open"
}

func (s *providerSession) create(rest string) string {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	name := words(rest)[0]
	folders := s.p.account(s.user)
	switch {
	case slices.Contains(s.p.o.Reserved, strings.ToLower(name)):
		return "NO CREATE failed. The folder name is reserved"
	case s.p.o.Childless && strings.HasPrefix(strings.ToUpper(name), Inbox+s.p.o.Separator):
		return "NO INBOX has no folders below it"
	case folders[name] != nil:
		return "NO [ALREADYEXISTS] there"
	}
	folders[name] = &providerFolder{name: name, next: 1}
	return "OK made"
}
