//go:build !nogui

package main

import (
	"fmt"
	"os"
	"os/exec"
)

// message tells the user one sentence where there is neither a window of ours nor, perhaps, a terminal. The text reaches the
// script as an argument: nothing in it is ever run.
func message(text string) {
	fmt.Fprintln(os.Stderr, text)
	_ = exec.Command("/usr/bin/osascript",
		"-e", "on run told",
		"-e", "display alert (item 1 of told) message (item 2 of told) as critical",
		"-e", "end run",
		"--", appName, text).Run()
}
