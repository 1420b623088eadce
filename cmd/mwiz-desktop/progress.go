package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/rivo/uniseg"
	"golang.org/x/term"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// screen is the last few lines of a terminal, drawn again and again.
type screen struct {
	out  io.Writer
	size func() (width, height int)

	mu    sync.Mutex
	drawn int // lines on the screen
}

// screen returns where to draw progress, nil where nobody watches.
func (p *program) screen() *screen {
	f, ok := p.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || p.env("TERM") == "dumb" || !enableEscapes(f) {
		return nil
	}
	return &screen{out: f, size: func() (int, int) {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 80, 24
		}
		return width, height
	}}
}

// show draws lines in place of those drawn before. No line may be wider than the screen.
func (s *screen) show(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draw(lines)
}

// clear takes away what was drawn.
func (s *screen) clear() { s.show(nil) }

// above writes a line that stays, in place of what was drawn.
func (s *screen) above(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draw([]string{line})
	s.drawn = 0
}

// draw needs mu. \x1b[nA goes n lines up, \x1b[K empties the rest of the line, \x1b[J that of the screen.
func (s *screen) draw(lines []string) {
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", s.drawn)
	}
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\r\n")
	}
	if s.drawn > 0 { // also what the user has typed below
		b.WriteString("\x1b[J")
	}
	s.drawn = len(lines)
	_, _ = io.WriteString(s.out, b.String())
}

// The widths of a bar's parts; a name is as wide as the widest, up to nameWidth.
const (
	nameWidth = 40
	barWidth  = 20
)

// bars draws the passes under way, one line each as far as the screen is high, and a line for all of them.
func bars(s engine.Snapshot, names map[engine.MailboxID]string, width, height int) []string {
	var lines []string
	waiting, column := 0, 0
	for _, pass := range s.Passes {
		column = max(column, min(nameWidth, uniseg.StringWidth(wording.Display(names[pass.Mailbox], 80))))
	}
	for _, pass := range s.Passes {
		if pass.State == engine.Queued || len(lines) >= max(1, height-3) {
			waiting++
			continue
		}
		lines = append(lines, fit(bar(pass, names[pass.Mailbox], column), width-1))
	}
	if len(s.Passes) == 0 {
		return nil
	}
	messages, bytes := wording.Rate(s.Messages, s.Bytes)
	parts := []string{messages, bytes}
	if left := wording.Left(s.Left); left != "" {
		parts = append(parts, left)
	}
	if waiting > 0 {
		parts = append(parts, wording.T("cli.waiting", "Count", waiting))
	}
	return append(lines, fit(strings.Join(parts, "  "), width-1))
}

// bar draws one pass, with the name of its mailbox in a column of that width.
func bar(p engine.Progress, name string, column int) string {
	name = fit(wording.Display(name, 80), column)
	name += strings.Repeat(" ", column-uniseg.StringWidth(name))
	fraction, known := p.Fraction()
	full := int(fraction * barWidth)
	drawn := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	if !known {
		return fmt.Sprintf("%s %s      %s", name, drawn, wording.Doing(p))
	}
	return fmt.Sprintf("%s %s %3d%%  %s/%s  %s", name, drawn, int(fraction*100), wording.Number(p.Done), wording.Number(p.Total), wording.Doing(p))
}

// fit cuts s to a number of columns of a terminal.
func fit(s string, columns int) string {
	if uniseg.StringWidth(s) <= columns {
		return s
	}
	var b strings.Builder
	used := 0
	state := -1
	for s != "" {
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		if used+width > columns-1 {
			break
		}
		b.WriteString(cluster)
		used += width
	}
	return b.String() + "…"
}
