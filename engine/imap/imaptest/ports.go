package imaptest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// onFreePorts runs a server for the first time, on ports that are free and are put where run looks for them.
func onFreePorts(t testing.TB, plain, tls *int, run func() error) (err error) {
	for range 5 { // another program may take a port meanwhile
		if *plain, *tls, err = freePorts(t); err != nil {
			return err
		}
		if err = run(); err == nil {
			return nil
		}
	}
	return err
}

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

// greets waits until the process answers at addr as an IMAP server does, and ends it when it does not.
func (p *process) greets(addr string) error {
	deadline := time.Now().Add(time.Minute) // a machine may be busy
	for {
		err := greets(addr)
		if err == nil {
			return nil
		}
		if p.ended(10*time.Millisecond) || time.Now().After(deadline) {
			p.kill()
			return fmt.Errorf("%w; it said %q", err, p.output())
		}
	}
}

// greets reports whether an IMAP server answers at addr.
func greets(addr string) error {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "* OK") {
		err = fmt.Errorf("it greets with %q", line)
	}
	return err
}
