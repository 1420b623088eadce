//go:build e2e

package main

import (
	"fmt"
	"strings"
	"testing"
)

// A machine without OpenGL gets a sentence and an exit code, never a program that runs on unseen.
func TestWindowWithoutOpenGL(t *testing.T) {
	needRobot(t)
	for name, display := range map[string]string{"no GLX": mustServeX(t, "-extension", "GLX"), "no X server": ":987"} {
		r := mustLaunch(t, display, "demo")
		if code := r.exit(); code != exitFailed {
			t.Errorf("%s: exit code %d, want %d", name, code, exitFailed)
		}
		if said := r.output.String(); !strings.Contains(said, "mwiz help") {
			t.Errorf("%s: nothing says what to do:\n%s", name, said)
		}
	}
}

// The sandbox, as a newcomer meets it: the first pass by the mouse, the next by the keyboard, then the history.
func TestWindowSandbox(t *testing.T) {
	needRobot(t)
	r := mustOpen(t, "demo")

	r.click(r.seeBeside("Pending", "Migrate New Items"))
	r.seePart("Processing")
	r.seeBeside("1 of 10", "Completed")

	passes := 1
	for copied := "0"; copied == "0"; { // until mail has arrived: it does every few seconds
		if passes++; passes > 9 {
			t.Fatal("no pass found new mail")
		}
		r.key("ctrl+m") // the project is selected
		row := r.seeBeside(fmt.Sprintf("%d of 10", passes), "Completed")
		copied = r.below("New in last pass", row).Text
	}
	r.shoot("my-migrations")

	r.key("Return", "ctrl+2")
	r.see(fmt.Sprintf("Passes (%d)", 3*passes)) // of three mailboxes
	r.shoot("passes")
	r.key("alt+Left")
	r.see("My Migrations")

	r.key("ctrl+q")
	if code := r.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}
