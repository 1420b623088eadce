//go:build nogui

package main

import (
	"fmt"
	"os"
)

// bringToFront does nothing: this flavour of the program has no window.
func bringToFront() {}

// complain tells the user why there is no window.
func complain(text string) { fmt.Fprintln(os.Stderr, text) }
