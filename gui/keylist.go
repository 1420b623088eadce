package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// leastListHeight is less than a list has that can be seen, and more than one has that is not laid out yet.
const leastListHeight = 60

// keyList is a list for the keyboard: the selection follows the arrows, PgUp, PgDn, Home and End; Enter opens. What is selected
// stays selected when rows come, go or are sorted.
type keyList struct {
	widget.List
	page   int                         // rows that PgUp and PgDn pass
	cursor int                         // index of the selected row
	key    func(i int) (int64, bool)   // identity of a row; false while it is not read
	find   func(key int64) (int, bool) // where a row is now
	chosen int64                       // key of the selected row, 0 for none
	unread bool                        // the selected row is not read yet: its key is taken when it is
	open   func(i int)
	chose  func(i int)               // the selection moved
	other  func(e *fyne.KeyEvent)    // every other key
	menu   func(i int) *fyne.Menu    // of a row; nil for none
	mark   func(i int)               // Space marks a row; nil: rows are not marked
	all    func()                    // Ctrl+A marks all
	laid   int                       // grows when the columns have other widths
	bound  map[fyne.CanvasObject]int // which row each line was last made to show
	tall   float32                   // height of a line
}

// newKeyList returns a list over rows that the three functions give, as in widget.NewList.
func newKeyList(length func() int, create func() fyne.CanvasObject, update func(i int, o fyne.CanvasObject)) *keyList {
	l := &keyList{page: 10}
	l.Length, l.CreateItem = length, create
	l.bound = map[fyne.CanvasObject]int{}
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		l.bound[o], l.tall = i, o.Size().Height
		if i >= length() {
			return // rows vanished since the list counted them
		}
		if r, ok := o.(interface{ bind(*keyList, int) }); ok {
			r.bind(l, i)
		}
		update(i, o)
	}
	l.OnSelected = l.selected
	l.ExtendBaseWidget(l)
	return l
}

func (l *keyList) selected(i int) {
	l.cursor, l.unread = i, false
	if l.key != nil {
		known := false
		l.chosen, known = l.key(i)
		l.unread = !known
	}
	if l.chose != nil {
		l.chose(i)
	}
}

// choice returns the index of the selected row, and false when none is.
func (l *keyList) choice() (int, bool) {
	n := l.Length()
	if l.unread && l.cursor < n {
		return l.cursor, true
	}
	if n == 0 || l.chosen == 0 {
		return 0, false
	}
	if l.cursor < n {
		if k, ok := l.key(l.cursor); ok && k == l.chosen {
			return l.cursor, true
		}
	}
	return l.find(l.chosen)
}

// renew shows the rows again after they changed, with the same one selected.
func (l *keyList) renew() {
	if l.unread && l.cursor < l.Length() {
		if key, ok := l.key(l.cursor); ok {
			l.chosen, l.unread = key, false
			if l.chose != nil {
				l.chose(l.cursor)
			}
		}
	}
	if l.chosen != 0 && l.find != nil {
		switch i, ok := l.find(l.chosen); {
		case !ok && l.Length() == 0:
			l.chosen, l.unread = 0, false
			l.UnselectAll()
		case ok && i != l.cursor:
			chose := l.chose
			l.chose = nil // the same row at another place is no other choice
			l.Select(i)
			l.chose = chose
		}
	}
	l.Refresh()
}

// again shows the same rows again, after what they say may have changed. Only the lines on the screen are asked, and only what differs is laid out
// and painted: Refresh does both for the whole list.
func (l *keyList) again() {
	first, last := l.onScreen()
	for line, i := range l.bound {
		if i < first || i > last {
			delete(l.bound, line) // it is spare now, and told what to show when it is used
			continue
		}
		l.UpdateItem(i, line)
	}
}

// onScreen returns the first and the last row of which something can be seen, and two more at either end: Fyne keeps lines there too, and does not ask
// for them when they come into view.
func (l *keyList) onScreen() (first, last int) {
	const more = 2
	pitch := l.tall + l.Theme().Size(theme.SizeNamePadding)
	return int(l.GetScrollOffset()/pitch) - more, int((l.GetScrollOffset()+l.Size().Height)/pitch) + more
}

// Refresh implements fyne.CanvasObject.
func (l *keyList) Refresh() {
	clear(l.bound) // the list makes lines anew and tells each what to show
	l.List.Refresh()
}

// resized lays the rows out anew, after their columns have other widths.
func (l *keyList) resized() {
	l.laid++
	l.Refresh()
}

// Resize implements fyne.CanvasObject. A row that was selected before the list had its place is looked for again: Fyne scrolled by a row
// then, to show it where there was no room.
func (l *keyList) Resize(s fyne.Size) {
	placed := l.Size().Height > leastListHeight || s.Height <= leastListHeight
	l.List.Resize(s)
	if placed {
		return
	}
	l.ScrollToOffset(0)
	if i, ok := l.choice(); ok {
		l.ScrollTo(i)
	}
}

// choose selects a row and gives the list the keyboard.
func (l *keyList) choose(i int) {
	l.Select(i)
	l.Highlight(i)
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil && c.Focused() != l {
		c.Focus(l)
	}
}

// TypedKey implements fyne.Focusable.
func (l *keyList) TypedKey(e *fyne.KeyEvent) {
	n := l.Length()
	step, moves := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1,
		fyne.KeyPageUp: -l.page, fyne.KeyPageDown: l.page, fyne.KeyHome: -n, fyne.KeyEnd: n}[e.Name]
	switch {
	case n > 0 && moves:
		to := min(max(l.cursor+step, 0), n-1)
		if l.chosen == 0 && !l.unread && step == 1 {
			to = 0 // the first arrow selects the first row
		}
		l.Select(to)
		l.Highlight(to)
	case n > 0 && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter):
		if i, ok := l.choice(); ok && l.open != nil {
			l.open(i)
		}
	case n > 0 && e.Name == desktop.KeyMenu:
		l.popUp(l.cursor, fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(fyne.NewPos(gap, gap)))
	case e.Name == fyne.KeySpace && l.mark != nil:
		if i, ok := l.choice(); ok {
			l.mark(i)
		}
	case e.Name == fyne.KeySpace:
		l.List.TypedKey(e)
	case l.other != nil:
		l.other(e)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *keyList) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutSelectAll); ok && l.all != nil {
		l.all()
	}
}

// popUp shows the menu of a row.
func (l *keyList) popUp(i int, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if l.menu == nil || c == nil || i >= l.Length() {
		return
	}
	if m := l.menu(i); m != nil {
		widget.ShowPopUpMenuAtPosition(m, c, at)
	}
}

// row is one line of a keyList: a click selects it, a double click opens it, the other button shows its menu.
type row struct {
	widget.BaseWidget
	columns columns
	height  float32
	cells   []fyne.CanvasObject
	list    *keyList
	id      int
	whole   *fyne.Container
	laid    int // the list's, when the row was laid out
}

func (r *row) bind(l *keyList, i int) {
	r.list, r.id = l, i
	if r.laid != l.laid && r.whole != nil {
		r.laid = l.laid
		r.whole.Layout.Layout(r.whole.Objects, r.whole.Size())
	}
}

// MouseDown implements desktop.Mouseable: a row is selected when the button goes down, since after a click one waits for a second.
func (r *row) MouseDown(*desktop.MouseEvent) {
	if r.list != nil {
		r.list.choose(r.id)
	}
}

// MouseUp implements desktop.Mouseable.
func (r *row) MouseUp(*desktop.MouseEvent) {}

// DoubleTapped implements fyne.DoubleTappable.
func (r *row) DoubleTapped(*fyne.PointEvent) {
	if r.list != nil && r.list.open != nil {
		r.list.open(r.id)
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (r *row) TappedSecondary(e *fyne.PointEvent) {
	if r.list != nil {
		r.list.choose(r.id)
		r.list.popUp(r.id, e.AbsolutePosition)
	}
}

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	r.whole = container(rowLayout{r.columns, r.height}, r.cells...)
	return widget.NewSimpleRenderer(r.whole)
}

// rowLayout is columns with a height.
type rowLayout struct {
	columns
	height float32
}

// MinSize implements fyne.Layout.
func (l rowLayout) MinSize(cells []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.columns.MinSize(cells).Width, l.height)
}
