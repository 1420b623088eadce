package gui

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// look is how a status is drawn.
type look struct {
	icon  func() fyne.Resource
	color fyne.ThemeColorName
}

// looks holds every status's look. A status differs from the others by its icon and its word too, not by colour alone.
var looks = map[engine.Status]look{
	engine.Pending:             {theme.RadioButtonIcon, colorMuted},
	engine.Processing:          {theme.ViewRefreshIcon, colorBusy},
	engine.Stopping:            {theme.MediaPauseIcon, colorWarn},
	engine.Completed:           {theme.ConfirmIcon, colorDone},
	engine.CompletedWithErrors: {theme.WarningIcon, colorWarn},
	engine.StatusStopped:       {theme.MediaStopIcon, colorWarn},
	engine.StatusFailed:        {theme.ErrorIcon, colorBad},
}

// statusOrder is the order in which counts per status are listed.
var statusOrder = []engine.Status{engine.Processing, engine.Stopping, engine.StatusFailed, engine.CompletedWithErrors, engine.StatusStopped,
	engine.Completed, engine.Pending}

// statusCell shows a status: an icon and a word, below them how far it is or a sentence.
type statusCell struct {
	widget.BaseWidget
	status engine.Status
	hugs   bool // it is as wide as its words need, and keeps a distance to what follows
	icon   *canvas.Image
	word   *text
	line   *progressLine
	note   *text
}

func newStatusCell() *statusCell {
	c := &statusCell{icon: canvas.NewImageFromResource(nil), word: mainText(), line: newProgressLine(), note: smallText()}
	c.line.Hide()
	c.note.Hide()
	c.ExtendBaseWidget(c)
	return c
}

// show changes what the cell says: word beside the icon, then the progress if there is any, else the note. share is negative where there
// is no progress.
func (c *statusCell) show(s engine.Status, word string, share float64, note string, noteColor fyne.ThemeColorName) {
	if s != c.status {
		c.status = s
		c.icon.Resource = nil
		if l, known := looks[s]; known {
			c.icon.Resource = theme.NewColoredResource(l.icon(), l.color)
		}
		c.icon.Refresh()
	}
	c.word.show(word, looks[s].color)
	c.note.show(note, noteColor)
	lined, noted := share >= 0, share < 0 && note != ""
	c.line.show(max(share, 0))
	if c.line.Visible() != lined || c.note.Visible() != noted {
		visible(c.line, lined)
		visible(c.note, noted)
		c.Refresh()
	}
}

// visible shows or hides an object, where that changes anything.
func visible(o fyne.CanvasObject, show bool) {
	switch {
	case show && !o.Visible():
		o.Show()
	case !show && o.Visible():
		o.Hide()
	}
}

// CreateRenderer implements fyne.Widget.
func (c *statusCell) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container(statusLayout{c}, c.icon, c.word, c.line, c.note))
}

// statusLayout puts the icon to the left of the lines.
type statusLayout struct{ c *statusCell }

func (l statusLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	word := l.c.word.MinSize()
	width := max(60, word.Width+23)
	switch {
	case l.c.hugs && l.c.line.Visible():
		width = max(width, 170) + gap
	case l.c.hugs:
		width += gap
	}
	return fyne.NewSize(width, word.Height+l.c.note.MinSize().Height+1)
}

func (l statusLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	const icon, room, thick = 16, 7, 4
	c := l.c
	if c.hugs {
		size.Width -= gap
	}
	x, width := float32(icon+room), max(0, size.Width-icon-room)
	word, note := c.word.MinSize().Height, c.note.MinSize().Height
	y := (size.Height - word) / 2
	switch {
	case c.line.Visible():
		y = (size.Height - word - thick - 3) / 2
	case c.note.Visible():
		y = (size.Height - word - note - 1) / 2
	}
	c.icon.Move(fyne.NewPos(0, y+(word-icon)/2))
	c.icon.Resize(fyne.NewSquareSize(icon))
	c.word.Move(fyne.NewPos(x, y))
	c.word.Resize(fyne.NewSize(width, word))
	c.line.Move(fyne.NewPos(x, y+word+3))
	c.line.Resize(fyne.NewSize(width, thick))
	c.note.Move(fyne.NewPos(x, y+word+1))
	c.note.Resize(fyne.NewSize(width, note))
}

// progressLine is a thin line that fills from the left.
type progressLine struct {
	widget.BaseWidget
	share float64
	drawn float64 // what it was when it was last drawn anew
}

// leastMove is how far the end of a progress line moves before it is drawn anew: what nobody sees is no reason to paint.
const leastMove = .4

func newProgressLine() *progressLine {
	p := &progressLine{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *progressLine) show(share float64) {
	if share == p.share {
		return
	}
	p.share = share
	if math.Abs(share-p.drawn)*float64(p.Size().Width) >= leastMove || share <= 0 || share >= 1 {
		p.drawn = share
		p.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *progressLine) CreateRenderer() fyne.WidgetRenderer {
	r := &progressRenderer{p: p, track: canvas.NewRectangle(nil), done: canvas.NewRectangle(nil)}
	r.colour()
	return r
}

type progressRenderer struct {
	p           *progressLine
	track, done *canvas.Rectangle
}

func (r *progressRenderer) colour() {
	r.track.FillColor, r.done.FillColor = theme.Color(colorTrack), theme.Color(theme.ColorNamePrimary)
	r.track.CornerRadius, r.done.CornerRadius = 2, 2
}

func (r *progressRenderer) Layout(size fyne.Size) {
	r.track.Resize(size)
	r.done.Resize(fyne.NewSize(size.Width*float32(min(1, r.p.share)), size.Height))
}

func (r *progressRenderer) MinSize() fyne.Size { return fyne.NewSize(20, 4) }

func (r *progressRenderer) Refresh() {
	r.colour()
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *progressRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.done}
}

func (r *progressRenderer) Destroy() {}

// countsCell shows how many mailboxes there are, and how many in each status.
type countsCell struct {
	widget.BaseWidget
	total *text
	pairs []*countPair
}

// countPair is an icon and a number.
type countPair struct {
	icon   *canvas.Image
	number *text
	status engine.Status // whose icon it is
}

// pairsShown is how many statuses have room beside the total.
const pairsShown = 3

func newCountsCell() *countsCell {
	c := &countsCell{total: numberText()}
	for range pairsShown {
		p := &countPair{icon: canvas.NewImageFromResource(nil), number: newText(theme.SizeNameCaptionText, colorMuted)}
		p.icon.Hide()
		c.pairs = append(c.pairs, p)
	}
	c.ExtendBaseWidget(c)
	return c
}

func (c *countsCell) show(total int, counts map[engine.Status]int) {
	before := c.digits()
	defer func() {
		if c.digits() != before {
			c.Refresh() // they need other room
		}
	}()
	c.total.say(wording.Number(total))
	next := 0
	for _, s := range statusOrder {
		if counts[s] == 0 || next == len(c.pairs) {
			continue
		}
		p := c.pairs[next]
		visible(p.icon, true)
		if p.status != s {
			p.status = s
			p.icon.Resource = theme.NewColoredResource(looks[s].icon(), looks[s].color)
			p.icon.Refresh()
		}
		p.number.show(wording.Number(counts[s]), looks[s].color)
		next++
	}
	for ; next < len(c.pairs); next++ {
		visible(c.pairs[next].icon, false)
		c.pairs[next].number.say("")
	}
}

// digits returns how long each number is.
func (c *countsCell) digits() (n [pairsShown + 1]int) {
	n[0] = len(c.total.value)
	for i, p := range c.pairs {
		n[i+1] = len(p.number.value)
	}
	return n
}

// CreateRenderer implements fyne.Widget.
func (c *countsCell) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{c.total}
	for _, p := range c.pairs {
		objects = append(objects, p.icon, p.number)
	}
	return widget.NewSimpleRenderer(container(countsLayout{c}, objects...))
}

type countsLayout struct{ c *countsCell }

func (l countsLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, l.c.total.MinSize().Height)
}

// Layout gives each number the room that it needs, and leaves out what does not fit any more.
func (l countsLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	const least, icon, pair = 34, 14, 40
	total := max(least, l.c.total.width())
	l.c.total.Resize(fyne.NewSize(total, size.Height))
	x := total + 12
	for _, p := range l.c.pairs {
		room := max(pair-icon-5, p.number.width()+4)
		side := float32(icon)
		if x+icon+3+room > size.Width {
			room, side = 0, 0
		}
		p.icon.Move(fyne.NewPos(x, (size.Height-icon)/2))
		p.icon.Resize(fyne.NewSquareSize(side))
		p.number.Move(fyne.NewPos(x+icon+3, 0))
		p.number.Resize(fyne.NewSize(room, size.Height))
		x += icon + 5 + room
	}
}
