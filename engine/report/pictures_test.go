package report

import (
	"os"
	"path/filepath"
	"testing"
)

// MWIZ_PICTURES names a folder to write reports into, to be looked at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MWIZ_PICTURES")
	if dir == "" {
		t.Skip("MWIZ_PICTURES names no folder")
	}
	s := acme()
	s.crowd(30)
	r := mustRead(t, s)
	for _, f := range Formats {
		if err := os.WriteFile(filepath.Join(dir, "acme."+string(f)), mustWrite(t, f, r), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
