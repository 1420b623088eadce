//go:build !nogui && !windows && !darwin

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// haveTray reports whether something shows icons beside the clock: on a Linux desktop, that is who has registered with the watcher of such icons.
func haveTray() bool {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" { // left to itself, the library would start a bus
		path := fmt.Sprintf("/run/user/%d/bus", os.Getuid())
		if _, err := os.Stat(path); err != nil {
			return false
		}
		address = "unix:path=" + path
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	bus, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer bus.Close()
	const watcher = "org.kde.StatusNotifierWatcher"
	var is dbus.Variant
	err = bus.Object(watcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
		watcher, "IsStatusNotifierHostRegistered").Store(&is)
	hosted, _ := is.Value().(bool)
	return err == nil && hosted
}
