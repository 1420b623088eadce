package gui

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// settingsPage is where a project's name, endpoints and limits are changed.
type settingsPage struct {
	*formPage
	project             engine.Project
	name                *field
	nameEntry           *entry
	source, destination *endpointEditor
	numbers             []*numberEntry
	volumes             [2]*volumeEntry // by side
	adopt, details      *keyCheck
	rules               *rulesEditor
}

// numberEntry is a limit that is typed.
type numberEntry struct {
	*entry
	field    *field
	min, max int
	value    *int
}

// editProject opens a project's settings.
func (w *Window) editProject(project engine.Project) {
	p := &settingsPage{project: project, name: newField(""), source: newEndpointEditor(w, engine.Source), destination: newEndpointEditor(w, engine.Destination)}
	p.project.Settings = project.Settings.Limits()
	p.nameEntry = newEntry(wording.T("form.name"), p.name)
	p.name.SetText(project.Name)
	p.source.set(project.Source)
	p.destination.set(project.Destination)
	s := &p.project.Settings
	p.numbers = []*numberEntry{
		newNumberEntry("settings.passes", &s.PassLimit, 1, 1000),
		newNumberEntry("settings.errors", &s.ErrorLimit, 1, 1_000_000),
		newNumberEntry("settings.mailboxes", &s.Mailboxes, 1, 64),
		newNumberEntry("settings.lanes", &s.Lanes, 1, 16),
	}
	p.volumes = [2]*volumeEntry{newVolumeEntry(p.source, &s.DownloadDay), newVolumeEntry(p.destination, &s.UploadDay)}
	p.adopt = newCheck(wording.T("settings.adopt"), nil)
	p.adopt.SetChecked(!s.NoAdopt)
	p.details = newCheck(wording.T("settings.details"), nil)
	p.details.SetChecked(!s.NoDetails)

	p.rules = newRulesEditor()
	p.rules.set(s.Rules)

	sides := twoSections(section(wording.T("form.from"), p.source.whole), section(wording.T("form.to"), p.destination.whole))
	limits := container(layout.NewGridLayoutWithColumns(2))
	for _, n := range p.numbers {
		limits.Add(n.whole)
	}
	for _, v := range p.volumes {
		limits.Add(v.whole)
	}
	back := func() { w.openProject(engine.ProjectRow{Project: project}) }
	p.formPage = newFormPage(w, wording.T("settings.title", "Name", wording.Display(project.Name, 60)), wording.T("settings.save"), p.submit, back,
		container(setLeft{480}, p.nameEntry.whole), sides, twoSections(p.rules.what, p.rules.where),
		section(wording.T("settings.limits"), limits, p.adopt, p.details))
	p.first = p.name
	w.enter(p)
}

func newNumberEntry(id string, value *int, min, max int) *numberEntry {
	n := &numberEntry{field: newField(""), min: min, max: max, value: value}
	n.field.SetText(strconv.Itoa(*value))
	n.entry = newEntry("", container(numberLayout{}, n.field, wholeText(wording.T(id), theme.SizeNameText, theme.ColorNameForeground)))
	n.whole.Layout = entryLayout{}
	n.field.OnChanged = func(string) { n.say("") }
	return n
}

// numberLayout puts a short field before the words that it belongs to.
type numberLayout struct{}

// MinSize implements fyne.Layout.
func (numberLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(80+10+o[1].MinSize().Width, o[0].MinSize().Height)
}

// Layout implements fyne.Layout.
func (numberLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(80, size.Height))
	o[1].Move(fyne.NewPos(90, 0))
	o[1].Resize(fyne.NewSize(size.Width-90, size.Height))
}

// take reads the number that is typed, and reports whether it is one.
func (n *numberEntry) take() bool {
	value, err := strconv.Atoi(strings.TrimSpace(n.field.Text))
	if err != nil || value < n.min || value > n.max {
		return n.say(wording.T("settings.number", "Min", wording.Number(n.min), "Max", wording.Number(n.max)))
	}
	*n.value = value
	return n.say("")
}

// submit checks what is entered and keeps it.
func (p *settingsPage) submit() {
	p.project.Name = strings.TrimSpace(p.name.Text)
	problem := ""
	if p.project.Name == "" {
		problem = wording.T("form.name.missing")
	}
	ok := p.nameEntry.say(problem)
	source, sourceOK := p.source.value()
	destination, destinationOK := p.destination.value()
	ok = ok && sourceOK && destinationOK
	for _, n := range p.numbers {
		ok = n.take() && ok
	}
	for _, v := range p.volumes {
		ok = v.take() && ok
	}
	rules, rulesOK := p.rules.value()
	if !ok || !rulesOK {
		return
	}
	project := p.project
	project.Settings.Rules = rules
	project.Source, project.Destination = source, destination
	project.Settings.NoAdopt, project.Settings.NoDetails = !p.adopt.Checked, !p.details.Checked
	do(p.w, func(ctx context.Context) error { return p.w.parts.Book.UpdateProject(ctx, project) }, func(err error) {
		if err != nil {
			p.w.tell(err, "")
			return
		}
		typed := engine.Secrets{Source: p.source.access.secret(), Destination: p.destination.access.secret()}
		if typed.Source.Empty() && typed.Destination.Empty() {
			p.w.openProject(engine.ProjectRow{Project: project})
			return
		}
		p.w.keepShared(project.ID, typed, func(kept engine.Project) { p.w.openProject(engine.ProjectRow{Project: kept}) })
	})
}
