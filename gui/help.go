package gui

import (
	"context"
	"io"
	"net/url"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/gui/wording"
)

// tourStops are the sentences of the tour, in their order.
var tourStops = []string{"tour.first", "tour.again", "tour.here"}

// showTour tells in three sentences how a migration goes.
func (w *Window) showTour() {
	list := container(layout.NewCustomPaddedVBoxLayout(12))
	for i, id := range tourStops {
		number := wholeText(wording.Number(i+1), theme.SizeNameHeadingText, theme.ColorNamePrimary)
		number.style.Bold = true
		left := container(layout.NewVBoxLayout(), container(layout.NewGridWrapLayout(fyne.NewSize(30, 24)), number))
		title := wholeText(wording.T(id+".title"), theme.SizeNameText, theme.ColorNameForeground)
		title.style.Bold = true
		words := container(above{2}, title, paragraph(wording.T(id), 460))
		list.Add(container(layout.NewBorderLayout(nil, nil, left, nil), left, words))
	}
	buttons := []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}
	if w.parts.Sandbox != nil {
		buttons = append([]boxButton{{label: wording.T("welcome.sandbox"), press: func() bool { w.openSandbox(); return true }}}, buttons...)
	}
	w.showBox(box{title: wording.T("tour.title"), content: list, buttons: buttons})
}

// firstTour shows the tour to a user who has not seen it, once.
func (w *Window) firstTour() {
	if w.memory.Toured || w.parts.Remember == nil || !w.free() {
		return
	}
	w.memory.Toured = true
	w.remember()
	w.showTour()
}

// about says what this is.
func (w *Window) about() {
	icon := widget.NewIcon(fyne.NewStaticResource("icon.png", iconPNG()))
	name := wholeText("mwiz-desktop "+w.parts.Version, theme.SizeNameSubHeadingText, theme.ColorNameForeground)
	name.style.Bold = true
	words := container(layout.NewCustomPaddedVBoxLayout(8), name, paragraph(wording.T("about.text"), 340))
	if w.parts.LogFolder != "" {
		words.Add(paragraph(wording.T("about.log", "Folder", wording.Display(w.parts.LogFolder, 200)), 340))
	}
	picture := container(layout.NewVBoxLayout(), container(layout.NewGridWrapLayout(fyne.NewSquareSize(56)), icon))
	var shown *shownBox
	buttons := []boxButton{{label: wording.T("about.licences"), press: func() bool { shown.close(); w.showLicences(); return false }}}
	if w.parts.LogFolder != "" {
		buttons = append(buttons, boxButton{label: wording.T("about.open"), press: func() bool { w.openPath(w.parts.LogFolder); return false }})
	}
	buttons = append(buttons, boxButton{label: wording.T("dialog.close"), strong: widget.HighImportance})
	shown = w.showBox(box{title: wording.T("menu.about"), content: container(beside{room: 16}, picture, words), buttons: buttons})
}

// openPath opens a file or a folder as the system does.
func (w *Window) openPath(path string) {
	path = filepath.ToSlash(path)
	if path == "" || path[0] != '/' { // C:/…
		path = "/" + path
	}
	w.tell(w.parts.App.OpenURL(&url.URL{Scheme: "file", Path: path}), "")
}

// openGuide opens the user's guide.
func (w *Window) openGuide() {
	ask(w, nil, w.parts.Guide, func(path string, err error) {
		if err != nil {
			w.tell(err, "")
			return
		}
		w.openPath(path)
	})
}

// saveSupport asks where to save a support bundle, and saves it there.
func (w *Window) saveSupport() {
	w.saveFile(wording.T("support.title"), "mwiz-support-"+w.now().Format(time.DateOnly)+".zip", func(file fyne.URIWriteCloser) {
		do(w, func(ctx context.Context) error {
			return fill(file, func(out io.Writer) error { return w.parts.Support(ctx, out) })
		}, func(err error) {
			if err != nil {
				w.tell(err, "")
				return
			}
			path := filepath.FromSlash(file.URI().Path())
			var shown *shownBox
			shown = w.showBox(box{title: wording.T("support.done"), content: paragraph(wording.T("support.done.text", "File", wording.Display(path, 200)), 440), buttons: []boxButton{
				{label: wording.T("support.open"), press: func() bool { shown.close(); w.openPath(filepath.Dir(path)); return false }},
				{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
		})
	})
}
