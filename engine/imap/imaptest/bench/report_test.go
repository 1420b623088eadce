//go:build linux

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// report is all that was measured in one run.
type report struct {
	began                 time.Time
	rounds                int
	parts                 []part
	figures               []figure
	missing               []string // peers that are not on this machine
	peers                 []string // those that are, with their versions
	loadBefore, loadAfter string
}

// text returns the tables, for a terminal and for a page.
func (r *report) text() string {
	var b strings.Builder
	for i := range r.parts {
		p := &r.parts[i]
		fmt.Fprintf(&b, "### %s\n\n%s", p.title(), p.table())
	}
	b.WriteString("### Many, large, small and slow\n\n| | | aim |\n|---|---|---|\n")
	for _, f := range append(r.perMessage(), r.figures...) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.what, f.value, f.aim)
	}
	return b.String() + "\n" + r.noise()
}

// aims are what the program is to reach: seconds, for a first pass times the floor.
var aims = map[string]map[string]float64{
	"far":  {"first pass": 2, "nothing new": 0.35, "50 new": 0.6},
	"near": {"first pass": 2, "nothing new": 0.08},
}

// reached says what was aimed at, and whether it was reached.
func reached(aim string, yes bool) string {
	if yes {
		return aim + ": reached"
	}
	return aim + ": missed"
}

// aim says what a result was aimed at.
func (p *part) aim(r result, floor *result) string {
	most, ok := aims[p.name][r.step]
	switch {
	case !ok || r.tool != "mwiz":
		return ""
	case r.step != steps[0]:
		return reached(fmt.Sprintf("≤ %.2f s", most), r.best().wall.Seconds() <= most)
	case floor == nil:
		return ""
	}
	return reached(fmt.Sprintf("≤ %.0f × floor", most), r.best().wall.Seconds() <= most*floor.best().wall.Seconds())
}

// perMessage returns what a message of the largest load has cost of the processor.
func (r *report) perMessage() []figure {
	if len(r.parts) == 0 {
		return nil
	}
	p := &r.parts[len(r.parts)-1]
	first := p.find("mwiz", steps[0])
	if first == nil {
		return nil
	}
	us := float64(first.best().cpu.Microseconds()) / float64(p.messages)
	kb := float64(p.bytes) / float64(p.messages) / 1000
	return []figure{{fmt.Sprintf("CPU a message of %.0f KB, the program's start included", kb), fmt.Sprintf("%.0f µs", us), reached("≤ 60 µs", us <= 60)}}
}

// title says what the load is.
func (p *part) title() string {
	where := "no distance"
	if p.rtt > 0 {
		where = fmt.Sprintf("a round trip of %d ms to each side", p.rtt.Milliseconds())
	}
	return fmt.Sprintf("%s messages, %d MB, %d folders, %s", thousands(p.messages), (p.bytes+500_000)/1_000_000, len(p.folders), where)
}

// table returns the results: seconds, how many times the floor, CPU and memory.
func (p *part) table() string {
	var b strings.Builder
	b.WriteString("| | | seconds | slowest | times the floor | CPU seconds | peak memory | exact | aim |\n|---|---|---:|---:|---:|---:|---:|---|---|\n")
	floor := p.find("bare sockets", steps[0])
	for _, step := range steps {
		for _, r := range p.results {
			if r.step != step {
				continue
			}
			best, ratio, exact := r.best(), "–", "yes"
			if step == steps[0] && floor != nil {
				ratio = fmt.Sprintf("%.2f", best.wall.Seconds()/floor.best().wall.Seconds())
			}
			if r.wrong != "" {
				exact = "no: " + differences(r.wrong)
			}
			fmt.Fprintf(&b, "| %s | %s | %.3f | %.3f | %s | %.3f | %d MB | %s | %s |\n", step, r.tool, best.wall.Seconds(), r.slowest().Seconds(), ratio,
				best.cpu.Seconds(), best.memory>>20, exact, p.aim(r, floor))
		}
	}
	return b.String() + "\n"
}

// differences returns the kinds of differences in a Diff's text, and how many there are of each.
func differences(diff string) string {
	var kinds []string
	for line := range strings.Lines(diff) {
		if !strings.HasPrefix(line, "\t") && !strings.HasSuffix(line, ": 0\n") {
			kinds = append(kinds, strings.TrimSpace(line))
		}
	}
	return strings.Join(kinds, ", ")
}

// noise says how far the figures can be trusted.
func (r *report) noise() string {
	var spread []string
	for i := range r.parts {
		if f := r.parts[i].find("bare sockets", steps[0]); f != nil {
			spread = append(spread, fmt.Sprintf("%.2f–%.2f s", f.best().wall.Seconds(), f.slowest().Seconds()))
		}
	}
	s := fmt.Sprintf("Measured on %s, Linux, %s, %d processors, which the tools, both servers and the wire shared with whatever else ran: the load average was %s "+
		"before and %s after. The same bare sockets took %s over the rounds, so read the ratios of one run rather than its seconds. ",
		r.began.Format("2 January 2006"), processor(), runtime.NumCPU(), r.loadBefore, r.loadAfter, strings.Join(spread, " and "))
	s += fmt.Sprintf("Each figure is the quickest of %d rounds, in which the tools took turns.\n", r.rounds)
	if len(r.peers) > 0 {
		s += "Compared: " + strings.Join(r.peers, ", ") + ".\n"
	}
	if len(r.missing) > 0 {
		s += "Not on that machine: " + strings.Join(r.missing, ", ") + ".\n"
	}
	return s
}

// write writes benchmarks.md and images/benchmarks.svg below dir.
func (r *report) write(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "images", "benchmarks.svg"), []byte(r.picture()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "benchmarks.md"), []byte(pageHead+r.text()), 0o644)
}

const pageHead = `# Benchmarks

` + "`make bench`" + ` writes this page. It copies the same mailboxes with each program, from one Dovecot to another on the same machine, their mail on a memory
file system, without encryption; where there is a distance, a proxy holds back every byte for half a round trip.

*Bare sockets* are the floor: a copier with four connections a side that streams what it fetches into the next append and neither keeps nor
checks anything, so it can do nothing but a first pass. *mwiz* is the command line of this program, from its start to its end: it claims every
message durably before it is sent, takes digests, and adds up source and destination after each folder. Every copy is compared with its
source on disk, by folder, content, flags and date. mbsync writes a line ` + "`X-TUID`" + ` into the header of every message that it copies, so none of its
copies has the bytes of its source.

![Seconds of each program](images/benchmarks.svg)

`

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// loadAverage returns the load average of the last minute.
func loadAverage() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// processor returns what the machine's processor is called.
func processor() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, found := strings.Cut(string(b), "model name\t: ")
	if !found {
		return runtime.GOARCH
	}
	name, _, _ := strings.Cut(rest, "\n")
	return name
}
