//go:build !nogui

package main

import "golang.org/x/sys/windows"

// message tells the user one sentence where there is neither a window of ours nor a console.
func message(text string) {
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return
	}
	title, err := windows.UTF16PtrFromString(appName)
	if err != nil {
		return
	}
	_, _ = windows.MessageBox(0, body, title, windows.MB_OK|windows.MB_ICONERROR|windows.MB_SETFOREGROUND)
}
