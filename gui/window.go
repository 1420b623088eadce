// Package gui is the window: views that are functions of a picture of the work and of what the ledger says. It knows neither the
// ledger nor the mail protocol, only ports.
//
// The views run on Fyne's goroutine. Whatever takes time runs through ask, and the pictures come through Follow; nothing else crosses over.
package gui

import (
	"context"
	"io"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/gui/wording"
)

// Parts is what a window is made of.
type Parts struct {
	App      fyne.App
	Fonts    <-chan struct{} // closed when App's fonts have been read, see ReadFonts; nil: they are read when they are needed
	Book     Book
	Work     Work
	Enroller engine.Enroller
	Log      *slog.Logger // nil: nothing is logged
	Version  string
	SignIns  SignIns // nil: nobody signs in at identity providers

	// Find looks for the mail service of an address; nil where nobody is asked. It fails with discover.ErrAddress, or when ctx ends.
	Find func(ctx context.Context, address string) (discover.Answer, error)
	// ReadSheet reads a table of mailboxes with a header (CSV, or as a spreadsheet copies it).
	ReadSheet func(io.Reader) ([]SheetRow, error)
	// Sandbox opens the sandbox; nil where there is none to offer.
	Sandbox func(context.Context) error
	// Memory is how the window was arranged when it last closed; Remember writes down how it is now. Both may be nothing.
	Memory   Memory
	Remember func(Memory) error
	// Prefer has the user's preferences take effect; nil: nothing depends on them.
	Prefer func(Preferences)
	// Tray shows a menu beside the clock; nil where there is no place for it.
	Tray func(*fyne.Menu)
	// Support writes a support bundle, and Guide returns where the user's guide can be read; nil where there is none.
	Support func(context.Context, io.Writer) error
	Guide   func(context.Context) (path string, err error)
	// LogFolder is where the log lies; "" where there is none.
	LogFolder string
	// Quit stops the work in order and returns when it has stopped. The window calls it before it closes.
	Quit func(context.Context)
	// Interrupted is how many passes the last run of the program left unfinished.
	Interrupted int
	// Now is the clock; nil: the system's.
	Now func() time.Time
}

// Window is the program's window.
type Window struct {
	parts  Parts
	ctx    context.Context // the toolkit's callbacks carry none; this one ends with the program
	window fyne.Window
	spawn  func(func()) // runs something off the window's goroutine

	snap     engine.Snapshot
	secrets  map[engine.MailboxID]engine.Secrets // entered for this run only
	shared   map[engine.ProjectID]engine.Secrets // of all mailboxes of a project, likewise
	renewals map[engine.MailboxID]renewal        // secrets that were entered since the program started
	pinned   map[engine.ProjectID]renewal        // keys that were trusted from a mailbox's row, likewise
	starting map[engine.ProjectID]bool           // asked to start, not yet in the ledger
	presets  []assets.Preset

	memory Memory // as of the last change

	endings map[engine.ProjectID]*batch // passes that ended, of projects that are still busy

	plans     question
	schedules map[engine.ProjectID]engine.Schedule // as last read
	answered  map[engine.ProjectID]time.Time       // missed passes that the user was asked about

	tray   tray
	hidden bool // the window is not on the screen, and the work goes on

	menu     *fyne.MainMenu
	commands map[*fyne.MenuItem]command // items that make sense only at times
	body     *fyne.Container
	status   *statusBar
	projects *projectsView
	view     view // what is shown
	asking   bool // the question before closing is on the screen
	closing  bool
}

// view is one page of the window.
type view interface {
	content() fyne.CanvasObject
	show(engine.Snapshot) // a new picture of the work
	reload()              // reads the ledger again
	redate()              // time has passed
	focus()               // takes the keyboard
	back()                // goes where one came from
	command(command)      // from menu and keyboard
	can(command) bool     // whether it makes sense now
}

// command is what the main menu and the shortcuts ask of a view.
type command uint8

const (
	cmdMigrate command = iota
	cmdStop
	cmdPreview
	cmdRetry
	cmdOpen
	cmdEdit
	cmdAdd
	cmdDelete
	cmdFind
	cmdSave
	cmdNext
	cmdSort
	cmdReport
	cmdReceipt
	cmdSchedule
	cmdNextTab
	cmdLastTab
	cmdTab1
	cmdTab2
	cmdTab3
	cmdTab4
)

// New makes the program's window with My Migrations in it. ctx ends with the program. The caller shows the window
// (see Native) and runs Follow.
func New(ctx context.Context, p Parts) *Window {
	return newWindow(ctx, p, func(f func()) { go f() })
}

// newWindow is New with a way to run something off the window's goroutine.
func newWindow(ctx context.Context, p Parts, spawn func(func())) *Window {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Fonts == nil {
		p.App.Settings().SetTheme(Theme{})
	}
	w := &Window{parts: p, memory: p.Memory, ctx: ctx, window: p.App.NewWindow("mwiz-desktop"), spawn: spawn,
		secrets: map[engine.MailboxID]engine.Secrets{}, renewals: map[engine.MailboxID]renewal{}, pinned: map[engine.ProjectID]renewal{}, shared: map[engine.ProjectID]engine.Secrets{}, starting: map[engine.ProjectID]bool{}, endings: map[engine.ProjectID]*batch{}}
	if p.Fonts != nil {
		<-p.Fonts
	}
	var err error
	if w.presets, err = assets.Presets(); err != nil {
		p.Log.Error("presets", "error", err)
	}
	w.body = container(layout.NewStackLayout())
	w.status = newStatusBar(p.Version)
	if p.Interrupted > 0 {
		w.notice(wording.T("statusbar.interrupted", "Count", p.Interrupted))
	}
	w.window.SetPadded(false)
	w.window.SetContent(between(nil, w.status.bar, w.body))
	w.window.SetCloseIntercept(w.close)
	w.window.Canvas().SetOnTypedKey(w.typed)
	w.window.SetOnDropped(w.dropped)
	w.window.Resize(p.Memory.sizeOf())
	w.window.CenterOnScreen()
	w.projects = newProjectsView(w)
	w.enter(w.projects)
	w.applyPreferences()
	w.startTray()
	return w
}

// Native returns the toolkit's window.
func (w *Window) Native() fyne.Window { return w.window }

// enter shows a view.
func (w *Window) enter(v view) {
	w.view = v
	w.body.Objects = []fyne.CanvasObject{v.content()}
	w.body.Refresh()
	v.show(w.snap)
	v.reload()
	v.focus()
	w.setMenu()
	w.readSchedules()
}

// iconPNG returns the program's icon for showing inside the window.
func iconPNG() []byte { return assets.Icon() }

// home shows My Migrations.
func (w *Window) home() { w.enter(w.projects) }

// now returns the time.
func (w *Window) now() time.Time { return w.parts.Now() }

// show takes a new picture of the work.
func (w *Window) show(s engine.Snapshot) {
	before := w.snap
	w.snap = s
	w.noticeEnds(before, s)
	w.status.show(s)
	w.showTray()
	w.view.show(s)
	if s.Revision != before.Revision {
		w.view.reload()
		w.readSchedules()
	}
}

// redate shows anew what depends on the time of day.
func (w *Window) redate() { w.view.redate() }

// changed reads the ledger again after the window wrote to it.
func (w *Window) changed() { w.view.reload() }

// typed takes the keys that nothing with the focus takes.
func (w *Window) typed(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyF1:
		if w.parts.Guide != nil && w.free() {
			w.openGuide()
		}
	case fyne.KeyF5:
		w.view.reload()
	case fyne.KeyEscape:
		w.view.back()
	case fyne.KeyDelete:
		w.view.command(cmdDelete)
	}
}

// dropped takes files that were dropped onto the window.
func (w *Window) dropped(_ fyne.Position, files []fyne.URI) {
	if v, ok := w.view.(interface{ drop([]fyne.URI) }); ok && w.free() {
		v.drop(files)
	}
}
