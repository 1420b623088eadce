package gui

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/engine/report"
	"mwiz/gui/wording"
)

// chart draws one rate over time: bars from the left to the right, what it is above them, the highest and the length at the axes.
type chart struct {
	widget.BaseWidget
	title  string
	note   string                 // beside the title: peak and mean
	label  func(y float64) string // says a value at the axis
	top    float64                // value at the upper edge
	length string                 // what the time axis ends with
	values []float64              // one a step
}

func newChart(title string, label func(float64) string) *chart {
	c := &chart{title: title, label: label}
	c.ExtendBaseWidget(c)
	return c
}

// show draws values, one a step, of a pass that took so long.
func (c *chart) show(values []float64, took time.Duration, mean float64) {
	peak := 0.0
	for _, v := range values {
		peak = max(peak, v)
	}
	c.values, c.top, c.length = values, report.Scale(peak), wording.Duration(took)
	c.note = wording.T("chart.note", "Peak", c.label(peak), "Mean", c.label(mean))
	c.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *chart) CreateRenderer() fyne.WidgetRenderer {
	r := &chartRenderer{c: c, title: newText(theme.SizeNameCaptionText, theme.ColorNameForeground), note: smallText(), top: smallText(), zero: smallText(), from: smallText(), to: smallText(),
		ground: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), middle: canvas.NewRectangle(nil)}
	r.title.style.Bold = true
	for _, t := range []*text{r.note, r.top, r.zero, r.to} {
		t.align = fyne.TextAlignTrailing
	}
	r.Refresh()
	return r
}

type chartRenderer struct {
	c                                *chart
	title, note, top, zero, from, to *text
	ground, line, middle             *canvas.Rectangle
	bars                             []*canvas.Rectangle
}

// What a chart measures: room for the values at the left, for the title above, and for the time below.
const (
	chartLeft  float32 = 62
	chartAbove float32 = 25
	chartBelow float32 = 17
)

// Refresh implements fyne.WidgetRenderer; it runs on changes of the theme too.
func (r *chartRenderer) Refresh() {
	c := r.c
	r.title.say(c.title)
	r.note.say(c.note)
	r.top.say(c.label(c.top))
	r.zero.say("0")
	r.from.say("0")
	r.to.say(c.length)
	r.ground.FillColor = theme.Color(colorSurface)
	r.line.FillColor = theme.Color(theme.ColorNameInputBorder)
	r.middle.FillColor = theme.Color(theme.ColorNameSeparator)
	for len(r.bars) < len(c.values) {
		r.bars = append(r.bars, canvas.NewRectangle(nil))
	}
	r.bars = r.bars[:len(c.values)]
	for _, b := range r.bars {
		b.FillColor = theme.Color(theme.ColorNamePrimary)
	}
	r.Layout(c.Size())
	canvas.Refresh(c)
}

func (r *chartRenderer) Layout(size fyne.Size) {
	small := r.zero.MinSize().Height
	width, height := max(0, size.Width-chartLeft), max(0, size.Height-chartAbove-chartBelow)
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	half := size.Width / 2
	place(r.title, 0, 0, half, small)
	place(r.note, half, 0, size.Width-half, small)
	place(r.top, 0, chartAbove-small/2, chartLeft-7, small)
	place(r.zero, 0, chartAbove+height-small/2, chartLeft-7, small)
	place(r.from, chartLeft, size.Height-small, width/2, small)
	place(r.to, chartLeft+width/2, size.Height-small, width-width/2, small)
	place(r.ground, chartLeft, chartAbove, width, height)
	place(r.middle, chartLeft, chartAbove+height/2, width, 1)
	place(r.line, chartLeft, chartAbove+height, width, 1)
	for i, b := range r.bars {
		x, next := whole(width*float32(i)/float32(len(r.bars))), whole(width*float32(i+1)/float32(len(r.bars)))
		apart := float32(0)
		if next-x >= 4 {
			apart = 1
		}
		tall := height * float32(r.c.values[i]/r.c.top)
		if r.c.values[i] > 0 {
			tall = max(tall, 1)
		}
		place(b, chartLeft+x, chartAbove+height-tall, max(1, next-x-apart), tall)
	}
}

// whole rounds a place to a whole one, or bars beside each other would show seams.
func whole(x float32) float32 { return float32(math.Round(float64(x))) }

func (r *chartRenderer) MinSize() fyne.Size { return fyne.NewSize(180, 92) }

func (r *chartRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.ground, r.middle}
	for _, b := range r.bars {
		all = append(all, b)
	}
	return append(all, r.line, r.title, r.note, r.top, r.zero, r.from, r.to)
}

func (r *chartRenderer) Destroy() {}

// speed is the two pictures of how fast a pass went: messages, and bytes, a second.
type speed struct {
	messages, bytes *chart
	whole           *fyne.Container
}

func newSpeed() *speed {
	s := &speed{messages: newChart(wording.T("chart.messages"), func(v float64) string { return wording.Decimal(v) }),
		bytes: newChart(wording.T("chart.bytes"), func(v float64) string { return wording.T("rate.bytes", "Bytes", wording.Bytes(int64(v))) })}
	s.whole = container(halves{24}, s.messages, s.bytes)
	return s
}

// show draws a throughput; it reports whether there is anything to draw.
func (s *speed) show(t engine.Throughput, took time.Duration) bool {
	n := len(t.Points)
	visible(s.whole, n > 0)
	if n == 0 {
		return false
	}
	step, whole := t.Step.Seconds(), max(took, t.Step)
	messages, bytes := make([]float64, n), make([]float64, n)
	var sum engine.Point
	for i, p := range t.Points {
		messages[i], bytes[i] = float64(p.Messages)/step, float64(p.Bytes)/step
		sum.Messages += p.Messages
		sum.Bytes += p.Bytes
	}
	s.messages.show(messages, took, float64(sum.Messages)/whole.Seconds())
	s.bytes.show(bytes, took, float64(sum.Bytes)/whole.Seconds())
	return true
}
