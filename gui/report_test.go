package gui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
)

// mustFile opens a file to save something in, as the dialog does.
func mustFile(t *testing.T, path string) fyne.URIWriteCloser {
	t.Helper()
	file, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// The window saves the report that the verb writes, in every form.
func TestReportIsSaved(t *testing.T) {
	r := mustWindow(t, sample())
	for _, format := range report.Formats {
		path := filepath.Join(t.TempDir(), "Bäckerei & Söhne."+string(format))
		r.saveReportIn(1, format, format == report.HTML, mustFile(t, path))
		saved, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		made, err := report.Read(t.Context(), r.book, 1, noon)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := report.Write(&text, format, made, wording.Report{}); err != nil {
			t.Fatal(err)
		}
		want(t, string(saved) == text.String(), true)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info.Mode(), err)
		}
		r.mustSay("Report saved as Bäckerei & Söhne." + string(format))
	}
	want(t, len(r.opened), 1)
	want(t, strings.HasPrefix(r.opened[0], "file:///") && strings.HasSuffix(r.opened[0], "/B%C3%A4ckerei%20&%20S%C3%B6hne.html"), true)
}

// A report that cannot be read leaves no file behind.
func TestReportIsNotSaved(t *testing.T) {
	r := mustWindow(t, sample())
	r.book.broken = &engine.Error{Op: "read passes", Kind: engine.Broken, Text: "disk I/O error"}
	path := filepath.Join(t.TempDir(), "report.pdf")
	r.saveReportIn(1, report.PDF, true, mustFile(t, path))
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error(err)
	}
	want(t, len(r.opened), 0)
	r.mustSay("disk I/O error")
}

// The report is asked for from the project's page, from My Migrations and from the menu.
func TestReportIsAsked(t *testing.T) {
	r := mustWindow(t, sample())
	r.command("Report…")
	r.mustSay("Report on Sonnenschein Bakery", "Document to send (PDF)", "Open it when it is saved")
	r.press(fyne.KeyEscape)
	r.open(1)
	r.tapButton("Report…")
	r.mustSay("Report on Nordwind")
	r.press(fyne.KeyReturn)
	r.mustSay("Save the report")
}
