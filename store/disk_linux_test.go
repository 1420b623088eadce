package store

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"mwiz/engine"
)

// mustMount mounts something at a new folder until the test ends. Only root may: else the test says loudly that it did not run.
func mustMount(t *testing.T, args ...string) (dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TRIED: only root may mount a disk to fill it or to cut its power")
	}
	dir = t.TempDir()
	if out, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil {
		t.Skipf("NOT TRIED: mount: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	return dir
}

// mustRunTool runs a command.
func mustRunTool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v %s", name, args, err, out)
	}
}

// A real disk that is full: operations fail and say so, and the same ledger goes on when there is room again.
func TestRealFullDisk(t *testing.T) {
	disk := mustMount(t, "-t", "tmpfs", "-o", "size=2m", "none")
	filler := filepath.Join(disk, "filler")
	l, err := Open(t.Context(), filepath.Join(disk, "ledger"), nil)
	must(t, err)
	h := mustBuild(t, l)
	must(t, os.WriteFile(filler, make([]byte, 1<<20), 0o600))
	batch := 1
	for ; batch < 10_000; batch++ {
		if err = h.claim(t, uidsOf(batch)...); err != nil {
			break
		}
		must(t, err)
	}
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Broken || e.Text != "the disk is full" {
		t.Errorf("after %d batches: %v", batch, err)
	}
	must(t, os.Remove(filler))
	must(t, h.claim(t, uidsOf(batch)...))
	want(t, "items", len(h.states(t, h.folder)), batch*perStep)
	wantSound(t, l)
	must(t, l.Close())
}

// What the ledger said is written survives a power cut: the disk is copied as it is at that moment, without what the system still holds
// in memory, and the copy is opened.
func TestPowerCut(t *testing.T) {
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skipf("NOT TRIED: a power cut: %v", err)
	}
	cuts, acks := 3, 0
	for cut := range cuts {
		files := t.TempDir()
		image, copied := filepath.Join(files, "disk.img"), filepath.Join(files, "cut.img")
		must(t, os.WriteFile(image, nil, 0o600))
		must(t, os.Truncate(image, 96<<20))
		mustRunTool(t, "mkfs.ext4", "-q", "-F", image)
		disk := mustMount(t, "-o", "loop,commit=300", image)
		dir := filepath.Join(disk, "ledger")
		project := mustMakeCrash(t, dir)
		mustRunTool(t, "sync", "-f", disk)

		c := child(t, "write", dir)
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		var told []string
		for lines := bufio.NewScanner(out); len(told) < 100+50*cut && lines.Scan(); {
			told = append(told, lines.Text())
		}
		must(t, c.Process.Signal(syscall.SIGSTOP))
		mustRunTool(t, "cp", "--sparse=always", image, copied)
		must(t, c.Process.Kill())
		_ = c.Wait()
		mustRunTool(t, "umount", disk)
		acks += len(told)

		after := filepath.Join(mustMount(t, "-o", "loop", copied), "ledger")
		l, err := Open(t.Context(), after, nil)
		must(t, err)
		wantTold(t, l, project, told)
		wantSound(t, l)
		must(t, l.Close())
	}
	t.Logf("%d power cuts, %d answers, nothing lost", cuts, acks)
}
