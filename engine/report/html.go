package report

import (
	_ "embed"
	"html/template"
	"io"
	"unicode/utf8"
)

//go:embed page.html
var pageHTML string

// writeHTML writes a page as one file: its style and its pictures are in it, and it asks for nothing else.
func writeHTML(w io.Writer, p *page) error {
	t, err := template.New("page").Funcs(template.FuncMap{"svg": draw, "mark": mark}).Parse(pageHTML)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

// mark is the sign before a sentence, for those who do not see its colour.
func mark(t tone) string {
	switch t {
	case good:
		return "✓ "
	case warn, bad:
		return "⚠ "
	}
	return ""
}

// svg is a chart with the places of what is drawn, in a picture 720 wide.
type svg struct {
	ID, Text string
	Height   int
	Bars     []svgBar
}

type svgBar struct {
	Name, Value             string
	Y, TextY, Width, ValueX int
}

// draw places the bars of a chart below each other.
func draw(c chart) svg {
	const line, left, longest = 26, 220, 400
	s := svg{ID: c.ID, Text: c.Text, Height: line*len(c.Bars) + 4}
	for i, b := range c.Bars {
		width := max(1, int(b.Length*longest+.5))
		s.Bars = append(s.Bars, svgBar{short(b.Name, 30), b.Value, i*line + 5, i*line + 18, width, left + width + 8})
	}
	return s
}

// short cuts a name to at most max runes.
func short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
