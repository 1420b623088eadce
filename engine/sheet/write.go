package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Writer writes a table that spreadsheets open as it is: UTF-8 with byte order mark, CRLF, and no cell that they would
// take for a formula.
type Writer struct {
	to    io.Writer
	lines *csv.Writer
	begun bool
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer {
	lines := csv.NewWriter(w)
	lines.UseCRLF = true
	return &Writer{to: w, lines: lines}
}

// Line writes a line. Numbers stay bare; all else goes through Cell.
func (w *Writer) Line(cells ...any) error {
	if !w.begun {
		w.begun = true
		if _, err := io.WriteString(w.to, "\ufeff"); err != nil {
			return err
		}
	}
	line := make([]string, len(cells))
	for i, cell := range cells {
		switch cell.(type) {
		case int, int64, uint32, float64:
			line[i] = fmt.Sprint(cell)
		default:
			line[i] = Cell(fmt.Sprint(cell))
		}
	}
	return w.lines.Write(line)
}

// Flush writes what is buffered and returns the first error of all writing.
func (w *Writer) Flush() error {
	w.lines.Flush()
	return w.lines.Error()
}

// Cell returns s as text that no spreadsheet runs: with ' in front where it begins like a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func Cell(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size > 0 && strings.ContainsRune("=+-@|%\t\r\n＝＋－＠", r) {
		return "'" + s
	}
	return s
}
