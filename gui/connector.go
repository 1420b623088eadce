package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	scrolls "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// connectorStop is the wizard's first stop: what the migration is called, and between which mail services it goes.
type connectorStop struct {
	z                   *wizard
	name                *field
	nameEntry           *entry
	source, destination *endpointEditor
	find                [2]*finder // by side
	scroll              *scrolls.Scroll
}

func newConnectorStop(z *wizard, mailboxes *mailboxEditor) *connectorStop {
	s := &connectorStop{z: z, name: newField(wording.T("form.name.example")), source: newEndpointEditor(z.w, engine.Source),
		destination: newEndpointEditor(z.w, engine.Destination)}
	s.nameEntry = newEntry(wording.T("form.name"), s.name)
	s.name.SetText(z.project.Name)
	s.name.OnChanged = func(string) { s.nameEntry.say("") }
	s.name.enter = z.onward
	if z.project.ID != 0 {
		s.source.set(z.project.Source)
		s.destination.set(z.project.Destination)
	}
	s.source.account = func() (string, engine.Secret) { return mailboxes.first(engine.Source) }
	s.destination.account = func() (string, engine.Secret) { return mailboxes.first(engine.Destination) }
	fields := append(slices.Clone(s.source.access.fields), s.destination.access.fields...)
	for side, e := range []*endpointEditor{engine.Source: s.source, engine.Destination: s.destination} {
		s.find[side] = newFinder(e)
		s.find[side].account = func() string { return mailboxes.firstAddress(engine.Side(side)) }
		fields = append(fields, s.find[side].address)
	}
	s.find[engine.Source].other, s.find[engine.Destination].other = s.find[engine.Destination], s.find[engine.Source]
	for _, f := range append(fields, []*field{s.name, s.source.host, s.source.port, s.source.user, s.source.password,
		s.destination.host, s.destination.port, s.destination.user, s.destination.password}...) {
		f.escape = z.back
	}
	sides := twoSections(section(wording.T("form.from"), s.find[engine.Source].whole, s.source.whole),
		section(wording.T("form.to"), s.find[engine.Destination].whole, s.destination.whole))
	s.scroll = scrolls.NewVScroll(container(layout.NewCustomPaddedLayout(14, 14, gap+2, gap+6),
		container(layout.NewCustomPaddedVBoxLayout(14), container(setLeft{480}, s.nameEntry.whole), sides)))
	return s
}

func (s *connectorStop) content() fyne.CanvasObject { return s.scroll }

func (s *connectorStop) enter() {}

func (s *connectorStop) show(engine.Snapshot) {}

func (s *connectorStop) reload() {}

func (s *connectorStop) focus() { s.z.w.window.Canvas().Focus(s.name) }

func (s *connectorStop) label() string { return wording.T("wizard.next.connector") }

func (s *connectorStop) ready() bool { return true }

// named takes the name, and reports whether there is one.
func (s *connectorStop) named() bool {
	s.z.project.Name = strings.TrimSpace(s.name.Text)
	problem := ""
	if s.z.project.Name == "" {
		problem = wording.T("form.name.missing")
	}
	return s.nameEntry.say(problem)
}

func (s *connectorStop) next() {
	named := s.named()
	source, sourceOK := s.source.value()
	destination, destinationOK := s.destination.value()
	if !named {
		s.scroll.ScrollToTop()
		s.focus()
	}
	if !named || !sourceOK || !destinationOK {
		return
	}
	s.z.project.Source, s.z.project.Destination = source, destination
	s.z.keep(func() { s.keepShared(func() { s.z.goTo(atMailboxes) }) })
}

// keepShared keeps the secrets that are typed for all mailboxes, then goes on.
func (s *connectorStop) keepShared(then func()) {
	typed := engine.Secrets{Source: s.source.access.secret(), Destination: s.destination.access.secret()}
	if typed.Source.Empty() && typed.Destination.Empty() {
		then()
		return
	}
	s.z.w.keepShared(s.z.project.ID, typed, func(p engine.Project) {
		s.z.project.Source, s.z.project.Destination = p.Source, p.Destination
		s.source.set(p.Source)
		s.destination.set(p.Destination)
		then()
	})
}

// save keeps what is entered, right or wrong; where nothing is, there is nothing to keep.
func (s *connectorStop) save(then func()) {
	if s.z.project.ID == 0 && s.name.Text == "" && s.source.host.Text == "" && s.destination.host.Text == "" {
		then()
		return
	}
	if !s.named() {
		s.z.w.confirm(inquiry{title: wording.T("form.leave.title"), text: wording.T("form.leave.noname"), yes: wording.T("form.leave.yes"),
			no: wording.T("form.leave.no"), danger: true}, s.z.w.home)
		return
	}
	s.z.project.Source, s.z.project.Destination = s.source.entered(), s.destination.entered()
	s.z.project.Settings.Draft = stopTitles[max(s.z.at, atConnector)]
	s.z.keep(func() { s.keepShared(then) })
}

// setLeft gives its one object a width at the left edge.
type setLeft struct{ width float32 }

// MinSize implements fyne.Layout.
func (l setLeft) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, o[0].MinSize().Height)
}

// Layout implements fyne.Layout.
func (l setLeft) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(min(l.width, size.Width), size.Height))
}
