package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDoor(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, doorFile)
	if err := os.WriteFile(file, []byte("left by a crash\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if askToShow(t.Context(), dir) {
		t.Error("nobody is there, but somebody answered")
	}
	shown := make(chan struct{}, 8)
	d, err := listenAtDoor(dir, func() { shown <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the file: %v, %v", info, err)
	}
	for range 2 {
		if !askToShow(t.Context(), dir) {
			t.Error("no answer")
		}
		<-shown
	}

	// Who does not know the word hears nothing, and shows nothing.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(string(text), " ")
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "guess\n"); err != nil {
		t.Fatal(err)
	}
	if answer, _ := io.ReadAll(c); len(answer) > 0 || len(shown) > 0 {
		t.Errorf("a guess was answered %q", answer)
	}
	_ = c.Close()

	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if askToShow(t.Context(), dir) {
		t.Error("a closed door answered")
	}
}
