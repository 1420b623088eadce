package gui

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// rail shows the stops of a way, which of them are behind, and where one is.
type rail struct {
	stops []*railStop
	whole fyne.CanvasObject
}

// newRail returns a rail with titles; chosen hears which stop was clicked, of those that are open.
func newRail(titles []string, chosen func(int)) *rail {
	r := &rail{}
	line := container(layout.NewGridLayoutWithColumns(len(titles)))
	for i, title := range titles {
		s := &railStop{number: i + 1, title: title, last: i == len(titles)-1, tapped: func() { chosen(i) }}
		s.ExtendBaseWidget(s)
		r.stops = append(r.stops, s)
		line.Add(s)
	}
	r.whole = newBar(line, gap, 6, bottomLine)
	return r
}

// show says where one is. Stops before it are behind; those that open says yes to can be clicked.
func (r *rail) show(at int, open func(int) bool) {
	for i, s := range r.stops {
		s.here, s.behind, s.open = i == at, i < at, i != at && open(i)
		s.Refresh()
	}
}

// railStop is one stop: a number or a tick in a circle, its title, and the line to the next.
type railStop struct {
	widget.BaseWidget
	number             int
	title              string
	last               bool
	here, behind, open bool
	hovered            bool
	tapped             func()
}

// Tapped implements fyne.Tappable.
func (s *railStop) Tapped(*fyne.PointEvent) {
	if s.open {
		s.tapped()
	}
}

// MouseIn implements desktop.Hoverable.
func (s *railStop) MouseIn(*desktop.MouseEvent) { s.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (s *railStop) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (s *railStop) MouseOut() { s.hover(false) }

func (s *railStop) hover(over bool) {
	s.hovered = over
	s.Refresh()
}

// Cursor implements desktop.Cursorable.
func (s *railStop) Cursor() desktop.Cursor {
	if s.open {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (s *railStop) CreateRenderer() fyne.WidgetRenderer {
	r := &railRenderer{s: s, circle: canvas.NewCircle(color.Transparent), number: canvas.NewText("", nil), tick: canvas.NewImageFromResource(nil),
		title: canvas.NewText("", nil), line: canvas.NewRectangle(color.Transparent)}
	r.number.Alignment = fyne.TextAlignCenter
	r.restyle()
	return r
}

type railRenderer struct {
	s             *railStop
	circle        *canvas.Circle
	number, title *canvas.Text
	tick          *canvas.Image
	line          *canvas.Rectangle
}

func (r *railRenderer) restyle() {
	s := r.s
	fill, edge, number, title := fyne.ThemeColorName(""), colorMuted, colorMuted, colorMuted
	switch {
	case s.here:
		fill, edge, number, title = theme.ColorNamePrimary, theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary, theme.ColorNameForeground
	case s.behind:
		edge, title = colorDone, theme.ColorNameForeground
	}
	if s.hovered && s.open {
		title = colorLink
	}
	r.circle.FillColor, r.circle.StrokeColor, r.circle.StrokeWidth = paint(fill), paint(edge), 1.5
	r.number.Text, r.number.TextSize, r.number.Color = strconv.Itoa(s.number), theme.Size(theme.SizeNameCaptionText), paint(number)
	r.number.TextStyle.Bold = true
	r.tick.Resource = theme.NewColoredResource(theme.ConfirmIcon(), colorDone)
	r.number.Hidden, r.tick.Hidden = s.behind, !s.behind
	r.title.Text, r.title.TextSize, r.title.Color = s.title, theme.Size(theme.SizeNameText), paint(title)
	r.title.TextStyle.Bold = s.here
	r.line.FillColor = paint(theme.ColorNameSeparator)
	if s.behind {
		r.line.FillColor = paint(colorDone)
	}
	r.line.Hidden = s.last
}

func (r *railRenderer) Layout(size fyne.Size) {
	const round, room = 22, 8
	middle := size.Height / 2
	r.circle.Move(fyne.NewPos(0, middle-round/2))
	r.circle.Resize(fyne.NewSquareSize(round))
	r.number.Move(fyne.NewPos(0, middle-round/2))
	r.number.Resize(fyne.NewSquareSize(round))
	r.tick.Move(fyne.NewPos(4, middle-round/2+4))
	r.tick.Resize(fyne.NewSquareSize(round - 8))
	words := r.title.MinSize()
	r.title.Move(fyne.NewPos(round+room, middle-words.Height/2))
	r.title.Resize(words)
	x := round + 2*room + words.Width
	r.line.Move(fyne.NewPos(x, middle))
	r.line.Resize(fyne.NewSize(max(0, size.Width-x-room), 1.5))
}

func (r *railRenderer) MinSize() fyne.Size {
	return fyne.NewSize(22+2*8+fyne.MeasureText(r.s.title, theme.Size(theme.SizeNameText), fyne.TextStyle{Bold: true}).Width, 30)
}

func (r *railRenderer) Refresh() {
	r.restyle()
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

func (r *railRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.line, r.circle, r.number, r.tick, r.title}
}

func (r *railRenderer) Destroy() {}
