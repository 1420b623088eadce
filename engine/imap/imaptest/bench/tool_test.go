//go:build linux

package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine/imap/imaptest"
)

// tool is a program that copies mailboxes.
type tool struct {
	name    string
	version string
	floor   bool                  // it can do a first pass only
	slow    bool                  // one round of it has to do
	ready   func(*testing.T, job) // what comes before the first pass and is not measured; may be nil
	pass    func(*testing.T, job) *exec.Cmd
}

// job is mailboxes to copy from one server to another, where there are equally many users.
type job struct {
	dir         string // where the tool may keep what it knows, on a memory file system
	from, to    string // addresses as net.Dial takes them
	sources     []string
	destination []string
	lanes       int // most connections of a mailbox to each side; 0: as our program does by default
}

// tools returns the floor, our program and those of its peers that are on the PATH; the names of those that are not come as missing.
func tools(t *testing.T) (found []tool, missing []string) {
	t.Helper()
	found = []tool{bareSockets(t), ours(t)}
	for _, peer := range []struct {
		name string
		at   func(path string) tool
	}{{"mbsync", mbsync}, {"imapsync", imapsync}} {
		path, err := exec.LookPath(peer.name)
		if err != nil {
			missing = append(missing, peer.name)
			continue
		}
		found = append(found, peer.at(path))
	}
	return found, missing
}

func bareSockets(t *testing.T) tool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return tool{name: "bare sockets", floor: true, pass: func(t *testing.T, j job) *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), floorVariable+"="+strings.Join([]string{j.from, j.to, strings.Join(j.sources, ","), strings.Join(j.destination, ",")}, " "))
		return cmd
	}}
}

// ours is the command line: starting, opening the ledger, signing in, the pass, and ending.
func ours(t *testing.T) tool {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mwiz")
	build := exec.Command("go", "build", "-tags", "nogui", "-o", program, "mwiz/cmd/mwiz-desktop")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	command := func(j job, args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "MWIZ_HOME="+filepath.Join(j.dir, "home"))
		return cmd
	}
	list := func(j job) string { return filepath.Join(j.dir, "mailboxes.csv") }
	return tool{name: "mwiz",
		ready: func(t *testing.T, j job) {
			t.Helper()
			var b strings.Builder
			b.WriteString("Source Email,Source Password,Destination Email,Destination Password\n")
			for i := range j.sources {
				fmt.Fprintf(&b, "%s,%s,%s,%s\n", j.sources[i], imaptest.Password, j.destination[i], imaptest.Password)
			}
			must(t, os.WriteFile(list(j), []byte(b.String()), 0o600))
			add := []string{"project", "add", "Move", "--source", "imap://" + j.from, "--destination", "imap://" + j.to}
			if j.lanes > 0 {
				add = append(add, "--lanes", fmt.Sprint(j.lanes))
			}
			mustRun(t, command(j, add...))
			mustRun(t, command(j, "mailbox", "import", "Move", "--no-secrets", list(j)))
		},
		pass: func(t *testing.T, j job) *exec.Cmd { return command(j, "pass", "Move", "--credentials", list(j)) },
	}
}

func mbsync(path string) tool {
	config := func(j job) string { return filepath.Join(j.dir, "mbsyncrc") }
	return tool{name: "mbsync", version: versionOf(path, "--version"),
		ready: func(t *testing.T, j job) {
			t.Helper()
			var b strings.Builder
			for _, one := range []struct{ name, addr, user string }{{"far", j.from, j.sources[0]}, {"near", j.to, j.destination[0]}} {
				host, port, _ := net.SplitHostPort(one.addr)
				fmt.Fprintf(&b, "IMAPAccount %s\nHost %s\nPort %s\nUser %s\nPass %s\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore %s\nAccount %s\n\n",
					one.name, host, port, one.user, imaptest.Password, one.name, one.name)
			}
			state := filepath.Join(j.dir, "state")
			must(t, os.Mkdir(state, 0o700))
			fmt.Fprintf(&b, "Channel move\nFar :far:\nNear :near:\nPatterns *\nSync PullNew\nCreate Near\nCopyArrivalDate yes\nSyncState %s/\n", state)
			must(t, os.WriteFile(config(j), []byte(b.String()), 0o600))
		},
		pass: func(t *testing.T, j job) *exec.Cmd { return exec.Command(path, "-q", "-c", config(j), "move") },
	}
}

func imapsync(path string) tool {
	return tool{name: "imapsync", version: versionOf(path, "--version"), slow: true, pass: func(t *testing.T, j job) *exec.Cmd {
		args := []string{"--nossl1", "--nossl2", "--notls1", "--notls2", "--nolog", "--noreleasecheck", "--no-modulesversion"}
		for i, one := range []struct{ addr, user string }{{j.from, j.sources[0]}, {j.to, j.destination[0]}} {
			host, port, _ := net.SplitHostPort(one.addr)
			n := fmt.Sprint(i + 1)
			args = append(args, "--host"+n, host, "--port"+n, port, "--user"+n, one.user, "--password"+n, imaptest.Password)
		}
		cmd := exec.Command(path, args...)
		cmd.Dir = j.dir
		return cmd
	}}
}

// versionOf returns the last word of what a program says of its version.
func versionOf(path, flag string) string {
	out, _ := exec.Command(path, flag).Output()
	words := strings.Fields(string(out))
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustRun(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", cmd, err, out)
	}
}
