package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// The log lies beside the ledger. It names mailboxes and folders by their numbers and holds neither secrets nor message text; what services say, and their
// names, may stand in it.
const (
	logFolder  = "logs"
	logName    = "mwiz-desktop.log"
	logEarlier = "mwiz-desktop.1.log"
	logLargest = 5 << 20 / 2 // of each of the two files
)

// logFile is the log on disk: when it is full it becomes the earlier one, in whose place nothing is kept. It opens when something is written; what goes
// wrong with it stops nothing.
type logFile struct {
	dir     string // the ledger's
	largest int64

	mu   sync.Mutex
	file *os.File
	size int64
}

// Write implements io.Writer.
func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size+int64(len(line)) > l.largest {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	if l.file == nil {
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

// open opens the file, where it was left. A ledger's folder that is not there is not made here: it gets its rights from whoever makes it.
func (l *logFile) open() error {
	if _, err := os.Stat(l.dir); err != nil {
		return err
	}
	path := filepath.Join(l.dir, logFolder, logName)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	if l.size >= l.largest {
		if err := l.turn(); err != nil {
			return err
		}
		return l.open()
	}
	return nil
}

// turn makes the file the earlier one.
func (l *logFile) turn() error {
	folder := filepath.Join(l.dir, logFolder)
	err := errors.Join(l.file.Close(), os.Rename(filepath.Join(folder, logName), filepath.Join(folder, logEarlier)))
	l.file = nil
	return err
}

// Close closes the file; a later line opens it again.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// readLog returns the log of the ledger in dir, the earlier part first.
func readLog(dir string) (text []byte, err error) {
	for _, name := range []string{logEarlier, logName} {
		part, err := os.ReadFile(filepath.Join(dir, logFolder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
		text = append(text, part...)
	}
	return text, nil
}
