package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// separator stands between the components of a folder's name.
const separator = '/'

// capabilities are what the servers offer: what go-imap's in-memory server can, and special uses, which we add.
var capabilities = imap.CapSet{
	imap.CapIMAP4rev1: {}, imap.CapLiteralPlus: {}, imap.CapUIDPlus: {}, imap.CapNamespace: {}, imap.CapESearch: {},
	imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapStatusSize: {}, imap.CapMove: {},
	imap.CapSpecialUse: {}, imap.CapCreateSpecialUse: {},
}

// server is one IMAP server on the loopback interface.
type server struct {
	imap     *imapserver.Server
	listener net.Listener
	done     sync.WaitGroup // the accepting goroutine and every session
	pace     atomic.Int64   // nanoseconds a message that is stored
	limit    atomic.Int64   // bytes of the largest message taken; 0 for any

	mu       sync.Mutex // guards what follows
	closed   bool
	accounts map[string]*account
}

// listen starts a server without accounts.
func listen(ctx context.Context) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &server{listener: listener, accounts: map[string]*account{}}
	s.imap = imapserver.New(&imapserver.Options{
		NewSession:   s.newSession,
		Caps:         capabilities,
		Logger:       log.New(io.Discard, "", 0), // it reports every client that leaves
		InsecureAuth: true,
	})
	s.done.Go(func() { _ = s.imap.Serve(listener) }) // returns nil when the listener is closed
	return s, nil
}

// newSession begins a connection.
func (s *server) newSession(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed { // so that nothing is added to done once it is waited for
		return nil, nil, &imap.Error{Type: imap.StatusResponseTypeBye, Text: "Closing"}
	}
	s.done.Add(1)
	return &session{server: s}, nil, nil
}

// Close ends every connection and returns when nothing of the server runs any more.
func (s *server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.imap.Close()
	_ = s.listener.Close() // in case Serve had not begun
	s.done.Wait()
	return err
}

// add makes an account without folders.
func (s *server) add(name, password string) *account {
	a := &account{name: name, user: imapmemserver.NewUser(name, password), roles: map[string]imap.MailboxAttr{}, subscribed: map[string]bool{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[name] = a
	return a
}

// account returns an account by its name, nil for none.
func (s *server) account(name string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts[name]
}

// all returns every account, by name.
func (s *server) all() []*account {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*account
	for _, a := range s.accounts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *account) int { return cmp.Compare(a.name, b.name) })
	return list
}

// account is one user. The in-memory server knows no special use and does not tell its folders, so they are kept here.
type account struct {
	name string
	user *imapmemserver.User

	mu         sync.Mutex
	roles      map[string]imap.MailboxAttr // every folder, with its special use or ""
	subscribed map[string]bool
}

// create makes a subscribed folder.
func (a *account) create(name string, role imap.MailboxAttr) error {
	if err := a.user.Create(name, nil); err != nil {
		return fmt.Errorf("%s: %w", where(a.name, name), err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.roles[name], a.subscribed[name] = role, true
	return nil
}

// deliver adds a message to a folder.
func (a *account) deliver(folder string, m message) error {
	_, err := a.user.Append(folder, literal{strings.NewReader(string(m.bytes))}, &imap.AppendOptions{Flags: m.flags, Time: m.date})
	if err != nil {
		return fmt.Errorf("%s: %w", where(a.name, folder), err)
	}
	return nil
}

// messages returns how many messages the account holds.
func (a *account) messages() (int64, error) {
	var all int64
	for _, name := range a.folders() {
		status, err := a.user.Status(name, &imap.StatusOptions{NumMessages: true})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", where(a.name, name), err)
		}
		all += int64(*status.NumMessages)
	}
	return all, nil
}

// folders returns the account's folders by name.
func (a *account) folders() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for name := range a.roles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// literal is a message as the in-memory server takes it.
type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// session is one connection: the in-memory server's, with special uses, and with a pace and a limit.
type session struct {
	*imapmemserver.UserSession // nil until signed in
	server                     *server
	account                    *account
}

var _ imapserver.SessionMove = (*session)(nil)

func (s *session) Close() error {
	defer s.server.done.Done()
	return s.UserSession.Close()
}

func (s *session) Login(name, password string) error {
	a := s.server.account(name)
	if a == nil {
		return imapserver.ErrAuthFailed
	}
	if err := a.user.Login(name, password); err != nil {
		return err
	}
	s.account, s.UserSession = a, imapmemserver.NewUserSession(a.user)
	return nil
}

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: separator})
	}
	for _, name := range s.account.folders() {
		if !slices.ContainsFunc(patterns, func(p string) bool { return imapserver.MatchList(name, separator, ref, p) }) {
			continue
		}
		data, ok := s.account.describe(name, options)
		if !ok {
			continue
		}
		if options.ReturnStatus != nil {
			var err error
			if data.Status, err = s.account.user.Status(name, options.ReturnStatus); err != nil {
				continue // deleted this moment
			}
		}
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return nil
}

// describe returns a folder as LIST shows it, and false where it is not asked for.
func (a *account) describe(name string, options *imap.ListOptions) (imap.ListData, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	data := imap.ListData{Mailbox: name, Delim: separator}
	role, ok := a.roles[name]
	if !ok || options.SelectSubscribed && !a.subscribed[name] || options.SelectSpecialUse && role == "" {
		return data, false
	}
	if a.subscribed[name] && (options.SelectSubscribed || options.ReturnSubscribed) {
		data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
	}
	if role != "" {
		data.Attrs = append(data.Attrs, role)
	}
	return data, true
}

func (s *session) Create(name string, options *imap.CreateOptions) error {
	name = strings.TrimRight(name, string(separator))
	if err := s.UserSession.Create(name, options); err != nil {
		return err
	}
	var role imap.MailboxAttr
	if options != nil && len(options.SpecialUse) > 0 {
		role = options.SpecialUse[0]
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.account.roles[name] = role
	return nil
}

func (s *session) Delete(name string) error {
	if err := s.UserSession.Delete(name); err != nil {
		return err
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	delete(s.account.roles, name)
	delete(s.account.subscribed, name)
	return nil
}

func (s *session) Rename(name, to string, options *imap.RenameOptions) error {
	if err := s.UserSession.Rename(name, to, options); err != nil {
		return err
	}
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	a.roles[to], a.subscribed[to] = a.roles[name], a.subscribed[name]
	delete(a.roles, name)
	delete(a.subscribed, name)
	return nil
}

func (s *session) Subscribe(name string) error   { return s.subscribe(name, true) }
func (s *session) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *session) subscribe(name string, on bool) error {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	if _, ok := s.account.roles[name]; !ok {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "No such mailbox"}
	}
	s.account.subscribed[name] = on
	return nil
}

// Select names every system flag as permanent; the in-memory server names those that a message has already.
func (s *session) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := s.UserSession.Select(name, options)
	if err != nil {
		return nil, err
	}
	for _, flag := range []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft} {
		if !slices.ContainsFunc(data.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(flag)) }) {
			data.Flags, data.PermanentFlags = append(data.Flags, flag), append(data.PermanentFlags, flag)
		}
	}
	return data, nil
}

// Fetch ends the connection when it breaks under a message: the library never gives back the half-written response, and would wait for
// it for ever before it writes the next one.
func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if s.UserSession.Fetch(w, set, options) != nil {
		runtime.Goexit() // what the library has deferred closes the connection and the session
	}
	return nil
}

func (s *session) Append(folder string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if pace := s.server.pace.Load(); pace > 0 {
		time.Sleep(time.Duration(pace))
	}
	if limit := s.server.limit.Load(); limit > 0 && r.Size() > limit {
		return nil, &imap.Error{
			Type: imap.StatusResponseTypeNo,
			Code: imap.ResponseCodeTooBig,
			Text: fmt.Sprintf("Messages are limited to %d bytes here", limit),
		}
	}
	return s.UserSession.Append(folder, r, options)
}
