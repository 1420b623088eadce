package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// mailboxEditor is where the mailboxes of a project are entered: typed into a grid, and read from a file.
type mailboxEditor struct {
	w        *Window
	grid     *mailboxGrid
	file     string // name of the file that was read
	imported []engine.Enrolment
	title    *text
	problems *fyne.Container
	list     *fyne.Container
	panel    *fyne.Container
	problem  *text
	whole    *fyne.Container
}

func newMailboxEditor(w *Window) *mailboxEditor {
	e := &mailboxEditor{w: w, grid: newMailboxGrid(), title: boldText(), problem: newText(theme.SizeNameText, colorBad),
		problems: container(layout.NewCustomPaddedVBoxLayout(2))}
	e.problem.Hide()
	importing := widget.NewButtonWithIcon(wording.T("sheet.import"), theme.FolderOpenIcon(), e.choose)
	if w.parts.ReadSheet == nil {
		importing.Disable()
	}
	hint := mainText()
	hint.value, hint.color = wording.T("sheet.hint"), colorMuted
	button := roomy(importing)
	tools := container(layout.NewBorderLayout(nil, nil, nil, button), button, hint)

	e.list = container(layout.NewCustomPaddedVBoxLayout(2))
	remove := newAction(wording.T("sheet.remove"), plain)
	remove.tapped = e.clear
	head := container(layout.NewBorderLayout(nil, nil, nil, remove), remove, e.title)
	e.panel = container(layout.NewCustomPaddedVBoxLayout(6), head, e.problems, e.list)
	e.panel.Hide()
	e.whole = container(layout.NewCustomPaddedVBoxLayout(8), tools, e.problem, e.grid.whole, e.panel)
	return e
}

// choose asks for a file and reads it.
func (e *mailboxEditor) choose() {
	e.w.openFile([]string{".csv", ".txt", ".tsv"}, e.read)
}

// drop reads the first of the files that were dropped.
func (e *mailboxEditor) drop(files []fyne.URI) {
	if len(files) == 0 || e.w.parts.ReadSheet == nil {
		return
	}
	ask(e.w, nil, func(context.Context) (fyne.URIReadCloser, error) { return storage.Reader(files[0]) },
		func(file fyne.URIReadCloser, err error) {
			if err != nil {
				e.w.tell(err, "")
				return
			}
			e.read(file)
		})
}

// sheetAnswer is what a file held.
type sheetAnswer struct {
	list     []engine.Enrolment
	problems []string
}

// read reads mailboxes from a file, streamed, so that its passwords lie in no field of the window.
func (e *mailboxEditor) read(file fyne.URIReadCloser) {
	name := file.URI().Name()
	ask(e.w, nil, func(context.Context) (sheetAnswer, error) {
		defer file.Close()
		list, problems, err := e.w.parts.ReadSheet(file)
		return sheetAnswer{list, problems}, err
	}, func(a sheetAnswer, err error) {
		if err != nil {
			e.w.tell(&engine.Error{Op: "read " + name, Kind: engine.Other, Text: fmt.Sprintf("%s: %v", name, err), Err: err}, "")
			return
		}
		e.file, e.imported = name, a.list
		e.showImported(a.problems)
	})
}

// clear forgets what was imported.
func (e *mailboxEditor) clear() {
	e.file, e.imported = "", nil
	e.showImported(nil)
}

// problemsShown and importedShown are how many lines are shown of a file's problems and of its mailboxes.
const (
	problemsShown = 6
	importedShown = 8
)

func (e *mailboxEditor) showImported(problems []string) {
	e.title.say(wording.T("sheet.title", "File", wording.Display(e.file, 60), "Count", len(e.imported)))
	e.problems.Objects = nil
	for i, p := range problems {
		line := newText(theme.SizeNameText, colorBad)
		line.value = wording.Display(p, 200)
		if i == problemsShown {
			line.value = wording.T("sheet.more", "Count", len(problems)-i)
		}
		e.problems.Add(line)
		if i == problemsShown {
			break
		}
	}
	e.list.Objects = nil
	for i, m := range e.imported {
		if i == importedShown {
			rest := smallText()
			rest.value = wording.T("sheet.rest", "Count", len(e.imported)-i)
			e.list.Add(rest)
			break
		}
		r := newImportedRow()
		r.show(m)
		e.list.Add(r)
	}
	e.say("")
	visible(e.panel, e.file != "")
	e.whole.Refresh()
}

// say shows what is wrong with the mailboxes as a whole.
func (e *mailboxEditor) say(problem string) bool {
	e.problem.say(problem)
	visible(e.problem, problem != "")
	e.whole.Refresh()
	return problem == ""
}

// first returns a side's account of the first mailbox that has a password for it.
func (e *mailboxEditor) first(side engine.Side) (string, engine.Secret) {
	for _, m := range append(e.grid.entered(), e.imported...) {
		if s := m.Secrets.On(side); !s.Empty() && m.On(side).User != "" {
			return m.On(side).User, s
		}
	}
	return "", engine.Secret{}
}

// values returns all mailboxes, and false after showing what is wrong.
func (e *mailboxEditor) values() ([]engine.Enrolment, bool) {
	known := map[string]bool{}
	twice := ""
	for _, m := range e.imported {
		address := strings.ToLower(m.Source.Address)
		if known[address] && twice == "" {
			twice = m.Source.Address
		}
		known[address] = true
	}
	typed, ok := e.grid.values(known)
	list := append(typed, e.imported...)
	switch {
	case twice != "":
		return nil, e.say(wording.T("grid.twice", "Address", wording.Display(twice, 60)))
	case ok && len(list) == 0:
		return nil, e.say(wording.T("grid.none"))
	}
	e.say("")
	return list, ok
}

// importedRow is a mailbox that was read from a file.
type importedRow struct {
	widget.BaseWidget
	source, destination, secrets *text
}

func newImportedRow() *importedRow {
	r := &importedRow{source: mainText(), destination: mainText(), secrets: mainText()}
	r.secrets.color = colorMuted
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *importedRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container(layout.NewGridLayoutWithColumns(3), r.source, r.destination, r.secrets))
}

func (r *importedRow) show(m engine.Enrolment) {
	r.source.say(wording.Display(m.Source.Address, 120))
	r.destination.say(wording.Display(m.Destination.Address, 120))
	switch {
	case m.Secrets.Source.Empty() && m.Secrets.Destination.Empty():
		r.secrets.say(wording.T("sheet.nopasswords"))
	case m.Secrets.Source.Empty() || m.Secrets.Destination.Empty():
		r.secrets.say(wording.T("sheet.onepassword"))
	default:
		r.secrets.say(wording.T("sheet.passwords"))
	}
}
