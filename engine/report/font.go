package report

import (
	"strings"

	"golang.org/x/image/font/sfnt"

	"mwiz/assets"
)

// substitute stands for a character that the font of a PDF does not have.
const substitute = '\ufffd'

// coverage knows which characters a font has.
type coverage struct {
	font   *sfnt.Font
	buffer sfnt.Buffer
	lacks  bool // a character has been substituted
}

func newCoverage() (*coverage, error) {
	regular, _ := assets.Fonts()
	font, err := sfnt.Parse(regular)
	if err != nil {
		return nil, err
	}
	return &coverage{font: font}, nil
}

// text returns s with what the font does not have substituted: fpdf would leave a hole, and end the program above U+FFFF.
func (c *coverage) text(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '→' {
			return '›' // ours; the font has no arrows
		}
		if r > 0xffff {
			c.lacks = true
			return substitute
		}
		if glyph, err := c.font.GlyphIndex(&c.buffer, r); err != nil || glyph == 0 {
			c.lacks = true
			return substitute
		}
		return r
	}, s)
}
