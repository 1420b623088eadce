package imaptest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *providerSession) append(rest string, literals [][]byte) string {
	args := words(rest)
	if len(literals) != 1 {
		return "BAD Command Argument Error. 11"
	}
	m := providerMessage{text: literals[0], date: time.Now()}
	for _, a := range args[1:] {
		switch {
		case strings.HasPrefix(a, "("):
			for _, flag := range strings.Fields(strings.Trim(a, "()")) {
				if !slices.Contains(s.p.o.Loses, flag) {
					m.flags = append(m.flags, flag)
				}
			}
		case !strings.HasPrefix(a, "{"):
			if d, err := time.Parse("_2-Jan-2006 15:04:05 -0700", a); err == nil {
				m.date = d
			}
		}
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	f := s.p.account(s.user)[args[0]]
	if f == nil {
		return "NO [TRYCREATE] no such folder"
	}
	if s.p.o.Alters != nil {
		m.text = s.p.o.Alters(m.text)
	}
	if i := slices.IndexFunc(f.messages, func(o providerMessage) bool { return string(o.text) == string(m.text) }); i >= 0 && s.p.o.Merges {
		return s.ok("APPENDUID 7 %d", f.messages[i].uid)
	}
	s.p.last++
	m.number = s.p.last
	return s.ok("APPENDUID 7 %d", f.add(m))
}

// ok answers with a code that tells UIDs, where it tells any.
func (s *providerSession) ok(code string, a ...any) string {
	if s.p.o.NoUIDs {
		return "OK kept"
	}
	return "OK [" + fmt.Sprintf(code, a...) + "] kept"
}

// copy puts messages of the folder that is open into another, those of the set that there are.
func (s *providerSession) copy(rest string) string {
	args := words(rest)
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.open == nil || len(args) != 2 {
		return "BAD Command Argument Error. 11"
	}
	f := s.p.account(s.user)[args[1]]
	if f == nil {
		return "NO [TRYCREATE] no such folder"
	}
	var from, to []string
	for i, m := range slices.Clone(s.open.messages) {
		if !inSet(args[0], m.uid, i == len(s.open.messages)-1) {
			continue
		}
		from = append(from, fmt.Sprint(m.uid))
		same := slices.IndexFunc(f.messages, func(o providerMessage) bool { return string(o.text) == string(m.text) })
		if same >= 0 && s.p.o.Merges {
			to = append(to, fmt.Sprint(f.messages[same].uid))
			continue
		}
		to = append(to, fmt.Sprint(f.add(m)))
	}
	if len(from) == 0 {
		return "OK nothing to copy"
	}
	return s.ok("COPYUID 7 %s %s", strings.Join(from, ","), strings.Join(to, ","))
}

func (s *providerSession) fetch(rest string) string {
	set, items, _ := strings.Cut(rest, " ")
	if s.open == nil {
		return "BAD no folder is open"
	}
	s.p.mu.Lock()
	messages := slices.Clone(s.p.shown(s.open))
	labels := map[uint64][]string{}
	if strings.Contains(items, "X-GM-LABELS") {
		for name, f := range s.p.account(s.user) {
			for _, m := range f.messages {
				if f != s.open && !strings.Contains(f.attributes, `\All`) {
					labels[m.number] = append(labels[m.number], labelOf(name, f.attributes))
				}
			}
		}
	}
	s.p.mu.Unlock()
	wants := func(item string) bool { return strings.Contains(items, item) }
	for i, m := range messages {
		if !inSet(set, m.uid, i == len(messages)-1) {
			continue
		}
		out := []string{fmt.Sprint("UID ", m.uid)}
		add := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
		if wants("X-GM-MSGID") {
			add("X-GM-MSGID %d", m.number)
		}
		if wants("X-GM-LABELS") {
			add("X-GM-LABELS (%s)", strings.Join(labels[m.number], " "))
		}
		if wants("FLAGS") {
			add("FLAGS (%s)", strings.Join(m.flags, " "))
		}
		if wants("INTERNALDATE") {
			date := m.date.Format("_2-Jan-2006 15:04:05 -0700")
			if s.p.o.NoDates {
				date = "00-Jan-0000 00:00:00 +0000"
			}
			add("INTERNALDATE %s", Quote(date))
		}
		if wants("RFC822.SIZE") {
			add("RFC822.SIZE %d", int64(len(m.text))+s.p.o.SizeOff)
		}
		if wants("BODY.PEEK[HEADER]") {
			header, _, _ := strings.Cut(string(m.text), "\r\n\r\n")
			add("BODY[HEADER]<0> {%d}\r\n%s", len(header)+4, header+"\r\n\r\n")
		}
		if wants("BODY.PEEK[]") {
			add("BODY[] {%d}\r\n%s", len(m.text), m.text)
			s.p.mu.Lock()
			s.p.sent[m.number]++
			s.p.octets += int64(len(m.text))
			s.p.mu.Unlock()
		}
		s.say("* %d FETCH (%s)", i+1, strings.Join(out, " "))
	}
	return "OK done"
}

// labelOf writes a folder as a label, as Gmail does.
func labelOf(name, attributes string) string {
	if name == Inbox {
		return `"\\Inbox"`
	}
	for attribute, label := range map[string]string{`\Sent`: `"\\Sent"`, `\Drafts`: `"\\Draft"`, `\Important`: `"\\Important"`, `\Flagged`: `"\\Starred"`} {
		if strings.Contains(attributes, attribute) {
			return label
		}
	}
	return Quote(name)
}

// inSet reports whether a set of IMAP holds a UID; last is whether that is the folder's last message.
func inSet(set string, uid uint32, last bool) bool {
	for part := range strings.SplitSeq(set, ",") {
		a, b, isRange := strings.Cut(part, ":")
		if !isRange {
			b = a
		}
		from, _ := strconv.ParseUint(a, 10, 32)
		to, err := strconv.ParseUint(b, 10, 32)
		if err != nil { // *
			to = 1<<32 - 1
			if last {
				return true
			}
		}
		if uint64(uid) >= from && uint64(uid) <= to {
			return true
		}
	}
	return false
}
