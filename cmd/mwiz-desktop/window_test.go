//go:build e2e && linux

package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
)

// A machine without OpenGL gets a sentence and an exit code, never a program that runs on unseen.
func TestWindowWithoutOpenGL(t *testing.T) {
	needRobot(t)
	for name, display := range map[string]string{"no GLX": mustServeX(t, "-extension", "GLX"), "no X server": ":987"} {
		r := mustLaunch(t, display, nil, "demo")
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
	r := mustOpen(t, nil, "demo")

	r.click(r.seeBeside("Pending", "Migrate New Items"))
	r.seeBeside("1 of 10", "Completed") // on a quick machine "Processing" is gone before anybody can look: the engine's tests hold it

	passes := 1
	for copied := "0"; copied == "0"; { // until mail has arrived: it does every few seconds, in its own time
		<-time.After(2 * time.Second)
		if passes++; passes > 9 {
			t.Fatal("no pass found new mail")
		}
		r.key("ctrl+m") // the project is selected
		row := r.seeBeside(fmt.Sprintf("%d of 10", passes), "Completed")
		copied = r.below("New in last pass", row).Text
	}
	r.key("Return", "ctrl+2")
	r.see(fmt.Sprintf("Passes (%d)", 3*passes)) // of three mailboxes
	r.key("End")                                // the first pass
	r.seePart("ann@old.example, ")
	r.shoot("passes", 800)
	r.key("alt+Left")
	r.see("My Migrations")

	r.key("ctrl+q")
	if code := r.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// The main job, through the window alone: from "Start new migration" to the second "Migrate New Items", between two real servers, with
// the passwords in a real keychain. What has arrived is compared on disk.
func TestWindowMigration(t *testing.T) {
	needRobot(t)
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{})
	ann := imaptest.WriteCorpus(t, source.MailRoot("ann"), imaptest.CorpusOptions{Messages: 150, Seed: 1})
	ben := imaptest.WriteCorpus(t, source.MailRoot("ben"), imaptest.CorpusOptions{Messages: 50, Seed: 2})
	wire := imaptest.Wire(t, destination.Addr(), imaptest.WireOptions{})
	r := mustOpen(t, withKeyring)
	r.see("No migrations yet")
	r.key("ctrl+q")
	r.exit()
	r.verb("project", "add", "Nordwind Logistics", "--source", "imaps://mail.nordwind.example", "--destination", "imaps://imap.fastmail.com")
	r.reopen()
	r.see("Nordwind Logistics")
	r.key("ctrl+n")
	r.fillForm(source.Port(), wire.Port())
	r.shoot("start-new-migration", 720)
	r.click(r.see("Save project"))
	r.see("Mailboxes (2)")

	r.click(r.see("Migrate New Items"))
	r.seeBeside("ann", "Completed")
	r.seeBeside("ben", "Completed")
	r.key("alt+Left")
	copied := func(want string) {
		t.Helper()
		if got := r.below("New in last pass", r.see("Acme")).Text; got != want {
			t.Errorf("%s new in the last pass, want %s", got, want)
		}
	}
	same := func() {
		t.Helper()
		for _, user := range []string{"ann", "ben"} {
			if d := imaptest.Compare(t, source.MailRoot(user), destination.MailRoot(user)); !d.Empty() {
				t.Errorf("%s: %s", user, d)
			}
		}
	}
	r.seeBeside("1 of 10", "Completed")
	copied("200")
	same()

	ann.AddMessages("INBOX", 5)
	ann.AddMessages("日本", 1)
	ben.AddMessages("Sent", 3)
	r.click(r.see("Acme"))
	r.key("ctrl+m")
	r.seeBeside("2 of 10", "Completed")
	copied("9")
	same()

	// Closing while a pass runs asks, and loses nothing.
	ann.AddMessages("INBOX", 500)
	wire.Limit(300_000) // bytes a second: the pass takes a quarter of a minute
	r.key("ctrl+m")
	r.shoot("my-migrations", 300)
	r.until("some of the mail to arrive", func() bool { return imaptest.ReadMail(t, destination.MailRoot("ann")).Count() > 160 })
	r.key("ctrl+q")
	r.see("Stop and close")
	r.key("Return")
	wire.Limit(0)
	if code := r.exit(); code != exitDone {
		t.Errorf("exit code %d after stopping", code)
	}
	r.reopen()
	r.seeBeside("3 of 10", "Stopped")
	r.click(r.see("Acme"))
	r.key("ctrl+m")
	r.seeBeside("4 of 10", "Completed")
	same()

	r.key("ctrl+q")
	if code := r.exit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// fillForm fills in the form of a new migration for two mailboxes: the name and the source by the keyboard alone, the destination
// with the mouse as well.
func (r *robot) fillForm(source, destination int) {
	r.t.Helper()
	r.see("Save project")
	r.write("Acme")
	r.key("Tab", "Tab") // the provider stays "Other…"
	r.write("127.0.0.1")
	r.key("Tab", "ctrl+a")
	r.write(strconv.Itoa(source))
	r.key("Tab", "space") // the encryption
	r.see("STARTTLS")
	r.key("Down", "Down", "Down", "Return")
	r.until("the choice", func() bool { _, open := find(r.tree(), "STARTTLS"); return !open })
	r.see("No encryption")

	right := func(label string) (found node) { // the destination is at the right
		for _, n := range r.tree() {
			if n.Text == label && n.X >= found.X {
				found = n
			}
		}
		return found
	}
	r.clickAt(right("Host"), 200, 0)
	r.write("127.0.0.1")
	r.clickAt(right("Port"), 130, 0)
	r.key("ctrl+a")
	r.write(strconv.Itoa(destination))
	r.click(right("SSL/TLS"))
	r.until("the choices of encryption", func() bool { return right("STARTTLS").Text != "" })
	r.click(right("No encryption"))
	r.until("no encryption at both sides", func() bool { return right("No encryption").X > 600 })
	r.clickAt(right("Try it with"), 150, 0)
	r.write("ann")
	r.key("Tab")
	r.write(imaptest.Password)
	r.key("Return")
	r.see("Signed in to 127.0.0.1 as ann")

	r.clickAt(r.see("Source address"), 60, 26)
	for _, user := range []string{"ann", "ben"} {
		for range 2 { // source and destination
			r.write(user)
			r.key("Tab", "Tab") // the login is the address
			r.write(imaptest.Password)
			r.key("Tab")
		}
	}
}
