package imaptest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Snapshot is every message file of a Maildir as it lies on disk: place, name (and so its flags), date, bytes. A server's
// own files do not count, for it makes them by being looked at; its names of keywords do. A file still in "new" shows that
// nobody has taken its \Recent away.
type Snapshot map[string]string

// TakeSnapshot reads the Maildir at root.
func TakeSnapshot(t testing.TB, root string) Snapshot {
	t.Helper()
	s := Snapshot{}
	must(t, filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if e.IsDir() {
			s[rel] = "folder"
			return nil
		}
		if strings.HasPrefix(e.Name(), "dovecot") || e.Name() == "maildirfolder" || e.Name() == "subscriptions" {
			if e.Name() == "dovecot-keywords" {
				s[rel] = strings.Join(readKeywords(t, filepath.Dir(p)), " ")
			}
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		s[rel] = fmt.Sprintf("%d bytes, %x, %s", len(b), sha256.Sum256(b), info.ModTime().UTC())
		return nil
	}))
	return s
}

// Changes tells what is not in now as it is in s, one line each.
func (s Snapshot) Changes(now Snapshot) []string {
	var out []string
	for p, was := range s {
		is, ok := now[p]
		switch {
		case !ok:
			out = append(out, "gone: "+p)
		case is != was:
			out = append(out, fmt.Sprintf("changed: %s: %s instead of %s", p, is, was))
		}
	}
	for p := range now {
		if _, ok := s[p]; !ok {
			out = append(out, "new: "+p)
		}
	}
	slices.Sort(out)
	return out
}
