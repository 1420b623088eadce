package assets

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// linked returns the modules that the program is linked from on a system, each with where its files lie.
func linked(t *testing.T, system string) map[[2]string]string {
	t.Helper()
	tags := "migrated_fynedo"
	if system == "linux" {
		tags += ",x11,gles"
	}
	c := exec.Command("go", "list", "-deps", "-tags", tags, "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "mwiz/cmd/mwiz-desktop")
	c.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", system, err)
	}
	modules := map[[2]string]string{}
	for line := range strings.Lines(string(out)) {
		if part := strings.Split(strings.TrimSpace(line), "\t"); len(part) == 3 {
			modules[[2]string{part[0], part[1]}] = part[2]
		}
	}
	return modules
}

// All that is linked is in the list. MWIZ_GOLDEN=write renews it, for every system.
func TestLicencesAreComplete(t *testing.T) {
	if os.Getenv("MWIZ_GOLDEN") == "write" {
		writeLicences(t)
	}
	have := map[string]bool{}
	for _, l := range Licences() {
		have[l.Name+" "+l.Version] = true
		if l.Licence == "" || len(l.Text) < 300 {
			t.Errorf("%s has no licence", l.Name)
		}
	}
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		for m := range linked(t, runtime.GOOS) {
			if !have[m[0]+" "+m[1]] {
				t.Errorf("%s %s is not in licences.json: renew it by MWIZ_GOLDEN=write go test ./assets -run Licences", m[0], m[1])
			}
		}
	}
}

// goRoot returns where Go lies.
func goRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// writeLicences renews the list.
func writeLicences(t *testing.T) {
	t.Helper()
	all := []Licence{
		{"Go", strings.TrimPrefix(runtime.Version(), "go"), "BSD-3-Clause", read(t, filepath.Join(goRoot(t), "LICENSE"))},
		{"Noto Sans", "", "OFL-1.1", read(t, "fonts/OFL.txt")},
	}
	seen := map[[2]string]bool{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		for m, dir := range linked(t, system) {
			if !seen[m] {
				seen[m] = true
				text := textIn(t, dir)
				all = append(all, Licence{m[0], m[1], short(text), text})
			}
		}
	}
	slices.SortFunc(all, func(a, b Licence) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	out, err := json.MarshalIndent(all, "", " ")
	if err == nil {
		err = os.WriteFile("licences.json", append(out, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	licences = out
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) + "\n"
}

var licenceFile = regexp.MustCompile(`(?i)^(un)?licen[cs]e|^copying`)

// textIn returns what the files of a module say of its licence.
func textIn(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range files {
		if !f.IsDir() && licenceFile.MatchString(f.Name()) && !strings.HasSuffix(f.Name(), ".go") {
			texts = append(texts, read(t, filepath.Join(dir, f.Name())))
		}
	}
	return strings.Join(texts, "\n")
}

// short names the licence that a text is.
func short(text string) string {
	var all []string
	for _, one := range []struct{ name, says string }{
		{"Apache-2.0", "Apache License"}, {"MPL-2.0", "Mozilla Public License"}, {"MIT", "Permission is hereby granted, free of charge"},
		{"ISC", "Permission to use, copy, modify, and/or distribute"}, {"BSD-3-Clause", "ontributors may be used to endorse"}, {"BSD-2-Clause", "Redistribution and use in source"},
		{"zlib", "This software is provided 'as-is'"}, {"Unlicense", "This is free and unencumbered software"},
	} {
		if strings.Contains(strings.Join(strings.Fields(text), " "), one.says) && !(one.name == "BSD-2-Clause" && slices.Contains(all, "BSD-3-Clause")) {
			all = append(all, one.name)
		}
	}
	return strings.Join(all, ", ")
}
