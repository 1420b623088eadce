package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestSeededMixIsExact mixes all that can happen to a pass: faults of every kind on both sides, stops, killed servers and restarts of the
// program, mail of another tool at the destination, new mail between passes; on servers of different abilities. One seed makes one
// mix. The variable MWIZ_MIX asks for a number of mixes more, MWIZ_SEED for a certain first seed.
func TestSeededMixIsExact(t *testing.T) {
	t.Parallel()
	mixes := 2
	if n, err := strconv.Atoi(os.Getenv("MWIZ_MIX")); err == nil {
		mixes = n
	}
	seed := firstSeed()
	for i := range mixes {
		seed := seed + uint64(i)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			mix(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

// mix does one mix.
func mix(t *testing.T, random *rand.Rand) {
	var without []string
	for _, w := range []string{"MULTIAPPEND", "LITERAL+", "UIDPLUS", "LIST-STATUS"} {
		if random.IntN(4) == 0 {
			without = append(without, w)
		}
	}
	p := newPair(t, imaptest.Options{}, imaptest.Options{Without: without, Separator: []string{"/", "."}[random.IntN(2)]})
	r := p.rig(t, "anna", setup{stall: 4 * time.Second, settings: engine.Settings{PassLimit: 1000, Lanes: 1 + random.IntN(4)}})
	r.from.Limit(300_000)
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 100 + random.IntN(200), Median: 1500, Largest: 30_000, Seed: random.Uint64()})
	for i := range random.IntN(20) {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
	}
	if random.IntN(3) == 0 { // another tool has been here
		for i, o := range imaptest.OddMessages() {
			if o.Altered || o.Unstorable || len(o.Bytes) > 50_000 || o.Name == "one-line-end" { // as a digest, the same as two
				continue
			}
			m := imaptest.Message{Bytes: o.Bytes, Flags: []string{`\Seen`}, Date: o.Date}
			imaptest.Put(t, r.root(engine.Source), "Odd", o.Name, m)
			if i%3 == 0 {
				imaptest.Put(t, r.root(engine.Destination), "Odd", o.Name, m)
			}
		}
	}
	events := []string{fmt.Sprintf("without %q", without)}
	for range 2 + random.IntN(4) {
		r.from.Break(faults(random)...)
		r.to.Break(faults(random)...)
		id := r.start(engine.NewItems)
		events = append(events, r.disturb(random))
		pass := r.wait(id)
		events = append(events, fmt.Sprintf("%s, %d copied, %s", pass.State, pass.Tally.Copied, pass.Error))
		if short := pass.Tally.Left > 0; short && pass.State == engine.PassCompleted {
			t.Errorf("a pass that left %d is completed", pass.Tally.Left)
		}
		c.AddMessages([]string{imaptest.Inbox, "Sent", "Clients/New"}[random.IntN(3)], random.IntN(4))
	}
	struck := r.from.Broken() + r.to.Broken()
	r.from.Mend()
	r.to.Mend()
	r.from.Limit(0)
	if last := r.run(engine.NewItems); last.State != engine.PassCompleted {
		t.Errorf("undisturbed, the pass is %s: %s %s", last.State, last.Cause, last.Error)
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
	t.Logf("%d faults; %s", struck, strings.Join(events, "; "))
}

// faults picks up to three faults for one side.
func faults(random *rand.Rand) []imaptest.Fault {
	var list []imaptest.Fault
	for range random.IntN(4) {
		f := imaptest.Fault{Up: random.IntN(2) == 0, After: 1 << (4 + random.IntN(15)), Delay: time.Duration(random.IntN(1500)) * time.Millisecond}
		f.Mode = []imaptest.Mode{imaptest.Reset, imaptest.Reset, imaptest.Close, imaptest.Late, imaptest.Hole}[random.IntN(5)]
		f.After += random.Int64N(f.After)
		if random.IntN(4) == 0 {
			f = imaptest.Fault{Before: []string{" OK [APPENDUID", " OK Fetch", " OK Append", "FETCH ("}[random.IntN(4)], Mode: f.Mode}
		}
		list = append(list, f)
	}
	return list
}

// disturb does something to the pass under way and tells what.
func (r *rig) disturb(random *rand.Rand) string {
	<-time.After(time.Duration(random.IntN(1500)) * time.Millisecond) // any moment will do
	switch what := random.IntN(8); what {
	case 0:
		r.engine.Stop(r.project)
		return "stopped"
	case 1:
		r.close()
		r.open()
		return "program closed and opened"
	case 2:
		r.pair.destination.Kill()
		r.pair.destination.Restart()
		return "destination killed"
	case 3:
		r.pair.source.Kill()
		r.pair.source.Restart()
		return "source killed"
	case 4:
		return fmt.Sprintf("%d connections cut", r.to.Cut()+r.from.Cut())
	}
	return "let be"
}
