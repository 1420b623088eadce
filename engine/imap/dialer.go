package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// Options are what a Dialer may be told. The zero value is ready to use.
type Options struct {
	Log     *slog.Logger  // nil: nothing is logged
	Stall   time.Duration // longest silence of a server that owes an answer; default 60 s
	Timeout time.Duration // longest time to connect and agree on encryption; default 30 s
	Version string        // this program's version, told to servers that ask

	messages int   // most in a folder; default maxMessages
	noise    int64 // see wire.Options
}

// Dialer opens sessions. It is safe for concurrent use.
type Dialer struct {
	o        Options
	packings packings
	guard    guard

	mu       sync.Mutex
	sessions map[string]tls.ClientSessionCache // by address and trust
	flags    map[string]permanentFlags         // what the INBOX of each destination account keeps, by address and user
	accounts map[string]*account               // with open sessions at the destination, likewise
	ahead    map[string]int                    // how many connections in a row broke when commands were sent ahead, by address
}

var _ engine.Dialer = (*Dialer)(nil)

// NewDialer returns a Dialer.
func NewDialer(o Options) *Dialer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.messages <= 0 {
		o.messages = maxMessages
	}
	return &Dialer{o: o, sessions: map[string]tls.ClientSessionCache{}, flags: map[string]permanentFlags{}, accounts: map[string]*account{}, ahead: map[string]int{}}
}

// Dial connects and signs in. It implements engine.Dialer.
func (d *Dialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, secret engine.Secret) (engine.Session, error) {
	p := place{side, e.Host}
	if err := e.Validate(); err != nil {
		return nil, p.ours("connect", engine.Untrusted, "%v", err)
	}
	began := time.Now()
	c, greeted, err := d.connect(ctx, e)
	if err != nil {
		return nil, p.fail(ctx, "connect", err)
	}
	o := wire.Options{Stall: d.o.Stall, Noise: d.o.noise, Greeted: greeted, Log: d.o.Log}
	o.InTurn, o.Pipelines = d.pipelining(e.Address())
	if side == engine.Source { // hundreds of sessions may be open: room for much only in the direction of the messages
		o.Writes = 8 << 10
	} else {
		o.Reads = 32 << 10
	}
	conn := wire.New(c, o)
	s := &session{
		place:  p,
		dialer: d,
		conn:   conn,
		client: imapclient.New(conn, nil),
		log:    d.o.Log.With("side", side.String(), "host", e.Host),
		key:    e.Address() + " " + user,
		lists:  map[string][]string{},

		compression: compression{services: &d.packings, key: side.String() + " " + e.Address()},
	}
	d.guard.watch(conn)
	limit, cancel := context.WithTimeout(ctx, 2*d.o.Timeout+d.o.Stall)
	defer cancel()
	if err := s.signIn(limit, e, user, secret); err != nil {
		_ = conn.Close()
		return nil, err
	}
	if side == engine.Destination {
		d.join(s.key)
	}
	s.log.Debug("signed in", "after", time.Since(began).Round(time.Millisecond))
	return s, nil
}

// connect opens the network connection, with the encryption that e demands. greeted is true when the server's greeting has
// been read on the way.
func (d *Dialer) connect(ctx context.Context, e engine.Endpoint) (c net.Conn, greeted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.o.Timeout)
	defer cancel()
	var dialer net.Dialer
	c, err = dialer.DialContext(ctx, "tcp", e.Address())
	if err != nil || e.Encryption == engine.Plaintext {
		return c, false, err
	}
	config, err := d.tlsConfig(e)
	if err == nil && e.Encryption == engine.STARTTLS {
		greeted = true
		err = startTLS(ctx, c)
	}
	if err != nil {
		return nil, false, errors.Join(err, c.Close())
	}
	t := tls.Client(c, config)
	if err := t.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, false, err
	}
	return t, greeted, nil
}

// tooEager is after how many connections in a row that broke with commands sent ahead a service gets them one at a time.
const tooEager = 2

// pipelining returns whether a service at an address is to get one command at a time, and whom to tell how it takes several. Some old proxies lose
// what is sent ahead, or hang up.
func (d *Dialer) pipelining(address string) (inTurn bool, tell func(bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	tell = func(works bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if works {
			d.ahead[address] = 0
			return
		}
		if d.ahead[address]++; d.ahead[address] == tooEager {
			d.o.Log.Info("the service gets one command at a time from now on", "address", address)
		}
	}
	return d.ahead[address] >= tooEager, tell
}
