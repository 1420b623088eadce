package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// sceneRounds is how many rounds share two servers.
const sceneRounds = 2

// chaosTally is what a run of rounds has done and found.
type chaosTally struct {
	mu                      sync.Mutex
	rounds, passes          int
	faults, ends            map[string]int
	lost, doubled, changed  int
	sourceChanged, messages int
	crash                   int // differences that the destination has made itself, when it was killed
}

func (c *chaosTally) note(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}

func (c *chaosTally) String() string {
	list := func(m map[string]int) string {
		var out []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out = append(out, fmt.Sprintf("%s %d", k, m[k]))
		}
		return strings.Join(out, ", ")
	}
	return fmt.Sprintf("%d rounds, %d messages, %d disturbed passes\nfaults: %s\npasses ended: %s\nlost %d, doubled %d, changed %d, changed at the source %d; by a destination that was killed %d",
		c.rounds, c.messages, c.passes, list(c.faults), list(c.ends), c.lost, c.doubled, c.changed, c.sourceChanged, c.crash)
}

// TestChaos holds promises 2, 3 and 6 in rounds. In each a mailbox is moved by passes of a process of their own, while connections break at
// random bytes, the process or a server is killed, the destination is full, or the ledger's disk is; the last pass is left alone. After
// each pass the mail is read from disk. The variable MWIZ_CHAOS asks for a number of rounds, MWIZ_SEED for the decisions of an earlier run:
// what is done to which pass is repeated, the moment to within what the machine allows.
func TestChaos(t *testing.T) {
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("MWIZ_CHAOS")); err == nil {
		rounds = n
	}
	seed := firstSeed()
	c := &chaosTally{faults: map[string]int{}, ends: map[string]int{}}
	t.Run("scenes", func(t *testing.T) {
		for first := 0; first < rounds; first += sceneRounds {
			t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
				t.Parallel()
				p := chaosPair(t, rand.New(rand.NewPCG(seed, uint64(first)<<32)))
				for n := first; n < min(first+sceneRounds, rounds); n++ {
					t.Run(fmt.Sprint("round ", n), func(t *testing.T) { c.round(t, p, rand.New(rand.NewPCG(seed, uint64(n))), n) })
				}
			})
		}
	})
	t.Logf("seed %d: %s", seed, c)
	if c.rounds != rounds || c.passes > 0 && len(c.faults) == 0 {
		t.Errorf("%d of %d rounds came to their end", c.rounds, rounds)
	}
}

// chaosPair starts two servers of random abilities.
func chaosPair(t *testing.T, random *rand.Rand) pair {
	var without []string
	for _, w := range []string{"MULTIAPPEND", "LITERAL+", "UIDPLUS", "LIST-STATUS"} {
		if random.IntN(4) == 0 {
			without = append(without, w)
		}
	}
	return newPair(t, imaptest.Options{}, imaptest.Options{Without: without, Separator: []string{"/", "."}[random.IntN(2)]})
}

// round moves one mailbox.
func (c *chaosTally) round(t *testing.T, p pair, random *rand.Rand, n int) {
	disk := smallDisk(t, random.IntN(4) == 0)
	o := setup{settings: engine.Settings{PassLimit: 1000, Lanes: 1 + random.IntN(8)}}
	if disk != "" {
		o.dir = filepath.Join(disk, "ledger")
	}
	r := p.rig(t, fmt.Sprint("user", n), o)
	r.close() // the children have the ledger now
	root := r.root(engine.Source)
	corpus := imaptest.WriteCorpus(t, root, imaptest.CorpusOptions{Messages: 60 + random.IntN(200), Median: 1500, Largest: 30_000, Seed: random.Uint64()})
	for i := range random.IntN(12) { // twins, which only their number tells apart
		imaptest.Put(t, root, imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
	}
	for i := range random.IntN(3) {
		large := fmt.Appendf(nil, "Subject: large %d\n\n%s", i, bytes.Repeat([]byte("large and streamed\n"), 60_000+random.IntN(60_000)))
		imaptest.Put(t, root, "Sent", fmt.Sprint("large", i), imaptest.Message{Bytes: large, Date: time2020})
	}
	order := childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox, Stall: 4 * time.Second, Log: filepath.Join(t.TempDir(), "log")}
	var events []string
	for range 1 + random.IntN(3) {
		before := r.mail(engine.Source)
		event := c.disturbed(r, order, random, disk)
		events = append(events, event)
		c.changes(r, before)
		if d, _ := r.differs(before); len(d.Doubled)+len(d.Extra) > 0 {
			t.Errorf("after %s:\n%s", event, d)
		}
		corpus.AddMessages([]string{imaptest.Inbox, "Sent", "Clients/New"}[random.IntN(3)], random.IntN(4))
	}
	c.settle(r, order)
	if t.Failed() {
		log, _ := os.ReadFile(order.Log)
		t.Logf("%s\nlog:\n%s", strings.Join(events, "; "), log[max(0, len(log)-12_000):])
	}
}

// settle does the last passes, which nobody disturbs, and counts what is amiss.
func (c *chaosTally) settle(r *rig, order childOrder) {
	r.t.Helper()
	want := r.mail(engine.Source)
	for _, which := range []string{"last", "idle"} {
		p, err := runOrder(order, time.After(2*time.Minute))
		if err != nil || p.State != engine.PassCompleted || which == "idle" && p.Tally.Copied+p.Tally.Adopted > 0 {
			r.t.Errorf("the %s pass is %s (%s %s) with %+v, %v", which, p.State, p.Cause, p.Error, p.Tally, err)
		}
	}
	d, own := r.differs(want)
	if !d.Empty() {
		r.t.Errorf("the destination differs:\n%s", d)
	}
	c.changes(r, want)
	c.note(func() {
		c.rounds++
		c.crash += own
		c.messages += want.Count()
		c.lost += len(d.Missing) + len(d.NoFolder)
		c.doubled += len(d.Doubled) + len(d.Extra) + len(d.MoreFolder)
		c.changed += len(d.Flags) + len(d.Dates)
	})
}

// changes holds that the source is as it was.
func (c *chaosTally) changes(r *rig, before imaptest.Mail) {
	r.t.Helper()
	if d := before.Diff(r.mail(engine.Source)); !d.Empty() {
		r.t.Errorf("the source has changed:\n%s", d)
		c.note(func() { c.sourceChanged++ })
	}
}

// disturbed does a pass and disturbs it. It returns what was done and what became of the pass.
func (c *chaosTally) disturbed(r *rig, order childOrder, random *rand.Rand, disk string) string {
	r.t.Helper()
	r.from.Limit(60_000 + random.Int64N(200_000)) // a connection: room for faults
	from, to := breakWire(r.from, random), breakWire(r.to, random)
	kinds := []string{"kill -9", "kill -9", "kill -9", "all cut", "destination killed", "source killed", "destination restarted", "source restarted", "quota", "connection limit", "none"}
	what := kinds[random.IntN(len(kinds))]
	if disk != "" && random.IntN(2) == 0 {
		what = "ledger's disk full"
	}
	when := time.After(time.Duration(random.IntN(1200)) * time.Millisecond)
	if random.IntN(2) == 0 {
		when = r.sentMore(random.Int64N(150_000))
	}
	kill := make(chan time.Time, 1)
	c.prepare(r, what, random)
	ended := make(chan error, 1)
	var p engine.Pass
	go func() {
		var err error
		p, err = runOrder(order, kill)
		ended <- err
	}()
	var err error
	struck := true
	select {
	case now := <-when:
		if what == "kill -9" {
			kill <- now
		} else {
			r.strike(what, disk, random)
		}
		select {
		case err = <-ended:
		case <-time.After(2 * time.Minute):
			r.t.Errorf("%s: the pass does not end", what)
			kill <- time.Now()
			err = <-ended
		}
	case err = <-ended: // quick, or broken before
		struck = what == "quota" || what == "connection limit"
	}
	r.mend(what, disk)
	end := string(p.State)
	switch {
	case errors.Is(err, errKilled):
		end = "killed"
	case err != nil && what == "ledger's disk full":
		end = "without a ledger"
	case err != nil:
		r.t.Errorf("%s: %v", what, err)
	case p.State == engine.PassCompleted:
		if d, _ := r.differs(r.mail(engine.Source)); !d.Empty() {
			r.t.Errorf("%s: a completed pass has left\n%s", what, d)
		}
	}
	c.note(func() {
		c.passes++
		c.ends[end]++
		for _, b := range []broken{from, to} {
			if n := b.wire.Broken() - b.before; n > 0 {
				c.faults[b.mode.String()] += n
			}
		}
		if struck && what != "none" {
			c.faults[what]++
		}
	})
	return fmt.Sprintf("%s and %s/%s: %s, %d copied, %s", what, from.mode, to.mode, end, p.Tally.Copied, p.Error)
}

// broken is a wire that is to break, in one mode.
type broken struct {
	wire   *imaptest.Proxy
	mode   imaptest.Mode
	before int
}

// breakWire gives a wire up to three faults of one mode at random bytes.
func breakWire(wire *imaptest.Proxy, random *rand.Rand) broken {
	modes := []imaptest.Mode{imaptest.Reset, imaptest.Close, imaptest.Hole, imaptest.Late, imaptest.Stall, imaptest.Deny, imaptest.Bye}
	b := broken{wire, modes[random.IntN(len(modes))], wire.Broken()}
	for range random.IntN(4) {
		f := imaptest.Fault{Up: random.IntN(2) == 0, After: 1 << (4 + random.IntN(15)), Mode: b.mode, Delay: time.Duration(random.IntN(1500)) * time.Millisecond}
		f.After += random.Int64N(f.After)
		if b.mode == imaptest.Deny || random.IntN(4) == 0 {
			f.Up, f.Before = false, []string{" OK [APPENDUID", " OK Fetch", " OK Append", "FETCH ("}[random.IntN(4)]
		}
		wire.Break(f)
	}
	return b
}

// prepare does what must be done before the pass begins.
func (c *chaosTally) prepare(r *rig, what string, random *rand.Rand) {
	switch what {
	case "quota":
		messages := 1 + r.mail(engine.Destination).Count() + random.IntN(60)
		r.pair.destination.Change(func(o *imaptest.Options) { o.Messages = messages })
	case "connection limit":
		n := 1 + random.IntN(2)
		r.pair.destination.Change(func(o *imaptest.Options) { o.Connections = n })
	}
}

// strike does something to the pass under way.
func (r *rig) strike(what, disk string, random *rand.Rand) {
	switch what {
	case "all cut":
		r.from.Cut()
		r.to.Cut()
	case "destination killed":
		r.pair.destination.Kill()
		r.pair.destination.Restart()
	case "source killed":
		r.pair.source.Kill()
		r.pair.source.Restart()
	case "destination restarted": // in order: sessions are told BYE
		r.pair.destination.Restart()
	case "source restarted":
		r.pair.source.Restart()
	case "ledger's disk full":
		filler, err := os.Create(filepath.Join(disk, "filler"))
		r.must(err)
		for err == nil { // until nothing fits any more
			_, err = filler.Write(make([]byte, 4096))
		}
		if st, err := filler.Stat(); err == nil {
			_ = filler.Truncate(max(0, st.Size()-random.Int64N(64<<10)))
		}
		_ = filler.Close()
	}
}

// mend takes away what would disturb the next pass.
func (r *rig) mend(what, disk string) {
	r.from.Mend()
	r.to.Mend()
	r.from.Limit(0)
	switch what {
	case "quota", "connection limit":
		r.pair.destination.Change(func(o *imaptest.Options) { o.Messages, o.Connections = 0, 100 })
	case "ledger's disk full":
		_ = os.Remove(filepath.Join(disk, "filler"))
	}
}

// smallDisk mounts a disk that can be filled, until the test ends; "" where that is not wanted or only root may.
func smallDisk(t *testing.T, wanted bool) string {
	if !wanted || os.Getuid() != 0 {
		return ""
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "none", dir).CombinedOutput(); err != nil {
		t.Logf("NOT TRIED: a full disk: mount: %v %s", err, out)
		return ""
	}
	t.Cleanup(func() { _ = exec.Command("umount", "--lazy", dir).Run() })
	return dir
}

// runOrder runs a child that obeys the order; see runChild.
func runOrder(o childOrder, kill <-chan time.Time) (engine.Pass, error) {
	order, err := json.Marshal(o)
	if err != nil {
		return engine.Pass{}, err
	}
	return runChild(order, kill)
}
