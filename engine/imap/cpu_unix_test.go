//go:build unix

package imap

import (
	"syscall"
	"testing"
	"time"
)

// processorTime returns what this process has taken so far.
func processorTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
