package engine_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// host is a mail server of any make.
type host interface {
	Addr() string
	Endpoint() engine.Endpoint
	put(t testing.TB, user, folder, name string, m imaptest.Message)
	read(t testing.TB, user string) imaptest.Mail // past the engine's own code
	remove(user string)                           // when a test is done with it, to save memory
}

// doveHost is a Dovecot; its mail is read from disk.
type doveHost struct{ *imaptest.Server }

func (h doveHost) put(t testing.TB, user, folder, name string, m imaptest.Message) {
	imaptest.Put(t, h.MailRoot(user), folder, name, m)
}

func (h doveHost) read(t testing.TB, user string) imaptest.Mail {
	return imaptest.ReadMail(t, h.MailRoot(user))
}

func (h doveHost) remove(string) {}

// memHost is go-imap's server in memory; its mail is read by go-imap's client.
type memHost struct {
	l     net.Listener
	mu    sync.Mutex
	users map[string]*imapmemserver.User

	cuts   bool // it stores what has come of a message when the client leaves, as it must not
	merges bool // it keeps one copy of equal messages, and answers with its UID, as Gmail does
	kept   map[string]*goimap.AppendData
}

// memCaps is what the server in memory can.
var memCaps = goimap.CapSet{
	goimap.CapIMAP4rev1: {}, goimap.CapLiteralPlus: {}, goimap.CapUIDPlus: {}, goimap.CapESearch: {}, goimap.CapListExtended: {},
	goimap.CapListStatus: {}, goimap.CapStatusSize: {},
}

// newMemHost starts a server in memory. It takes every user name with imaptest.Password.
func newMemHost(t *testing.T) *memHost {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &memHost{l: l, users: map[string]*imapmemserver.User{}, kept: map[string]*goimap.AppendData{}}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &memSession{host: h}, nil, nil
		},
		Caps: memCaps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return h
}

func (h *memHost) Addr() string { return h.l.Addr().String() }

func (h *memHost) Endpoint() engine.Endpoint {
	return engine.Endpoint{Host: "127.0.0.1", Port: h.l.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}
}

// user returns a user, who has at least an inbox.
func (h *memHost) user(name string) *imapmemserver.User {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.users[name]
	if u == nil {
		u = imapmemserver.NewUser(name, imaptest.Password)
		_ = u.Create("INBOX", nil)
		h.users[name] = u
	}
	return u
}

func (h *memHost) remove(user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.users, user)
}

func (h *memHost) put(t testing.TB, user, folder, _ string, m imaptest.Message) {
	t.Helper()
	u := h.user(user)
	_ = u.Create(folder, nil) // it may be there
	var flags []goimap.Flag
	for _, f := range m.Flags {
		flags = append(flags, goimap.Flag(f))
	}
	text := bytes.ReplaceAll(imaptest.Fold(m.Bytes), []byte("\n"), []byte("\r\n"))
	if _, err := u.Append(folder, bytes.NewReader(text), &goimap.AppendOptions{Flags: flags, Time: m.Date}); err != nil {
		t.Fatal(err)
	}
}

func (h *memHost) read(t testing.TB, user string) imaptest.Mail {
	t.Helper()
	mail := imaptest.Mail{}
	fatal := func(err error) {
		if err != nil {
			t.Fatalf("read the mail of %s: %v", user, err)
		}
	}
	c, err := imapclient.DialInsecure(h.Addr(), nil)
	fatal(err)
	defer c.Close()
	fatal(c.Login(user, imaptest.Password).Wait())
	folders, err := c.List("", "*", nil).Collect()
	fatal(err)
	for _, f := range folders {
		mail[f.Mailbox] = nil
		selected, err := c.Select(f.Mailbox, &goimap.SelectOptions{ReadOnly: true}).Wait()
		fatal(err)
		if selected.NumMessages == 0 {
			continue
		}
		messages, err := c.Fetch(goimap.SeqSet{{Start: 1, Stop: 0}}, &goimap.FetchOptions{Flags: true, InternalDate: true,
			BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}).Collect()
		fatal(err)
		for _, m := range messages {
			body := imaptest.Fold(m.BodySection[0].Bytes)
			var flags []string
			for _, f := range m.Flags {
				flags = append(flags, strings.ToLower(string(f)))
			}
			slices.Sort(flags)
			mail[f.Mailbox] = append(mail[f.Mailbox], imaptest.Copy{Sum: fmt.Sprintf("%x", sha256.Sum256(body)), Size: len(body),
				Flags: strings.Join(flags, " "), Date: m.InternalDate.Unix()})
		}
	}
	return mail
}

// memSession is one connection to a server in memory.
type memSession struct {
	*imapmemserver.UserSession // nil until signed in
	host                       *memHost
}

func (s *memSession) Close() error {
	if s.UserSession == nil {
		return nil
	}
	return s.UserSession.Close()
}

func (s *memSession) Login(name, password string) error {
	u := s.host.user(name)
	if err := u.Login(name, password); err != nil {
		return err
	}
	s.UserSession = imapmemserver.NewUserSession(u)
	return nil
}

// Select names every system flag as permanent; the server in memory names those that a message has already.
func (s *memSession) Select(name string, options *goimap.SelectOptions) (*goimap.SelectData, error) {
	data, err := s.UserSession.Select(name, options)
	if err == nil {
		all := []goimap.Flag{goimap.FlagAnswered, goimap.FlagFlagged, goimap.FlagDeleted, goimap.FlagSeen, goimap.FlagDraft}
		data.Flags, data.PermanentFlags = all, all
	}
	return data, err
}

// Fetch ends the connection when it breaks under a message: the library would wait for ever for the response to be given back.
func (s *memSession) Fetch(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) error {
	if s.UserSession.Fetch(w, set, options) != nil {
		runtime.Goexit() // what the library has deferred closes the connection and the session
	}
	return nil
}

// Append stores whole messages only, as every server must; the server in memory stores what has come when the client leaves.
func (s *memSession) Append(folder string, r goimap.LiteralReader, options *goimap.AppendOptions) (*goimap.AppendData, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if int64(len(text)) < r.Size() && !s.host.cuts {
		return nil, io.ErrUnexpectedEOF
	}
	if !s.host.merges {
		return s.UserSession.Append(folder, bytes.NewReader(text), options)
	}
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	key := folder + "\x00" + string(text)
	if s.host.kept[key] == nil {
		data, err := s.UserSession.Append(folder, bytes.NewReader(text), options)
		if err != nil {
			return nil, err
		}
		s.host.kept[key] = data
	}
	return s.host.kept[key], nil
}
