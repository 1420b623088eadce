package awake

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"sync"
)

// hold leaves it to the system's own program, which ends with this one whatever ends it (-w). -i is idle sleep alone.
func hold(_ context.Context, _ string) (release func(), err error) {
	c := exec.Command("/usr/bin/caffeinate", "-i", "-w", strconv.Itoa(os.Getpid()))
	if err := c.Start(); err != nil {
		return func() {}, err
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	return sync.OnceFunc(func() {
		_ = c.Process.Kill()
		<-ended
	}), nil
}
