package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// stepServers is what a pass is broken on: servers of a make and what they can, and how many lanes.
type stepServers struct {
	name   string
	start  func(t *testing.T) (source, destination host)
	lanes  int
	many   int        // small messages besides the few: lanes need work
	sparse engine.UID // see steps
	shared bool       // all folders go to one, with twins in each
}

// dovecots starts two Dovecots.
func dovecots(without ...string) func(t *testing.T) (source, destination host) {
	return func(t *testing.T) (source, destination host) {
		p := newPair(t, imaptest.Options{}, imaptest.Options{Without: without})
		return doveHost{p.source}, doveHost{p.destination}
	}
}

// toCyrus starts a Dovecot and a Cyrus that makes no folders by itself.
func toCyrus(without ...string) func(t *testing.T) (source, destination host) {
	return func(t *testing.T) (source, destination host) {
		o := imaptest.CyrusOptions{Without: without, Special: map[string]string{}}
		return doveHost{imaptest.Dovecot(t, imaptest.Options{})}, cyrusHost{imaptest.Cyrus(t, o)}
	}
}

// TestEveryStepIsExact breaks a pass at every step: the connections are cut, or the ledger's disk is full from there on, or the program is
// gone. The next pass must complete what is missing, and the one after that find nothing to do.
//
// The variable MWIZ_STEPS=all tries every step, MWIZ_STEPS=7 every seventh, from a place that MWIZ_SEED decides; else a few are tried.
func TestEveryStepIsExact(t *testing.T) {
	t.Parallel()
	for _, v := range []stepServers{
		{name: "multiappend", start: dovecots(), lanes: 1},
		{name: "pipelined", start: dovecots("MULTIAPPEND"), lanes: 1},
		{name: "one by one", start: dovecots("MULTIAPPEND", "LITERAL+", "UIDPLUS"), lanes: 1},
		{name: "four lanes", start: dovecots(), lanes: 4, many: 320, sparse: 16},
		{name: "shared folder", start: dovecots(), lanes: 1, shared: true},
		{name: "shared folder, one by one", start: dovecots("MULTIAPPEND", "LITERAL+", "UIDPLUS"), lanes: 2, shared: true},
		{name: "to Cyrus", start: toCyrus(), lanes: 1},
		{name: "to Cyrus one by one", start: toCyrus("MULTIAPPEND"), lanes: 1},
		{name: "in memory", lanes: 1, start: func(t *testing.T) (source, destination host) { return newMemHost(t), newMemHost(t) }},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			b := newBreaker(t, v)
			modes := []string{"cut", "full", "gone"}
			total, _ := b.attempt(t, "count", 0)
			every, first := stepping(total, 3)
			var places sync.Map
			t.Run("at", func(t *testing.T) {
				for i, mode := range modes {
					for at := first + i*every/len(modes); at <= total+total/8+2; at += every {
						t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
							t.Parallel()
							if _, place := b.attempt(t, mode, at); place != "" {
								places.Store(fmt.Sprint(mode, " ", at), place)
							}
						})
					}
				}
			})
			if d := b.mail.Diff(b.source.read(t, "anna")); !d.Empty() {
				t.Errorf("the source has changed:\n%s", d)
			}
			kinds, struck := map[any]bool{}, 0
			places.Range(func(_, place any) bool { struck++; kinds[place] = true; return true })
			t.Logf("about %d steps, struck %d times at %d kinds of places", total, struck, len(kinds))
			if struck == 0 {
				t.Error("no step was struck")
			}
		})
	}
}

// stepping says which steps to try of so many: every so many, from the first; by default a few.
func stepping(total, few int) (every, first int) {
	switch v := os.Getenv("MWIZ_STEPS"); v {
	case "all":
		return 1, 1
	default:
		every = max(1, total/few)
		if n, err := strconv.Atoi(v); err == nil {
			every = max(1, n)
		}
	}
	return every, 1 + rand.New(rand.NewPCG(firstSeed(), 0)).IntN(every)
}

// firstSeed returns what MWIZ_SEED says, or else a new seed.
func firstSeed() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("MWIZ_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().UnixNano())
}

// breaker breaks passes between two servers. Each goes from the same mailbox to one of its own.
type breaker struct {
	v                   stepServers
	source, destination host
	mail                imaptest.Mail // at the source
	want                imaptest.Mail // at the destination in the end
}

func newBreaker(t *testing.T, v stepServers) *breaker {
	b := &breaker{v: v}
	b.source, b.destination = v.start(t)
	put := func(folder, name, text string, flags ...string) {
		b.source.put(t, "anna", folder, name, imaptest.Message{Bytes: []byte(text), Flags: flags, Date: time2020})
	}
	for i := range 4 {
		put(imaptest.Inbox, fmt.Sprint("plain", i), fmt.Sprintf("Subject: plain %d\n\n%s", i, bytes.Repeat([]byte("line\n"), 200*i)), `\Seen`)
		put("Sent", fmt.Sprint("sent", i), fmt.Sprintf("Subject: sent %d\n\nx\n", i), `\Answered`, `\Seen`)
	}
	for i := range 2 {
		put(imaptest.Inbox, fmt.Sprint("twin", i), "Subject: twin\n\nx\n")
	}
	put("Clients", "large", fmt.Sprintf("Subject: large\n\n%s", bytes.Repeat([]byte("large and streamed\n"), 60_000)))
	put("Clients", "small", "Subject: small\n\nx\n")
	for i := range v.many {
		put([]string{imaptest.Inbox, "Sent", "Clients", "More"}[i%4], fmt.Sprint("many", i), fmt.Sprintf("Subject: many %d\n\nx\n", i), `\Seen`)
	}
	if v.shared {
		for i, folder := range []string{"Sent", "Sent", "Clients"} {
			put(folder, fmt.Sprint("twin", i), "Subject: twin\n\nx\n")
		}
	}
	b.mail = b.source.read(t, "anna")
	if b.want = b.mail.Clone(); v.shared {
		for _, folder := range []string{"Sent", "Clients"} {
			b.want[imaptest.Inbox] = append(b.want[imaptest.Inbox], b.want[folder]...)
			delete(b.want, folder)
		}
	}
	return b
}

// attempt breaks a pass at a step, completes it, and holds that everything is there once. It returns how many steps the broken pass took, and
// where it was struck, if it was.
func (b *breaker) attempt(t *testing.T, mode string, at int) (taken int, place string) {
	t.Helper()
	user := fmt.Sprintf("%s-%d", mode, at)
	defer b.destination.remove(user)
	from, to := imaptest.Wire(t, b.source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, b.destination.Addr(), imaptest.WireOptions{})
	order := b.order(t, user, from, to)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	first, taken, place := order.broken(ctx, t, mode, at, from, to)
	where := fmt.Sprintf("%s at step %d (%s)", mode, at, place)
	if done := first.State == engine.PassCompleted; done || place == "" {
		b.holds(t, user, where+", then")
		if !done {
			t.Errorf("untouched, the pass is %s: %s %s", first.State, first.Cause, first.Error)
		}
	}
	if d := b.want.Diff(b.destination.read(t, user)); len(d.Doubled)+len(d.Extra) > 0 {
		t.Errorf("%s, then\n%s", where, d)
	}
	for _, next := range []string{"second", "third"} {
		p, err := order.pass(ctx, new(steps).wrap)
		if err != nil || p.State != engine.PassCompleted || next == "third" && p.Tally.Copied+p.Tally.Adopted > 0 {
			t.Errorf("%s, then %s; the %s pass is %s (%s %s) with %+v, %v", where, first.State, next, p.State, p.Cause, p.Error, p.Tally, err)
		}
		b.holds(t, user, where+", after the "+next+" pass")
	}
	b.accounted(t, order, where)
	if t.Failed() {
		log, _ := os.ReadFile(order.Log)
		t.Logf("log:\n%s", log[max(0, len(log)-8000):])
	}
	return taken, place
}

// broken does a pass that is broken at a step. It returns how many steps the pass took, and where it was struck, if it was.
func (o childOrder) broken(ctx context.Context, t *testing.T, mode string, at int, from, to *imaptest.Proxy) (first engine.Pass, taken int, place string) {
	t.Helper()
	s := &steps{at: at, sparse: o.Sparse}
	var err error
	switch mode {
	case "gone":
		o.Die = at
		first, place, err = o.dies()
	case "cut":
		s.strike = func(side engine.Side) { []*imaptest.Proxy{from, to}[side].Cut() }
	case "full":
		s.strike = func(engine.Side) { s.fill() }
	}
	if mode != "gone" {
		first, err = o.pass(ctx, s.wrap)
		place = s.struck()
	}
	if err != nil {
		t.Fatalf("%s at step %d (%s): %v", mode, at, place, err)
	}
	return first, s.count(), place
}

// rules lead all folders to one, where that is wanted.
func (b *breaker) rules() engine.Rules {
	if !b.v.shared {
		return engine.Rules{}
	}
	return engine.Rules{Merge: true, Map: []engine.Mapping{{From: "Sent", To: "INBOX"}, {From: "Clients", To: "INBOX"}}}
}

// order makes a ledger for one mailbox.
func (b *breaker) order(t *testing.T, user string, from, to *imaptest.Proxy) childOrder {
	t.Helper()
	order := newOrder(t, from.Endpoint(b.source.Endpoint()), to.Endpoint(b.destination.Endpoint()), user, engine.Settings{Lanes: b.v.lanes, Rules: b.rules()})
	order.Sparse = b.v.sparse
	return order
}

// newOrder makes a ledger for one mailbox, from the user "anna".
func newOrder(t *testing.T, from, to engine.Endpoint, user string, settings engine.Settings) childOrder {
	t.Helper()
	settings.LateCommitWait, settings.PassLimit = 1, 100
	dir := t.TempDir()
	l, err := store.Open(t.Context(), filepath.Join(dir, "ledger"), nil)
	if err != nil {
		t.Fatal(err)
	}
	project, err := l.AddProject(t.Context(), engine.Project{Name: "Move", Source: from, Destination: to, Settings: settings})
	if err == nil {
		var added []engine.Mailbox
		added, err = l.AddMailboxes(t.Context(), project, []engine.Mailbox{{
			Source: engine.Account{Address: "anna", User: "anna"}, Destination: engine.Account{Address: user, User: user}}})
		if err == nil && l.Close() == nil {
			return childOrder{Dir: filepath.Join(dir, "ledger"), Project: project, Mailbox: added[0].ID, Stall: 20 * time.Second,
				Log: filepath.Join(dir, "log")}
		}
	}
	t.Fatal(err)
	return childOrder{}
}

// dies does a pass in a process that is gone at a step. It returns the place "gone", or the pass when it has fewer steps.
func (o childOrder) dies() (p engine.Pass, place string, err error) {
	order, err := json.Marshal(o)
	if err != nil {
		return p, "", err
	}
	p, err = runChild(order, time.After(2*time.Minute))
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == childDied {
		return p, "gone", nil
	}
	return p, "", err
}

// holds holds that the destination has what the source has.
func (b *breaker) holds(t *testing.T, user, when string) {
	t.Helper()
	if d := b.want.Diff(b.destination.read(t, user)); !d.Empty() {
		t.Errorf("%s:\n%s", when, d)
	}
}

// accounted holds that the ledger is sound and has every message as copied, none in doubt.
func (b *breaker) accounted(t *testing.T, order childOrder, when string) {
	t.Helper()
	l, err := store.Open(t.Context(), order.Dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.IntegrityCheck(t.Context()); err != nil {
		t.Errorf("%s: %v", when, err)
	}
	rows, err := l.MailboxRows(t.Context(), order.Project, engine.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(b.mail.Count()); rows[0].Items.Copied != n || rows[0].Items.All() != n {
		t.Errorf("%s: the ledger has %+v of %d", when, rows[0].Items, n)
	}
}
