//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// sample is what one run of a program cost.
type sample struct {
	wall   time.Duration
	cpu    time.Duration // of the program alone, not of the servers
	memory int64         // most bytes resident
}

// measure runs a program to its end.
func measure(cmd *exec.Cmd) (sample, error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	done := make(chan struct{})
	peak := make(chan int64)
	go func() { peak <- watchMemory(cmd.Process.Pid, done) }()
	err := cmd.Wait()
	s := sample{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	close(done)
	s.memory = <-peak
	if err != nil {
		text := said.String()
		return s, fmt.Errorf("%s: %w: %s", cmd.Path, err, text[max(0, len(text)-2000):])
	}
	return s, nil
}

// watchMemory returns the peak of a process's resident memory. It asks while the process lives: ru_maxrss, known at the end, counts
// what this program, of which the other is a child, had before.
func watchMemory(pid int, done <-chan struct{}) (peak int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return peak
		case <-tick.C:
			peak = max(peak, highWater(pid))
		}
	}
}

// highWater returns the VmHWM of a process, 0 when it is gone.
func highWater(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kb, _ := strconv.ParseInt(number, 10, 64)
	return kb << 10
}
