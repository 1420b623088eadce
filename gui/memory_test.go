package gui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"mwiz/gui/guitest"
)

// drag drags a header's right edge.
func (r *rig) dragEdge(title string, by float32) {
	r.t.Helper()
	cells := guitest.Find(r.window.Canvas(), func(c *headerCell) bool { return c.label.value == title })
	if len(cells) == 0 {
		r.t.Fatalf("no column %q", title)
	}
	c := cells[0]
	at := fyne.NewPos(c.Size().Width-2, 5)
	c.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}})
	want(r.t, c.Cursor(), desktop.Cursor(desktop.HResizeCursor))
	c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at.AddXY(by, 0)}, Dragged: fyne.NewDelta(by, 0)})
	c.DragEnd()
}

// The window remembers its size, how lists are sorted, and how wide their columns are.
func TestWindowRemembers(t *testing.T) {
	var kept Memory
	b := sample()
	r := mustWindow(t, b)
	r.parts.Remember = func(m Memory) error { kept = m; return nil }
	r.settle()
	width := func(r *rig, title string) float32 {
		return guitest.Find(r.window.Canvas(), func(c *headerCell) bool { return c.label.value == title })[0].Size().Width
	}
	status := width(r, "Status")
	r.dragEdge("Status", 50)
	want(t, width(r, "Status"), status+50)
	name := width(r, "Name")
	r.dragEdge("Name", 30) // takes the room that is left: the next one gives
	want(t, width(r, "Name"), name+30)
	row := guitest.Find(r.window.Canvas(), func(p *projectRow) bool { return true })[0]
	want(t, row.status.Size().Width, width(r, "Status"))
	want(t, projectColumns[2].width, 172) // the table of columns itself never changes
	for _, i := range r.menu.Items[2].Items {
		if i.Label == "Sort by" {
			i.ChildMenu.Items[5].Action()
		}
	}
	r.window.Resize(fyne.NewSize(1111, 777))
	r.close()
	want(t, kept.Width, 1111)
	want(t, kept.Orders["projects"], Order{"passes", true})

	again := mustWindowOf(t, b, kept)
	want(t, again.memory.sizeOf(), fyne.NewSize(1111, 777))
	want(t, again.projects.order, order{"passes", true})
	want(t, again.projects.columns[2].width, 222)
	want(t, Memory{Width: 3}.sizeOf(), firstSize)
	again.memory.Columns["projects"] = []float32{1} // of another version
	want(t, slices.Equal(again.columnsOf("projects", projectColumns), projectColumns), true)
}

// A window too narrow for the widths that the user has chosen shows the first ones again.
func TestWideColumnsGiveWay(t *testing.T) {
	c := slices.Clone(projectColumns)
	least := c.MinSize(nil).Width
	c.drag(2, 400, 1600)
	want(t, c[2].width, 572)
	want(t, c.MinSize(nil).Width, least)
	want(t, c.widths(least)[2], 172)
	c.drag(2, 1e6, 1600)
	_, slack := c.fitting(1600)
	want(t, slack >= 0, true)
	c.drag(2, -1e6, 1600)
	want(t, c[2].width, narrowest)
}
