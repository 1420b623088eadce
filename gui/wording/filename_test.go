package wording

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
)

func TestFileName(t *testing.T) {
	want(t, FileName(engine.FailureRow{Source: "ann@old.example", Folder: "Projects/2024", UID: 12}), "ann@old.example-Projects_2024-12")
}

func TestFilePart(t *testing.T) {
	for in, want := range map[string]string{
		"ann@old.example":                     "ann@old.example",
		"../../etc/passwd":                    "etc_passwd",
		`C:\Windows\x`:                        "C__Windows_x",
		"":                                    "_",
		"..":                                  "_",
		"Entwürfe/Übung":                      "Entwürfe_Übung",
		"a\x00b\u202ec\n":                     "a_b_c",
		"-rf":                                 "rf",
		"日本語 メール":                             "日本語_メール",
		"bad\xff":                             "bad",
		strings.Repeat("日", 100):              strings.Repeat("日", 20),
		"x" + strings.Repeat(".", 99) + "eml": "x",
	} {
		if got := filePart(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzFilePart(f *testing.F) {
	f.Add("../a\x00")
	f.Fuzz(func(t *testing.T, s string) {
		name := filePart(s)
		if len(name) == 0 || len(name) > 60 || !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\:*?\"<>|\x00\n ") || strings.HasPrefix(name, ".") {
			t.Errorf("%q becomes %q", s, name)
		}
	})
}

func TestReportFile(t *testing.T) {
	made := time.Date(2026, time.March, 14, 23, 0, 0, 0, time.UTC)
	want(t, ReportFile("Acme / Übung: 1", made), "Acme___Übung__1-2026-03-14")
}
