package engine_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// childVariable tells the test's own program to be a child: it holds what childOrder says, in JSON.
const childVariable = "MWIZ_TEST_CHILD"

// childOrder is what a child is to do.
type childOrder struct {
	Dir     string // ledger's
	Project engine.ProjectID
	Mailbox engine.MailboxID
	Stall   time.Duration   // the sessions' longest silence; 0: their default
	Log     string          // file to log to; "": none
	Die     int             // step at which the child is gone; 0: none
	Sparse  engine.UID      // see steps
	Kind    engine.PassKind // "": NewItems
	Once    bool            // it is killed as soon as the ledger has noted that something was copied
}

// childDied is what a child that obeys childOrder.Die exits with.
const childDied = 86

// child does a pass as the program would. It prints the pass as the ledger then has it.
func child() error {
	var order childOrder
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &order); err != nil {
		return err
	}
	// Exit is as abrupt as a kill: nothing that was deferred runs.
	s := &steps{at: order.Die, sparse: order.Sparse, strike: func(engine.Side) { os.Exit(childDied) }}
	wrap := s.wrap
	if order.Once {
		wrap = func(o engine.Options) engine.Options { o.Ledger = mortalLedger{o.Ledger}; return o }
	}
	p, err := order.pass(context.Background(), wrap)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(p)
}

// mortalLedger kills its program when it has noted that something was copied.
type mortalLedger struct{ engine.Ledger }

func (l mortalLedger) SeePass(ctx context.Context, id engine.PassID, t engine.Tally, r engine.PassRecord) error {
	err := l.Ledger.SeePass(ctx, id, t, r)
	if err == nil && t.Copied > 0 {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
	return err
}

// pass opens the ledger, finds what was interrupted, runs a pass to its end and returns it as the ledger then has it. The engine's ports go
// through wrap.
func (o childOrder) pass(ctx context.Context, wrap func(engine.Options) engine.Options) (p engine.Pass, err error) {
	log := slog.New(slog.DiscardHandler)
	if o.Log != "" {
		f, err := os.OpenFile(o.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return p, err
		}
		defer f.Close()
		log = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ledger, err := store.Open(ctx, o.Dir, log)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	if _, err := ledger.InterruptPasses(ctx); err != nil {
		return p, err
	}
	e := engine.New(wrap(engine.Options{Ledger: ledger, Keychain: store.NewMemoryKeychain(), Log: log,
		Dialer: imap.NewDialer(imap.Options{Log: log, Stall: o.Stall})}))
	running, quit := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(running) }()
	defer func() { quit(); err = errors.Join(err, <-ended) }()
	secret := engine.NewSecret(imaptest.Password)
	s, err := e.Start(ctx, engine.Request{Project: o.Project, Kind: cmp.Or(o.Kind, engine.NewItems),
		Secrets: map[engine.MailboxID]engine.Secrets{o.Mailbox: {Source: secret, Destination: secret}}})
	if err != nil || len(s.Passes) != 1 {
		return p, fmt.Errorf("start: %v, %w", s.Refused, err)
	}
	if err := e.Wait(ctx, s.Passes[0].ID); err != nil {
		return p, err
	}
	rows, err := ledger.PassRows(ctx, o.Project, engine.Page{Limit: 1})
	if err != nil {
		return p, err
	}
	return rows[0].Pass, nil
}

// kills returns how many passes to kill: n, or what the variable MWIZ_KILLS asks for.
func kills(n int) int {
	if more, err := strconv.Atoi(os.Getenv("MWIZ_KILLS")); err == nil {
		return more
	}
	return n
}

// TestKilledPassesAreExact holds promises 2 and 3: a pass is killed again and again, wherever it is, and started again; in the end
// nothing is lost, nothing is there twice, and another pass finds nothing to do.
func TestKilledPassesAreExact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		destination imaptest.Options
		largest     int // bytes of a message; over 1 MB they are streamed
		kills       int
	}{
		{"batches", imaptest.Options{}, 30_000, 12},
		{"no UIDs and large messages", imaptest.Options{Without: []string{"MULTIAPPEND", "UIDPLUS"}}, 3 << 20, 6},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newPair(t, imaptest.Options{}, tc.destination).rig(t, "anna", setup{settings: engine.Settings{PassLimit: 1000}, rtt: 4 * time.Millisecond})
			messages := 1500
			imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: messages, Median: 1500, Largest: tc.largest})
			for i := range 6 { // twins, which only their number tells apart
				imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("twin", i), imaptest.Message{Bytes: []byte("Subject: twin\n\nx\n"), Date: time2020})
				messages++
			}
			for i := 0; i < 4 && tc.largest > 1<<20; i++ {
				large := fmt.Appendf(nil, "Subject: large %d\n\n%s", i, bytes.Repeat([]byte("large and streamed\n"), 120_000))
				imaptest.Put(t, r.root(engine.Source), "Sent", fmt.Sprint("large", i), imaptest.Message{Bytes: large, Date: time2020})
				messages++
			}
			r.killAndResume(messages, kills(tc.kills))
		})
	}
}

// killAndResume kills so many passes of children, lets one come to its end, and holds that all is exact. It returns how many it killed
// before one came to its end by itself.
func (r *rig) killAndResume(messages, kills int) (killed int) {
	t := r.t
	t.Helper()
	r.close() // the children have the ledger now
	order, err := json.Marshal(childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox})
	r.must(err)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	early, inDoubt := 0, 0
	r.from.Limit(400_000) // a connection: room for kills
	for killed < kills {
		before := r.mail(engine.Destination).Count()
		when := r.sentMore(random.Int64N(400_000))
		if random.IntN(4) == 0 {
			when = time.After(time.Duration(random.Int64N(int64(600 * time.Millisecond))))
		}
		if _, err := runChild(order, when); !errors.Is(err, errKilled) {
			if err != nil {
				t.Fatalf("seed %d: child: %v", seed, err)
			}
			break // it came to the end
		}
		killed++
		if r.mail(engine.Destination).Count() == before {
			early++
		}
		inDoubt += r.claimed()
	}
	r.from.Limit(0)
	last, err := runChild(order, time.After(2*time.Minute))
	if err != nil || last.State != engine.PassCompleted {
		t.Fatalf("seed %d: last pass is %s (%s), %v", seed, last.State, last.Error, err)
	}
	r.holds(r.mail(engine.Source))
	again, err := runChild(order, time.After(2*time.Minute))
	if err != nil || again.State != engine.PassCompleted || again.Tally.Copied != 0 {
		t.Errorf("seed %d: another pass is %s with %d copied, %v", seed, again.State, again.Tally.Copied, err)
	}
	r.holds(r.mail(engine.Source))
	r.open() // and closing checks the ledger's integrity
	rows, err := r.ledger.MailboxRows(t.Context(), r.project, engine.Page{Limit: 1})
	r.must(err)
	if items := rows[0].Items; items.Copied != int64(messages) || items.All() != int64(messages) {
		t.Errorf("seed %d: the ledger has %+v of %d", seed, items, messages)
	}
	t.Logf("seed %d: %d kills, %d of them before anything arrived, %d items found in doubt, %d passes", seed, killed, early, inDoubt, rows[0].Passes)
	if killed < min(5, kills) || inDoubt == 0 {
		t.Errorf("seed %d: the kills proved little", seed)
	}
	return killed
}

// claimed returns how many items the ledger has in doubt.
func (r *rig) claimed() int {
	r.t.Helper()
	l, err := store.Open(context.Background(), r.dir, nil)
	r.must(err)
	rows, err := l.MailboxRows(r.t.Context(), r.project, engine.Page{Limit: 1})
	r.must(err)
	r.must(l.Close())
	return int(rows[0].Items.Claimed)
}

// sentMore returns a channel that tells when the destination has been sent so many bytes more, or nothing more for a while.
func (r *rig) sentMore(n int64) <-chan time.Time {
	c := make(chan time.Time, 1)
	start, _ := r.to.Bytes()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		last, moved := start, time.Now()
		for now := range tick.C {
			up, _ := r.to.Bytes()
			if up > last {
				last, moved = up, now
			}
			if up-start >= n || now.Sub(moved) > 15*time.Second {
				c <- now
				return
			}
		}
	}()
	return c
}

// errKilled is what a child that was killed ends with.
var errKilled = errors.New("killed")

// runChild runs a child and returns the pass it did. When kill tells, the child is killed (SIGKILL): errKilled.
func runChild(order []byte, kill <-chan time.Time) (engine.Pass, error) {
	var out, said bytes.Buffer
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+string(order))
	c.Stdout, c.Stderr = &out, &said
	if err := c.Start(); err != nil {
		return engine.Pass{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case <-kill:
		_ = c.Process.Kill()
		if err := <-ended; err != nil {
			return engine.Pass{}, errKilled
		}
	case err := <-ended:
		if err != nil {
			return engine.Pass{}, fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
		}
	}
	var p engine.Pass
	return p, json.Unmarshal(out.Bytes(), &p)
}

// TestKilledPassKeepsItsRecord holds that the history of a pass that was killed shows the settings that it had, and how fast it went until shortly
// before.
func TestKilledPassKeepsItsRecord(t *testing.T) {
	t.Parallel()
	settings := engine.Settings{PassLimit: 77, Rules: engine.Rules{Exclude: []string{"Old/*"}}}
	r := newPair(t, imaptest.Options{}, imaptest.Options{}).rig(t, "anna", setup{settings: settings})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 800, Median: 3000, Largest: 30_000})
	r.from.Limit(40_000) // a connection: the pass shall last longer than the ledger takes to note something
	r.close()            // the child has the ledger now
	order, err := json.Marshal(childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox, Once: true})
	r.must(err)
	if p, err := runChild(order, time.After(2*time.Minute)); err == nil {
		t.Fatalf("the child was not killed, its pass is %s", p.State)
	}
	r.open()
	rows, err := r.ledger.PassRows(t.Context(), r.project, engine.Page{Limit: 1})
	r.must(err)
	killed := rows[0].Pass
	record, kept, err := r.ledger.PassRecord(t.Context(), killed.ID)
	r.must(err)
	if killed.State != engine.PassInterrupted || killed.Tally.Copied == 0 || !kept {
		t.Fatalf("the pass is %s with %d copied; record kept: %t", killed.State, killed.Tally.Copied, kept)
	}
	if got := record.Settings; got.PassLimit != settings.PassLimit || len(got.Rules.Exclude) != 1 {
		t.Errorf("settings %+v", got)
	}
	var messages, size int64
	for _, p := range record.Throughput.Points {
		messages, size = messages+p.Messages, size+p.Bytes
	}
	took := record.Throughput.Step * time.Duration(len(record.Throughput.Points))
	if messages < killed.Tally.Copied || size == 0 || took < 4*time.Second || took > killed.Duration(time.Now())+record.Throughput.Step+time.Second {
		t.Errorf("%d messages, %d bytes in %v; the pass copied %d in %v", messages, size, took, killed.Tally.Copied, killed.Duration(time.Now()))
	}
}
