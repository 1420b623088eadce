package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// appFolder is the name of the ledger's folder.
const appFolder = "mwiz-desktop"

// Dir returns the folder of the ledger as an absolute path: home where it is given, else DefaultDir.
func Dir(home string) (string, error) {
	if home == "" {
		return DefaultDir()
	}
	return filepath.Abs(home)
}

// DefaultDir returns the folder of the ledger where the user names none: $MWIZ_HOME, else this user's place for data that stays
// on this machine. Not a roaming or synchronised one: SQLite's WAL needs a local disk.
func DefaultDir() (string, error) {
	if home := os.Getenv("MWIZ_HOME"); home != "" {
		return filepath.Abs(home)
	}
	dir := dataDir(runtime.GOOS, os.Getenv)
	if dir == "" {
		return "", errors.New("this user has no home folder: set MWIZ_HOME to the folder that is to hold the ledger")
	}
	return dir, nil
}

// dataDir returns the default folder on an operating system, "" where the environment does not tell.
func dataDir(goos string, env func(string) string) string {
	var parent string
	switch goos {
	case "windows":
		parent = env("LOCALAPPDATA")
	case "darwin":
		parent = below(env("HOME"), "Library", "Application Support")
	default:
		parent = env("XDG_DATA_HOME")
		if !filepath.IsAbs(parent) { // the XDG specification has a relative one ignored
			parent = below(env("HOME"), ".local", "share")
		}
	}
	return below(parent, appFolder)
}

// below joins parts to parent, and returns "" where there is no parent.
func below(parent string, parts ...string) string {
	if parent == "" {
		return ""
	}
	return filepath.Join(append([]string{parent}, parts...)...)
}
