package gui

import (
	"cmp"
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// folderColumns are the columns of what a pass did in each folder.
var folderColumns = columns{
	{title: "column.folder", width: 180, stretch: true},
	{title: "column.tofolder", width: 160, spare: true},
	{title: "column.atsource", width: 76, number: true},
	{title: "column.before", width: 76, number: true},
	{title: "column.copied", width: 70, number: true},
	{title: "column.adopted", width: 92, number: true, spare: true},
	{title: "column.skipped", width: 66, number: true, spare: true},
	{title: "column.failed", width: 60, number: true},
	{title: "column.left", width: 56, number: true},
	{title: "column.vanished", width: 72, number: true, spare: true},
	{title: "column.check", width: 120, lead: 8},
}

// folderPanel shows a pass folder by folder, and whether the numbers add up.
type folderPanel struct {
	columns  columns
	page     *projectPage
	w        *Window
	question question
	asked    question         // for what is removed
	removed  []engine.Removed // what this pass has found removed, as far as it was not copied again
	again    *keyButton       // copies it again
	offer    fyne.CanvasObject
	record   *passRecord
	pass     engine.PassRow
	rows     []engine.FolderTally
	title    *text
	sum      *statusCell
	words    *text
	list     *keyList
	trouble  *troublePanel
	whole    *fyne.Container
}

func newFolderPanel(page *projectPage) *folderPanel {
	w := page.w
	p := &folderPanel{page: page, w: w, columns: w.columnsOf("folders", folderColumns), title: boldText(), words: mainText(), sum: newStatusCell()}
	p.again = newButton("", p.copyAgain)
	p.offer = roomy(p.again)
	p.offer.Hide()
	p.words.color = colorMuted
	p.list = newKeyList(func() int { return len(p.rows) }, func() fyne.CanvasObject { return newFolderRow(p.columns) },
		func(i int, o fyne.CanvasObject) { o.(*folderRow).show(p.rows[i]) })
	p.list.key = func(i int) (int64, bool) { return int64(i + 1), true }
	p.list.find = func(key int64) (int, bool) { return int(key - 1), int(key) <= len(p.rows) }
	p.list.other = w.typed
	p.trouble = newTroublePanel(func() { p.open(p.pass) })
	p.sum.word.whole = true
	p.record = newPassRecord(w, func() { p.whole.Refresh() })
	right := container(beside{room: 10}, p.offer, p.sum, p.record.offer)
	line := newBar(container(layout.NewBorderLayout(nil, nil, nil, right), right, twoLines(p.title, p.words)), gap, 7, bottomLine)
	line.fill = theme.ColorNameBackground
	head := container(layout.NewCustomPaddedVBoxLayout(0), line, p.record.box, w.newHeader("folders", p.columns, p.list, nil, nil).content())
	p.whole = between(head, nil, container(layout.NewStackLayout(), p.list, p.trouble))
	p.showTitle()
	return p
}

func (p *folderPanel) content() fyne.CanvasObject { return p.whole }

// open reads the folders of a pass.
func (p *folderPanel) open(r engine.PassRow) {
	if r.ID != p.pass.ID {
		p.rows, p.removed = nil, nil
		p.list.renew()
	}
	p.pass = r
	p.showTitle()
	p.record.open(r)
	p.readRemoved(r)
	ask(p.w, &p.question, func(ctx context.Context) ([]engine.FolderTally, error) { return p.w.parts.Book.PassFolders(ctx, r.ID) },
		func(rows []engine.FolderTally, err error) {
			p.trouble.show(err)
			visible(p.list, err == nil)
			p.rows = rows
			p.list.renew()
			p.showTitle()
		})
}

// showTitle says which pass it is, why it ended, and whether it adds up.
func (p *folderPanel) showTitle() {
	if p.pass.ID == 0 {
		p.title.say(wording.T("folders.choose"))
		p.words.say("")
		p.sum.show("", "", -1, "", colorMuted)
		return
	}
	p.title.say(wording.T("folders.title", "Kind", wording.Kind(p.pass.Kind), "Mailbox", wording.Display(p.pass.Source, 80), "Time", wording.Moment(p.pass.Queued)))
	words := wording.T("folders.count", "Count", len(p.rows))
	switch t := p.pass.Tally; {
	case p.pass.Kind == engine.Verify && p.pass.State.Ended():
		words = wording.T("folders.verified", "Verified", wording.Number(t.Verified), "Different", wording.Number(t.Different), "Removed", wording.Number(t.Removed))
	case p.pass.Kind == engine.Rebuild && p.pass.State.Ended():
		words = wording.T("folders.rebuilt", "Adopted", wording.Number(t.Adopted), "Left", wording.Number(t.Left))
	}
	if trouble, told := wording.TroubleOfPass(p.pass.Pass, p.pass.Source, p.pass.Destination); told {
		words = trouble.Sentence() + " " + trouble.Step()
		if d := trouble.Details(); d != "" {
			words += "  (" + d + ")"
		}
	}
	p.words.say(words)
	var messages, unexplained int64
	for _, r := range p.rows {
		messages += r.Messages
		if u := r.Unexplained(); u != 0 {
			unexplained += max(u, -u)
		}
	}
	switch {
	case len(p.rows) == 0:
		p.sum.show("", "", -1, "", colorMuted)
	case unexplained != 0:
		p.sum.show(engine.StatusFailed, wording.T("folders.off", "Count", unexplained), -1, "", colorMuted)
	default:
		p.sum.show(engine.Completed, wording.T("folders.sum", "Count", messages), -1, "", colorMuted)
	}
}

// readRemoved asks what a verifying pass has found removed that can still be copied again.
func (p *folderPanel) readRemoved(r engine.PassRow) {
	if r.Kind != engine.Verify || r.Tally.Removed == 0 {
		p.asked.asked.Add(1) // an answer on its way is for another pass
		p.removed = nil
		p.showAgain()
		return
	}
	project := p.page.project.ID
	ask(p.w, &p.asked, func(ctx context.Context) ([]engine.Removed, error) { return p.w.parts.Book.RemovedItems(ctx, project) },
		func(all []engine.Removed, err error) {
			p.removed = slices.DeleteFunc(all, func(one engine.Removed) bool { return one.Pass != r.ID })
			if err != nil {
				p.w.parts.Log.Warn("removed copies", "error", err) // the ledger's trouble is told by what else reads it
			}
			p.showAgain()
		})
}

// count returns how many items can be copied again.
func (p *folderPanel) count() (n int) {
	for _, r := range p.removed {
		n += len(r.UIDs)
	}
	return n
}

// showAgain offers to copy again what was found removed.
func (p *folderPanel) showAgain() {
	n := p.count()
	visible(p.offer, n > 0)
	if n > 0 {
		if label := wording.T("action.again", "Count", n); p.again.Text != label {
			p.again.SetText(label)
		}
		enable(p.again, !p.w.busy(p.page.project.ID))
	}
}

// copyAgain asks, then has what was found removed copied again.
func (p *folderPanel) copyAgain() {
	removed, pass, project, n := p.removed, p.pass, p.page.project.Project, p.count()
	p.w.confirm(inquiry{title: wording.T("again.title", "Count", n), text: wording.T("again.text", "Address", wording.Display(pass.Destination, 80)),
		yes: wording.T("again.yes")}, func() {
		do(p.w, func(ctx context.Context) error {
			for _, r := range removed {
				if _, err := p.w.parts.Book.CopyAgain(ctx, r.FolderID, r.UIDs); err != nil {
					return err
				}
			}
			return nil
		}, func(err error) {
			p.w.tell(err, pass.Source)
			if err != nil {
				p.w.changed()
				return
			}
			p.w.start(project, engine.Retry, pass.Mailbox)
		})
	})
}

// folderRow is a line of a pass's folders.
type folderRow struct {
	row
	source, destination *text
	numbers             []*text // in the order of the columns
	check               *text
}

func newFolderRow(c columns) *folderRow {
	r := &folderRow{source: mainText(), destination: mainText(), check: mainText()}
	r.destination.color = colorMuted
	r.columns, r.height = c, 26
	r.cells = []fyne.CanvasObject{r.source, r.destination}
	for range 8 {
		n := numberText()
		r.numbers = append(r.numbers, n)
		r.cells = append(r.cells, n)
	}
	r.cells = append(r.cells, r.check)
	r.ExtendBaseWidget(r)
	return r
}

func (r *folderRow) show(f engine.FolderTally) {
	r.source.say(wording.Display(f.Source, 120))
	r.destination.say(wording.Display(cmp.Or(f.Destination, wording.Placing(f.Why)), 120))
	for i, n := range []int64{f.Messages, f.Before, f.Copied, f.Adopted, f.Skipped, f.Failed, f.Left, f.Vanished} {
		said, color := wording.Number(n), theme.ColorNameForeground
		switch {
		case n == 0 && i > 0:
			said, color = "–", colorMuted // zeros step back, so that what happened stands out
		case i == 5:
			color = colorBad
		}
		r.numbers[i].show(said, color)
	}
	switch u := f.Unexplained(); {
	case f.Error != "":
		r.check.show(wording.Display(f.Error, 200), colorBad)
	case u != 0:
		r.check.show(wording.T("folders.difference", "Count", u), colorBad)
	default:
		r.check.show(wording.T("folders.adds"), colorDone)
	}
}
