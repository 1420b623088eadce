package store

import (
	"path/filepath"
	"testing"
)

func TestDataDir(t *testing.T) {
	for _, c := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"windows", map[string]string{"LOCALAPPDATA": "/Users/a/AppData/Local", "HOME": "/x"}, "/Users/a/AppData/Local/mwiz-desktop"},
		{"windows", map[string]string{"HOME": "/x"}, ""},
		{"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support/mwiz-desktop"},
		{"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.local/share/mwiz-desktop"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "/data"}, "/data/mwiz-desktop"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_DATA_HOME": "relative"}, "/home/a/.local/share/mwiz-desktop"},
		{"linux", nil, ""},
	} {
		got := dataDir(c.goos, func(name string) string { return c.env[name] })
		want(t, c.goos, filepath.ToSlash(got), c.want)
	}
}

func TestDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("MWIZ_HOME", home)
	for asked, wanted := range map[string]string{"": home, filepath.Join(home, "x"): filepath.Join(home, "x")} {
		got, err := Dir(asked)
		must(t, err)
		want(t, "Dir", got, wanted)
	}
	t.Chdir(home)
	got, err := Dir("below")
	must(t, err)
	want(t, "relative", filepath.Base(got) == "below" && filepath.IsAbs(got), true)
}
