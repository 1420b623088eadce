package gui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// gridCells are the columns of the grid in which mailboxes are typed.
var gridCells = []struct {
	title  string
	hint   string
	secret bool
	part   float32 // of the width
}{
	{"grid.source", "", false, .208}, {"grid.source.login", "grid.login.hint", false, .15}, {"grid.source.password", "", true, .142},
	{"grid.destination", "", false, .208}, {"grid.destination.login", "grid.login.hint", false, .15}, {"grid.destination.password", "", true, .142},
}

// The cells of a row.
const (
	sourceAddress = iota
	sourceLogin
	sourcePassword
	destinationAddress
	destinationLogin
	destinationPassword
)

// mailboxGrid is where mailboxes are typed, one a row. There is always an empty row at the end.
type mailboxGrid struct {
	rows    []*gridRow
	box     *fyne.Container
	whole   fyne.CanvasObject
	resized func()
}

func newMailboxGrid() *mailboxGrid {
	g := &mailboxGrid{box: container(layout.NewCustomPaddedVBoxLayout(4))}
	head := container(gridLayout{})
	for _, c := range gridCells {
		head.Add(wholeText(wording.T(c.title), theme.SizeNameCaptionText, colorMuted))
	}
	g.whole = container(layout.NewCustomPaddedVBoxLayout(3), head, g.box)
	for range 3 {
		g.add()
	}
	return g
}

// gridRow is one mailbox.
type gridRow struct {
	grid    *mailboxGrid
	fields  []*field
	remove  *action
	problem *text
	whole   *fyne.Container
}

func (g *mailboxGrid) add() *gridRow {
	r := &gridRow{grid: g, problem: newText(theme.SizeNameCaptionText, colorBad)}
	r.problem.Hide()
	cells := container(gridLayout{})
	for i, c := range gridCells {
		f := newField("")
		if c.hint != "" {
			f.PlaceHolder = wording.T(c.hint)
		}
		f.Password = c.secret
		f.OnChanged = func(string) { r.changed() }
		f.paste = func(lines string) bool { return g.paste(r, i, lines) }
		r.fields = append(r.fields, f)
		cells.Add(f)
	}
	r.remove = newIconAction(theme.CancelIcon())
	r.remove.tapped = func() { g.remove(r) }
	cells.Add(r.remove)
	r.whole = container(layout.NewCustomPaddedVBoxLayout(1), cells, r.problem)
	g.rows = append(g.rows, r)
	g.box.Add(r.whole)
	return r
}

func (r *gridRow) changed() {
	r.say("")
	if r.grid.rows[len(r.grid.rows)-1] == r && !r.blank() {
		r.grid.add()
		r.grid.box.Refresh()
		if r.grid.resized != nil {
			r.grid.resized()
		}
	}
}

func (r *gridRow) text(cell int) string { return strings.TrimSpace(r.fields[cell].Text) }

// blank reports whether nothing is typed in the row.
func (r *gridRow) blank() bool {
	for _, f := range r.fields {
		if f.Text != "" {
			return false
		}
	}
	return true
}

// say shows what is wrong with the row, and reports whether all is well.
func (r *gridRow) say(problem string) bool {
	r.problem.say(problem)
	if r.problem.Visible() != (problem != "") {
		visible(r.problem, problem != "")
		r.whole.Refresh()
		r.grid.box.Refresh()
	}
	return problem == ""
}

// remove takes a row away; the last one is emptied.
func (g *mailboxGrid) remove(r *gridRow) {
	if len(g.rows) == 1 || g.rows[len(g.rows)-1] == r {
		for _, f := range r.fields {
			f.SetText("")
		}
		return
	}
	for i, one := range g.rows {
		if one == r {
			g.rows = append(g.rows[:i:i], g.rows[i+1:]...)
		}
	}
	g.box.Remove(r.whole)
	g.box.Refresh()
}

// paste fills cells from a table as a spreadsheet copies it, from the given cell on, and reports whether it was one.
func (g *mailboxGrid) paste(r *gridRow, cell int, lines string) bool {
	lines = strings.TrimRight(strings.ReplaceAll(lines, "\r\n", "\n"), "\n")
	if !strings.ContainsAny(lines, "\t\n") {
		return false
	}
	at := 0
	for i, one := range g.rows {
		if one == r {
			at = i
		}
	}
	for _, line := range strings.Split(lines, "\n") {
		if at == len(g.rows) {
			g.add()
		}
		for i, value := range strings.Split(line, "\t") {
			if cell+i < len(gridCells) {
				g.rows[at].fields[cell+i].SetText(strings.TrimSpace(value))
			}
		}
		at++
	}
	return true
}

// values returns the mailboxes that are typed, and false after showing what is wrong with them. known are source addresses that are
// taken already, in lower case.
func (g *mailboxGrid) values(known map[string]bool) (list []engine.Enrolment, ok bool) {
	ok = true
	for _, r := range g.rows {
		r.say("")
		if r.blank() {
			continue
		}
		source, destination := r.text(sourceAddress), r.text(destinationAddress)
		problem := ""
		switch {
		case source == "":
			problem = wording.T("grid.nosource")
		case destination == "":
			problem = wording.T("grid.nodestination")
		case known[strings.ToLower(source)]:
			problem = wording.T("grid.twice", "Address", wording.Display(source, 60))
		}
		known[strings.ToLower(source)] = true
		ok = r.say(problem) && ok
	}
	return g.entered(), ok
}

// entered returns the mailboxes as they are typed, right or wrong.
func (g *mailboxGrid) entered() (list []engine.Enrolment) {
	for _, r := range g.rows {
		if r.blank() {
			continue
		}
		list = append(list, engine.Enrolment{
			Mailbox: engine.Mailbox{Source: account(r.text(sourceAddress), r.text(sourceLogin)), Destination: account(r.text(destinationAddress), r.text(destinationLogin))},
			Secrets: engine.Secrets{Source: engine.NewSecret(r.fields[sourcePassword].Text), Destination: engine.NewSecret(r.fields[destinationPassword].Text)},
		})
	}
	return list
}

// account is an address with its login name, which is the address unless another one is given.
func account(address, login string) engine.Account {
	if login == "" {
		login = address
	}
	return engine.Account{Address: address, User: login}
}

// gridLayout gives six cells their parts of the width and what follows 28.
type gridLayout struct{}

const gridEnd = 28

// MinSize implements fyne.Layout.
func (gridLayout) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for _, c := range o {
		s.Height = max(s.Height, c.MinSize().Height)
	}
	s.Width = 6*110 + gridEnd
	return s
}

// Layout implements fyne.Layout.
func (gridLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const room = 6
	x := float32(0)
	for i, c := range o {
		w := float32(gridEnd - 2)
		if i < len(gridCells) {
			w = (size.Width-gridEnd)*gridCells[i].part - room
		}
		c.Move(fyne.NewPos(x, 0))
		c.Resize(fyne.NewSize(w, size.Height))
		x += w + room
	}
}
