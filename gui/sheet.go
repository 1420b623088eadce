package gui

import (
	"context"
	"fmt"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// SheetRow is a line of a table of mailboxes.
type SheetRow struct {
	engine.Enrolment
	Problem string // why the line cannot be used, one sentence; "" when it can
}

// mailboxEditor is where the mailboxes of a project are entered: typed, pasted from a spreadsheet, or read from a file.
type mailboxEditor struct {
	w     *Window
	grid  *grid
	known map[string]engine.Mailbox // of the project that are not in the grid, by source login in lower case
	words *text
	look  *keyButton // leads to what is wrong
	model *keyButton // saves an example, while nothing is entered
	whole fyne.CanvasObject
}

func newMailboxEditor(w *Window) *mailboxEditor {
	e := &mailboxEditor{w: w, grid: newGrid(w.window.Canvas()), words: mainText()}
	e.grid.changed, e.grid.other = e.changed, w.typed
	if w.parts.ReadSheet != nil {
		e.grid.read = e.pasted
	}
	e.words.color = colorMuted
	e.look = newButton(wording.T("grid.look"), e.showWrong)
	e.look.Importance = widget.LowImportance
	e.model = newButton(wording.T("sheet.example"), e.example)
	e.model.Importance = widget.LowImportance
	importing := newIconButton(wording.T("sheet.import"), theme.FolderOpenIcon(), e.choose)
	enable(importing, w.parts.ReadSheet != nil)
	remove := newIconButton(wording.T("grid.remove"), theme.ContentRemoveIcon(), e.removeRow)
	tools := newTools(e.words, container(layout.NewStackLayout(), e.look, e.model), remove, importing) // the first two are never seen together
	e.whole = between(tools, nil, e.grid)
	e.changed()
	return e
}

// forProject greys the passwords that nobody needs to sign in by.
func (e *mailboxEditor) forProject(p engine.Project) {
	e.grid.bar(!p.Source.Access.Method.TakesPassword(), !p.Destination.Access.Method.TakesPassword())
}

// changed says how many mailboxes there are.
func (e *mailboxEditor) changed() {
	n, wrong := e.grid.count()
	words, color := wording.T("sheet.hint"), fyne.ThemeColorName(colorMuted)
	if n > 0 {
		words = wording.T("mailboxes.count", "Count", n)
	}
	if wrong > 0 {
		words, color = words+"   ·   "+wording.T("grid.wrong", "Count", wrong), colorBad
	}
	e.words.show(words, color)
	if e.look.Visible() != (wrong > 0) || e.model.Visible() != (n == 0) {
		visible(e.look, wrong > 0)
		visible(e.model, n == 0)
		if e.whole != nil {
			e.whole.Refresh()
		}
	}
}

// showWrong makes the next cell that is wrong the active one.
func (e *mailboxEditor) showWrong() {
	g := e.grid
	for i := range g.rows {
		if row := (g.row + 1 + i) % len(g.rows); g.rows[row].problem != "" {
			g.activate(row, g.rows[row].bad)
			g.focus()
			return
		}
	}
}

// removeRow takes the active row away.
func (e *mailboxEditor) removeRow() {
	if !e.grid.rows[e.grid.row].blank() {
		e.grid.remove(e.grid.row)
	}
	e.grid.focus()
}

// valid says what is wrong and reports whether nothing is.
func (e *mailboxEditor) valid() bool {
	first := e.grid.judge(e.known)
	if first < 0 {
		return true
	}
	e.grid.activate(first, e.grid.rows[first].bad)
	e.grid.focus()
	return false
}

// first returns a side's account of the first mailbox that has a password for it.
func (e *mailboxEditor) first(side engine.Side) (string, engine.Secret) {
	for _, r := range e.grid.entered() {
		if s := r.secrets().On(side); !s.Empty() && r.account(side).User != "" {
			return r.account(side).User, s
		}
	}
	return "", engine.Secret{}
}

// firstAddress returns the first address of a side that is entered; "" where there is none.
func (e *mailboxEditor) firstAddress(side engine.Side) string {
	for _, r := range e.grid.entered() {
		if a := r.account(side).Address; strings.Contains(a, "@") {
			return a
		}
	}
	return ""
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

// read adds the mailboxes of a file.
func (e *mailboxEditor) read(file fyne.URIReadCloser) {
	name := file.URI().Name()
	ask(e.w, nil, func(context.Context) ([]SheetRow, error) {
		defer file.Close()
		return e.w.parts.ReadSheet(file)
	}, func(rows []SheetRow, err error) {
		if err != nil {
			e.w.parts.Log.Warn("no list of mailboxes", "error", err)
			e.w.tellTrouble(wording.TroubleOfSheet(fmt.Sprintf("%s: %v", name, err)))
			return
		}
		e.add(rows)
	})
}

// pasted takes a table that has a header, as it stands in a file, and reports whether it was one.
func (e *mailboxEditor) pasted(lines string) bool {
	rows, err := e.w.parts.ReadSheet(io.Reader(strings.NewReader(lines)))
	if err != nil {
		return false
	}
	e.add(rows)
	return true
}

// add puts rows behind those that are there, and says what is wrong with them. One of a mailbox that is there already takes its place: a list that
// was corrected may be read again.
func (e *mailboxEditor) add(rows []SheetRow) {
	known := map[string]*gridRow{}
	for _, r := range e.grid.entered() {
		known[strings.ToLower(r.account(engine.Source).User)] = r
	}
	var list []*gridRow
	problems, replaced := map[*gridRow]string{}, 0
	for _, r := range rows {
		one := newGridRow(r.Mailbox, r.Secrets)
		if there := known[strings.ToLower(r.Mailbox.Source.User)]; there != nil && r.Problem == "" {
			there.take(one)
			replaced++
			continue
		}
		list = append(list, one)
		problems[one] = r.Problem
	}
	e.grid.add(list)
	judgeRows(e.grid.rows, e.known)
	for _, one := range list {
		if one.problem == "" {
			one.problem = problems[one]
		}
	}
	e.grid.renew()
	e.changed()
	if replaced > 0 {
		e.words.say(e.words.value + "   ·   " + wording.T("sheet.replaced", "Count", replaced))
	}
	e.grid.focus()
}

// exampleSheet is a list of mailboxes to begin with, with the columns that other migration tools have.
const exampleSheet = "Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\r\n" +
	"anna@old.example,,password there,anna@new.example,,password here,\r\n" +
	"ben@old.example,,password there,ben@new.example,,password here,\r\n"

// example saves a list to fill in.
func (e *mailboxEditor) example() {
	e.w.saveFile(wording.T("sheet.example"), "mailboxes.csv", func(file fyne.URIWriteCloser) {
		do(e.w, func(context.Context) error {
			return fill(file, func(out io.Writer) error { _, err := io.WriteString(out, exampleSheet); return err })
		}, func(err error) {
			if err != nil {
				e.w.tell(err, "")
				return
			}
			e.w.notice(wording.T("sheet.example.saved", "File", wording.Display(file.URI().Name(), 120)))
		})
	})
}
