package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"mwiz/engine"
)

// inSession tells the test binary that it runs inside a session bus of its own, and what it finds there.
const inSession = "MWIZ_TEST_SESSION"

// TestSecretService tries the keychain on a real Secret Service, gnome-keyring, in a session bus, home and runtime folder of its own. The
// test binary runs itself in there. MWIZ_NEED_SECRET_SERVICE=1 makes missing tools a failure.
func TestSecretService(t *testing.T) {
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("MWIZ_NEED_SECRET_SERVICE") == "1" {
				t.Fatal(err)
			}
			t.Skipf("NOT TRIED: the keychain on a real Secret Service (%v). Install gnome-keyring and dbus-daemon.", err)
		}
	}
	for _, session := range []string{"unlocked", "locked", "empty"} {
		t.Run(session, func(t *testing.T) { runInSession(t, session) })
	}
}

// runInSession runs TestInsideSession in a session bus of its own.
func runInSession(t *testing.T, session string) {
	home, err := os.MkdirTemp("", "mwiz") // short: the daemon's socket lies below it
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	run := filepath.Join(home, "run")
	must(t, os.Mkdir(run, 0o700)) // own folder: else two daemons meet and hang
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"--", os.Args[0], "-test.run=^TestInsideSession$", "-test.v"}
	if session == "empty" { // no service can be started on this bus
		config := filepath.Join(home, "bus.conf")
		must(t, os.WriteFile(config, []byte(`<busconfig><type>session</type><listen>unix:tmpdir=`+home+`</listen>
			<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600))
		args = append([]string{"--config-file=" + config}, args...)
	}
	c := exec.CommandContext(ctx, "dbus-run-session", args...)
	c.Env = append(without(os.Environ(), "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL"),
		inSession+"="+session, "HOME="+home, "XDG_DATA_HOME="+filepath.Join(home, "data"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"),
		"XDG_CACHE_HOME="+filepath.Join(home, "cache"), "XDG_RUNTIME_DIR="+run)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideSession") {
		t.Errorf("%v\n%s", err, out)
	}
}

// without returns env without some names.
func without(env []string, names ...string) (left []string) {
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		keep := true
		for _, n := range names {
			keep = keep && n != name
		}
		if keep {
			left = append(left, e)
		}
	}
	return left
}

// TestInsideSession is what TestSecretService runs; elsewhere it does nothing.
func TestInsideSession(t *testing.T) {
	session := os.Getenv(inSession)
	if session == "" {
		return
	}
	k := NewKeychain(t.TempDir(), nil)
	t.Cleanup(func() { must(t, k.Close()) })
	switch session {
	case "empty":
		start := time.Now()
		wantErr(t, "Set without a service", k.Set(t.Context(), "k-1", engine.NewSecret("s")), engine.ErrNoKeychain)
		_, err := k.Get(t.Context(), "k-1")
		wantErr(t, "Get without a service", err, engine.ErrNoKeychain)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %s to see that there is no keychain", took)
		}
	case "locked": // the daemon has a login collection from an earlier life, and nobody opens it
		stop := startDaemon(t, true)
		must(t, k.Set(t.Context(), "k-1", engine.NewSecret("s")))
		stop()
		startDaemon(t, false)
		wantLocked(t, k)
	case "unlocked":
		startDaemon(t, true)
		keepAndForget(t, k)
		namesAreOpaque(t, k)
		lockCollection(t)
		wantLocked(t, k)
	}
}

// startDaemon starts gnome-keyring, opened with a password or locked, and waits until it serves. It ends with the test.
func startDaemon(t *testing.T, unlock bool) (stop func()) {
	args := []string{"--foreground", "--components=secrets"} // without --foreground it would outlive the session
	if unlock {
		args = append(args, "--unlock")
	}
	c := exec.Command("gnome-keyring-daemon", args...)
	c.Stdin = strings.NewReader("test\n")
	must(t, c.Start())
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
	t.Cleanup(stop)
	bus := mustBus(t)
	for deadline := time.Now().Add(10 * time.Second); ; {
		var served bool
		must(t, bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&served)) // starts nothing itself
		if served {
			return stop
		}
		if time.Now().After(deadline) {
			t.Fatal("gnome-keyring does not serve")
		}
		<-time.After(10 * time.Millisecond)
	}
}

func mustBus(t *testing.T) *dbus.Conn {
	bus, err := dbus.SessionBus()
	must(t, err)
	return bus
}

// namesAreOpaque looks at an item the way any program of the user can.
func namesAreOpaque(t *testing.T, k *Keychain) {
	must(t, k.Set(t.Context(), "k-opaque", engine.NewSecret("s")))
	bus := mustBus(t)
	var unlocked, locked []dbus.ObjectPath
	must(t, bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.SearchItems", 0,
		map[string]string{"service": service}).Store(&unlocked, &locked))
	want(t, "items: one secret and the overflow's key", len(unlocked), 2)
	for _, path := range unlocked {
		label, err := bus.Object("org.freedesktop.secrets", path).GetProperty("org.freedesktop.Secret.Item.Label")
		must(t, err)
		if s := fmt.Sprint(label.Value()); !strings.Contains(s, "'k-opaque'") && !strings.Contains(s, "'vault-") {
			t.Errorf("label: %s", s)
		}
	}
}

// lockCollection locks the login collection, as a desktop does after a while.
func lockCollection(t *testing.T) {
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	must(t, mustBus(t).Object("org.freedesktop.secrets", "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.Lock", 0,
		[]dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}).Store(&locked, &prompt))
}

// wantLocked holds a locked keychain without a display to a quick and clear answer.
func wantLocked(t *testing.T, k *Keychain) {
	start := time.Now()
	_, err := k.Get(t.Context(), "k-1")
	if engine.KindOf(err) != engine.Locked {
		t.Errorf("Get: %v", err)
	}
	if err := k.Set(t.Context(), "k-2", engine.NewSecret("s")); engine.KindOf(err) != engine.Locked {
		t.Errorf("Set: %v", err)
	}
	if err := k.Delete(t.Context(), "k-1"); engine.KindOf(err) != engine.Locked {
		t.Errorf("Delete: %v", err)
	}
	t.Logf("locked: %v, three answers in %s", err, time.Since(start))
}
