//go:build e2e && !nogui

package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"mwiz/gui/guitest"
)

// serveTree answers GET /tree on the socket $E2E_SOCKET with every text that can be seen, what lies on top first, so that a
// test knows where to click. It is in no program that is shipped.
func serveTree() {
	listener, err := net.Listen("unix", os.Getenv("E2E_SOCKET"))
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tree", func(w http.ResponseWriter, _ *http.Request) {
		var seen picture
		fyne.DoAndWait(func() { seen = visible() })
		_ = json.NewEncoder(w).Encode(seen)
	})
	go func() { panic(http.Serve(listener, mux)) }()
}

// visible returns what all windows show, and the size of the last one. It runs on the window's goroutine.
func visible() (seen picture) {
	driver := fyne.CurrentApp().Driver()
	for _, window := range driver.AllWindows() {
		if window.Title() == trayWindow {
			continue
		}
		pixel := func(f float32) float64 { return float64(f * window.Canvas().Scale()) }
		seen.W, seen.H = pixel(window.Canvas().Size().Width), pixel(window.Canvas().Size().Height)
		layers := window.Canvas().Overlays().List()
		for i := len(layers) - 1; i >= -1; i-- {
			layer := window.Content()
			if i >= 0 {
				layer = layers[i]
			}
			guitest.Walk(layer, func(o fyne.CanvasObject) {
				t, ok := o.(*canvas.Text)
				if p, s := driver.AbsolutePositionForObject(o), o.Size(); ok && t.Text != "" && !p.IsZero() { // zero: not laid out yet
					seen.Nodes = append(seen.Nodes, node{t.Text, pixel(p.X), pixel(p.Y), pixel(s.Width), pixel(s.Height)})
				}
			})
		}
	}
	return seen
}
