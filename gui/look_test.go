package gui

import (
	"go/parser"
	"go/token"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"context"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// Pictures come through Follow, the latest wins, until the context ends.
func TestFollow(t *testing.T) {
	r := mustWindow(t, sample())
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		r.desk.pictures = make(chan engine.Snapshot)
		ended := false
		go func() { r.Follow(ctx); ended = true }()
		r.desk.pictures <- atWork()
		synctest.Wait()
		want(t, r.busy(1), true)
		r.desk.pictures <- engine.Snapshot{}
		synctest.Wait()
		want(t, r.busy(1), false)
		stop()
		synctest.Wait()
		want(t, ended, true)
	})
}

// Words can be read on everything that they stand on, light and dark.
func TestColoursCanBeRead(t *testing.T) {
	for variant, look := range map[string]Appearance{"light": Light, "dark": Dark} {
		th := Theme{look}
		on := func(name fyne.ThemeColorName) color.NRGBA { return th.Color(name, 0).(color.NRGBA) }
		for _, words := range []fyne.ThemeColorName{theme.ColorNameForeground, colorMuted, colorDone, colorBusy, colorWarn, colorBad, colorLink} {
			for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, colorSurface, theme.ColorNameSelection, theme.ColorNameOverlayBackground} {
				if c := contrast(on(words), on(ground)); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", variant, words, ground, c)
				}
			}
		}
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground} {
			if c := contrast(on(theme.ColorNameInputBorder), on(ground)); c < 3 {
				t.Errorf("%s: the edge of a field on %s has a contrast of %.1f", variant, ground, c)
			}
		}
	}
}

// contrast is WCAG's, of two opaque colours.
func contrast(a, b color.NRGBA) float64 {
	light := func(c color.NRGBA) float64 {
		part := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= .03928 {
				return s / 12.92
			}
			return math.Pow((s+.055)/1.055, 2.4)
		}
		return .2126*part(c.R) + .7152*part(c.G) + .0722*part(c.B)
	}
	x, y := light(a), light(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func TestFit(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{}
	full := fyne.MeasureText("anna@example.com", 13, style).Width
	want(t, fit("anna@example.com", full, 13, style), "anna@example.com")
	cut := fit("anna@example.com", full-20, 13, style)
	want(t, strings.HasPrefix(cut, "anna@ex") && strings.HasSuffix(cut, "…"), true)
	want(t, fit("anna", 1, 13, style), "")
}

// sources returns the package's source files that are no tests.
func sources(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.go")
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	var list []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			list = append(list, f)
		}
	}
	return list
}

// The window builds without cgo, and knows neither the ledger nor the protocol.
func TestImports(t *testing.T) {
	for _, f := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			ours := strings.HasPrefix(path, "mwiz/")
			allowed := path == "mwiz/engine" || path == "mwiz/engine/report" || path == "mwiz/engine/discover" || path == "mwiz/assets" || path == "mwiz/gui/wording"
			if path == "fyne.io/fyne/v2/app" || ours && !allowed {
				t.Errorf("%s imports %s", f, path)
			}
		}
	}
}

// Only two places call into the window's goroutine.
func TestTwoWaysAcross(t *testing.T) {
	for _, f := range sources(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if f != "follow.go" && (strings.Contains(string(text), "fyne.Do(") || strings.Contains(string(text), "fyne.DoAndWait(")) {
			t.Errorf("%s calls into the window's goroutine", f)
		}
	}
}

// Every sentence that the window says is one of the translations'.
func TestEverySentenceIsKnown(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	id := regexp.MustCompile(`"([a-z]+(?:\.[a-z]+)+)"`)
	known := regexp.MustCompile(`^(mwiz\.|icon\.png|imap\.|mailboxes\.csv)`)
	n := 0
	for _, f := range sources(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range id.FindAllStringSubmatch(string(text), -1) {
			if known.MatchString(m[1]) {
				continue
			}
			n++
			if wording.T(m[1], "Count", 2) == m[1] {
				t.Errorf("%s: no sentence %q", f, m[1])
			}
		}
	}
	want(t, n > 150, true)
}

// A narrow window leaves out what can be done without, and never the actions.
func TestColumnsFit(t *testing.T) {
	for _, c := range []columns{projectColumns, mailboxColumns, passColumns, folderColumns, failureColumns, sideColumns, receiptColumns} {
		shown, slack := c.fitting(1280)
		for i := range shown {
			want(t, shown[i], true)
		}
		want(t, slack >= 0, true)
		_, slack = c.fitting(900)
		want(t, slack >= 0, true)
		want(t, c.MinSize(nil).Width <= 900, true)
	}
	shown, _ := projectColumns.fitting(950)
	want(t, shown[0] && shown[2] && shown[6], true)
	want(t, shown[5], false)
}

// The fonts are read in our theme while a window is made, and nothing is left to be read then.
func TestReadFonts(t *testing.T) {
	a := test.NewTempApp(t)
	read := ReadFonts(a)
	want(t, a.Settings().Theme(), fyne.Theme(Theme{}))
	w := a.NewWindow("beside")
	defer w.Close()
	<-read
	w.SetContent(boldText())
	want(t, fyne.MeasureText("Mg", sizes[theme.SizeNameText], fyne.TextStyle{Bold: true}).Width > 0, true)
}
