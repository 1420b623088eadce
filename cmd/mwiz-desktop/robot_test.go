//go:build e2e && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pictures is where the program is built, and where a test that fails leaves a picture of the screen.
const pictures = "../../build/e2e"

// patience is how long a test waits for the window to show what it must.
const patience = 2 * time.Minute

// again is how long a click or a key may take to have its effect, before it is tried again.
const again = 15 * time.Second

// robot is a program in a window on an X server of its own, driven by keys and mouse.
type robot struct {
	t       *testing.T
	display string
	home    string
	command []string
	more    []string // of the environment
	web     *http.Client
	program *exec.Cmd
	ended   chan struct{} // closed when the program has ended
	output  *lockedBuffer
	window  string // X's id of the window
}

// needRobot skips the test where there is nothing to run it on; it fails instead where MWIZ_NEED_WINDOW is set.
func needRobot(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("MWIZ_NEED_WINDOW") != "" {
				t.Fatalf("no %s", tool)
			}
			t.Skipf("no %s", tool)
		}
	}
}

// e2eProgram builds the window with the e2e hook in it, once, and returns its path.
var e2eProgram = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join(pictures, "mwiz-desktop"))
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-tags", "migrated_fynedo,x11,gles,e2e", "-ldflags", os.Getenv("MWIZ_LDFLAGS"), "-o", path, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// mustServeX starts an X server and returns its display.
func mustServeX(t *testing.T, args ...string) string {
	t.Helper()
	answer, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	args = append([]string{"-displayfd", "3", "-screen", "0", "1280x800x24", "-noreset", "-nolisten", "tcp"}, args...)
	x := exec.Command("Xvfb", args...)
	x.ExtraFiles = []*os.File{w}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = x.Process.Kill()
		_ = x.Wait()
	})
	if err := answer.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	number, err := io.ReadAll(io.LimitReader(answer, 16))
	if len(number) == 0 {
		t.Fatalf("Xvfb named no display: %v", err)
	}
	return ":" + strings.TrimSpace(string(number))
}

// withKeyring is the command that runs another one beside a keychain of its own: a session bus with an open gnome-keyring on it.
var withKeyring = []string{"dbus-run-session", "--", "sh", "-c", `
	printf 'x\n' | gnome-keyring-daemon --foreground --components=secrets --unlock >/dev/null 2>&1 &
	until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
		string:org.freedesktop.secrets | grep -q 'boolean true'; do sleep 0.05; done
	exec "$@"`, "sh"}

// mustLaunch starts the program with args on a display, in a home of its own. before is a command that runs the program, or nil.
func mustLaunch(t *testing.T, display string, before []string, args ...string) *robot {
	t.Helper()
	path, err := e2eProgram()
	if err != nil {
		t.Fatal(err)
	}
	r := &robot{t: t, display: display, home: t.TempDir(), command: append(append(slices.Clone(before), path), args...)}
	if err := os.Mkdir(filepath.Join(r.home, ".cache"), 0o700); err != nil { // Fyne logs an error without it
		t.Fatal(err)
	}
	r.launch()
	return r
}

// launch starts the program.
func (r *robot) launch() {
	r.t.Helper()
	socket := filepath.Join(r.home, "tree")
	_ = os.Remove(socket) // an earlier run's
	r.web = &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}}}
	c, ended, output := exec.Command(r.command[0], r.command[1:]...), make(chan struct{}), &lockedBuffer{}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Dir, c.Env = r.home, append(r.env(), "E2E_SOCKET="+socket)
	c.Stdout, c.Stderr = output, output
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.program, r.ended, r.output = c, ended, output
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	r.t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // and what was started with it
		<-ended
		if r.t.Failed() {
			r.t.Logf("the program said:\n%s", output)
		}
	})
}

// env is what the program finds around it.
func (r *robot) env() []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.home, "MWIZ_HOME=" + filepath.Join(r.home, "ledger"),
		"XDG_RUNTIME_DIR=" + r.home, "TMPDIR=" + r.home, "DISPLAY=" + r.display, "LANG=C.UTF-8", "TZ=UTC",
		"LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "FYNE_THEME=light"}, r.more...)
}

// verb runs the program with a verb, in the same home.
func (r *robot) verb(args ...string) {
	r.t.Helper()
	c := exec.Command(r.command[len(r.command)-1], args...)
	c.Env = r.env()
	if out, err := c.CombinedOutput(); err != nil {
		r.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// mustOpenWith is mustOpen with more in the environment.
func mustOpenWith(t *testing.T, more []string, args ...string) *robot {
	t.Helper()
	path, err := e2eProgram()
	if err != nil {
		t.Fatal(err)
	}
	r := &robot{t: t, display: mustServeX(t), home: t.TempDir(), command: append([]string{path}, args...), more: more}
	if err := os.Mkdir(filepath.Join(r.home, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.reopen()
	return r
}

// mustOpen launches the program on an X server of its own and waits for its window.
func mustOpen(t *testing.T, before []string, args ...string) *robot {
	t.Helper()
	r := mustLaunch(t, mustServeX(t), before, args...)
	r.ready()
	return r
}

// reopen launches the program once more, after it has ended, in the same home.
func (r *robot) reopen() {
	r.t.Helper()
	r.launch()
	r.ready()
}

// ready waits for the window.
func (r *robot) ready() {
	r.t.Helper()
	r.until("the window to open", func() bool {
		r.window, _, _ = strings.Cut(r.tool("xdotool", "search", "--onlyvisible", "--name", "mwiz-desktop"), "\n")
		return r.window != ""
	})
	r.until("the window to find its size", func() bool { return r.settled() })
}

// settled reports whether the window is drawn in the size that the system has given it: until then, nothing stands where the tree says.
func (r *robot) settled() bool {
	var w, h int
	geometry := r.tool("xdotool", "getwindowgeometry", "--shell", r.window)
	for line := range strings.Lines(geometry) {
		_, _ = fmt.Sscanf(line, "WIDTH=%d", &w)
		_, _ = fmt.Sscanf(line, "HEIGHT=%d", &h)
	}
	s := r.screen()
	return len(s.Nodes) > 0 && math.Abs(s.W-float64(w)) < 2 && math.Abs(s.H-float64(h)) < 2
}

// until waits for done, and fails the test with what is on the screen when it takes too long.
func (r *robot) until(what string, done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-r.ended:
			if done() {
				return
			}
			r.t.Fatalf("waiting for %s: the program ended with %v", what, r.program.ProcessState)
		case <-late:
			picture := filepath.Join(pictures, r.t.Name()+".png")
			r.tool("import", "-window", "root", picture)
			r.t.Fatalf("waited %v for %s; on the screen (%s): %s", patience, what, picture, r.texts())
		}
	}
}

// act does something until it has had its effect. A click or a key may be lost, while the window is busy laying itself out: so
// each is held to what comes of it, and repeated where nothing did. What is done must be harmless when its effect is merely late.
func (r *robot) act(what string, effect func() bool, do func()) {
	r.t.Helper()
	var last time.Time
	r.until(what, func() bool {
		if effect() {
			return true
		}
		if time.Since(last) > again {
			if !last.IsZero() {
				r.t.Logf("trying again: %s", what)
			}
			do()
			last = time.Now()
		}
		return false
	})
}

// shows returns an effect: a text that can be seen.
func (r *robot) shows(text string) func() bool {
	return func() bool { _, ok := find(r.tree(), text); return ok }
}

// partly returns an effect: a text can be seen that holds part.
func (r *robot) partly(part string) func() bool {
	return func() bool { _, ok := partly(r.tree(), part); return ok }
}

// escape leaves the page with a title by Esc.
func (r *robot) escape(title string) {
	r.t.Helper()
	r.act(title+" to go", r.gone(title), func() {
		if r.shows(title)() {
			r.key("Escape")
		}
	})
}

// gone returns an effect: a text that can be seen no more.
func (r *robot) gone(text string) func() bool {
	return func() bool { nodes := r.tree(); _, ok := find(nodes, text); return !ok && len(nodes) > 0 }
}

// quit presses Ctrl+Q until the program has ended, and returns its exit code.
func (r *robot) quit() int {
	r.t.Helper()
	r.act("the program to end", r.hasEnded, func() { r.key("ctrl+q") })
	return r.program.ProcessState.ExitCode()
}

// hasEnded reports whether the program has ended.
func (r *robot) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// exit waits for the program to end and returns its exit code.
func (r *robot) exit() int {
	r.t.Helper()
	select {
	case <-r.ended:
		return r.program.ProcessState.ExitCode()
	case <-time.After(patience):
		r.t.Fatal("the program does not end")
		return -1
	}
}

// tool runs a program on the display and returns what it prints, "" when it fails: xdotool fails when it finds nothing.
func (r *robot) tool(name string, args ...string) string {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+r.display)
	out, err := c.Output()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// tree returns every text that can be seen, what lies on top first; nothing while the window is not ready.
func (r *robot) tree() []node { return r.screen().Nodes }

// screen returns what the window shows; nothing while it is not ready, or when the program ends in the middle of the answer.
func (r *robot) screen() (s picture) {
	answer, err := r.web.Get("http://window/tree")
	if err != nil {
		return picture{}
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return picture{}
	}
	return s
}

// texts returns what can be read on the screen.
func (r *robot) texts() string {
	var all []string
	for _, n := range r.tree() {
		all = append(all, n.Text)
	}
	return strings.Join(all, " | ")
}

// see waits until a text can be seen and returns its place.
func (r *robot) see(text string) node {
	r.t.Helper()
	return r.look(strconv.Quote(text), func(nodes []node) (node, bool) { return find(nodes, text) })
}

// partly finds the first text that holds part.
func partly(nodes []node, part string) (node, bool) {
	return first(nodes, func(n node) bool { return strings.Contains(n.Text, part) })
}

// beside finds one of some texts in the row of another.
func beside(row string, texts ...string) func([]node) (node, bool) {
	return func(nodes []node) (node, bool) {
		beside, ok := find(nodes, row)
		if !ok {
			return node{}, false
		}
		return first(nodes, func(n node) bool { return slices.Contains(texts, n.Text) && sameRow(n, beside) })
	}
}

// rightmost finds the text that stands furthest to the right.
func rightmost(text string) func([]node) (node, bool) {
	return func(nodes []node) (found node, ok bool) {
		for _, n := range nodes {
			if n.Text == text && (!ok || n.X > found.X) {
				found, ok = n, true
			}
		}
		return found, ok
	}
}

// beyond finds a point beside the rightmost text: dx to the right of its left edge, dy below its middle.
func beyond(text string, dx, dy float64) func([]node) (node, bool) {
	return func(nodes []node) (node, bool) {
		n, ok := rightmost(text)(nodes)
		return node{X: n.X + dx, Y: n.Y + n.H/2 + dy}, ok
	}
}

// seeBeside waits until a text can be seen in the row of another.
func (r *robot) seeBeside(row, text string) node {
	r.t.Helper()
	return r.look(fmt.Sprintf("%q beside %q", text, row), beside(row, text))
}

// showsBeside returns an effect: a text that can be seen in the row of another.
func (r *robot) showsBeside(row, text string) func() bool {
	return func() bool { _, ok := beside(row, text)(r.tree()); return ok }
}

// count returns how often a text can be seen.
func (r *robot) count(text string) (n int) {
	for _, one := range r.tree() {
		if one.Text == text {
			n++
		}
	}
	return n
}

// enter types a text in place of what stands in the field at a point; shown is how the field shows it.
func (r *robot) enter(text, shown string, at func([]node) (node, bool)) {
	r.t.Helper()
	before := r.count(shown)
	r.act(fmt.Sprintf("%q to be typed", shown), func() bool { return r.count(shown) > before }, func() {
		if n, ok := r.still(at); ok {
			r.press(n)
			r.key("ctrl+a")
			r.write(text)
		}
	})
}

// below returns the node in the row of another that stands under a column's title, at its left or right edge.
func (r *robot) below(title string, row node) node {
	r.t.Helper()
	return r.look(fmt.Sprintf("a value of %q", title), func(nodes []node) (node, bool) {
		head, ok := find(nodes, title)
		if !ok {
			return node{}, false
		}
		return first(nodes, func(n node) bool {
			return sameRow(n, row) && min(math.Abs(n.X-head.X), math.Abs(n.X+n.W-head.X-head.W)) < 6
		})
	})
}

// look waits until a node can be found and stands still: while the window is being laid out, texts move.
func (r *robot) look(what string, find func([]node) (node, bool)) (found node) {
	r.t.Helper()
	r.until(what, func() (ok bool) {
		found, ok = r.still(find)
		return ok
	})
	return found
}

// still finds a node, unless it moves.
func (r *robot) still(find func([]node) (node, bool)) (node, bool) {
	first, ok := find(r.tree())
	if !ok || !r.settled() {
		return node{}, false
	}
	last, ok := find(r.tree())
	return last, ok && first == last
}

func sameRow(a, b node) bool { return math.Abs(a.Y+a.H/2-b.Y-b.H/2) < 16 }

// first returns the first node that is wanted.
func first(nodes []node, wanted func(node) bool) (node, bool) {
	if i := slices.IndexFunc(nodes, wanted); i >= 0 {
		return nodes[i], true
	}
	return node{}, false
}

// find returns the first node with a text.
func find(nodes []node, text string) (node, bool) {
	return first(nodes, func(n node) bool { return n.Text == text })
}

// click presses the mouse on a text, wherever it stands by then, until that has had its effect.
func (r *robot) click(text string, effect func() bool) {
	r.t.Helper()
	r.clickOn(strconv.Quote(text), func(nodes []node) (node, bool) { return find(nodes, text) }, effect)
}

// clickOn presses the mouse in the middle of what is found, as long as it can be found, until that has had its effect.
func (r *robot) clickOn(what string, find func([]node) (node, bool), effect func() bool) {
	r.t.Helper()
	r.act(what+" to be clicked", effect, func() {
		if n, ok := r.still(find); ok {
			r.press(n)
		}
	})
}

// press presses the mouse in the middle of a node.
func (r *robot) press(n node) {
	r.tool("xdotool", "mousemove", "--window", r.window, pixels(n.X+n.W/2), pixels(n.Y+n.H/2), "sleep", "0.1", "click", "1")
}

func pixels(f float64) string { return strconv.Itoa(int(math.Round(f))) }

// key presses keys by X's names, one after the other.
func (r *robot) key(names ...string) {
	for _, name := range names {
		r.tool("xdotool", "key", name, "sleep", "0.05")
	}
}

// write types a text.
func (r *robot) write(text string) { r.tool("xdotool", "type", "--delay", "15", text) }

// shoot writes a picture of the window, made so high, as NAME.png into the folder $MWIZ_SCREENSHOTS, if that is set.
func (r *robot) shoot(name string, height int) {
	if dir := os.Getenv("MWIZ_SCREENSHOTS"); dir != "" {
		r.resize(height)
		r.tool("import", "-window", r.window, "-strip", "+dither", "-colors", "200", "png8:"+filepath.Join(dir, name+".png"))
		r.resize(800)
	}
}

// resize makes the window so high, and waits until it is drawn.
func (r *robot) resize(height int) {
	r.t.Helper()
	r.tool("xdotool", "windowsize", "--sync", r.window, "1280", strconv.Itoa(height), "mousemove", "1279", "799", "sleep", "0.5")
	r.until("the window to find its size", r.settled)
}

// lockedBuffer is a buffer that is written and read by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
