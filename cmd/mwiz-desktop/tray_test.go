//go:build e2e && linux

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// mustBus starts a session bus of the test's own and returns its address.
func mustBus(t *testing.T) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "bus.conf")
	text := `<busconfig><type>session</type><listen>unix:tmpdir=` + t.TempDir() + `</listen><auth>EXTERNAL</auth>
		<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
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

// watcher is what a desktop has that shows icons beside the clock.
type watcher struct{ registered chan string }

// RegisterStatusNotifierItem is the bus's.
func (w *watcher) RegisterStatusNotifierItem(_ string, item dbus.Sender) *dbus.Error {
	w.registered <- string(item)
	return nil
}

// mustWatch puts a watcher on a bus.
func mustWatch(t *testing.T, address string) (*dbus.Conn, *watcher) {
	t.Helper()
	const name, path = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
	w := &watcher{registered: make(chan string, 16)}
	bus, err := dbus.Connect(address)
	if err == nil {
		t.Cleanup(func() { _ = bus.Close() })
		err = bus.Export(w, path, name)
	}
	if err == nil {
		_, err = prop.Export(bus, path, prop.Map{name: {"IsStatusNotifierHostRegistered": {Value: true}}})
	}
	if err == nil {
		_, err = bus.RequestName(name, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bus, w
}

// entry is a line of a menu on the bus.
type entry struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// menuOf returns the lines of the menu of an icon, those of menus below as well, by their words.
func menuOf(t *testing.T, bus *dbus.Conn, item string) map[string]int32 {
	t.Helper()
	var revision uint32
	var root entry
	if err := bus.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		t.Fatal(err)
	}
	lines := map[string]int32{}
	var read func(entry)
	read = func(e entry) {
		if label, is := e.Properties["label"].Value().(string); is {
			lines[label] = e.ID
		}
		for _, child := range e.Children {
			var below entry
			if err := dbus.Store([]any{child.Value()}, &below); err != nil {
				t.Fatal(err)
			}
			read(below)
		}
	}
	read(root)
	return lines
}

// While a pass runs the window can be hidden, and comes back from beside the clock.
func TestWindowTray(t *testing.T) {
	needRobot(t)
	address := mustBus(t)
	bus, watcher := mustWatch(t, address)
	r := mustOpenWith(t, []string{"DBUS_SESSION_BUS_ADDRESS=" + address}, "demo")
	r.see("Migrate New Items")
	var item string
	select {
	case item = <-watcher.registered:
	case <-time.After(patience):
		t.Fatal("nothing is beside the clock")
	}
	r.until("the idle menu", func() bool { _, is := menuOf(t, bus, item)["No pass is running"]; return is })

	r.act("a schedule", func() bool { _, ok := partly(r.tree(), "Next pass: "); return ok }, func() {
		r.key("ctrl+l", "Return")
	})
	r.act("the question before closing", r.shows("Hide the window"), func() { r.key("ctrl+q") })
	hidden := func() bool { return r.tool("xdotool", "search", "--onlyvisible", "--name", "mwiz-desktop") == "" }
	r.click("Hide the window", hidden)
	if r.hasEnded() {
		t.Fatal("the program has ended")
	}
	lines := menuOf(t, bus, item)
	click := bus.Object(item, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, lines["Open mwiz-desktop"], "clicked", dbus.MakeVariant(0), uint32(0))
	if click.Err != nil {
		t.Fatal(click.Err)
	}
	r.until("the window to come back", func() bool { return !hidden() })
}
