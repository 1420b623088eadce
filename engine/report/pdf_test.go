package report

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// readPDF returns the text of each page of a PDF as fpdf writes them: one stream a page, strings in UTF-16.
func readPDF(t *testing.T, file []byte) (pages []string) {
	t.Helper()
	shown := regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)
	for _, part := range bytes.Split(file, []byte("\nstream\n"))[1:] {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte(" Tj")) {
			continue
		}
		var b strings.Builder
		for _, m := range shown.FindAllSubmatch(content, -1) {
			raw := regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(m[1], func(e []byte) []byte {
				if e[1] == 'r' {
					return []byte("\r")
				}
				return e[1:]
			})
			var units []uint16
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			b.WriteString(string(utf16.Decode(units)) + "\n")
		}
		pages = append(pages, b.String())
	}
	return pages
}

// The PDF says what the page says, numbers its sheets, and shows that something stands where its font has no character.
func TestPDF(t *testing.T) {
	s := acme()
	s.crowd(30)
	r := mustRead(t, s)
	file := mustWrite(t, PDF, r)
	pages := readPDF(t, file)
	if n := bytes.Count(file, []byte("/Type /Page\n")); n != len(pages) || n < 5 {
		t.Fatalf("%d pages, %d with text", n, len(pages))
	}
	text := strings.Join(pages, "")
	for _, right := range []string{"Acme <GmbH> & Söhne", "34,567", "Ενημέρωση \ufffd\ufffd\ufffd \ufffd", "Отправленные › Sent", "imap.new.example refused this message.", "ζωή.иван@old.example", "OVERQUOTA"} {
		if !strings.Contains(text, right) {
			t.Errorf("the PDF lacks %q", right)
		}
	}
	if !strings.Contains(pages[len(pages)-1], "The HTML report shows them all.") || strings.Contains(text, "report.") {
		t.Errorf("the last page:\n%s", pages[len(pages)-1])
	}
	if again := mustWrite(t, PDF, r); !bytes.Equal(file, again) {
		t.Error("the same report makes another PDF")
	}
}

// No text breaks the PDF, however long it is and whatever it holds.
func FuzzPDF(f *testing.F) {
	f.Add("ann@old.example")
	f.Add("\U0001F600\x00\xff" + strings.Repeat("w", 3000))
	f.Fuzz(func(t *testing.T, name string) {
		s := acme()
		s.project.Name = name
		s.mailboxes[0].Source.Address = name
		s.kept[1][0].Display = name
		for i := range s.folders[4] {
			s.folders[4][i].Source, s.folders[4][i].Error = name, name
		}
		if pages := readPDF(t, mustWrite(t, PDF, mustRead(t, s))); len(pages) == 0 {
			t.Error("no page")
		}
	})
}
