package report

import "strings"

const (
	cellPad    = 1.1                                   // mm, on every side
	cellHeight = tableSize / pointsPerMM * lineSpacing // of a line
	cellLines  = 8                                     // most lines of a cell
)

// table draws a table; its heads are repeated on every sheet.
func (s *paper) table(t table) {
	widths := widths(t.Columns)
	s.y += 3
	s.room(30)
	if t.Title != "" {
		s.paragraphIn("B", t.Title, textSize, ink)
	}
	s.heads(t, widths)
	for _, r := range t.Rows {
		s.row(t, widths, r)
	}
	if t.Sum != nil {
		s.sum(t, widths)
	}
	s.y += 1.5
}

// widths shares the width of the text out among columns.
func widths(columns []column) []float64 {
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	all := make([]float64, len(columns))
	for i, c := range columns {
		all[i] = c.Share / sum * textWidth
	}
	return all
}

func (s *paper) heads(t table, widths []float64) {
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Head
	}
	s.setFont("B", tableSize-.5, soft)
	lines, height := s.cells(heads, widths)
	for i, cell := range lines { // they stand on the line below
		s.cell(t.Columns[i], left(widths, i), s.y+height-float64(len(cell))*cellHeight-2*cellPad, widths[i], cell)
	}
	s.y += height
	s.SetDrawColor(soft.r, soft.g, soft.b)
	s.SetLineWidth(.25)
	s.Line(margin, s.y, margin+textWidth, s.y)
}

func (s *paper) row(t table, widths []float64, r row) {
	s.setFont("", tableSize, ink)
	lines, height := s.cells(r.Cells, widths)
	var below []string
	if r.Below != "" {
		below = s.wrap(r.Below, textWidth-4*cellPad, cellLines)
	}
	extra := float64(len(below)) * cellHeight
	if s.room(height + extra) {
		s.heads(t, widths)
	}
	s.setFont("", tableSize, ink)
	for i, cell := range lines {
		if i == 0 && r.Link != "" {
			s.setFont("", tableSize, accent)
		}
		s.cell(t.Columns[i], left(widths, i), s.y, widths[i], cell)
		s.setFont("", tableSize, ink)
	}
	if r.Link != "" {
		s.Link(margin, s.y, widths[0], height, s.links[r.Link])
	}
	s.setFont("", tableSize, soft)
	s.cell(column{}, margin+cellPad, s.y+height-cellPad, textWidth, below)
	if r.Tone != plain {
		c := tones[r.Tone]
		s.SetFillColor(c.r, c.g, c.b)
		s.Rect(margin-.7, s.y+.4, .7, height+extra-.8, "F")
	}
	s.y += height + extra
	s.SetDrawColor(rule.r, rule.g, rule.b)
	s.SetLineWidth(.15)
	s.Line(margin, s.y, margin+textWidth, s.y)
}

func (s *paper) sum(t table, widths []float64) {
	s.setFont("B", tableSize, ink)
	lines, height := s.cells(t.Sum, widths)
	if s.room(height) {
		s.heads(t, widths)
	}
	s.SetFillColor(fill.r, fill.g, fill.b)
	s.Rect(margin, s.y, textWidth, height, "F")
	s.setFont("B", tableSize, ink)
	for i, cell := range lines {
		s.cell(t.Columns[i], left(widths, i), s.y, widths[i], cell)
	}
	s.y += height
}

// cells breaks the texts of a row into lines and returns how high it is.
func (s *paper) cells(texts []string, widths []float64) (lines [][]string, height float64) {
	most := 1
	for i, text := range texts {
		lines = append(lines, s.wrap(text, widths[i]-2*cellPad, cellLines))
		most = max(most, len(lines[i]))
	}
	return lines, float64(most)*cellHeight + 2*cellPad
}

// cell draws lines at a place.
func (s *paper) cell(c column, x, y, width float64, lines []string) {
	for i, line := range lines {
		at := x + cellPad
		if c.Number {
			at = x + width - cellPad - s.GetStringWidth(line)
		}
		s.Text(at, y+cellPad+cellHeight*(float64(i)+.78), line)
	}
}

// left returns where a column begins.
func left(widths []float64, i int) float64 {
	x := margin
	for _, w := range widths[:i] {
		x += w
	}
	return x
}

// wrap breaks text into at most so many lines that fit a width in the font that is set, after spaces and the signs that addresses and paths
// have, else anywhere. The last line ends with … when something was cut.
func (s *paper) wrap(text string, width float64, most int) []string {
	text = s.font.text(text)
	if text == "" {
		return nil
	}
	var lines []string
	for text != "" {
		if len(lines) == most-1 {
			return append(lines, s.fitKnown(text, width))
		}
		end := s.breakAt(text, width)
		lines = append(lines, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
	return lines
}

// breakAt returns how many bytes of text go on a line: one character at least.
func (s *paper) breakAt(text string, width float64) int {
	if s.GetStringWidth(text) <= width {
		return len(text)
	}
	good := 0
	for i, r := range text {
		end := i + len(string(r))
		if i > 0 && s.GetStringWidth(strings.TrimRight(text[:end], " ")) > width {
			if good == 0 {
				return i
			}
			return good
		}
		if strings.ContainsRune(" /@-_;", r) {
			good = end
		}
	}
	return len(text)
}

// fit returns text cut to a width.
func (s *paper) fit(text string, width float64) string { return s.fitKnown(s.font.text(text), width) }

func (s *paper) fitKnown(text string, width float64) string {
	if s.GetStringWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && s.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
