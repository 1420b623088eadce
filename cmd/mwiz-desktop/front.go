//go:build !nogui

package main

import "fyne.io/fyne/v2"

// bringToFront shows the window to a user who has started the program a second time.
func bringToFront() {
	if fyne.CurrentApp() == nil {
		return // it is about to open
	}
	fyne.Do(func() {
		for _, w := range fyne.CurrentApp().Driver().AllWindows() {
			if w.Content() != nil && w.Title() != trayWindow {
				w.Show()
				w.RequestFocus()
			}
		}
	})
}

// trayWindow is what Fyne calls a window that nobody is to see: by it, it hears of the end of the session.
const trayWindow = "SystrayMonitor"

// complain tells a user who expects a window why there is none.
func complain(text string) { message(text) }
