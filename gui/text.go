package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// text is one line of a cell: without padding, ellipsed to its width, in a colour of the theme. It costs nothing to show again
// what it shows already.
type text struct {
	widget.BaseWidget
	value string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	style fyne.TextStyle
	align fyne.TextAlign
	whole bool // its least width is that of all its words
}

func newText(size fyne.ThemeSizeName, color fyne.ThemeColorName) *text {
	t := &text{size: size, color: color}
	t.ExtendBaseWidget(t)
	return t
}

// mainText is what a cell says first, smallText what stands below or beside it.
func mainText() *text  { return newText(theme.SizeNameText, theme.ColorNameForeground) }
func smallText() *text { return newText(theme.SizeNameCaptionText, colorMuted) }

// boldText and numberText are mainText in bold, and aligned to the right.
func boldText() *text {
	t := mainText()
	t.style.Bold = true
	return t
}

func numberText() *text {
	t := mainText()
	t.align = fyne.TextAlignTrailing
	return t
}

// wholeText is a line that is never cut.
func wholeText(value string, size fyne.ThemeSizeName, color fyne.ThemeColorName) *text {
	t := newText(size, color)
	t.value, t.whole = value, true
	return t
}

// show changes what the line says, and in which colour.
func (t *text) show(value string, color fyne.ThemeColorName) {
	if t.value == value && t.color == color {
		return
	}
	t.value, t.color = value, color
	t.Refresh()
}

// say is show in the colour it has.
func (t *text) say(value string) { t.show(value, t.color) }

// width returns how wide the line would be if it were not cut.
func (t *text) width() float32 {
	return fyne.MeasureText(t.value, theme.Size(t.size), t.style).Width
}

// CreateRenderer implements fyne.Widget.
func (t *text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{t: t, line: canvas.NewText("", nil)}
	r.restyle()
	return r
}

type textRenderer struct {
	t     *text
	line  *canvas.Text
	full  string // what was fitted last
	width float32
}

func (r *textRenderer) restyle() {
	r.line.Color = theme.Color(r.t.color)
	r.line.TextSize = theme.Size(r.t.size)
	r.line.TextStyle = r.t.style
	r.line.Alignment = r.t.align
}

// Layout puts the line into the middle of the height and cuts it to the width.
func (r *textRenderer) Layout(size fyne.Size) {
	if r.full != r.t.value || r.width != size.Width {
		r.full, r.width = r.t.value, size.Width
		r.line.Text = fit(r.t.value, size.Width, r.line.TextSize, r.line.TextStyle)
	}
	h := r.line.MinSize().Height
	r.line.Move(fyne.NewPos(0, (size.Height-h)/2))
	r.line.Resize(fyne.NewSize(size.Width, h))
}

// MinSize is one line high, and as wide as the words only where they must not be cut.
func (r *textRenderer) MinSize() fyne.Size {
	s := fyne.MeasureText("Mg", r.line.TextSize, r.line.TextStyle)
	s.Width = 0
	if r.t.whole {
		s.Width = fyne.MeasureText(r.t.value, r.line.TextSize, r.line.TextStyle).Width
	}
	return s
}

func (r *textRenderer) Refresh() {
	r.restyle()
	r.full = "\x00"
	r.Layout(r.t.Size())
	r.line.Refresh()
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }

func (r *textRenderer) Destroy() {}

// ReadFonts dresses the toolkit in our theme and reads the fonts of the first view; what it returns is closed when they have been read. The fonts take a sixth of
// a second, so that a start does other things beside. Until they have been read, nothing may show or measure text: the toolkit does that on one goroutine.
func ReadFonts(a fyne.App) (read <-chan struct{}) {
	a.Settings().SetTheme(Theme{})
	done := make(chan struct{})
	size := theme.Size(theme.SizeNameText)
	go func() {
		defer close(done)
		fyne.MeasureText("Mg", size, fyne.TextStyle{})
		fyne.MeasureText("Mg", size, fyne.TextStyle{Bold: true})
	}()
	return done
}

// fit returns s, or as much of its beginning as the width takes before an ellipsis.
func fit(s string, width, size float32, style fyne.TextStyle) string {
	if s == "" || fyne.MeasureText(s, size, style).Width <= width+.5 {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)-1
	for low < high {
		mid := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:mid])+"…", size, style).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low == 0 && fyne.MeasureText("…", size, style).Width > width {
		return ""
	}
	return string(runes[:low]) + "…"
}

// mutedWords is text that wraps, in the colour of what is not the point. It shows plain text: nothing in it is markup.
func mutedWords(words string) *widget.RichText {
	r := widget.NewRichText(&widget.TextSegment{Text: words, Style: widget.RichTextStyle{ColorName: colorMuted, SizeName: theme.SizeNameText}})
	r.Wrapping = fyne.TextWrapWord
	return r
}
