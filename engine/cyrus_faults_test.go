package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestCyrusOverASlowLine moves enough over a slow line for compression to be worth it, and breaks that in its middle.
func TestCyrusOverASlowLine(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{}, setup{settings: engine.Settings{Lanes: 1}})
	messages := r.fillForCyrus(400, 100_000, 1)
	for i := range 3 {
		text := fmt.Appendf(nil, "Subject: large %d\n\n%s", i, strings.Repeat("large and streamed\n", 100_000))
		imaptest.Put(t, r.root(engine.Source), "Clients", fmt.Sprint("large", i), imaptest.Message{Bytes: text, Date: time2020})
	}
	r.to.Limit(1 << 20)
	r.to.Break(imaptest.Fault{Up: true, After: 2_200_000, Mode: imaptest.Reset})
	r.complete(engine.NewItems, messages+3)
	if r.to.Broken() != 1 || !slices.ContainsFunc(r.to.Commands(), func(c imaptest.Command) bool { return c.Name == "COMPRESS" }) {
		t.Errorf("%d connections broke, or nothing was compressed", r.to.Broken())
	}
	r.to.Limit(0)
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}

// TestCyrusRefusedMessagesFailOnceAPass loses a connection with batches on their way after messages have failed, which were too large to be sent: the next round
// of the same pass must not try and count those again.
func TestCyrusRefusedMessagesFailOnceAPass(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{MaxSize: 6000, Special: map[string]string{}}, setup{settings: engine.Settings{Lanes: 1}})
	for i := range 3 {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("large", i), imaptest.Message{Date: time2020,
			Bytes: []byte(fmt.Sprintf("Subject: large %d\n\n%s\n", i, strings.Repeat("large ", 1500)))})
	}
	imaptest.SignIn(t, r.pair.source.Addr(), r.user).Must("SELECT INBOX") // these have the lowest UIDs
	for pass := range 2 {                                                 // the second one begins with those that failed in the first
		imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 200, Median: 1500, Largest: 5000, Folders: []string{imaptest.Inbox}, Seed: uint64(pass)})
		r.to.Limit(100_000) // so that batches are on their way all the time
		id := r.start(engine.NewItems)
		r.until("three failures", func(p engine.Progress) bool { return p.Tally.Failed == 3 && p.Tally.Copied < 200 })
		r.to.Cut()
		r.to.Limit(0)
		done := r.wait(id)
		if done.State != engine.PassCompletedWithErrors || done.Tally.Copied+done.Tally.Adopted != 200 || done.Tally.Failed != 3 || done.Tally.New != 203 {
			t.Errorf("pass %d: %s, %+v", pass, done.State, done.Tally)
		}
		folders, err := r.ledger.PassFolders(t.Context(), id)
		r.must(err)
		if len(folders) != 1 || folders[0].Failed != 3 || folders[0].Before != int64(200*pass) {
			t.Errorf("pass %d: %+v", pass, folders)
		}
	}
}

// TestCyrusKilledIsExact kills Cyrus under a pass, twice.
func TestCyrusKilledIsExact(t *testing.T) {
	t.Parallel()
	r := newCyrusRig(t, imaptest.CyrusOptions{}, setup{settings: engine.Settings{Lanes: 2}})
	messages := r.fillForCyrus(600, 20_000, 1)
	r.from.Limit(100_000)
	id := r.start(engine.NewItems)
	for i := range 2 {
		r.copying(int64(20 + 150*i))
		r.pair.cyrus.Restart()
	}
	r.from.Limit(0)
	if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied+p.Tally.Adopted != int64(messages) {
		t.Errorf("pass over a killed Cyrus: %+v", p)
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}

// cyrusFolders are folders that Cyrus can have, with all that it makes by itself.
func cyrusFolders() []string {
	return []string{imaptest.Inbox, "Sent", "Drafts", "Trash", "Junk", "Clients", "Clients/Acme", "Clients/Acme/2024", "Clients/Globex & Söhne", "R&D", "Zürich", "日本", "Empty", "Empty/too"}
}

// TestCyrusKilledPassesAreExact kills passes to a Cyrus wherever they are. The variable MWIZ_KILLS asks for more kills.
func TestCyrusKilledPassesAreExact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		o       imaptest.CyrusOptions
		largest int // bytes of a message; over 1 MB they are streamed
	}{
		{"batches", imaptest.CyrusOptions{}, 30_000},
		{"one by one and large messages", imaptest.CyrusOptions{Without: []string{"MULTIAPPEND"}, Separator: ".", Below: true}, 3 << 20},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := pair{source: imaptest.Dovecot(t, imaptest.Options{}), cyrus: imaptest.Cyrus(t, tc.o)}
			all, messages := kills(6), 0
			for left, round := all, 0; left > 0 && !t.Failed(); round++ {
				r := p.rig(t, fmt.Sprintf("kill-%d", round), setup{settings: engine.Settings{PassLimit: 1000}, rtt: 4 * time.Millisecond})
				n := r.fillForCyrus(min(1500, 200*left), tc.largest, uint64(round))
				left -= r.killAndResume(n, min(left, 20))
				messages += n
				r.close()
			}
			t.Logf("%d kills, %d messages", all, messages)
		})
	}
}

// fillForCyrus writes so much mail and some twins at the source, all of which Cyrus takes, and returns how many messages there are.
func (r *rig) fillForCyrus(messages, largest int, seed uint64) int {
	r.t.Helper()
	imaptest.WriteCorpus(r.t, r.root(engine.Source), imaptest.CorpusOptions{Messages: messages, Median: 1500, Largest: largest, Folders: cyrusFolders(), Seed: seed})
	for i := range 6 { // twins, which only their number tells apart
		imaptest.Put(r.t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
	}
	return messages + 6
}

// cutTally is what was cut, and what came of it.
type cutTally struct {
	mu                     sync.Mutex
	cuts, passes, messages int
	lost, doubled, changed int
	modes                  map[imaptest.Mode]int
}

// TestCyrusCutConnectionsAreExact breaks connections to a Cyrus at random bytes in both directions, in every way. The variable MWIZ_CUTS asks
// for more cuts.
func TestCyrusCutConnectionsAreExact(t *testing.T) {
	t.Parallel()
	cuts := 6
	if n, err := strconv.Atoi(os.Getenv("MWIZ_CUTS")); err == nil {
		cuts = n
	}
	seed := firstSeed()
	p := pair{source: imaptest.Dovecot(t, imaptest.Options{}), cyrus: imaptest.Cyrus(t, imaptest.CyrusOptions{})}
	tally := &cutTally{modes: map[imaptest.Mode]int{}}
	t.Run("mailboxes", func(t *testing.T) {
		for n := 0; n < cuts; n += cutsAMailbox {
			t.Run(fmt.Sprint("from ", n), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, uint64(n)))
				r := p.rig(t, fmt.Sprintf("cut-%d", n), setup{stall: 4 * time.Second, settings: engine.Settings{PassLimit: 1000, Lanes: 1 + random.IntN(4)}})
				r.cutAndGoOn(random, min(cutsAMailbox, cuts-n), tally)
			})
		}
	})
	t.Logf("seed %d: %d cuts of connections to Cyrus (%v), %d passes, %d messages; lost %d, doubled %d, changed %d",
		seed, tally.cuts, tally.modes, tally.passes, tally.messages, tally.lost, tally.doubled, tally.changed)
	if tally.cuts < cuts {
		t.Errorf("only %d of %d cuts struck", tally.cuts, cuts)
	}
}

// cutsAMailbox is how many cuts one mailbox meets.
const cutsAMailbox = 3

// cutAndGoOn moves a mailbox that keeps growing while connections to the destination are cut so many times, and holds that all is exact.
func (r *rig) cutAndGoOn(random *rand.Rand, cuts int, tally *cutTally) {
	r.t.Helper()
	messages, passes := r.fillForCyrus(100, 40_000, random.Uint64()), 0
	c := imaptest.WriteCorpus(r.t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 1, Folders: []string{imaptest.Inbox}, Seed: random.Uint64(), Median: 1500})
	messages++
	modes := map[imaptest.Mode]int{}
	for left := cuts; left > 0; passes++ {
		f := imaptest.Fault{Up: random.IntN(3) > 0, Mode: imaptest.Mode(random.IntN(4)), Delay: time.Duration(random.IntN(1500)) * time.Millisecond}
		f.After = random.Int64N(3000) // sign-in, list, first answers
		if f.Up {
			f.After = 1 << (4 + random.IntN(13))
			f.After += random.Int64N(f.After)
		} else if random.IntN(2) == 0 {
			f = imaptest.Fault{Before: "OK [APPENDUID", Mode: f.Mode}
		}
		before := r.to.Broken()
		r.to.Break(f)
		p := r.run(engine.NewItems)
		r.to.Mend()
		if p.State != engine.PassCompleted && p.State != engine.PassFailed {
			r.t.Errorf("after a cut (%+v) the pass is %s: %s", f, p.State, p.Error)
		}
		if struck := r.to.Broken() - before; struck > 0 {
			left -= struck
			modes[f.Mode] += struck
		}
		c.AddMessages([]string{imaptest.Inbox, "Sent", "Clients/Acme"}[random.IntN(3)], 30)
		messages += 30
	}
	if last := r.run(engine.NewItems); last.State != engine.PassCompleted {
		r.t.Errorf("undisturbed, the pass is %s: %s %s", last.State, last.Cause, last.Error)
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
	d := r.mail(engine.Source).Diff(r.mail(engine.Destination))
	tally.mu.Lock()
	defer tally.mu.Unlock()
	tally.cuts += cuts
	tally.passes += passes + 2
	tally.messages += messages
	tally.lost += len(d.Missing)
	tally.doubled += len(d.Doubled)
	tally.changed += len(d.Extra) + len(d.Flags) + len(d.Dates)
	for mode, n := range modes {
		tally.modes[mode] += n
	}
}
