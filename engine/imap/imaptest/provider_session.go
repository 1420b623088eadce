package imaptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
)

// providerSession is one connection.
type providerSession struct {
	p      *Provider
	c      net.Conn
	r      *bufio.Reader
	w      *bufio.Writer
	user   string
	open   *providerFolder
	failed int
}

// caps returns what a provider can, signed in or not.
func (p *Provider) caps() string {
	caps := "IMAP4rev1 ID LITERAL+ SASL-IR AUTH=PLAIN NAMESPACE UNSELECT"
	if !p.o.NoUIDs {
		caps += " UIDPLUS"
	}
	return caps
}

func (s *providerSession) serve() {
	defer s.c.Close()
	defer func() {
		s.p.mu.Lock()
		s.p.now[s.user]--
		s.p.mu.Unlock()
	}()
	greeting := s.p.o.Greeting
	if greeting == "" {
		greeting = "ready"
	}
	s.say("* OK [CAPABILITY %s] %s", s.p.caps(), greeting)
	for s.w.Flush() == nil {
		tag, command, literals, err := s.read()
		if err != nil {
			return
		}
		answer := s.answer(command, literals)
		status, _, _ := strings.Cut(answer, " ")
		if untagged, tagged, ok := cutLast(answer); ok {
			s.say("%s", untagged)
			answer = tagged
			status, _, _ = strings.Cut(answer, " ")
		}
		if answer != "" {
			s.say("%s %s", tag, answer)
		}
		if status == "NO" || status == "BAD" {
			if s.failed++; s.p.o.Budget > 0 && s.failed >= s.p.o.Budget {
				s.p.mu.Lock()
				s.p.byes++
				s.p.mu.Unlock()
				s.say("* BYE Connection closed. 14")
				_ = s.w.Flush()
				return
			}
		}
		if strings.HasPrefix(strings.ToUpper(command), "LOGOUT") {
			_ = s.w.Flush()
			return
		}
	}
}

// cutLast cuts the last line off an answer of several.
func cutLast(answer string) (before, last string, ok bool) {
	i := strings.LastIndex(answer, "\r\n")
	if i < 0 {
		return "", answer, false
	}
	return answer[:i], answer[i+2:], true
}

func (s *providerSession) say(format string, a ...any) { fmt.Fprintf(s.w, format+"\r\n", a...) }

// read reads a command: its tag, its text in which each literal stands as {n}, and the literals.
func (s *providerSession) read() (tag, command string, literals [][]byte, err error) {
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return "", "", nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		command += line
		n, ok := literalSize(line)
		if !ok {
			break
		}
		if !strings.HasSuffix(line, "+}") {
			s.say("+ go on")
			if err := s.w.Flush(); err != nil {
				return "", "", nil, err
			}
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(s.r, b); err != nil {
			return "", "", nil, err
		}
		literals = append(literals, b)
	}
	tag, command, _ = strings.Cut(command, " ")
	return tag, command, literals, nil
}

// answer does a command and returns the tagged answer without its tag.
func (s *providerSession) answer(command string, literals [][]byte) string {
	verb, rest, _ := strings.Cut(command, " ")
	verb = strings.ToUpper(verb)
	if verb == "UID" {
		var second string
		second, rest, _ = strings.Cut(rest, " ")
		verb += " " + strings.ToUpper(second)
	}
	s.p.mu.Lock()
	s.p.log = append(s.p.log, command)
	s.p.mu.Unlock()
	if s.p.o.Refuse != nil && s.user != "" {
		if answer := s.p.o.Refuse(s.user, command); answer != "" {
			return answer
		}
	}
	switch verb {
	case "AUTHENTICATE", "LOGIN":
		return s.signIn(verb, rest)
	case "CAPABILITY":
		s.say("* CAPABILITY %s %s", s.p.caps(), s.p.o.Caps)
	case "ID":
		s.say(`* ID ("name" %s)`, Quote(s.p.o.ID))
	case "NAMESPACE":
		s.say(`* NAMESPACE (("" %s)) NIL NIL`, Quote(s.p.o.Separator))
	case "LIST":
		s.list(rest)
	case "LSUB", "SUBSCRIBE", "UNSELECT", "NOOP":
	case "LOGOUT":
		s.say("* BYE bye")
	case "STATUS":
		return s.status(rest)
	case "SELECT", "EXAMINE":
		return s.selected(rest)
	case "CREATE":
		return s.create(rest)
	case "UID FETCH":
		return s.fetch(rest)
	case "APPEND":
		return s.append(rest, literals)
	case "UID COPY":
		return s.copy(rest)
	default:
		return "BAD Command Error. 10"
	}
	return "OK done"
}

func (s *providerSession) signIn(verb, rest string) string {
	user := ""
	if verb == "LOGIN" {
		user = words(rest)[0]
	} else {
		_, encoded, _ := strings.Cut(rest, " ")
		if parts := strings.Split(decode64(encoded), "\x00"); len(parts) == 3 {
			user = parts[1]
		}
	}
	if s.p.o.SignIn != nil && !s.p.o.SignIn(user) {
		return "NO [AUTHENTICATIONFAILED] Authentication failed"
	}
	s.user = user
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.now[user]++
	s.p.most[user] = max(s.p.most[user], s.p.now[user])
	return "OK [CAPABILITY " + strings.TrimSpace(s.p.caps()+" "+s.p.o.Caps) + "] in"
}
