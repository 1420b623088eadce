package gui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// newProject is the page on which a migration is set up.
type newProject struct {
	*formPage
	name                *field
	nameEntry           *entry
	source, destination *endpointEditor
	mailboxes           *mailboxEditor
}

// startForm opens the page on which a migration is set up.
func (w *Window) startForm() { w.enter(newNewProject(w)) }

func newNewProject(w *Window) *newProject {
	p := &newProject{name: newField(wording.T("form.name.example")), source: newEndpointEditor(w, engine.Source),
		destination: newEndpointEditor(w, engine.Destination), mailboxes: newMailboxEditor(w)}
	p.nameEntry = newEntry(wording.T("form.name"), p.name)
	p.name.OnChanged = func(string) { p.nameEntry.say("") }
	sides := twoSections(section(wording.T("form.from"), p.source.whole), section(wording.T("form.to"), p.destination.whole))
	p.formPage = newFormPage(w, wording.T("projects.start"), wording.T("form.save"), p.submit, p.cancel,
		container(setLeft{480}, p.nameEntry.whole), sides, section(wording.T("form.mailboxes"), p.mailboxes.whole))
	p.first = p.name
	p.source.account = func() (string, engine.Secret) { return p.mailboxes.first(engine.Source) }
	p.destination.account = func() (string, engine.Secret) { return p.mailboxes.first(engine.Destination) }
	return p
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

func (p *newProject) drop(files []fyne.URI) { p.mailboxes.drop(files) }

// cancel leaves, and asks first when something would be lost.
func (p *newProject) cancel() {
	typed := p.name.Text != "" || p.source.host.Text != "" || p.destination.host.Text != "" || len(p.mailboxes.imported) > 0
	if !typed {
		p.w.home()
		return
	}
	p.w.confirm(inquiry{title: wording.T("form.leave.title"), text: wording.T("form.leave.text"), yes: wording.T("form.leave.yes"),
		no: wording.T("form.leave.no"), danger: true}, p.w.home)
}

// submit checks what is entered and keeps it.
func (p *newProject) submit() {
	name := strings.TrimSpace(p.name.Text)
	problem := ""
	if name == "" {
		problem = wording.T("form.name.missing")
	}
	ok := p.nameEntry.say(problem)
	source, sourceOK := p.source.value()
	destination, destinationOK := p.destination.value()
	list, listOK := p.mailboxes.values()
	if !ok || !sourceOK || !destinationOK {
		p.scroll.ScrollToTop()
		return
	}
	if !listOK {
		return
	}
	project := engine.Project{Name: name, Source: source, Destination: destination, Created: p.w.now()}
	p.w.enrol(enrolling{list: list, add: func(ctx context.Context, list []engine.Enrolment, progress func(int, int)) (added []engine.Mailbox, err error) {
		if project.ID, err = p.w.parts.Book.AddProject(ctx, project); err != nil {
			return nil, err
		}
		if added, err = p.w.parts.Enroller.Add(ctx, project.ID, list, progress); err != nil {
			err = errors.Join(err, p.w.parts.Enroller.DeleteProject(context.WithoutCancel(ctx), project.ID))
		}
		return added, err
	}, done: func() { p.w.openProject(engine.ProjectRow{Project: project, Mailboxes: len(list)}) }})
}

// addPage is the page on which mailboxes are added to a project.
type addPage struct {
	*formPage
	mailboxes *mailboxEditor
}

// addMailboxes opens the page on which mailboxes are added to a project.
func (w *Window) addMailboxes(project engine.Project) {
	p := &addPage{mailboxes: newMailboxEditor(w)}
	back := func() { w.openProject(engine.ProjectRow{Project: project}) }
	p.formPage = newFormPage(w, wording.T("add.title", "Name", wording.Display(project.Name, 60)), wording.T("add.save"), func() {
		list, ok := p.mailboxes.values()
		if !ok {
			return
		}
		w.enrol(enrolling{list: list, add: func(ctx context.Context, list []engine.Enrolment, progress func(int, int)) ([]engine.Mailbox, error) {
			return w.parts.Enroller.Add(ctx, project.ID, list, progress)
		}, done: back})
	}, back, section(wording.T("form.mailboxes"), p.mailboxes.whole))
	p.first = p.mailboxes.grid.rows[0].fields[0]
	w.enter(p)
}

func (p *addPage) drop(files []fyne.URI) { p.mailboxes.drop(files) }

// enrolling is mailboxes to add: how, and what comes after.
type enrolling struct {
	list []engine.Enrolment
	add  func(ctx context.Context, list []engine.Enrolment, progress func(done, total int)) ([]engine.Mailbox, error)
	done func()
}

// enrol keeps mailboxes and their passwords, showing how far it is. Where no keychain takes the passwords it offers to use them for
// this run only.
func (w *Window) enrol(e enrolling) {
	bar := widget.NewProgressBar()
	shown := w.showBox(box{title: wording.T("enrol.title"), fixed: true,
		content: container(layout.NewCustomPaddedVBoxLayout(8), paragraph(wording.T("enrol.text", "Count", len(e.list)), 380), bar)})
	progress := func(done, total int) {
		w.later(func() { bar.SetValue(float64(done) / float64(total)) })
	}
	ask(w, nil, func(ctx context.Context) ([]engine.Mailbox, error) { return e.add(ctx, e.list, progress) },
		func(_ []engine.Mailbox, err error) {
			shown.close()
			w.enrolled(err, e.done, func() { w.enrolForRun(e) })
		})
}

// enrolled goes on after secrets were to be kept: done when they are, forRun when the user wants them for this run only.
func (w *Window) enrolled(err error, done, forRun func()) {
	if err == nil {
		done()
		return
	}
	w.parts.Log.Warn("keep passwords", "error", err)
	t := wording.TroubleOf(err, "")
	if !t.KeychainClosed() {
		w.tellTrouble(t)
		return
	}
	w.confirm(inquiry{title: t.Sentence(), text: wording.T("enrol.forrun.text"), yes: wording.T("enrol.forrun.yes")}, forRun)
}

// enrolForRun adds the mailboxes without their secrets and remembers those until the program closes.
func (w *Window) enrolForRun(e enrolling) {
	bare := make([]engine.Enrolment, len(e.list))
	for i, m := range e.list {
		bare[i] = engine.Enrolment{Mailbox: m.Mailbox}
	}
	ask(w, nil, func(ctx context.Context) ([]engine.Mailbox, error) { return e.add(ctx, bare, nil) },
		func(added []engine.Mailbox, err error) {
			if err != nil {
				w.tell(err, "")
				return
			}
			for i, m := range added {
				w.secrets[m.ID] = e.list[i].Secrets
			}
			e.done()
		})
}
