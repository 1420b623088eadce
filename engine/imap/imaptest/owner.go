//go:build unix

package imaptest

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// own gives a path to whoever owns the folder it is in, so that Dovecot can use what a test of root wrote.
func own(t testing.TB, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	st, err := os.Stat(filepath.Dir(path))
	must(t, err)
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		must(t, os.Chown(path, int(sys.Uid), int(sys.Gid)))
	}
}
