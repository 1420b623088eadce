package gui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// liveEvery is how often the picture of a pass at work is drawn anew.
const liveEvery = time.Second

// passRecord shows how fast a pass went, and under which settings.
type passRecord struct {
	w        *Window
	question question
	pass     engine.PassRow
	record   engine.PassRecord
	kept     bool // the ledger has one
	drawn    time.Time
	speed    *speed
	settings *keyButton
	notes    *widget.Label // what should be known and is no error
	offer    fyne.CanvasObject
	box      *fyne.Container
	changed  func() // it needs another room now
}

func newPassRecord(w *Window, changed func()) *passRecord {
	p := &passRecord{w: w, speed: newSpeed(), changed: changed}
	p.settings = newButton(wording.T("used.title"), p.tell)
	p.offer = roomy(p.settings)
	p.offer.Hide()
	p.speed.whole.Hide()
	p.notes = widget.NewLabel("")
	p.notes.Wrapping = fyne.TextWrapWord
	p.notes.Hide()
	p.box = container(layout.NewCustomPaddedLayout(2, 8, gap, gap), container(layout.NewCustomPaddedVBoxLayout(0), p.notes, p.speed.whole))
	p.box.Hide()
	return p
}

// open reads the record of a pass; of one that is not ended, what there is of it so far.
func (p *passRecord) open(r engine.PassRow) {
	if r.ID != p.pass.ID {
		p.record, p.kept = engine.PassRecord{}, false
		p.draw()
	}
	p.pass = r
	if !r.State.Ended() {
		p.drawn = time.Time{}
		p.live()
		return
	}
	type answer struct {
		record engine.PassRecord
		kept   bool
	}
	ask(p.w, &p.question, func(ctx context.Context) (a answer, err error) {
		a.record, a.kept, err = p.w.parts.Book.PassRecord(ctx, r.ID)
		return a, err
	}, func(a answer, err error) {
		if err != nil {
			p.w.parts.Log.Warn("record of a pass", "error", err) // the ledger's trouble is told by what else reads it
			return
		}
		p.record, p.kept = a.record, a.kept
		p.draw()
	})
}

// live draws the picture of a pass at work, from time to time.
func (p *passRecord) live() {
	if p.pass.ID == 0 || p.pass.State.Ended() || p.w.now().Sub(p.drawn) < liveEvery {
		return
	}
	p.drawn = p.w.now()
	id := p.pass.ID
	ask(p.w, &p.question, func(context.Context) (engine.Throughput, error) { return p.w.parts.Work.Throughput(id), nil },
		func(t engine.Throughput, _ error) {
			if len(t.Points) == 0 {
				return // it has copied nothing yet, or has just ended
			}
			p.record = engine.PassRecord{Throughput: t}
			p.draw()
		})
}

func (p *passRecord) draw() {
	had, offered := p.box.Visible(), p.offer.Visible()
	took := p.pass.Duration(p.w.now())
	if t := p.record.Throughput; took <= 0 {
		took = t.Step * time.Duration(len(t.Points))
	}
	some := p.speed.show(p.record.Throughput, took)
	said := make([]string, len(p.record.Notes))
	for i, n := range p.record.Notes {
		said[i] = wording.Note(n)
	}
	text := strings.Join(said, "\n")
	noted := p.notes.Text != text
	if noted {
		p.notes.SetText(text)
	}
	visible(p.notes, text != "")
	visible(p.speed.whole, some)
	some = some || text != ""
	visible(p.box, some)
	visible(p.offer, p.kept)
	if had != some || noted || offered != p.kept {
		p.changed()
	}
}

// tell says which settings the pass ran under.
func (p *passRecord) tell() {
	grid := newFacts()
	for _, s := range wording.Settings(p.record.Settings) {
		grid.addNamed(s.Name, s.Value)
	}
	words := container(layout.NewCustomPaddedVBoxLayout(10), paragraph(wording.T("used.text", "Mailbox", wording.Display(p.pass.Source, 80), "Time", wording.Moment(p.pass.Queued)), 480), grid.content())
	p.w.showBox(box{title: wording.T("used.title"), content: words, size: fyne.NewSize(540, 0),
		buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
}
