//go:build linux

package bench

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	pictureWidth = 760
	barLeft      = 130
	barMost      = 520 // width of the longest bar
	barHeight    = 18
	barStep      = 24
	cutAt        = 8 // a bar of more than so many times the shortest is cut off
)

var colours = map[string]string{"bare sockets": "#9aa5b1", "mwiz": "#2f6fde", "mbsync": "#d98a29", "imapsync": "#b4533c"}

// picture draws the seconds of every step as bars, as SVG.
func (r *report) picture() string {
	var b strings.Builder
	y := 14
	for i := range r.parts {
		p := &r.parts[i]
		y += 22
		fmt.Fprintf(&b, "<text x=\"16\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y, p.title())
		for _, step := range steps {
			y += 12
			y = p.bars(&b, step, y)
		}
		y += 14
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#1f2933\">\n"+
		"<title>Seconds of each program; shorter is better</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n%s</svg>\n", pictureWidth, y, b.String())
}

// bars draws one step below y and returns where it ends.
func (p *part) bars(b *strings.Builder, step string, y int) int {
	var list []result
	for _, r := range p.results {
		if r.step == step {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return y
	}
	least, most := list[0].best().wall, time.Duration(0)
	for _, r := range list {
		least, most = min(least, r.best().wall), max(most, r.best().wall)
	}
	most = min(most, cutAt*least)
	y += 14
	fmt.Fprintf(b, "<text x=\"16\" y=\"%d\" fill=\"#52606d\">%s, seconds</text>\n", y, step)
	y += 6
	for _, r := range list {
		wall := r.best().wall
		width := int(int64(barMost) * int64(min(wall, most)) / int64(most))
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", barLeft-8, y+barHeight-4, r.tool)
		fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", barLeft, y, width, barHeight, colours[r.tool])
		if wall > most { // a gap shows that the bar goes on
			fmt.Fprintf(b, "<path d=\"M%d %dl8 -%dh6l-8 %dz\" fill=\"#ffffff\"/>\n", barLeft+width-30, y+barHeight, barHeight, barHeight)
		}
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%.2f</text>\n", barLeft+width+6, y+barHeight-4, wall.Seconds())
		y += barStep
	}
	return y
}

// The picture is well-formed, and the longest bar stays within it.
func TestPicture(t *testing.T) {
	run := func(d time.Duration) []sample { return []sample{{wall: d}} }
	r := report{parts: []part{{load: loads[0], results: []result{
		{tool: "bare sockets", step: steps[0], runs: run(time.Second)},
		{tool: "mwiz", step: steps[0], runs: run(2 * time.Second)},
		{tool: "imapsync", step: steps[0], runs: run(400 * time.Second)},
	}}}}
	svg := r.picture()
	var root struct {
		Rects []struct {
			X     int    `xml:"x,attr"`
			Width string `xml:"width,attr"`
		} `xml:"rect"`
		Paths []struct{} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &root); err != nil {
		t.Fatalf("%v\n%s", err, svg)
	}
	want := []string{"100%", "65", "130", "520"}
	for i, rect := range root.Rects {
		if i >= len(want) || rect.Width != want[i] {
			t.Errorf("rectangle %d is %s wide, want %v", i, rect.Width, want)
		}
	}
	if len(root.Rects) != len(want) || len(root.Paths) != 1 {
		t.Errorf("%d rectangles, %d gaps", len(root.Rects), len(root.Paths))
	}
}
