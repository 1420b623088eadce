//go:build e2e && linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
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

	// On a quick machine "Processing" is gone before anybody can look: the engine's tests hold it.
	r.clickOn("Migrate New Items", beside("Pending", "Migrate New Items"), r.showsBeside("1 of 10", "Completed"))

	passes := 1
	for copied := "0"; copied == "0"; { // until mail has arrived: it does every few seconds, in its own time
		<-time.After(2 * time.Second)
		if passes++; passes > 9 {
			t.Fatal("no pass found new mail")
		}
		r.act("another pass", r.showsBeside(fmt.Sprintf("%d of 10", passes), "Completed"), func() { r.key("ctrl+m") }) // the project is selected
		copied = r.below("New in last pass", r.see(fmt.Sprintf("%d of 10", passes))).Text
	}
	r.act("the project to open", r.shows(fmt.Sprintf("Passes (%d)", 3*passes)), func() { r.key("Return") }) // of three mailboxes
	r.act("the first pass", r.partly("ann@old.example, "), func() { r.key("ctrl+2", "End") })
	r.see("Adds up") // what the pass did, folder by folder
	r.shoot("passes", 800)
	r.visitProject()
	r.act("My Migrations", r.shows("New in last pass"), func() { r.key("alt+Left") })

	if code := r.quit(); code != exitDone {
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
	r.quit()
	r.verb("project", "add", "Nordwind Logistics", "--source", "imaps://mail.nordwind.example", "--destination", "imaps://imap.fastmail.com")
	r.opens()
	r.reopen()
	r.see("Nordwind Logistics")
	r.act("the wizard", r.shows("Next: Mailboxes"), func() { r.key("ctrl+n") })
	r.fillConnector(source.Port(), wire.Port())
	r.act("the mailboxes", r.shows("Source address"), func() { r.key("alt+Right") })
	r.fillGrid()
	r.shoot("mailboxes", 620)
	r.act("the trial", r.shows("Run trial pass"), func() { r.key("alt+Right") })
	r.see("2 of 2 mailboxes can be signed in to at both hosts   ·   a trial pass copies at most 10 messages a folder and 5 MB of each")
	r.click("Run trial pass", func() bool { return r.showsBeside("ann", "Completed")() && r.showsBeside("ben", "Completed")() })
	r.shoot("trial", 620)
	r.act("the summary", r.shows("Start migration"), func() { r.key("alt+Right") })
	r.see("200 messages counted at the source")
	r.shoot("summary", 620)
	r.click("Start migration", r.shows("The first pass is complete"))
	r.click("My Migrations", r.shows("New in last pass"))
	copied := func(want string) {
		t.Helper()
		r.until(want+" new in the last pass", func() bool { return r.below("New in last pass", r.see("Acme")).Text == want })
	}
	same := func() {
		t.Helper()
		for _, user := range []string{"ann", "ben"} {
			if d := imaptest.Compare(t, source.MailRoot(user), destination.MailRoot(user)); !d.Empty() {
				t.Errorf("%s: %s", user, d)
			}
		}
	}
	migrate := func(passes string) {
		t.Helper()
		r.act("another pass", r.showsBeside(passes, "Completed"), func() {
			if n, ok := r.still(beside("Acme", "Completed", "Stopped")); ok { // selects the project; while a pass runs there is nothing to press
				r.press(n)
				r.key("ctrl+m")
			}
		})
	}
	r.see("1 of 10")
	same()

	r.act("the schedule", r.shows("Schedule of Acme"), func() { // the project is selected by a click
		if n, ok := r.still(beside("Acme", "Completed")); ok {
			r.press(n)
			r.key("ctrl+l")
		}
	})
	r.shoot("schedule", 460)
	r.act("the schedule to be kept", r.gone("Schedule of Acme"), func() { r.key("Return") })
	r.until("the next pass to be shown", r.partly("Next pass: "))
	r.act("the schedule again", r.shows("Schedule of Acme"), func() { r.key("ctrl+l") })
	r.key("shift+Tab", "Left") // not by itself
	r.act("the schedule to end", r.gone("Schedule of Acme"), func() { r.key("Return") })
	r.until("no next pass", func() bool { _, ok := partly(r.tree(), "Next pass: "); return !ok })

	ann.AddMessages("INBOX", 5)
	ann.AddMessages("日本", 1)
	ben.AddMessages("Sent", 3)
	r.act("the preview", r.partly("Pass 2 of 10 will copy 9 new messages"), func() {
		if n, ok := r.still(beside("Acme", "Completed")); ok {
			r.press(n)
			r.key("ctrl+p")
		}
	})
	r.act("the preview to go", r.gone("Preview of Acme"), func() { r.key("Return") })
	migrate("2 of 10")
	copied("9")
	same()
	r.saveReport("Acme", "<b>2</b><span>mailboxes</span>", "<b>209</b><span>messages migrated</span>", "0</b><span>messages failed</span>",
		"The difference is zero: every message at the source is accounted for")

	// Closing while a pass runs asks, and loses nothing.
	ann.AddMessages("INBOX", 500)
	wire.Limit(300_000) // bytes a second
	r.act("a pass to begin", r.showsBeside("Acme", "Stop"), func() { r.key("ctrl+m") })
	r.shoot("my-migrations", 300)
	r.until("some of the mail to arrive", func() bool { return imaptest.ReadMail(t, destination.MailRoot("ann")).Count() > 160 })
	wire.Limit(10_000) // it shall not be over before anybody can ask
	r.act("the question before closing", r.shows("Stop and close"), func() { r.key("ctrl+q") })
	r.act("the program to stop", func() bool { return !r.shows("Stop and close")() }, func() { r.key("Return") })
	wire.Limit(0)
	if code := r.exit(); code != exitDone {
		t.Errorf("exit code %d after stopping", code)
	}
	r.reopen()
	r.seeBeside("3 of 10", "Stopped")
	migrate("4 of 10")
	same()

	if code := r.quit(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// visitProject goes through the other tabs of the sandbox's project by the mouse, through its settings, and to what became of a message.
func (r *robot) visitProject() {
	r.t.Helper()
	r.click("Errors", r.shows("Every item was migrated. There are no errors."))
	r.clickOn("Folders", func(nodes []node) (node, bool) { // with their number, once they are read
		return first(nodes, func(n node) bool { return n.Text == "Folders" || strings.HasPrefix(n.Text, "Folders (") })
	}, r.shows("Only differences"))
	r.seeBeside("Deleted Items", "Trash")

	settings := "Settings of Sandbox"
	r.click("Settings", r.shows(settings))
	r.see("What is copied")
	r.escape(settings)

	receipt := "What became of a message"
	r.act(receipt, r.shows(receipt), func() { r.key("ctrl+shift+f") })
	r.enter("Drafts", "Drafts", func(nodes []node) (node, bool) { // beside the first "Folder": the other is the title of a column
		n, ok := find(nodes, "Folder")
		return node{X: n.X + 200, Y: n.Y, H: n.H}, ok
	})
	r.act("the receipt", r.partly("Its digest was recorded while it was copied"), func() { r.key("Return") })
	r.see("Copy text")
	r.escape(receipt)
}

// opened is where the browser of opens notes what it was to open.
const opened = "opened"

// opens gives the program a browser that only notes what it is to open.
func (r *robot) opens() {
	r.t.Helper()
	bin := filepath.Join(r.home, "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\nprintf %s \"$1\" >\"$HOME/"+opened+"\"\n"), 0o700); err != nil {
		r.t.Fatal(err)
	}
	r.more = append(r.more, "PATH="+bin+":"+os.Getenv("PATH"))
}

// saveReport saves the report on a project of My Migrations as a page, which must say all of that and lean on nothing outside itself, and
// must be shown to the user.
func (r *robot) saveReport(project string, must ...string) {
	r.t.Helper()
	r.act("the report to be offered", r.shows("Report on "+project), func() {
		if n, ok := r.still(beside(project, "Completed")); ok {
			r.press(n) // selects the project
			r.key("ctrl+shift+r")
		}
	})
	place := r.shows("Save the report")
	r.act("a place for the report", place, func() {
		if r.shows("Report on " + project)() {
			r.key("Return")
		}
	})
	r.act("the report to be saved", r.gone("Save the report"), func() {
		if place() {
			r.key("Return") // in the name, which has the focus
		}
	})
	pages := func() []string { list, _ := filepath.Glob(filepath.Join(r.home, "*.html")); return list }
	r.until("the report to be opened", func() bool { _, err := os.Stat(filepath.Join(r.home, opened)); return err == nil && len(pages()) == 1 })
	raw, err := os.ReadFile(pages()[0])
	if err != nil {
		r.t.Fatal(err)
	}
	page := string(raw)
	for _, one := range must {
		if !strings.Contains(page, one) {
			r.t.Errorf("the report does not say %q", one)
		}
	}
	for _, foreign := range []string{"<script", "<link", "<img", " src=", "url(http"} {
		if strings.Contains(page, foreign) {
			r.t.Errorf("the report leans on something else: %q", foreign)
		}
	}
	if to, err := os.ReadFile(filepath.Join(r.home, opened)); err != nil || string(to) != "file://"+pages()[0] {
		r.t.Errorf("opened %q, want %s; %v", to, pages()[0], err)
	}
}

// fillConnector fills in between which hosts a new migration goes: the name and the source by the keyboard alone, the destination with the
// mouse as well.
func (r *robot) fillConnector(source, destination int) {
	r.t.Helper()
	r.see("Next: Mailboxes")
	r.write("Acme")
	r.key("Tab", "Tab", "Tab", "Tab") // past the finder; the provider stays "Other…"
	r.write("127.0.0.1")
	r.key("Tab", "ctrl+a")
	r.write(strconv.Itoa(source))
	r.see("Acme")
	r.see("127.0.0.1")
	r.see(strconv.Itoa(source))
	r.key("Tab") // the encryption
	r.act("the choices", r.shows("STARTTLS"), func() { r.key("space") })
	r.key("Down", "Down", "Down", "Return")
	r.until("the choice", func() bool { return r.gone("STARTTLS")() && r.shows("No encryption")() })

	r.enter("127.0.0.1", "127.0.0.1", beyond("Host", 200, 0)) // the destination is at the right
	r.enter(strconv.Itoa(destination), strconv.Itoa(destination), beyond("Port", 130, 0))
	r.clickOn("the encryption", rightmost("SSL/TLS"), r.shows("STARTTLS"))
	r.clickOn("no encryption", rightmost("No encryption"), func() bool {
		n, ok := rightmost("No encryption")(r.tree())
		return ok && n.X > 600 && r.gone("STARTTLS")()
	})
	r.enter("ann", "ann", beyond("Try it with", 150, 0))
	r.act("signing in", r.shows("Signed in to 127.0.0.1 as ann"), func() {
		if n, ok := r.still(beyond("Try it with", 300, 0)); ok {
			r.press(n)
			r.key("ctrl+a")
			r.write(imaptest.Password)
			r.key("Return")
		}
	})
}

// fillGrid types two mailboxes, by the keyboard alone.
func (r *robot) fillGrid() {
	r.t.Helper()
	r.act("the first address", r.shows("ann"), func() {
		r.key("ctrl+a")
		r.write("ann")
	})
	for i, user := range []string{"ann", "ann", "ben", "ben"} { // source and destination
		if i > 0 {
			r.write(user)
		}
		r.key("Tab", "Tab") // the login is the address
		r.write(imaptest.Password)
		r.key("Tab")
	}
	hidden := strings.Repeat("•", len(imaptest.Password))
	r.until("two mailboxes", func() bool { return r.count("ann") == 2 && r.count("ben") == 2 && r.count(hidden) == 4 })
}
