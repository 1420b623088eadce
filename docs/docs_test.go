package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every page is there, and all that the pages show and link to among themselves.
func TestPagesAreWhole(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	for range 2 { // over those that are there
		path, err := WritePages(folder)
		if err != nil || path != filepath.Join(folder, "guide.html") {
			t.Fatal(path, err)
		}
	}
	pages, err := filepath.Glob(filepath.Join(folder, "*.html"))
	if err != nil || len(pages) < 4 {
		t.Fatal(pages, err)
	}
	below, err := filepath.Glob(filepath.Join(folder, "providers", "*.html"))
	if err != nil || len(below) < 8 {
		t.Fatal(below, err)
	}
	refers := regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	for _, page := range append(pages, below...) {
		text, err := os.ReadFile(page)
		if err != nil || !strings.Contains(string(text), "<h1") {
			t.Errorf("%s: %v", page, err)
		}
		for _, m := range refers.FindAllStringSubmatch(string(text), -1) {
			to, id, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") || strings.HasPrefix(to, "../") && filepath.Dir(page) == folder { // of the repository
				continue
			}
			target := page
			if to != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(to))
			}
			there, err := os.ReadFile(target)
			if err != nil || id != "" && !strings.Contains(string(there), `id="`+id+`"`) {
				t.Errorf("%s refers to %s, which is not there", filepath.Base(page), m[1])
			}
		}
	}
}
