package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// doorFile stands beside the ledger while a window is open on it. It says where to knock, and with which word: whoever can read it
// is the user. Loopback TCP, because a socket's path may be too long and a named pipe is Windows' alone.
const doorFile = "window"

// doorTime is how long a knock may take.
const doorTime = 3 * time.Second

// door hears the second start of the program.
type door struct {
	listener net.Listener
	file     string
	open     sync.WaitGroup
}

// listenAtDoor calls show whenever another start of the program asks for the window of the ledger in dir.
func listenAtDoor(dir string, show func()) (*door, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	word := rand.Text()
	d := &door{listener: listener, file: filepath.Join(dir, doorFile)}
	if err := writeDoor(d.file, listener.Addr().String()+" "+word+"\n"); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	d.open.Go(func() { d.serve(word, show) })
	return d, nil
}

// writeDoor writes the file anew, for the user's eyes only.
func writeDoor(file, text string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a crash, perhaps with other rights
		return err
	}
	return os.WriteFile(file, []byte(text), 0o600)
}

// serve answers one knock after the other until the door is closed.
func (d *door) serve(word string, show func()) {
	for {
		c, err := d.listener.Accept()
		if err != nil {
			return
		}
		_ = c.SetDeadline(time.Now().Add(doorTime))
		said, _ := bufio.NewReader(io.LimitReader(c, 256)).ReadString('\n')
		if subtle.ConstantTimeCompare([]byte(said), []byte(word+"\n")) == 1 {
			show()
			_, _ = io.WriteString(c, "ok\n")
		}
		_ = c.Close()
	}
}

// Close stops listening and takes the file away.
func (d *door) Close() error {
	err := d.listener.Close()
	d.open.Wait()
	return errors.Join(err, os.Remove(d.file))
}

// askToShow asks the window that is open on the ledger in dir to come to the front, and reports whether there was one.
func askToShow(ctx context.Context, dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, doorFile))
	address, word, ok := strings.Cut(strings.TrimSpace(string(text)), " ")
	if err != nil || !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, doorTime)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false // left by a crash
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(doorTime))
	if _, err := fmt.Fprintln(c, word); err != nil {
		return false
	}
	answer, _ := bufio.NewReader(io.LimitReader(c, 16)).ReadString('\n')
	return answer == "ok\n"
}
