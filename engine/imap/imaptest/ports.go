package imaptest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// freePorts returns two ports of 127.0.0.1 that nobody listens on and that no other test, in whatever process, is given before t has ended. They
// lie below those that systems give out by themselves, so that nobody gets them while the server is down between Kill and Restart.
func freePorts(t testing.TB) (a, b int, err error) {
	if a, err = freePort(t); err == nil {
		b, err = freePort(t)
	}
	return a, b, err
}

// freePort finds one port and keeps it for t: whoever holds the UDP port of a number has the TCP port as well. A server started on a port that
// another test's server took meanwhile would fail while the other one greets in its place.
func freePort(t testing.TB) (int, error) {
	for try := 0; ; try++ {
		port := 15_000 + rand.IntN(15_000)
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		held, err := net.ListenPacket("udp", addr)
		if err == nil {
			var l net.Listener
			if l, err = net.Listen("tcp", addr); err == nil {
				t.Cleanup(func() { held.Close() })
				return port, l.Close()
			}
			held.Close()
		}
		if try == 100 {
			return 0, err
		}
	}
}
