package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rivo/uniseg"

	"mwiz/gui/wording"
)

// writeJSON writes a value to standard output, for programs.
func (p *program) writeJSON(v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// say writes a sentence to standard output, for people.
func (p *program) say(id string, data ...any) error {
	_, err := fmt.Fprintln(p.stdout, wording.T(id, data...))
	return err
}

// note writes a sentence to standard error: what is worth knowing beside the result.
func (p *program) note(id string, data ...any) { p.noteLines(wording.T(id, data...)) }

// table is rows of cells for people, in columns as wide as they need to be.
type table struct {
	right []bool // columns of numbers
	rows  [][]string
}

// newTable returns a table with headings: ids of wording, with a "#" in front for a column of numbers.
func newTable(headings ...string) *table {
	t := &table{right: make([]bool, len(headings))}
	row := make([]string, len(headings))
	for i, id := range headings {
		id, t.right[i] = strings.CutPrefix(id, "#")
		row[i] = wording.T("cli.head." + id)
	}
	t.rows = append(t.rows, row)
	return t
}

// add adds a row. Cells may hold foreign text.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String lays the table out. Widths are those of a terminal, in which 日 is as wide as two letters.
func (t *table) String() string {
	widths := make([]int, len(t.right))
	for _, row := range t.rows {
		for i := range row {
			longest := 60
			if i == len(row)-1 {
				longest = 300 // nothing stands to its right
			}
			row[i] = wording.Display(row[i], longest)
			widths[i] = max(widths[i], uniseg.StringWidth(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if t.right[i] {
				cell = gap + cell
			} else {
				cell += gap
			}
			if i > 0 {
				line.WriteString("  ")
			}
			line.WriteString(cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// print writes the table to standard output.
func (p *program) print(t *table) error {
	_, err := fmt.Fprint(p.stdout, t.String())
	return err
}
