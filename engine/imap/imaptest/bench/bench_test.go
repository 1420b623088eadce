//go:build linux

package bench

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
)

// load is a mailbox to copy over some distance.
type load struct {
	name     string
	messages int
	median   int // bytes of a message
	folders  []string
	rtt      time.Duration
}

var folders = []string{imaptest.Inbox, "Sent", "Drafts", "Archive", "Archive/2023", "Clients", "Clients/Acme", "Lists", "Invoices", "Travel", "Reports", "Notes"}

var loads = []load{
	{"far", 1500, 7900, folders[:8], 50 * time.Millisecond},
	{"near", 10_000, 5500, folders, 0},
}

// steps are what each tool is asked to do, in this order.
var steps = []string{"first pass", "nothing new", "50 new"}

// busy has a server keep its processes from one session to the next, as that of many users does: to start one costs more than to serve a
// small mailbox.
const busy = "service imap {\n service_count = 1000\n process_min_avail = 8\n}"

// TestBench is the whole comparison. MWIZ_BENCH=1 runs it, MWIZ_BENCH_ROUNDS=5 repeats it more often than three times, and
// MWIZ_BENCH_DOCS names the folder that the page and its picture go to.
func TestBench(t *testing.T) {
	if os.Getenv("MWIZ_BENCH") != "1" {
		t.Skip("MWIZ_BENCH=1 measures; it takes minutes")
	}
	rounds := 3
	if n, err := strconv.Atoi(os.Getenv("MWIZ_BENCH_ROUNDS")); err == nil {
		rounds = max(n, 1)
	}
	f := field{source: imaptest.Dovecot(t, imaptest.Options{Extra: busy}), destination: imaptest.Dovecot(t, imaptest.Options{Extra: busy})}
	all, missing := tools(t)
	r := report{began: time.Now(), rounds: rounds, missing: missing, loadBefore: loadAverage()}
	for _, tool := range all {
		if tool.version != "" {
			r.peers = append(r.peers, tool.name+" "+tool.version)
		}
	}
	for _, l := range loads {
		t.Run(l.name, func(t *testing.T) { r.parts = append(r.parts, f.compare(t, l, all, rounds)) })
	}
	for _, more := range []struct {
		name string
		run  func(*testing.T, []tool) []figure
	}{{"many", f.many}, {"large", f.large}, {"idle", f.idle}, {"disk", f.disk}, {"lines", f.lines}} {
		t.Run(more.name, func(t *testing.T) { r.figures = append(r.figures, more.run(t, all)...) })
	}
	r.loadAfter = loadAverage()
	if len(r.parts) < len(loads) || len(r.figures) == 0 || t.Failed() {
		return // only a part was asked for, or it is not to be trusted
	}
	fmt.Print(r.text())
	if dir := os.Getenv("MWIZ_BENCH_DOCS"); dir != "" {
		must(t, r.write(dir))
	}
}

// field is where the tools compete.
type field struct {
	source, destination *imaptest.Server
	users               int
}

// user returns a name that nobody has yet.
func (f *field) user() string {
	f.users++
	return fmt.Sprintf("u%d", f.users)
}

// part is the outcome of one load.
type part struct {
	load
	bytes   int64
	results []result
}

// result is what one tool did at one step.
type result struct {
	tool, step string
	runs       []sample
	wrong      string // how the copy differs from the source; "" when it is exact
}

// best returns the quickest run: what disturbs a machine makes no run quicker.
func (r result) best() sample {
	return slices.MinFunc(r.runs, func(a, b sample) int { return int(a.wall - b.wall) })
}

// slowest returns how long the slowest run took.
func (r result) slowest() time.Duration {
	return slices.MaxFunc(r.runs, func(a, b sample) int { return int(a.wall - b.wall) }).wall
}

// find returns a tool's result at a step.
func (p *part) find(tool, step string) *result {
	for i := range p.results {
		if r := &p.results[i]; r.tool == tool && r.step == step {
			return r
		}
	}
	return nil
}

// compare lets the tools do their rounds by turns, so that what disturbs the machine disturbs them all.
func (f *field) compare(t *testing.T, l load, all []tool, rounds int) part {
	t.Helper()
	from, to := f.wire(t, l.rtt)
	p := part{load: l}
	for round := range rounds {
		for _, tool := range all {
			if round > 0 && tool.slow {
				continue
			}
			j := job{dir: memoryDir(t), from: from, to: to, sources: []string{f.user()}, destination: []string{f.user()}}
			c, root := f.mailbox(t, j.sources[0], imaptest.CorpusOptions{Messages: l.messages, Folders: l.folders, Median: l.median, Seed: 1})
			p.bytes = size(imaptest.ReadMail(t, root))
			f.round(t, &p, tool, j, c)
			f.remove(t, j)
		}
	}
	return p
}

// round lets one tool do all steps on a new mailbox.
func (f *field) round(t *testing.T, p *part, tool tool, j job, c *imaptest.Corpus) {
	t.Helper()
	if tool.ready != nil {
		tool.ready(t, j)
	}
	for _, step := range steps {
		if tool.floor && step != steps[0] {
			return
		}
		if step == "50 new" {
			for i := range 5 {
				c.AddMessages(p.folders[i], 10)
			}
		}
		s, err := measure(tool.pass(t, j))
		must(t, err)
		r := p.find(tool.name, step)
		if r == nil {
			p.results = append(p.results, result{tool: tool.name, step: step})
			r = &p.results[len(p.results)-1]
		}
		r.runs = append(r.runs, s)
		t.Logf("%-12s %-12s %7.3f s, CPU %6.3f s, %4d MB", tool.name, step, s.wall.Seconds(), s.cpu.Seconds(), s.memory>>20)
		if d := imaptest.Compare(t, f.source.MailRoot(j.sources[0]), f.destination.MailRoot(j.destination[0])); !d.Empty() {
			r.wrong = d.String()
			if tool.floor || tool.name == "mwiz" {
				t.Errorf("%s is not exact:\n%s", tool.name, d)
			}
		}
	}
}

// wire returns the addresses of the servers over a distance.
func (f *field) wire(t *testing.T, rtt time.Duration) (from, to string) {
	t.Helper()
	if rtt == 0 {
		return f.source.Addr(), f.destination.Addr()
	}
	o := imaptest.WireOptions{RTT: rtt}
	return imaptest.Wire(t, f.source.Addr(), o).Addr(), imaptest.Wire(t, f.destination.Addr(), o).Addr()
}

// mailbox writes a mailbox at the source and has the server index it, as the server of a mailbox in use has.
func (f *field) mailbox(t *testing.T, user string, o imaptest.CorpusOptions) (c *imaptest.Corpus, root string) {
	t.Helper()
	root = f.source.MailRoot(user)
	c = imaptest.WriteCorpus(t, root, o)
	client := imaptest.SignIn(t, f.source.Addr(), user)
	defer client.Close()
	for _, name := range o.Folders {
		client.Must("EXAMINE %s", imaptest.Quote(name))
		client.Must("UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE)")
	}
	return c, root
}

// remove takes the mailboxes of a job away; memory is dear.
func (f *field) remove(t *testing.T, j job) {
	t.Helper()
	for _, u := range j.sources {
		must(t, os.RemoveAll(f.source.MailRoot(u)))
	}
	for _, u := range j.destination {
		must(t, os.RemoveAll(f.destination.MailRoot(u)))
	}
}

// memoryDir makes a folder on a memory file system where there is one.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir := "/dev/shm"
	if _, err := os.Stat(dir); err != nil {
		dir = os.TempDir()
	}
	dir, err := os.MkdirTemp(dir, "mwiz-")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// size returns the bytes of all messages.
func size(m imaptest.Mail) (n int64) {
	for _, list := range m {
		for _, c := range list {
			n += int64(c.Size)
		}
	}
	return n
}
