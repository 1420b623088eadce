package awake

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/windows"
)

// Of SetThreadExecutionState, in winbase.h.
const (
	continuous     = 0x80000000
	systemRequired = 0x00000001
)

// hold asks through a thread of its own: the system forgets the wish when the thread that had it ends or takes it back.
func hold(_ context.Context, _ string) (release func(), err error) {
	set := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadExecutionState")
	if err := set.Find(); err != nil {
		return func() {}, err
	}
	answer, end, ended := make(chan error), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if before, _, err := set.Call(continuous | systemRequired); before == 0 {
			answer <- fmt.Errorf("SetThreadExecutionState: %w", err)
			return
		}
		answer <- nil
		<-end
		_, _, _ = set.Call(continuous)
	}()
	err = <-answer
	return sync.OnceFunc(func() {
		close(end)
		<-ended
	}), err
}
