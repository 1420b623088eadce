//go:build !e2e && !nogui

package main

// serveTree does something in the build for tests only: see e2e.go.
func serveTree() {}
