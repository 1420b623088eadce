package report

import (
	"fmt"
	"io"
	"time"

	"mwiz/engine"
)

// Words says the report in a person's language.
type Words interface {
	// T returns the sentence with the given id; data are pairs of a key and a value for its gaps.
	T(id string, data ...any) string
	// Number, Bytes, Duration and Moment write a value as people read it; Moment to the minute, in t's zone.
	Number(n int64) string
	Bytes(n int64) string
	Duration(d time.Duration) string
	Moment(t time.Time) string
	// Decimal writes a number with one digit behind the point while it is small.
	Decimal(v float64) string
	// Display makes foreign text fit to be shown on one line of at most max runes.
	Display(s string, max int) string
	// Cause says why a message is not at the destination, and the one thing to do next. Row may lack all but State and Kind.
	Cause(p engine.Project, row engine.FailureRow) (sentence, step string)
	// Setback says why a mailbox or a folder was left as a whole, the one thing to do next, and the service's words.
	Setback(p engine.Project, s engine.Setback) (sentence, step, details string)
	// Why says why a pass ended as it did; "" where there is nothing to tell.
	Why(p engine.Pass, source, destination string) string
}

// Format is a form that a report can be written in; the value is the end of its file's name.
type Format string

// The formats.
const (
	HTML Format = "html"
	PDF  Format = "pdf"
	CSV  Format = "csv"
	JSON Format = "json"
)

// Formats are all there are, in the order to offer them.
var Formats = []Format{HTML, PDF, CSV, JSON}

// Write renders a report. HTML is one file that needs nothing else. CSV and HTML are UTF-8, CSV with a byte order mark. The errors
// are w's but for an unknown format.
func Write(w io.Writer, f Format, r *Report, words Words) error {
	switch f {
	case HTML:
		return writeHTML(w, newPage(r, words))
	case PDF:
		return writePDF(w, newPage(r, words))
	case CSV:
		return writeCSV(w, r, words)
	case JSON:
		return writeJSON(w, r, words)
	}
	return fmt.Errorf("a report cannot be written as %q", f)
}
