package report

import (
	"io"

	"codeberg.org/go-pdf/fpdf"

	"mwiz/assets"
)

// The sheet: A4, in millimetres.
const (
	sheetWidth   = 210.0
	sheetHeight  = 297.0
	margin       = 15.0
	textWidth    = sheetWidth - 2*margin
	bottom       = sheetHeight - margin - 6 // the footer is below
	fontName     = "noto"
	pointsPerMM  = 72 / 25.4
	textSize     = 9.5 // points
	tableSize    = 7.5
	pagesPlace   = "{n}"
	lineSpacing  = 1.35
	bookmarkMost = 100 // characters
)

// rgb is a colour.
type rgb struct{ r, g, b int }

var (
	ink    = rgb{27, 35, 48}
	soft   = rgb{91, 102, 117}
	rule   = rgb{217, 222, 229}
	fill   = rgb{244, 246, 249}
	accent = rgb{37, 99, 184}
	tones  = map[tone]rgb{plain: ink, good: {23, 112, 58}, warn: {138, 83, 0}, bad: {179, 38, 30}}
)

// paper draws a page on sheets of paper, from top to bottom; y is where it is.
type paper struct {
	*fpdf.Fpdf
	font  *coverage
	page  *page
	y     float64
	links map[string]int // sections by ID
}

// writePDF draws a page as PDF. Characters that its font lacks are shown as a square, and a sentence at the end says so.
func writePDF(w io.Writer, p *page) error {
	font, err := newCoverage()
	if err != nil {
		return err
	}
	s := &paper{Fpdf: fpdf.New("P", "mm", "A4", ""), font: font, page: p, links: map[string]int{}}
	regular, bold := assets.Fonts()
	s.AddUTF8FontFromBytes(fontName, "", regular)
	s.AddUTF8FontFromBytes(fontName, "B", bold)
	s.SetCatalogSort(true)
	s.SetCreationDate(p.Made.UTC())
	s.SetModificationDate(p.Made.UTC())
	s.SetTitle(p.Title+" – "+p.Kicker, true)
	s.SetCreator("mwiz-desktop", true)
	s.SetLang(p.Lang)
	s.SetMargins(margin, margin, margin)
	s.SetAutoPageBreak(false, 0)
	s.AliasNbPages(pagesPlace)
	s.SetFooterFunc(s.footer)
	for _, section := range p.Sections {
		s.links[section.ID] = s.AddLink()
	}
	s.turn()
	s.head()
	for _, section := range p.Sections {
		s.section(section)
	}
	if font.lacks {
		s.y += 4
		s.paragraph(p.Lacking, textSize-1, soft)
	}
	return s.Output(w)
}

// turn begins a new sheet.
func (s *paper) turn() {
	s.AddPage()
	s.y = margin
}

// room makes sure that so much of a sheet is left, and reports whether it has begun a new one.
func (s *paper) room(height float64) bool {
	if s.y+height <= bottom {
		return false
	}
	s.turn()
	return true
}

func (s *paper) footer() {
	s.setFont("", tableSize, soft)
	s.Text(margin, sheetHeight-margin+2, s.fit(s.page.Footer+" · "+s.page.Title, textWidth-35))
	number := s.page.PageOf(s.PageNo(), pagesPlace)
	s.Text(sheetWidth-margin-s.GetStringWidth(s.font.text(number)), sheetHeight-margin+2, s.font.text(number))
}

// setFont chooses weight, size in points and colour.
func (s *paper) setFont(weight string, size float64, c rgb) {
	s.SetFont(fontName, weight, size)
	s.SetTextColor(c.r, c.g, c.b)
}

// head draws title, facts and tiles.
func (s *paper) head() {
	s.y += 3
	s.paragraphIn("B", s.page.Kicker, textSize, accent)
	s.paragraphIn("B", s.page.Title, 22, ink)
	s.paragraph(s.page.Route, 11, soft)
	s.y += 3
	width := textWidth / float64(len(s.page.Facts))
	for i, f := range s.page.Facts {
		x := margin + float64(i)*width
		s.setFont("", tableSize, soft)
		s.Text(x, s.y+3, s.fit(f.Name, width-3))
		s.setFont("", tableSize+.5, ink)
		for j, line := range s.wrap(f.Value, width-3, 3) {
			s.Text(x, s.y+7.5+float64(j)*4, line)
		}
	}
	s.y += 16
	s.tiles()
}

func (s *paper) tiles() {
	const gap, height = 3.0, 18.0
	width := (textWidth - gap*float64(len(s.page.Tiles)-1)) / float64(len(s.page.Tiles))
	for i, t := range s.page.Tiles {
		x := margin + float64(i)*(width+gap)
		s.SetFillColor(fill.r, fill.g, fill.b)
		s.SetDrawColor(rule.r, rule.g, rule.b)
		s.RoundedRect(x, s.y, width, height, 1.5, "1234", "FD")
		s.setFont("B", 15, tones[t.Tone])
		s.Text(x+3, s.y+7.5, s.fit(t.Value, width-6))
		s.setFont("", tableSize, soft)
		for j, line := range s.wrap(t.Name, width-6, 2) {
			s.Text(x+3, s.y+12+float64(j)*3.4, line)
		}
	}
	s.y += height + 3
}

func (s *paper) section(part section) {
	size := 14.0
	if part.Sub {
		size = 11.5
	}
	s.y += 6
	s.room(40) // no heading at the foot of a sheet
	s.SetLink(s.links[part.ID], s.y, -1)
	s.Bookmark(s.font.text(short(part.Title, bookmarkMost)), 0, s.y)
	s.paragraphIn("B", part.Title, size, ink)
	s.SetDrawColor(rule.r, rule.g, rule.b)
	s.SetLineWidth(.4)
	s.Line(margin, s.y+.5, sheetWidth-margin, s.y+.5)
	s.y += 2.5
	for _, n := range part.Notes {
		s.paragraph(n.Text, textSize, tones[n.Tone])
	}
	for _, c := range part.Charts {
		s.chart(c)
	}
	for _, t := range part.Tables {
		s.table(t)
	}
}

// paragraph draws text over the whole width, in as many lines as it needs.
func (s *paper) paragraph(text string, size float64, c rgb) { s.paragraphIn("", text, size, c) }

func (s *paper) paragraphIn(weight, text string, size float64, c rgb) {
	s.setFont(weight, size, c)
	height := size / pointsPerMM * lineSpacing
	for _, line := range s.wrap(text, textWidth, 12) {
		if s.room(height) {
			s.setFont(weight, size, c)
		}
		s.Text(margin, s.y+height*.78, line)
		s.y += height
	}
	s.y += .8
}

// chart draws bars below each other.
func (s *paper) chart(c chart) {
	const line, names, longest = 5.6, 52.0, 95.0
	s.y += 2
	s.room(line*3 + 8)
	s.paragraphIn("B", c.Title, textSize, ink)
	for _, b := range c.Bars {
		s.room(line)
		s.setFont("", tableSize+.5, ink)
		name := s.fit(b.Name, names-3)
		s.Text(margin+names-3-s.GetStringWidth(name), s.y+3.8, name)
		width := max(.3, b.Length*longest)
		s.SetFillColor(accent.r, accent.g, accent.b)
		s.Rect(margin+names, s.y+.9, width, line-1.8, "F")
		s.Text(margin+names+width+2, s.y+3.8, s.font.text(b.Value))
		s.y += line
	}
	s.panes(c.Panes)
	s.y += 2
}

// panes draws rates over time beside each other.
func (s *paper) panes(all []pane) {
	if len(all) == 0 {
		return
	}
	const apart, axis, above, tall, below = 8.0, 17.0, 7.0, 22.0, 6.0
	s.room(above + tall + below)
	width := (textWidth - apart*float64(len(all)-1)) / float64(len(all))
	for i, p := range all {
		x, foot := margin+float64(i)*(width+apart), s.y+above+tall
		end := func(text string, x, y float64) { s.Text(x-s.GetStringWidth(s.font.text(text)), y, s.font.text(text)) }
		s.setFont("B", tableSize, ink)
		s.Text(x, s.y+3, s.fit(p.Title, width/2))
		s.setFont("", tableSize-.5, ink)
		end(p.Note, x+width, s.y+3)
		end(p.Top, x+axis-1.5, s.y+above+1.5)
		end("0", x+axis-1.5, foot+1)
		s.Text(x+axis, foot+4, "0")
		end(p.Length, x+width, foot+4)
		s.SetFillColor(accent.r, accent.g, accent.b)
		step := (width - axis) / float64(len(p.Values))
		for j, v := range p.Values {
			if v > 0 {
				s.Rect(x+axis+float64(j)*step, foot-v*tall, step, v*tall, "F")
			}
		}
		s.SetDrawColor(rule.r, rule.g, rule.b)
		s.Line(x+axis, s.y+above, x+axis, foot)
		s.Line(x+axis, foot, x+width, foot)
	}
	s.y += above + tall + below
}
