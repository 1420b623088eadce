package imaptest

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
)

// ProviderOptions say how a Provider behaves. The zero value is a plain server with INBOX.
type ProviderOptions struct {
	Caps      string // after sign-in, besides IMAP4rev1 and what is always there: UIDPLUS, ID, LITERAL+
	Greeting  string // its text
	ID        string // its name
	Folders   []ProviderFolder
	Labels    bool     // messages lie in several folders at once, and are told by X-GM-MSGID; the folder for \All holds all
	Shown     int      // messages of a folder that are shown, the newest ones; 0: all
	Merges    bool     // of equal messages in a folder one is kept, whose UID answers the second
	Permanent string   // PERMANENTFLAGS; default all, and new keywords
	Loses     []string // flags that it does not keep of what is appended, though it says so
	SizeOff   int64    // RFC822.SIZE is wrong by so much
	Budget    int      // commands that may fail on a connection before it is ended; 0: any number
	Reserved  []string // names, in lower case, of folders that it does not make

	// Refuse returns the tagged answer to a command in place of what it does, "" for none. It may hold untagged lines before it.
	Refuse func(user, command string) string
	// SignIn reports whether a user name is known; nil: every one is.
	SignIn func(user string) bool
}

// ProviderFolder is a folder that every account has.
type ProviderFolder struct {
	Name       string // as IMAP writes it
	Attributes string
}

// Provider is a server in memory that behaves like a mail provider, in what tests ask of it. Every account has the same folders.
type Provider struct {
	o ProviderOptions
	l net.Listener

	mu       sync.Mutex
	accounts map[string]map[string]*providerFolder
	last     uint64 // message number
	log      []string
	most     map[string]int // connections at once, by account
	now      map[string]int
	byes     int
}

type providerFolder struct {
	name, attributes string
	next             uint32
	messages         []providerMessage
}

type providerMessage struct {
	uid    uint32
	number uint64
	text   []byte
	flags  []string
	date   time.Time
}

// ServeProvider starts a Provider, which is gone when the test ends.
func ServeProvider(t testing.TB, o ProviderOptions) *Provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{o: o, l: l, accounts: map[string]map[string]*providerFolder{}, last: 1 << 60, most: map[string]int{}, now: map[string]int{}}
	var all sync.WaitGroup
	conns := map[net.Conn]bool{}
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			conns[c] = true
			p.mu.Unlock()
			all.Go(func() {
				(&providerSession{p: p, c: c, r: bufio.NewReader(c), w: bufio.NewWriter(c)}).serve()
				p.mu.Lock()
				delete(conns, c)
				p.mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for c := range conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		all.Wait()
	})
	return p
}

// Addr returns where it listens.
func (p *Provider) Addr() string { return p.l.Addr().String() }

// Endpoint returns how it is reached.
func (p *Provider) Endpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: p.l.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}
}

// account returns an account's folders. p.mu is held.
func (p *Provider) account(user string) map[string]*providerFolder {
	if p.accounts[user] == nil {
		p.accounts[user] = map[string]*providerFolder{Inbox: {name: Inbox, next: 1}}
		for _, f := range p.o.Folders {
			p.accounts[user][f.Name] = &providerFolder{name: f.Name, attributes: f.Attributes, next: 1}
		}
	}
	return p.accounts[user]
}

// all returns the folder that holds all messages, nil for none.
func (p *Provider) all(user string) *providerFolder {
	for _, f := range p.account(user) {
		if p.o.Labels && strings.Contains(f.attributes, `\All`) {
			return f
		}
	}
	return nil
}

func (f *providerFolder) add(m providerMessage) uint32 {
	m.uid = f.next
	f.next++
	f.messages = append(f.messages, m)
	return m.uid
}

// Deliver puts a message into folders of an account, and, where it keeps labels, into the one for all. It returns the message's number.
func (p *Provider) Deliver(user string, m Message, folders ...string) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	text := []byte(strings.ReplaceAll(string(Fold(m.Bytes)), "\n", "\r\n"))
	one := providerMessage{number: p.last, text: text, flags: m.Flags, date: m.Date}
	for _, name := range folders {
		p.folder(user, name).add(one)
	}
	if all := p.all(user); all != nil {
		all.add(one)
	}
	return p.last
}

// folder returns a folder, made if it is not there.
func (p *Provider) folder(user, name string) *providerFolder {
	folders := p.account(user)
	if folders[name] == nil {
		folders[name] = &providerFolder{name: name, next: 1}
	}
	return folders[name]
}

// Label puts a message into a further folder, and Unlabel takes it out of one.
func (p *Provider) Label(user string, number uint64, folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.all(user).messages {
		if m.number == number {
			p.folder(user, folder).add(m)
			return
		}
	}
}

// Unlabel takes a message out of a folder.
func (p *Provider) Unlabel(user string, number uint64, folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.folder(user, folder)
	f.messages = slices.DeleteFunc(f.messages, func(m providerMessage) bool { return m.number == number })
}

// Read returns what an account holds.
func (p *Provider) Read(user string) Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	mail := Mail{}
	for name, f := range p.account(user) {
		mail[name] = nil
		for _, m := range f.messages {
			flags := make([]string, len(m.flags))
			for i, flag := range m.flags {
				flags[i] = strings.ToLower(flag)
			}
			slices.Sort(flags)
			text := Fold(m.text)
			mail[name] = append(mail[name], Copy{Sum: fmt.Sprintf("%x", sha256.Sum256(text)), Size: len(text), Flags: strings.Join(flags, " "), Date: m.date.Unix()})
		}
	}
	return mail
}

// Subjects returns the subjects of a folder's messages, in the order of their UIDs.
func (p *Provider) Subjects(user, folder string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	if f := p.account(user)[folder]; f != nil {
		for _, m := range f.messages {
			line, _, _ := strings.Cut(string(m.text), "\r\n")
			all = append(all, strings.TrimPrefix(line, "Subject: "))
		}
	}
	return all
}

// Commands returns the commands that came, without their tags and literals.
func (p *Provider) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.log)
}

// MostAtOnce returns how many connections an account had at once, and Byes how many the server has ended.
func (p *Provider) MostAtOnce(user string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most[user]
}

// Byes returns how many connections have used up their budget of failures.
func (p *Provider) Byes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byes
}

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

const providerCaps = "IMAP4rev1 UIDPLUS ID LITERAL+ SASL-IR AUTH=PLAIN NAMESPACE UNSELECT"

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
	s.say("* OK [CAPABILITY %s] %s", providerCaps, greeting)
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
		s.say("* CAPABILITY %s %s", providerCaps, s.p.o.Caps)
	case "ID":
		s.say(`* ID ("name" %s)`, Quote(s.p.o.ID))
	case "NAMESPACE":
		s.say(`* NAMESPACE (("" "/")) NIL NIL`)
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
	return "OK [CAPABILITY " + strings.TrimSpace(providerCaps+" "+s.p.o.Caps) + "] in"
}

func (s *providerSession) list(rest string) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	folders := s.p.account(s.user)
	parents := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		if parent, _, ok := cutLastSlash(name); ok && folders[parent] == nil && !parents[parent] {
			parents[parent] = true
			s.say(`* LIST (\Noselect) "/" %s`, Quote(parent))
		}
		f := folders[name]
		s.say(`* LIST (%s) "/" %s`, f.attributes, Quote(name))
		if strings.Contains(rest, "STATUS") {
			s.say("* STATUS %s %s", Quote(name), s.p.statusOf(f))
		}
	}
}

func cutLastSlash(name string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// shown returns the messages of a folder that it shows.
func (p *Provider) shown(f *providerFolder) []providerMessage {
	if n := len(f.messages); p.o.Shown > 0 && n > p.o.Shown {
		return f.messages[n-p.o.Shown:]
	}
	return f.messages
}

func (p *Provider) statusOf(f *providerFolder) string {
	return fmt.Sprintf("(MESSAGES %d UIDNEXT %d UIDVALIDITY 7)", len(p.shown(f)), f.next)
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
	case folders[name] != nil:
		return "NO [ALREADYEXISTS] there"
	}
	folders[name] = &providerFolder{name: name, next: 1}
	return "OK made"
}

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
	if i := slices.IndexFunc(f.messages, func(o providerMessage) bool { return string(o.text) == string(m.text) }); i >= 0 && s.p.o.Merges {
		return fmt.Sprintf("OK [APPENDUID 7 %d] kept once", f.messages[i].uid)
	}
	s.p.last++
	m.number = s.p.last
	return fmt.Sprintf("OK [APPENDUID 7 %d] kept", f.add(m))
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
			add("INTERNALDATE %s", Quote(m.date.Format("_2-Jan-2006 15:04:05 -0700")))
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

// words splits the arguments of a command: quoted strings without their quotes, lists with their parentheses.
func words(text string) (out []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		switch text[0] {
		case '"':
			var b strings.Builder
			i := 1
			for ; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' && i+1 < len(text) {
					i++
				}
				b.WriteByte(text[i])
			}
			out, text = append(out, b.String()), text[min(i+1, len(text)):]
		case '(':
			i := strings.IndexByte(text, ')')
			if i < 0 {
				return append(out, text)
			}
			out, text = append(out, text[:i+1]), text[i+1:]
		default:
			word, rest, _ := strings.Cut(text, " ")
			out, text = append(out, word), rest
		}
	}
	return out
}

func decode64(text string) string {
	b, _ := base64.StdEncoding.DecodeString(text)
	return string(b)
}
