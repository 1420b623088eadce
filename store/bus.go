//go:build !windows && !darwin

package store

import (
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// busError returns the D-Bus name of err, "" where it has none.
func busError(err error) string {
	var e dbus.Error
	var p *dbus.Error
	switch {
	case errors.As(err, &e):
		return e.Name
	case errors.As(err, &p):
		return p.Name
	}
	return ""
}

// reachable reports why there can be no keychain. Without a session bus the library would start one with dbus-launch and leave it behind.
func reachable() error {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return nil
	}
	for _, name := range []string{"bus", "dbus-session"} { // where the library looks
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: there is no session bus", keyring.ErrUnsupportedPlatform)
}
