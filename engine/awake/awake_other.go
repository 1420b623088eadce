//go:build !windows && !darwin

package awake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// asking is how long one service may take to answer.
const asking = 3 * time.Second

// program is how we call ourselves.
const program = "mwiz-desktop"

// A wish is one way to say it. Desktops differ in what they listen to, so all of them are told; each forgets it when the connection is closed.
type wish struct {
	service, path, method string
	arguments             func(reason string) []any
}

// onSystem is heard by systemd-logind: what happens when nobody has touched the computer for long.
var onSystem = []wish{{"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager.Inhibit",
	func(reason string) []any { return []any{"idle", program, reason, "block"} }}}

// suspending is GNOME's flag for suspend alone.
const suspending = uint32(4)

// onSession is heard by GNOME and its kin, and by KDE and XFCE.
var onSession = []wish{
	{"org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager.Inhibit",
		func(reason string) []any { return []any{program, uint32(0), reason, suspending} }},
	{"org.freedesktop.PowerManagement", "/org/freedesktop/PowerManagement/Inhibit", "org.freedesktop.PowerManagement.Inhibit.Inhibit",
		func(reason string) []any { return []any{program, reason} }},
}

func hold(ctx context.Context, reason string) (release func(), err error) {
	var releases []func()
	var errs []error
	try := func(connect func(context.Context) (*dbus.Conn, error), wishes []wish) {
		r, err := holdOn(ctx, connect, wishes, reason)
		if err != nil {
			errs = append(errs, err)
			return
		}
		releases = append(releases, r)
	}
	try(systemBus, onSystem)
	try(sessionBus, onSession)
	release = sync.OnceFunc(func() {
		for _, r := range releases {
			r()
		}
	})
	if len(releases) > 0 {
		return release, nil
	}
	return release, errors.Join(errNobody, errors.Join(errs...))
}

// holdOn says the wishes on one bus. It fails when none is taken.
func holdOn(ctx context.Context, connect func(context.Context) (*dbus.Conn, error), wishes []wish, reason string) (release func(), err error) {
	// The connection ends with its context, and this one must outlive the call.
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	bus, err := connect(living)
	if err != nil {
		end()
		return nil, err
	}
	var files []*os.File // logind's wish lasts as long as what it has handed out is open
	release = func() {
		for _, f := range files {
			_ = f.Close()
		}
		_ = bus.Close()
		end()
	}
	taken := 0
	for _, w := range wishes {
		limit, cancel := context.WithTimeout(ctx, asking)
		call := bus.Object(w.service, dbus.ObjectPath(w.path)).CallWithContext(limit, w.method, dbus.FlagNoAutoStart, w.arguments(reason)...)
		cancel()
		if call.Err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", w.service, call.Err))
			continue
		}
		taken++
		for _, value := range call.Body {
			if fd, is := value.(dbus.UnixFD); is {
				files = append(files, os.NewFile(uintptr(fd), w.service))
			}
		}
	}
	if taken == 0 {
		release()
		return nil, err
	}
	return release, nil
}

func systemBus(ctx context.Context) (*dbus.Conn, error) {
	return dbus.ConnectSystemBus(dbus.WithContext(ctx))
}

// sessionBus connects to the bus of the user's session where there is one. Left to itself, the library would start one and leave it behind.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" {
		path := fmt.Sprintf("/run/user/%d/bus", os.Getuid())
		if _, err := os.Stat(path); err != nil {
			return nil, errors.New("there is no session bus")
		}
		address = "unix:path=" + path
	}
	return dbus.Connect(address, dbus.WithContext(ctx))
}
