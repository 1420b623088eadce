//go:build !nogui && (windows || darwin)

package main

// haveTray reports whether there is a place for icons beside the clock: always, here.
func haveTray() bool { return true }
