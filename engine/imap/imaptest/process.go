//go:build unix

package imaptest

import (
	"bytes"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a child with its whole process group. A small shell waits beside it and ends the group, and removes its folder,
// should the test die without doing so: the shell's standard input then closes.
type process struct {
	cmd     *exec.Cmd
	out     lockedBuffer
	done    chan struct{}
	guard   *exec.Cmd
	guardIn io.WriteCloser
}

// startProcess runs a program, which lives in dir, in a process group of its own.
func startProcess(dir, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.WaitDelay = time.Second // a grandchild may hold the pipe
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	p.guard = exec.Command("sh", "-c", `cat >/dev/null; kill -9 "-$1"; rm -rf -- "$2"`, "guard", strconv.Itoa(p.cmd.Process.Pid), dir)
	p.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.guardIn, err = p.guard.StdinPipe(); err == nil {
		err = p.guard.Start()
	}
	if err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// ended waits at most d for the process to end.
func (p *process) ended(d time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(d):
		return false
	}
}

// stop asks the process to end, and kills what has not after a while.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.ended(5 * time.Second)
	p.kill()
}

// kill ends the group at once.
func (p *process) kill() {
	if g := p.guard; g != nil && g.Process != nil {
		_ = syscall.Kill(-g.Process.Pid, syscall.SIGKILL)
		_ = p.guardIn.Close()
		_ = g.Wait()
		p.guard = nil
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// output returns what the process has printed.
func (p *process) output() string { return p.out.String() }

// lockedBuffer is a buffer that may be read while it is written.
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
