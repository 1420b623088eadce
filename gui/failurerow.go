package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// failureRow is a line of what was not migrated: a cause, or what it has hit.
type failureRow struct {
	row
	subject, sender *text
	mailbox, folder *text
	size, reason    *text

	turn        *action // opens and closes the cause
	icon        *canvas.Image
	title, step *text
	again       *action
	cause       *fyne.Container
}

func newFailureRow(c columns) *failureRow {
	r := &failureRow{subject: mainText(), sender: smallText(), mailbox: mainText(), folder: smallText(), size: numberText(), reason: mainText(),
		turn: newIconAction(theme.MenuExpandIcon()), icon: canvas.NewImageFromResource(nil), title: boldText(), step: smallText(), again: newAction("", primary)}
	r.columns, r.height = c, 42
	r.cells = []fyne.CanvasObject{canvas.NewRectangle(color.Transparent), twoLines(r.subject, r.sender), twoLines(r.mailbox, r.folder), r.size, r.reason}
	r.cause = container(causeLayout{}, r.turn, r.icon, twoLines(r.title, r.step), r.again)
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *failureRow) CreateRenderer() fyne.WidgetRenderer {
	r.whole = container(rowLayout{r.columns, r.height}, r.cells...)
	return widget.NewSimpleRenderer(container(layout.NewStackLayout(), r.whole, r.cause))
}

// causeLayout lays out a cause's line: what opens it, its icon, its words, and what tries it again.
type causeLayout struct{}

// MinSize implements fyne.Layout.
func (causeLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(3*gap+60+o[3].MinSize().Width, o[2].MinSize().Height)
}

// Layout implements fyne.Layout.
func (causeLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const icon, before float32 = 16, 36
	width := max(120, o[3].MinSize().Width)
	o[0].Move(fyne.NewPos(4, (size.Height-24)/2))
	o[0].Resize(fyne.NewSize(26, 24))
	o[1].Move(fyne.NewPos(before, (size.Height-icon)/2))
	o[1].Resize(fyne.NewSquareSize(icon))
	o[2].Move(fyne.NewPos(before+icon+8, 0))
	o[2].Resize(fyne.NewSize(max(0, size.Width-before-icon-8-width-2*gap), size.Height))
	o[3].Move(fyne.NewPos(size.Width-gap-width, (size.Height-24)/2))
	o[3].Resize(fyne.NewSize(width, 24))
}

// update shows line i in a row.
func (t *failureTab) update(i int, o fyne.CanvasObject) {
	r := o.(*failureRow)
	c, item := t.locate(i)
	if c == nil {
		return
	}
	visible(r.cause, item < 0)
	if r.whole != nil {
		visible(r.whole, item >= 0)
	}
	switch {
	case item < 0:
		r.showCause(t, c)
	case c.level != ofItems:
		r.showSetback(t, c.setbacks[item])
	default:
		r.showItem(t, c, item)
	}
}

func (r *failureRow) showCause(t *failureTab, c *cause) {
	turn := theme.MenuExpandIcon()
	if c.open {
		turn = theme.MenuDropDownIcon()
	}
	if r.turn.icon != turn {
		r.turn.icon = turn
		r.turn.Refresh()
	}
	r.turn.tapped = func() { t.toggle(c) }
	if drawn := theme.NewColoredResource(looks[c.status].icon(), looks[c.status].color); r.icon.Resource == nil || r.icon.Resource.Name() != drawn.Name() {
		r.icon.Resource = drawn
		r.icon.Refresh()
	}
	r.title.show(c.title()+"  "+c.sentence, looks[c.status].color)
	r.step.say(c.step)
	visible(r.again, c.again != "")
	r.again.show(wording.T("errors.again"), primary, !t.may(c), func() { t.again(c) })
}

// showSetback shows a mailbox or a folder as a whole.
func (r *failureRow) showSetback(t *failureTab, s engine.Setback) {
	trouble := wording.TroubleOfSetback(t.page.project.Project, s)
	what := wording.T("errors.whole")
	if s.Folder != nil {
		what = wording.T("errors.whole.folder", "Folder", wording.Display(s.Folder.Source, 120))
	}
	r.subject.say(what)
	r.sender.say(wording.Kind(s.Pass.Kind) + ", " + wording.Moment(s.Ended))
	r.mailbox.say(wording.Display(s.Source, 120))
	r.folder.say(wording.T("mailboxes.to", "Address", wording.Display(s.Destination, 120)))
	r.size.say("")
	r.showReason(trouble)
}

// showItem shows a message.
func (r *failureRow) showItem(t *failureTab, c *cause, item int) {
	f, ok := c.items.at(item)
	if !ok {
		f = engine.FailureRow{Source: "…"}
	}
	r.subject.say(subjectOf(f))
	r.sender.say(senderOf(f))
	r.mailbox.say(wording.Display(f.Source, 120))
	r.folder.say(wording.Display(f.Folder, 120))
	r.size.say("")
	if f.Size > 0 {
		r.size.say(wording.Bytes(f.Size))
	}
	if f.State == engine.Skipped && f.Kind == engine.NoError {
		r.reason.say(c.sentence)
		return
	}
	r.showReason(wording.TroubleOfItem(t.page.project.Project, f))
}

// showReason shows the service's words, or ours where it has none: the cause's line has said the sentence.
func (r *failureRow) showReason(trouble wording.Trouble) {
	said := trouble.Details()
	if said == "" {
		said = trouble.Sentence()
	}
	r.reason.say(said)
}

// subjectOf names the message as well as it can.
func subjectOf(f engine.FailureRow) string {
	if f.Subject != "" {
		return wording.Display(f.Subject, 200)
	}
	return wording.T("errors.nosubject", "UID", uint32(f.UID))
}

// senderOf says who sent the message and when.
func senderOf(f engine.FailureRow) string {
	switch date := wording.Moment(f.Date.Time); {
	case f.Sender == "":
		return date
	case date == "":
		return wording.Display(f.Sender, 120)
	default:
		return wording.Display(f.Sender, 120) + "  ·  " + date
	}
}
