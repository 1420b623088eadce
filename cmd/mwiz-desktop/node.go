//go:build e2e

package main

// picture is what GET /tree answers with: the size in which the window is drawn, in its pixels, and every text that can be seen.
type picture struct {
	W, H  float64
	Nodes []node
}

// node is a text on the screen and its place.
type node struct {
	Text       string
	X, Y, W, H float64
}
