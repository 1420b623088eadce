package gui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
	"mwiz/gui/guitest"
)

// mustGrid opens the wizard at the mailboxes.
func mustGrid(t *testing.T) (*rig, *grid) {
	t.Helper()
	r := mustWindow(t, &book{})
	z, _ := connect(r)
	r.tapButton("Next: Mailboxes")
	return r, z.stops[atMailboxes].(*mailboxStop).editor.grid
}

func (g *grid) keys(names ...fyne.KeyName) {
	for _, k := range names {
		g.editor.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

func TestGridIsWalkedByKeys(t *testing.T) {
	r, g := mustGrid(t)
	at := func(row, cell int) {
		t.Helper()
		if g.row != row || g.cell != cell {
			t.Errorf("at %d, %d, want %d, %d", g.row, g.cell, row, cell)
		}
		want(t, r.window.Canvas().Focused() == fyne.Focusable(g.editor), true)
	}
	at(0, 0)
	want(t, g.editor.AcceptsTab(), false) // an empty grid does not hold the keyboard
	g.fill("anna@old.example", "", "secret")
	at(0, destinationAddress)
	want(t, g.editor.AcceptsTab(), true)
	g.fill("anna@new.example", "", "pw")
	at(1, 0)
	want(t, g.editor.AcceptsTab(), false)
	g.keys(fyne.KeyUp, fyne.KeyRight)
	at(0, sourceLogin) // the caret stood at the end
	g.keys(fyne.KeyLeft)
	at(0, 0)
	g.keys(fyne.KeyDown)
	at(1, 0)
	g.editor.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	want(t, g.editor.AcceptsTab(), true)
	g.keys(fyne.KeyTab)
	at(0, destinationPassword)
	want(t, g.editor.Password, true)
	g.editor.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	g.keys(fyne.KeyReturn)
	at(1, destinationPassword)
	g.keys(fyne.KeyDown)
	at(1, destinationPassword) // there is nothing below

	g.keys(fyne.KeyUp)
	g.editor.SetText("other")
	g.keys(fyne.KeyEscape)
	want(t, g.rows[0].cells[destinationPassword], "pw") // Esc takes back
}

func TestGridGrowsAndShrinks(t *testing.T) {
	_, g := mustGrid(t)
	want(t, len(g.rows), 1)
	g.fill("a")
	want(t, len(g.rows), 2)
	g.fill("b")
	want(t, len(g.rows), 2)
	g.editor.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyDelete, Modifier: fyne.KeyModifierShortcutDefault})
	want(t, len(g.rows), 1)
	want(t, g.rows[0].blank(), true)
}

// A click makes the cell below it the active one; at the end of a row it takes the row away.
func TestGridIsClicked(t *testing.T) {
	r, g := mustGrid(t)
	g.fill("a@x", "", "", "a@y", "", "", "b@x")
	r.settle()
	x, w := gridCell(1+destinationLogin, g.body.Size().Width)
	g.body.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x+w/2, g.tops[1]+5)})
	want(t, g.row*10+g.cell, 10+destinationLogin)
	x, w = gridCell(1+cellsInRow, g.body.Size().Width)
	g.body.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x+w/2, 5)})
	want(t, len(g.entered()), 1)
	want(t, g.rows[0].text(0), "b@x")
	want(t, g.row, 0)
}

// A table as a spreadsheet copies it fills cells from the active one on.
func TestTableIsPasted(t *testing.T) {
	r, g := mustGrid(t)
	want(t, g.paste("one word"), false)
	test.NewClipboard()
	r.app.Clipboard().SetContent("a@x\t\tpw a\ta@y\r\nb@x\t\tpw \"b\"\tb@y\r\nc@x\t\t\"p\"\"w\"\tc@y\nd@x\t\t d \td@y\n")
	g.editor.TypedShortcut(&fyne.ShortcutPaste{Clipboard: r.app.Clipboard()})
	rows := g.entered()
	want(t, len(rows), 4)
	want(t, rows[3].text(destinationAddress), "d@y")
	want(t, rows[3].text(sourcePassword), " d ")
	want(t, rows[1].text(sourcePassword), "pw \"b\"")
	want(t, rows[2].text(sourcePassword), "p\"w")
	g.activate(4, 0)
	want(t, g.paste("only@x,only@y\nother@x,other@y"), true) // with a header it is read as a file is
	want(t, len(g.entered()), 6)
	want(t, g.judge(map[string]engine.Mailbox{"b@x": {Destination: account("z@y", "")}}), 1)
	r.mustSay("b@x is in this project already.")
}

// Mistakes are said below their row when one leaves it.
func TestMistakesAreSaidInPlace(t *testing.T) {
	r, g := mustGrid(t)
	g.fill("anna@old.example")
	want(t, r.says("Enter the destination address."), false)
	g.keys(fyne.KeyDown)
	r.mustSay("Enter the destination address.", "1 row has a mistake")
	g.keys(fyne.KeyUp)
	g.activate(0, destinationAddress)
	g.fill("anna at new")
	g.keys(fyne.KeyDown)
	r.mustSay("An address has no spaces in it.")
	g.activate(0, destinationAddress)
	g.editor.SetText("anna@new")
	g.keys(fyne.KeyDown)
	want(t, r.says("mistake"), false)
	g.fill("", "", "", "", "", "")
	want(t, g.editor.Text, "")
}

// Many rows cost no more than those that can be seen.
func TestGridOfManyRows(t *testing.T) {
	r, g := mustGrid(t)
	var lines strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&lines, "user%d@old.example\t\tpw\tuser%d@new.example\t\tpw\n", i, i)
	}
	g.paste(lines.String())
	want(t, len(g.entered()), 5000)
	g.activate(0, 0)
	for range 200 {
		g.keys(fyne.KeyPageDown)
		g.fill("x")
	}
	if n := len(g.body.lines); n > 60 {
		t.Errorf("%d lines are drawn", n)
	}
	g.activate(4999, 0)
	r.settle()
	want(t, contains(guitest.Texts(r.window.Canvas()), "user4998@old.example"), true)
}

func BenchmarkGridPage(b *testing.B) {
	w := test.NewTempWindow(b, nil)
	g := newGrid(w.Canvas())
	w.SetContent(g)
	w.Resize(fyne.NewSize(1280, 700))
	var rows []*gridRow
	for i := range 500 {
		rows = append(rows, &gridRow{cells: [cellsInRow]string{fmt.Sprint(i, "@old.example"), "", "x", fmt.Sprint(i, "@new.example"), "", "y"}})
	}
	g.set(rows)
	for b.Loop() {
		if g.row >= 499 {
			g.activate(0, 0)
		}
		g.keys(fyne.KeyPageDown)
	}
}
