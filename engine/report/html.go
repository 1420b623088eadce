package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
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
	Panes    []svgPane
}

// svgPane is a pane with the places of what is drawn.
type svgPane struct {
	Title, Note, Top, Length string
	X, Left, Right           int    // its left edge, and those of what is drawn
	Path                     string // of the area below the values
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
	for i, p := range c.Panes {
		const width, apart, axis, top, tall = 348, 24, 58, 26, 74
		one := svgPane{Title: p.Title, Note: p.Note, Top: p.Top, Length: p.Length, X: i * (width + apart)}
		one.Left, one.Right = one.X+axis, one.X+width
		var path strings.Builder
		fmt.Fprintf(&path, "M%d %d", one.Left, top+tall)
		for j, v := range p.Values {
			from, until := float64(j)/float64(len(p.Values)), float64(j+1)/float64(len(p.Values))
			y := float64(top+tall) - v*tall
			fmt.Fprintf(&path, "L%.1f %.1fL%.1f %.1f", float64(one.Left)+from*(width-axis), y, float64(one.Left)+until*(width-axis), y)
		}
		fmt.Fprintf(&path, "L%d %dZ", one.Right, top+tall)
		one.Path = path.String()
		s.Panes, s.Height = append(s.Panes, one), top+tall+20
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
