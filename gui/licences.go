package gui

import (
	"fyne.io/fyne/v2"
	scrolls "fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/assets"
	"mwiz/gui/wording"
)

// licenceColumns are the columns of the list of licences.
var licenceColumns = columns{
	{title: "licences.part", width: 300, stretch: true},
	{title: "licences.version", width: 150},
	{title: "licences.licence", width: 120},
}

// licenceRow is a line of the list of licences.
type licenceRow struct {
	row
	name, version, licence *text
}

func newLicenceRow() *licenceRow {
	r := &licenceRow{name: mainText(), version: mainText(), licence: mainText()}
	r.version.color = colorMuted
	r.columns, r.height = licenceColumns, 26
	r.cells = []fyne.CanvasObject{r.name, r.version, r.licence}
	r.ExtendBaseWidget(r)
	return r
}

// showLicences lists what the program is made of, and the licence of the selected part below.
func (w *Window) showLicences() {
	all := assets.Licences()
	words := widget.NewLabel("")
	words.TextStyle.Monospace = true
	words.SizeName = theme.SizeNameCaptionText
	scroll := scrolls.NewScroll(words)
	list := newKeyList(func() int { return len(all) }, func() fyne.CanvasObject { return newLicenceRow() }, func(i int, o fyne.CanvasObject) {
		r := o.(*licenceRow)
		r.name.say(all[i].Name)
		r.version.say(all[i].Version)
		r.licence.say(all[i].Licence)
	})
	list.key = func(i int) (int64, bool) { return int64(i + 1), true }
	list.find = func(key int64) (int, bool) { return int(key - 1), true }
	list.chose = func(i int) {
		words.SetText(all[i].Text)
		scroll.ScrollToTop()
	}
	table := between(newHeader(licenceColumns, nil, nil).content(), nil, list)
	halves := container(layout.NewGridLayoutWithRows(2), table, framed(scroll))
	shown := w.showBox(box{title: wording.T("licences.title"), content: halves, size: fyne.NewSize(760, 620), first: list,
		buttons: []boxButton{{label: wording.T("dialog.close"), strong: widget.HighImportance}}})
	list.other = shown.typed
	list.open = func(int) { shown.accept() }
	list.choose(0)
}
