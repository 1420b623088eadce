//go:build !nogui

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"mwiz/gui"
)

// memoryFile stands beside the ledger and holds how the window was arranged. It is worth nothing but convenience: whatever is wrong with it, the
// window opens as it first did.
const memoryFile = "window.json"

// windowMemory is where the window remembers how it was arranged.
type windowMemory struct {
	dir string // "": nowhere
	log *slog.Logger
}

// read returns what was written last.
func (m windowMemory) read() (memory gui.Memory) {
	if m.dir == "" {
		return gui.Memory{}
	}
	text, err := os.ReadFile(filepath.Join(m.dir, memoryFile))
	if err == nil {
		err = json.Unmarshal(text, &memory)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.log.Warn("read how the window was arranged", "err", err)
		return gui.Memory{}
	}
	return memory
}

// write writes it anew.
func (m windowMemory) write(memory gui.Memory) error {
	if m.dir == "" {
		return nil
	}
	text, err := json.MarshalIndent(memory, "", "  ")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(m.dir, memoryFile+"-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(text, '\n'))
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(m.dir, memoryFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
