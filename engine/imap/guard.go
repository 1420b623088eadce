package imap

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"mwiz/engine/imap/wire"
)

// A connection does not notice that the computer has slept, or that the address it was made from is gone: it waits for its answer until the
// time for that is over. The guard does, and ends it at once.

const (
	rounds    = 2 * time.Second  // how often the guard looks
	overslept = 30 * time.Second // a look that comes so much late: the computer was asleep, or this program was halted
)

// lostError says why a connection is known to be dead.
type lostError struct{ text string }

func (e *lostError) Error() string { return e.text }

var (
	errAsleep = &lostError{"this computer was asleep"}
	errMoved  = &lostError{"this computer has left the network"}
)

// guard watches over open connections. The zero value is ready to use. It works only while there are any.
type guard struct {
	mu    sync.Mutex
	conns map[*wire.Conn]netip.Addr // with the address that each was made from
}

// watch has the guard look after a connection until that is dead.
func (g *guard) watch(c *wire.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conns == nil {
		g.conns = map[*wire.Conn]netip.Addr{}
	}
	g.conns[c] = localAddress(c)
	if len(g.conns) == 1 {
		go g.stand()
	}
}

// localAddress returns the address of this computer that a connection was made from, and nothing for one that cannot get lost.
func localAddress(c net.Conn) (address netip.Addr) {
	if a, ok := c.LocalAddr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		address, _ = netip.AddrFromSlice(a.IP)
	}
	return address.Unmap().WithZone("")
}

// stand looks after the connections until all are dead.
func (g *guard) stand() {
	tick := time.NewTicker(rounds)
	defer tick.Stop()
	last := time.Now()
	for range tick.C {
		now := time.Now()
		slept := overtime(last, now) > overslept
		last = now
		here, err := addresses()
		if !g.look(slept, func(a netip.Addr) bool { return err != nil || here[a] }) {
			return
		}
	}
}

// overtime returns how long it was from one look to the next by whichever clock says more: on some systems the one that never jumps stands still
// while the computer sleeps.
func overtime(last, now time.Time) time.Duration {
	return max(now.Sub(last), now.Round(0).Sub(last.Round(0)))
}

// look ends the connections that are dead without knowing, and reports whether any is left.
func (g *guard) look(slept bool, have func(netip.Addr) bool) (left bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c, address := range g.conns {
		switch {
		case c.Err() != nil:
		case slept:
			c.Lose(errAsleep)
		case address.IsValid() && !have(address):
			c.Lose(errMoved)
		default:
			continue
		}
		delete(g.conns, c)
	}
	return len(g.conns) > 0
}

// addresses returns the addresses that this computer has now.
func addresses() (map[netip.Addr]bool, error) {
	list, err := net.InterfaceAddrs()
	here := make(map[netip.Addr]bool, len(list))
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			if address, ok := netip.AddrFromSlice(n.IP); ok {
				here[address.Unmap()] = true
			}
		}
	}
	return here, err
}
