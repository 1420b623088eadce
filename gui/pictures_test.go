package gui

import (
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/engine"
)

// scenes are the views worth looking at.
var scenes = []struct {
	name string
	book func() *book
	show func(*rig)
}{
	{"welcome", func() *book { return &book{} }, func(*rig) {}},
	{"projects", sample, func(*rig) {}},
	{"projects-working", sample, func(r *rig) { r.show(atWork()) }},
	{"mailboxes", sample, func(r *rig) { r.open(0) }},
	{"mailboxes-working", sample, func(r *rig) { r.show(atWork()); r.open(0) }},
	{"passes", sample, func(r *rig) { r.open(0).command(cmdTab2); r.pick(7) }},
	{"errors", sample, func(r *rig) { r.open(0).command(cmdTab3) }},
	{"form", sample, func(r *rig) { r.startForm() }},
	{"form-filled", sample, func(r *rig) { r.fill() }},
	{"settings", sample, func(r *rig) { r.editProject(r.book.projects[0].Project) }},
	{"passwords", sample, func(r *rig) { r.open(0); r.askPasswords(r.book.mailboxes[0].Mailbox) }},
	{"closing", sample, func(r *rig) { r.show(atWork()); r.close() }},
	{"details", sample, func(r *rig) { p := r.open(0); p.mailboxes.details(r.book.mailboxes[3]) }},
	{"failure", sample, func(r *rig) { p := r.open(0); p.failures.details(r.book.failures[0]) }},
	{"menu", sample, func(r *rig) { r.projects.list.choose(1); r.projects.list.popUp(1, fyne.NewPos(900, 200)) }},
	{"refused", sample, func(r *rig) {
		r.desk.started.Refused = map[engine.MailboxID]error{1: engine.ErrPassLimit, 2: engine.ErrPassLimit}
		r.start(r.book.projects[0].Project, engine.NewItems)
	}},
	{"removed", verified, func(r *rig) { r.open(0).command(cmdTab2) }},
	{"again", verified, func(r *rig) { r.open(0).passes.folders.copyAgain() }},
	{"rebuild", sample, func(r *rig) { r.rebuild(r.book.projects[0]) }},
	{"project-menu", sample, func(r *rig) { r.projects.list.choose(0); r.projects.list.popUp(0, fyne.NewPos(1000, 150)) }},
	{"failure-menu", sample, func(r *rig) { p := r.open(0); p.command(cmdTab3); p.failures.list.popUp(0, fyne.NewPos(300, 300)) }},
	{"saving", sample, func(r *rig) { p := r.open(0); p.command(cmdTab3); p.failures.saveAs(r.book.failures[0]) }},
	{"narrow", sample, func(r *rig) { r.window.Resize(fyne.NewSize(960, 640)) }},
	{"broken", func() *book {
		b := sample()
		b.broken = &engine.Error{Op: "read projects", Kind: engine.Broken, Text: "disk I/O error"}
		return b
	}, func(*rig) {}},
}

// open opens a project of the book.
func (r *rig) open(i int) *projectPage {
	r.openProject(r.book.projects[i])
	return r.view.(*projectPage)
}

// pick chooses a pass of the open project.
func (r *rig) pick(i int) { r.view.(*projectPage).passes.list.choose(i) }

// fill fills the form in, with mistakes.
func (r *rig) fill() *newProject {
	r.startForm()
	p := r.view.(*newProject)
	p.name.SetText("Sonnenschein Bakery")
	p.source.provider.SetSelectedIndex(1)
	p.destination.host.SetText("mail.new-host.example")
	p.destination.encryption.SetSelectedIndex(2)
	for i, one := range people[:3] {
		p.mailboxes.grid.rows[i].fields[sourceAddress].SetText(one + "@old-host.example")
		p.mailboxes.grid.rows[i].fields[sourcePassword].SetText("secret")
		if i != 1 {
			p.mailboxes.grid.rows[i].fields[destinationAddress].SetText(one + "@sonnenschein.example")
		}
	}
	p.mailboxes.file = "bakery.csv"
	for _, one := range people[3:] {
		p.mailboxes.imported = append(p.mailboxes.imported, engine.Enrolment{Mailbox: mailboxOf(0, 0, one), Secrets: engine.Secrets{Source: engine.NewSecret("x")}})
	}
	p.mailboxes.showImported([]string{"Line 7: no destination address."})
	p.submit()
	return p
}

// mustScene opens a window and brings it to a scene. Every one fits into a small window.
func mustScene(t *testing.T, name string, look Appearance) *rig {
	t.Helper()
	for _, scene := range scenes {
		if scene.name == name {
			r := mustWindow(t, scene.book())
			r.app.Settings().SetTheme(Theme{look})
			scene.show(r)
			r.settle()
			if s := r.window.Content().MinSize(); s.Width > 1000 || s.Height > 560 {
				t.Errorf("%s needs at least %v", name, s)
			}
			return r
		}
	}
	t.Fatalf("no scene %q", name)
	return nil
}

// TestPictures writes every view, light and dark, into the folder that MWIZ_PICTURES names.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MWIZ_PICTURES")
	if dir == "" {
		t.Skip("MWIZ_PICTURES names no folder")
	}
	for _, scene := range scenes {
		for name, look := range map[string]Appearance{"light": Light, "dark": Dark} {
			r := mustScene(t, scene.name, look)
			f, err := os.Create(filepath.Join(dir, scene.name+"-"+name+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, r.window.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Every scene can be shown, those too that are held as neither markup nor picture.
func TestScenes(t *testing.T) {
	for _, scene := range scenes {
		if !slices.Contains(markups, scene.name) {
			mustScene(t, scene.name, Light)
		}
	}
}
