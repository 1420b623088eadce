// Package mwiz_test holds the tree to its plan: who may import whom.
package mwiz_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	pathpkg "path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house says for each room (a folder and what lies below it, the most exact entry counts) which other rooms it may import,
// and which modules never. Everything points at engine; only cmd joins the parts.
var house = map[string]struct{ rooms, never []string }{
	"engine":          {never: []string{"github.com/", "fyne.io/", "modernc.org/"}},
	"engine/imap":     {rooms: []string{"engine"}, never: []string{"fyne.io/", "modernc.org/"}},
	"engine/awake":    {never: []string{"fyne.io/", "modernc.org/"}},
	"engine/discover": {rooms: []string{"engine", "assets"}, never: []string{"fyne.io/", "modernc.org/", "github.com/"}},
	"engine/report":   {rooms: []string{"engine", "engine/sheet", "assets"}, never: []string{"fyne.io/", "modernc.org/", "github.com/"}},
	"engine/oauth":    {rooms: []string{"engine"}, never: []string{"fyne.io/", "modernc.org/", "github.com/"}},
	"engine/sandbox":  {rooms: []string{"engine"}, never: []string{"fyne.io/"}},
	"engine/sheet":    {rooms: []string{"engine"}, never: []string{"fyne.io/", "github.com/"}},
	"store":           {rooms: []string{"engine"}, never: []string{"fyne.io/", "github.com/emersion/"}},
	"gui": {rooms: []string{"engine", "engine/discover", "engine/report", "assets"},
		never: []string{"fyne.io/fyne/v2/app", "modernc.org/", "github.com/emersion/"}},
	"docs":   {never: []string{"fyne.io/", "modernc.org/"}},
	"assets": {never: []string{"fyne.io/", "github.com/"}},
	"cmd":    {rooms: []string{"engine", "engine/awake", "engine/discover", "engine/imap", "engine/oauth", "engine/report", "engine/sandbox", "engine/sheet", "store", "gui", "assets", "docs"}},
}

func TestArrows(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (entry.Name()[0] == '.' || path == "build" || path == "bin"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		checkArrows(t, filepath.ToSlash(path))
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

// checkArrows reports the imports of a file that the house does not allow.
func checkArrows(t *testing.T, path string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	dir := pathpkg.Dir(path)
	room, known := roomOf(dir)
	if !known {
		t.Errorf("%s: the plan has no room for it", path)
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if ours, is := strings.CutPrefix(name, "mwiz/"); is {
			if other, _ := roomOf(ours); other != room && !slices.Contains(house[room].rooms, other) {
				t.Errorf("%s imports %s", path, name)
			}
		}
		for _, never := range house[room].never {
			if name == never || strings.HasPrefix(name, strings.TrimSuffix(never, "/")+"/") {
				t.Errorf("%s imports %s", path, name)
			}
		}
	}
}

// roomOf returns the room that a folder belongs to.
func roomOf(dir string) (room string, known bool) {
	for room = dir; ; room = room[:strings.LastIndexByte(room, '/')] {
		if _, known = house[room]; known || !strings.Contains(room, "/") {
			return room, known
		}
	}
}
