//go:build e2e

package main

// node is a text on the screen and its place, in pixels of the window: what GET /tree answers with.
type node struct {
	Text       string
	X, Y, W, H float64
}
