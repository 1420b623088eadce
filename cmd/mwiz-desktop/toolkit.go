//go:build !nogui

package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"mwiz/assets"
	"mwiz/gui"
)

// toolkit is the application that windows belong to, of which there is one in a process, while its start goes on.
type toolkit struct {
	app   fyne.App
	fonts <-chan struct{} // closed when they have been read; until then, nothing measures text
	shown chan struct{}   // closed when a window is on the screen, or is not to be
}

// startToolkit begins what takes longest before a window can be made, so that it goes on beside what else is to be done. It must be called on the main goroutine.
func startToolkit() *toolkit {
	t := &toolkit{shown: make(chan struct{})}
	icon := fyne.NewStaticResource("icon.png", assets.SmallIcon())
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: appName, Version: version, Icon: icon})
	t.app = app.NewWithID(appID)
	t.app.SetIcon(icon)
	t.fonts = gui.ReadFonts(t.app)
	return t
}
