package imap

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
)

// script is a server that says what a test wants it to say. It takes one connection.
type script struct {
	t      testing.TB
	l      net.Listener
	caps   string                      // capabilities after sign-in
	reply  func(command string) string // to a command without its tag; "$" stands for the tag, endOfStream closes the connection
	hello  string                      // greeting; the default signs in with one round trip
	hold   func(command string) string // answers a literal that waits; nil: all are welcome
	signIn func(command string) string // answers AUTHENTICATE and LOGIN; nil: anybody may

	pour func(command string, w io.Writer) bool // answers without end what reply does not; true closes the connection then

	mu       sync.Mutex
	commands []string
}

const endOfStream = "\x00"

const plainHello = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"

// scripted starts a script.
func scripted(t testing.TB, caps string, reply func(command string) string) *script {
	t.Helper()
	s := &script{t: t, caps: caps, reply: reply, hello: plainHello}
	s.listen()
	return s
}

func (s *script) listen() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(s.t, err)
	s.l = l
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(c) })
		}
	})
	s.t.Cleanup(func() { _ = l.Close(); all.Wait() })
}

func (s *script) endpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: s.l.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}
}

func (s *script) serve(c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(s.t.Context(), func() { _ = c.Close() })
	defer stop()
	r := bufio.NewReader(c)
	if !s.say(c, "", s.hello) {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		for {
			n, plus, ok := literalOf(command)
			if !ok {
				break
			}
			if !plus {
				answer := "+ go\r\n"
				if s.hold != nil {
					answer = s.hold(command)
				}
				if !strings.HasPrefix(answer, "+") {
					s.say(c, tag, answer)
					command = ""
					break
				}
				s.say(c, tag, answer)
			}
			b := make([]byte, n)
			if _, err := io.ReadFull(r, b); err != nil {
				return
			}
			rest, err := r.ReadString('\n')
			if err != nil {
				return
			}
			command += "\r\n" + string(b) + strings.TrimRight(rest, "\r\n")
		}
		if command == "" {
			continue
		}
		if s.pour != nil && s.pour(command, c) {
			return
		}
		answer := s.answer(command)
		for strings.HasPrefix(answer, "+") { // a step of signing in
			s.say(c, tag, answer)
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			answer = s.signIn(strings.TrimSpace(line))
		}
		if !s.say(c, tag, answer) {
			return
		}
	}
}

func literalOf(command string) (n int, plus, ok bool) {
	i := strings.LastIndexByte(command, '{')
	if i < 0 || !strings.HasSuffix(command, "}") {
		return 0, false, false
	}
	number := strings.TrimSuffix(command[i+1:len(command)-1], "+")
	_, err := fmt.Sscan(number, &n)
	return n, strings.HasSuffix(command, "+}"), err == nil
}

func (s *script) answer(command string) string {
	s.mu.Lock()
	s.commands = append(s.commands, command)
	s.mu.Unlock()
	verb, _, _ := strings.Cut(command, " ")
	switch verb {
	case "AUTHENTICATE", "LOGIN":
		if s.signIn != nil {
			return s.signIn(command)
		}
		return "$ OK [CAPABILITY " + s.caps + "] in\r\n"
	case "LOGOUT":
		return "* BYE bye\r\n$ OK out\r\n" + endOfStream
	}
	if answer := s.reply(command); answer != "" {
		return answer
	}
	return "$ OK done\r\n"
}

// say sends an answer and reports whether the connection goes on.
func (s *script) say(c net.Conn, tag, answer string) bool {
	text, _, end := strings.Cut(strings.ReplaceAll(answer, "$", tag), endOfStream)
	_, err := io.WriteString(c, text)
	return err == nil && !end
}

// sent returns the commands received so far that begin with one of the verbs.
func (s *script) sent(verbs ...string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, c := range s.commands {
		for _, v := range verbs {
			if strings.HasPrefix(c, v) {
				out = append(out, c)
			}
		}
	}
	return out
}

// session signs in at the script.
func (s *script) session(side engine.Side) engine.Session {
	s.t.Helper()
	return mustDial(s.t, NewDialer(Options{Stall: 5 * time.Second}), side, s.endpoint(), "anna")
}

// examineReply is what a folder of UIDVALIDITY 7 answers to EXAMINE.
const examineReply = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 10] next\r\n$ OK [READ-ONLY] open\r\n"
