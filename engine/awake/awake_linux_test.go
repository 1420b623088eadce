package awake

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// mustBus starts a bus of the test's own and returns its address.
func mustBus(t *testing.T) string {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		if os.Getenv("MWIZ_NEED_SECRET_SERVICE") != "" {
			t.Fatal(err)
		}
		t.Skip("no dbus-daemon")
	}
	config := filepath.Join(t.TempDir(), "bus.conf")
	text := `<busconfig><type>session</type><listen>unix:tmpdir=` + t.TempDir() + `</listen><auth>EXTERNAL</auth>
		<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(daemon, "--config-file="+config, "--nofork", "--print-address")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// login is logind, as far as it is needed: a wish lasts until the other end of its pipe is closed.
type login struct {
	mu   sync.Mutex
	said []string
	held []*os.File
}

// Inhibit is the bus's.
func (l *login) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, strings.Join([]string{what, who, why, mode}, "|"))
	l.held = append(l.held, ours)
	fd := dbus.UnixFD(theirs.Fd())
	time.AfterFunc(time.Second, func() { _ = theirs.Close() }) // the bus has its own by then
	return fd, nil
}

// manager is GNOME's session manager.
type manager struct{ asked chan string }

// Inhibit is the bus's.
func (m *manager) Inhibit(app string, _ uint32, why string, flags uint32) (uint32, *dbus.Error) {
	if flags != suspending {
		return 0, dbus.MakeFailedError(errors.New("other flags"))
	}
	m.asked <- app + "|" + why
	return 7, nil
}

// mustOffer puts a service on a bus and returns the connection that offers it.
func mustOffer(t *testing.T, address, name, path, face string, service any) *dbus.Conn {
	t.Helper()
	bus, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	if err := bus.Export(service, dbus.ObjectPath(path), face); err != nil {
		t.Fatal(err)
	}
	if reply, err := bus.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return bus
}

func TestHoldAsksLogindUntilReleased(t *testing.T) {
	address := mustBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	l := &login{}
	mustOffer(t, address, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", l)

	release, err := Hold(context.Background(), "moving mail")
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	said, pipe := l.said, l.held[0]
	l.mu.Unlock()
	if len(said) != 1 || said[0] != "idle|mwiz-desktop|moving mail|block" {
		t.Fatalf("logind was told %q", said)
	}
	closed := make(chan error, 1)
	go func() {
		_, err := pipe.Read(make([]byte, 1))
		closed <- err
	}()
	select {
	case <-closed:
		t.Fatal("the wish ended by itself")
	case <-time.After(1500 * time.Millisecond):
	}
	release()
	release()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Fatal("the wish was not taken back")
	}
}

func TestHoldAsksTheDesktop(t *testing.T) {
	address := mustBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	m := &manager{asked: make(chan string, 1)}
	bus := mustOffer(t, address, "org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager", m)
	gone := make(chan *dbus.Signal, 64)
	bus.Signal(gone)
	if err := bus.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged")); err != nil {
		t.Fatal(err)
	}

	busy := make(chan bool)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		Follow(ctx, busy, "moving mail", slog.New(slog.DiscardHandler))
		close(ended)
	}()
	busy <- true
	busy <- true
	if said := <-m.asked; said != "mwiz-desktop|moving mail" {
		t.Fatalf("the desktop was told %q", said)
	}
	if len(m.asked) > 0 {
		t.Fatal("the desktop was told twice")
	}
	busy <- false
	waitGone(t, gone)
	cancel()
	<-ended
}

// waitGone waits until a connection has left the bus: that is how a desktop knows that a wish has ended.
func waitGone(t *testing.T, signals <-chan *dbus.Signal) {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case s := <-signals:
			if s.Name == "org.freedesktop.DBus.NameOwnerChanged" && len(s.Body) == 3 && s.Body[2] == "" {
				return
			}
		case <-limit:
			t.Fatal("the connection did not end")
		}
	}
}

func TestHoldSaysWhenNobodyListens(t *testing.T) {
	none := "unix:path=" + filepath.Join(t.TempDir(), "none")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", none)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", none)
	release, err := Hold(context.Background(), "moving mail")
	release()
	if !errors.Is(err, errNobody) {
		t.Fatalf("got %v", err)
	}
}
