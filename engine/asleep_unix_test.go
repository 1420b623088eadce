//go:build unix

package engine_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestSleepIsNoticed halts a program under a pass, as a computer that sleeps does, while its connections die unheard. Awake again it connects anew at
// once, long before it would have found out by waiting for answers.
func TestSleepIsNoticed(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{Lanes: 2}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 600, Median: 1000, Largest: 4000})
	r.close() // the child has the ledger now
	order, err := json.Marshal(childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox})
	r.must(err)
	r.from.Limit(40_000)
	sent := r.sentMore(60_000)
	var out bytes.Buffer
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+string(order))
	child.Stdout = &out
	r.must(child.Start())
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	t.Cleanup(func() { _ = child.Process.Kill() })

	<-sent
	r.must(child.Process.Signal(syscall.SIGSTOP))
	r.from.Swallow(false)
	r.to.Swallow(false)
	r.from.Limit(0)
	select {
	case err := <-ended:
		t.Fatalf("the child ended too early: %v", err)
	case <-time.After(33 * time.Second): // its connections' silence is borne for 60 s
	}
	before := r.from.Connections() + r.to.Connections()
	r.must(child.Process.Signal(syscall.SIGCONT))
	awake := time.Now()
	for r.from.Connections()+r.to.Connections() == before {
		if time.Since(awake) > 10*time.Second {
			t.Fatal("no new connection within 10 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
	connected := time.Since(awake)
	select {
	case err := <-ended:
		r.must(err)
	case <-time.After(time.Minute):
		t.Fatal("the pass does not go on")
	}
	var pass engine.Pass
	r.must(json.Unmarshal(out.Bytes(), &pass))
	if pass.State != engine.PassCompleted || pass.Tally.Copied != 600 {
		t.Errorf("pass over a sleep: %+v", pass)
	}
	r.holds(r.mail(engine.Source))
	t.Logf("connected %v after waking, completed after %v", connected.Round(time.Millisecond), time.Since(awake).Round(time.Millisecond))
}
