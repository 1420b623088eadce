package imaptest

import (
	"bufio"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"

	"mwiz/engine"
)

// ProviderOptions say how a Provider behaves. The zero value is a plain server with INBOX.
type ProviderOptions struct {
	Caps      string // after sign-in, besides IMAP4rev1 and what is always there: ID, LITERAL+, and UIDPLUS unless NoUIDs
	Greeting  string // its text
	ID        string // its name
	Folders   []ProviderFolder
	Labels    bool                     // messages lie in several folders at once, and are told by X-GM-MSGID; the folder for \All holds all
	Shown     int                      // messages of a folder that are shown, the newest ones; 0: all
	Merges    bool                     // of equal messages in a folder one is kept, whose UID answers the second
	Permanent string                   // PERMANENTFLAGS; default all, and new keywords
	Loses     []string                 // flags that it does not keep of what is appended, though it says so
	SizeOff   int64                    // RFC822.SIZE is wrong by so much
	Budget    int                      // commands that may fail on a connection before it is ended; 0: any number
	Reserved  []string                 // names, in lower case, of folders that it does not make
	Separator string                   // between the parts of a folder's name; default "/"
	Childless bool                     // INBOX takes no folders below it
	NoDates   bool                     // INTERNALDATE is 00-Jan-0000, as Domino's may be
	Alters    func(text []byte) []byte // what it makes of a message that is appended
	NoUIDs    bool                     // it has no UIDPLUS: it does not say what UIDs messages get

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
	sent     map[uint64]int // how often each message was sent whole
	octets   int64          // of these
}

// ServeProvider starts a Provider, which is gone when the test ends.
func ServeProvider(t testing.TB, o ProviderOptions) *Provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if o.Separator == "" {
		o.Separator = "/"
	}
	p := &Provider{o: o, l: l, accounts: map[string]map[string]*providerFolder{}, last: 1 << 60, most: map[string]int{}, now: map[string]int{},
		sent: map[uint64]int{}}
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

// Commands returns the commands that came, without their tags and literals.
func (p *Provider) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.log)
}

// Downloads returns how often each message was sent whole, and how many octets these were.
func (p *Provider) Downloads() (times map[uint64]int, octets int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.sent), p.octets
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
