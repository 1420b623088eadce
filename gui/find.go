package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/gui/wording"
)

// finder fills a side's endpoint by an address of one of its mailboxes. What the user has entered himself it leaves alone, until he chooses among
// what was found.
type finder struct {
	e       *endpointEditor
	other   *finder       // of the other side
	account func() string // an address to take where none is typed; may be nil

	address *field
	button  *keyButton
	entry   *entry
	result  *statusCell
	results *fyne.Container
	note    *widget.RichText
	noteBox *fyne.Container
	choice  *keySelect
	choices *entry
	whole   *fyne.Container

	asked   question
	found   []discover.Candidate
	domain  string // whose service the endpoint is, where it was found by a customer's domain
	filling bool
}

func newFinder(e *endpointEditor) *finder {
	f := &finder{e: e, address: newField(wording.T("find.example"))}
	f.button = newButton(wording.T("find.find"), f.find)
	f.address.enter = f.find
	f.address.OnChanged = func(string) { f.forget() }
	button := roomy(f.button)
	f.entry = newEntry(wording.T("find.address"), container(layout.NewBorderLayout(nil, nil, nil, button),
		container(layout.NewCustomPaddedLayout(0, 0, 0, 6), f.address), button))
	f.result = newStatusCell()
	f.results = container(oneLine{}, f.result)
	f.note = mutedWords("")
	f.noteBox = container(hintLayout{}, f.note)
	f.choice = newSelect(nil, func(string) { f.choose() })
	f.choice.PlaceHolder = wording.T("find.pick")
	f.choices = newEntry(wording.T("find.choice"), framed(f.choice))
	f.whole = container(layout.NewCustomPaddedVBoxLayout(6), f.entry.whole, f.results, f.noteBox, f.choices.whole)
	f.forget()
	visible(f.whole, e.w.parts.Find != nil)
	return f
}

// forget takes back what was said of another address.
func (f *finder) forget() {
	f.asked.asked.Add(1) // an answer that is on its way counts no more
	f.found = nil
	f.entry.say("")
	f.button.Enable()
	visible(f.results, false)
	visible(f.noteBox, false)
	visible(f.choices.whole, false)
	f.whole.Refresh()
}

// find looks for the mail service of the address.
func (f *finder) find() {
	address := strings.TrimSpace(f.address.Text)
	if address == "" && f.account != nil {
		address = f.account()
		f.address.SetText(address)
	}
	if f.button.Disabled() || address == "" {
		f.entry.say(wording.T("find.missing"))
		return
	}
	f.forget()
	f.button.Disable()
	f.say(engine.Processing, wording.T("find.running"), "")
	ask(f.e.w, &f.asked, func(ctx context.Context) (discover.Answer, error) { return f.e.w.parts.Find(ctx, address) }, func(a discover.Answer, err error) {
		f.button.Enable()
		if err != nil {
			visible(f.results, false)
			f.entry.say(wording.T("found.address", "Address", wording.Display(address, 60)))
			return
		}
		f.show(a)
	})
}

// show fills in what was found, or offers it.
func (f *finder) show(a discover.Answer) {
	f.found = a.For(f.e.side)
	f.offer()
	best, sure := a.Best(f.e.side)
	switch {
	case len(f.found) == 0:
		f.say(engine.StatusStopped, wording.T("find.nothing"), wording.T("found.nothing", "Domain", wording.Display(a.Domain, 60)))
	case sure && f.there(a.Domain, best):
		f.say(engine.StatusStopped, wording.T("find.same"), wording.T("found.same", "Host", wording.Display(best.Endpoint.Host, 60), "Domain", wording.Display(a.Domain, 60)))
	case f.e.own:
		f.say(engine.StatusStopped, wording.T("find.own"), wording.T("find.own.note"))
	case sure:
		f.fill(0) // the best is the first
	case f.found[0].Sure():
		f.say(engine.StatusStopped, wording.T("find.choose"), wording.T("found.several", "Address", wording.Display(a.Address, 60)))
	default:
		f.say(engine.StatusStopped, wording.T("find.unsure"), wording.Doubt(f.found[0]))
	}
	if sure && best.From != discover.FromPreset {
		f.domain = a.Domain
	}
}

// there reports whether mail of the same domain is known to be where the other side leads: before the MX records change the old service is found for both.
func (f *finder) there(domain string, c discover.Candidate) bool {
	return f.other != nil && c.From != discover.FromPreset && f.other.domain == domain && strings.EqualFold(strings.TrimSpace(f.other.e.host.Text), c.Endpoint.Host)
}

// offer shows what there is to choose from: what was not filled in without asking, or several.
func (f *finder) offer() {
	titles := make([]string, len(f.found))
	for i, c := range f.found {
		titles[i] = f.title(c)
	}
	f.filling = true
	f.choice.ClearSelected()
	f.choice.SetOptions(titles)
	f.filling = false
	visible(f.choices.whole, len(titles) > 0)
}

// title names a candidate among others, no two alike.
func (f *finder) title(c discover.Candidate) string {
	name := c.Endpoint.Host
	if p := assets.PresetOf(f.e.presets, c.Endpoint.Preset); p.Host != "" {
		return wording.Display(p.Name, 60)
	}
	if c.Endpoint.Encryption != engine.TLS || c.Endpoint.Port != 993 {
		name = fmt.Sprintf("%s, %d", name, c.Endpoint.Port)
	}
	return wording.Display(name+" · "+wording.Found(c, f.e.presets), 110)
}

// choose fills in what the user has chosen.
func (f *finder) choose() {
	if i := f.choice.SelectedIndex(); !f.filling && i >= 0 && i < len(f.found) {
		f.fill(i)
	}
}

// fill fills the endpoint's fields, and says where it came from.
func (f *finder) fill(i int) {
	c := f.found[i]
	to := c.Endpoint
	to.CA = f.e.ca
	if was := f.e.access.entered(); was.Method == to.Access.Method {
		to.Access = was
	}
	f.e.set(to)
	f.e.own = false
	if f.e.user.Text == "" || f.e.user.Text == f.e.guessed {
		f.e.user.SetText(c.User)
		f.e.guessed = c.User
	}
	f.e.hostEntry.say("")
	f.e.portEntry.say("")
	f.filling = true
	f.choice.SetSelectedIndex(i)
	f.filling = false
	visible(f.choices.whole, len(f.found) > 1)
	state := engine.Completed
	if !c.Sure() {
		state = engine.StatusStopped
	}
	f.say(state, wording.Found(c, f.e.presets), wording.Doubt(c))
}

// say shows what came of it.
func (f *finder) say(s engine.Status, words, note string) {
	visible(f.results, true)
	f.result.show(s, words, -1, "", colorMuted)
	f.note.Segments = mutedWords(note).Segments
	f.note.Refresh()
	visible(f.noteBox, note != "")
	f.whole.Refresh()
}

// oneLine puts a status of one line below the inputs.
type oneLine struct{}

// MinSize implements fyne.Layout.
func (oneLine) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(labelWidth+o[0].MinSize().Width, 22)
}

// Layout implements fyne.Layout.
func (oneLine) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(labelWidth, 0))
	o[0].Resize(fyne.NewSize(size.Width-labelWidth, size.Height))
}
