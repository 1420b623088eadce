package imap

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// elsewhere is a connection that says it was made from another address than this computer's own.
type elsewhere struct {
	net.Conn
	from string
}

func (c elsewhere) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from))
}

func TestGuardEndsWhatIsDead(t *testing.T) {
	const loopback, wifi, wire1 = "127.0.0.1:1", "192.168.1.7:1", "[2001:db8::7]:1"
	for _, test := range []struct {
		name  string
		slept bool
		have  []string
		from  string
		want  error
	}{
		{"nothing has happened", false, []string{"192.168.1.7"}, wifi, nil},
		{"asleep", true, []string{"192.168.1.7"}, wifi, errAsleep},
		{"asleep, to this computer", true, nil, loopback, errAsleep},
		{"address gone", false, []string{"10.0.0.2"}, wifi, errMoved},
		{"the other address gone", false, []string{"2001:db8::7"}, wire1, nil},
		{"to this computer", false, nil, loopback, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			c := wire.New(elsewhere{near, test.from}, wire.Options{})
			defer c.Close()
			var g guard
			g.conns = map[*wire.Conn]netip.Addr{c: localAddress(c)}
			left := g.look(test.slept, func(a netip.Addr) bool {
				for _, have := range test.have {
					if a == netip.MustParseAddr(have) {
						return true
					}
				}
				return false
			})
			if !errors.Is(c.Err(), test.want) || left != (test.want == nil) {
				t.Errorf("connection: %v, want %v; some left: %v", c.Err(), test.want, left)
			}
		})
	}
}

func TestGuardGoesWithTheLastConnection(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := wire.New(elsewhere{near, "127.0.0.1:1"}, wire.Options{})
	_ = c.Close()
	var g guard
	g.conns = map[*wire.Conn]netip.Addr{c: {}}
	if g.look(false, func(netip.Addr) bool { return true }) {
		t.Error("a dead connection is still watched")
	}
}

func TestOvertime(t *testing.T) {
	last := time.Now()
	if d := overtime(last, last.Add(rounds)); d != rounds {
		t.Errorf("awake: %v", d)
	}
	if d := overtime(last, last.Add(rounds).Round(0).Add(8*time.Hour)); d < 8*time.Hour { // the wall's clock alone has moved
		t.Errorf("asleep: %v", d)
	}
	if d := overtime(last, last.Add(time.Hour)); d != time.Hour {
		t.Errorf("halted: %v", d)
	}
}

func TestLostConnectionIsUnreachable(t *testing.T) {
	for _, err := range []error{errAsleep, errMoved} {
		kind, text := networkKind(err)
		if kind != engine.Unreachable || text != err.Error() {
			t.Errorf("%v: %v %q", err, kind, text)
		}
	}
}

func TestAddressesHoldsOurOwn(t *testing.T) {
	here, err := addresses()
	if err != nil || !here[netip.MustParseAddr("127.0.0.1")] {
		t.Errorf("%v %v", here, err)
	}
}
