//go:build !nogui && !windows && !darwin

package main

import (
	"fmt"
	"os"
)

// message tells the user one sentence where there is no window of ours.
func message(text string) { fmt.Fprintln(os.Stderr, text) }
