package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"github.com/zalando/go-keyring"

	"mwiz/engine"
)

// What a keychain does that go-keyring does not tell.
var (
	errNotKept = errors.New("the keychain did not keep the password: its question was dismissed")
	errChanged = errors.New("the keychain did not keep the password as it is")
)

// noAnswer says that the keychain takes too long: a prompt waits for its answer, or it hangs.
func noAnswer(op string) error {
	return &engine.Error{Op: op, Kind: engine.Locked, Text: "the keychain does not answer: look for its window"}
}

// Result codes of the systems' own keychains.
const (
	windowsFull      = syscall.Errno(8)    // ERROR_NOT_ENOUGH_MEMORY: about 1,474 credentials of all programs
	windowsNoSession = syscall.Errno(1312) // ERROR_NO_SUCH_LOGON_SESSION: signed in over the network
)

// macLocked and macMissing are exit codes of macOS's security command: the low byte of its OSStatus.
var (
	macLocked  = map[int]bool{36: true, 51: true, 128: true}           // interaction not allowed, authorization failed, dismissed
	macMissing = map[int]bool{37: true, 50: true, 53: true, 127: true} // no default keychain, no such keychain, not available
)

// full reports whether the keychain has no room.
func full(err error) bool { return fullOn(runtime.GOOS, err) }

func fullOn(goos string, err error) bool { return goos == "windows" && errors.Is(err, windowsFull) }

// classify makes err one of engine.Keychain's. What nobody has met before counts as Locked, with the keychain's own words: waiting or
// falling back to another place would be worse.
func classify(op string, err error) error { return classifyOn(runtime.GOOS, op, err) }

func classifyOn(goos, op string, err error) error {
	var done *engine.Error
	switch {
	case err == nil, errors.As(err, &done), errors.Is(err, engine.ErrNoSecret):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return engine.ErrNoSecret
	case goos == "windows" && errors.Is(err, windowsNoSession):
		return fmt.Errorf("%w: sign in at the machine or by Remote Desktop", engine.ErrNoKeychain)
	case missing(goos, err):
		return fmt.Errorf("%w: %s", engine.ErrNoKeychain, clean(err.Error()))
	}
	e := &engine.Error{Op: op, Kind: engine.Locked, Text: clean(err.Error()), Err: err}
	switch {
	case locked(goos, err):
		e.Text = "the keychain is locked"
	case fullOn(goos, err):
		e.Text = "the keychain is full"
	}
	return e
}

// missing reports whether err means that there is no keychain in this session.
func missing(goos string, err error) bool {
	var op *net.OpError
	var exit *exec.ExitError
	switch {
	case errors.Is(err, keyring.ErrUnsupportedPlatform), errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.As(err, &op):
		return true
	case goos == "darwin":
		return errors.As(err, &exit) && macMissing[exit.ExitCode()]
	}
	name := busError(err)
	for _, prefix := range []string{"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
		"org.freedesktop.DBus.Error.NoServer", "org.freedesktop.DBus.Error.Disconnected", "org.freedesktop.DBus.Error.Spawn.",
		"org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.Secret.Error.NoSuchObject"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.HasPrefix(err.Error(), "dbus: ") // no address, no authentication, connection closed
}

// locked reports whether err means that the keychain wants to be unlocked.
func locked(goos string, err error) bool {
	var exit *exec.ExitError
	if goos == "darwin" {
		return errors.As(err, &exit) && macLocked[exit.ExitCode()]
	}
	return busError(err) == "org.freedesktop.Secret.Error.IsLocked" || strings.HasPrefix(err.Error(), "failed to unlock correct collection")
}
