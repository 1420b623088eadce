//go:build !windows

package store

import "syscall"

// setuid gives up root's rights.
func setuid(uid int) error { return syscall.Setuid(uid) }
