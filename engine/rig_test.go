package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// pair is two real servers, which tests may share: each takes users of its own.
type pair struct {
	source, destination *imaptest.Server
	cyrus               *imaptest.CyrusServer // the destination, if it is one
}

// to returns where the destination is reached.
func (p pair) to() interface {
	Addr() string
	Endpoint() engine.Endpoint
	TLSEndpoint() engine.Endpoint
} {
	if p.cyrus != nil {
		return p.cyrus
	}
	return p.destination
}

// ended returns how often the destination was ended.
func (p pair) ended() int {
	if p.cyrus != nil {
		return 0
	}
	return p.destination.Ended()
}

// newPair starts two servers.
func newPair(t *testing.T, source, destination imaptest.Options) pair {
	t.Helper()
	return pair{source: imaptest.Dovecot(t, source), destination: imaptest.Dovecot(t, destination)}
}

// setup says how a rig differs from the ordinary one.
type setup struct {
	settings engine.Settings                   // LateCommitWait is 2 s unless set
	stall    time.Duration                     // the sessions' longest silence; default 30 s
	rtt      time.Duration                     // of the wire, both sides
	each     int64                             // bytes a second of a connection; 0: no limit
	together int64                             // bytes a second of all connections; 0: no limit
	tls      bool                              // sign in over TLS, past the wire
	dialer   func(engine.Dialer) engine.Dialer // puts something before the dialer
	provider func(engine.Endpoint) engine.Provider
	eager    imaptest.Eager          // what both services do with commands sent ahead
	measured func(lanes int) float64 // the rate that lanes are measured at, bytes a second; nil: theirs
	dir      string                  // of the ledger; default one of its own
}

// rig is a project with one mailbox between the two servers, a ledger and an engine at work. Both sides are reached through a wire that
// records and can break.
type rig struct {
	t        *testing.T
	pair     pair
	user     string
	from, to *imaptest.Proxy
	o        setup
	dir      string
	keychain engine.Keychain
	ledger   *store.Ledger
	engine   *engine.Engine
	stop     func() // ends the engine
	log      buffer
	project  engine.ProjectID
	mailbox  engine.MailboxID
	ended    int // how often the destination had ended when the rig was made
}

// rig makes a project that moves user's mail.
func (p pair) rig(t *testing.T, user string, o setup) *rig {
	t.Helper()
	if o.settings.LateCommitWait == 0 {
		o.settings.LateCommitWait = 2
	}
	if o.stall == 0 {
		o.stall = 30 * time.Second
	}
	wire := imaptest.WireOptions{RTT: o.rtt, BytesPerSecond: o.each, Together: o.together, Record: true, InTurn: o.eager}
	if o.dir == "" {
		o.dir = filepath.Join(t.TempDir(), "ledger")
	}
	r := &rig{t: t, pair: p, user: user, o: o, dir: o.dir, keychain: store.NewMemoryKeychain(),
		from: imaptest.Wire(t, p.source.Addr(), wire), to: imaptest.Wire(t, p.to().Addr(), wire), ended: p.ended()}
	r.open()
	t.Cleanup(r.close)
	r.addProject()
	return r
}

// addProject adds the project and its mailbox to the ledger.
func (r *rig) addProject() {
	r.t.Helper()
	project := engine.Project{Name: "Move", Settings: r.o.settings,
		Source: r.from.Endpoint(r.pair.source.Endpoint()), Destination: r.to.Endpoint(r.pair.to().Endpoint())}
	if r.o.tls {
		project.Source, project.Destination = r.pair.source.TLSEndpoint(), r.pair.to().TLSEndpoint()
	}
	var err error
	r.project, err = r.ledger.AddProject(r.t.Context(), project)
	r.must(err)
	r.mailbox = r.enrol(r.user)
}

// newRig is a rig on servers of its own.
func newRig(t *testing.T, o setup) *rig {
	t.Helper()
	return newPair(t, imaptest.Options{}, imaptest.Options{}).rig(t, "anna@example.org", o)
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// enrol adds a mailbox to the project.
func (r *rig) enrol(user string) engine.MailboxID {
	r.t.Helper()
	account := engine.Account{Address: user, User: user}
	s := engine.NewSecret(imaptest.Password)
	added, err := engine.Enroller{Roster: r.ledger, Keychain: r.keychain}.Add(r.t.Context(), r.project,
		[]engine.Enrolment{{Mailbox: engine.Mailbox{Source: account, Destination: account}, Secrets: engine.Secrets{Source: s, Destination: s}}}, nil)
	r.must(err)
	return added[0].ID
}

// open opens the ledger and sets an engine to work on it, as the program does when it starts.
func (r *rig) open() {
	r.t.Helper()
	log := slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	r.ledger, err = store.Open(context.Background(), r.dir, log)
	r.must(err)
	_, err = r.ledger.InterruptPasses(context.Background())
	r.must(err)
	var dialer engine.Dialer = imap.NewDialer(imap.Options{Log: log, Stall: r.o.stall})
	if r.o.dialer != nil {
		dialer = r.o.dialer(dialer)
	}
	o := engine.Options{Ledger: r.ledger, Keychain: r.keychain, Log: log, Dialer: dialer, Provider: r.o.provider}
	if r.o.measured != nil {
		o = engine.Measuring(o, r.o.measured)
	}
	r.engine = engine.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.engine.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
	}
}

// close ends the engine and closes the ledger, as the program does when it ends. Closing twice does nothing.
func (r *rig) close() {
	if r.engine == nil {
		return
	}
	r.stop()
	if err := r.ledger.IntegrityCheck(context.Background()); err != nil {
		r.t.Errorf("ledger: %v", err)
	}
	if err := r.ledger.Close(); err != nil {
		r.t.Error(err)
	}
	r.engine = nil
	if r.t.Failed() {
		log := r.log.String()
		r.t.Logf("end of the log:\n%s", log[max(0, len(log)-6000):])
	}
}

// root returns where the user's mail lies on a side.
func (r *rig) root(side engine.Side) string {
	if side == engine.Source {
		return r.pair.source.MailRoot(r.user)
	}
	return r.pair.destination.MailRoot(r.user)
}

// mail reads the user's mail on a side from disk.
func (r *rig) mail(side engine.Side) imaptest.Mail {
	r.t.Helper()
	if side == engine.Destination && r.pair.cyrus != nil {
		return r.pair.cyrus.ReadMail(r.t, r.user)
	}
	return imaptest.ReadMail(r.t, r.root(side))
}

// start begins a pass that must not be refused.
func (r *rig) start(kind engine.PassKind) engine.PassID {
	r.t.Helper()
	s, err := r.engine.Start(r.t.Context(), engine.Request{Project: r.project, Kind: kind, Mailboxes: []engine.MailboxID{r.mailbox}})
	r.must(err)
	if len(s.Passes) != 1 {
		r.t.Fatalf("%s refused: %v", kind, s.Refused)
	}
	return s.Passes[0].ID
}

// wait waits for a pass to end and returns it as the ledger has it.
func (r *rig) wait(id engine.PassID) engine.Pass {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*time.Minute)
	defer cancel()
	if err := r.engine.Wait(ctx, id); err != nil {
		r.t.Fatalf("pass %d does not end: %v", id, err)
	}
	return r.pass(id)
}

// run does a pass.
func (r *rig) run(kind engine.PassKind) engine.Pass {
	r.t.Helper()
	return r.wait(r.start(kind))
}

// pass returns a pass as the ledger has it.
func (r *rig) pass(id engine.PassID) engine.Pass {
	r.t.Helper()
	rows, err := r.ledger.PassRows(r.t.Context(), r.project, engine.Page{Limit: 1000})
	r.must(err)
	for _, p := range rows {
		if p.ID == id {
			return p.Pass
		}
	}
	r.t.Fatalf("no pass %d", id)
	return engine.Pass{}
}

// complete does a pass that must be completed and copy so many messages; its numbers must add up in every folder.
func (r *rig) complete(kind engine.PassKind, copied int) engine.Pass {
	r.t.Helper()
	p := r.run(kind)
	if p.State != engine.PassCompleted || p.Tally.Copied != int64(copied) {
		r.t.Errorf("%s pass is %s (%s %s) with %d copied, want %d", kind, p.State, p.Cause, p.Error, p.Tally.Copied, copied)
	}
	folders, err := r.ledger.PassFolders(r.t.Context(), p.ID)
	r.must(err)
	for _, f := range folders {
		if f.Unexplained() != 0 || f.Error != "" {
			r.t.Errorf("folder %s: %d messages unexplained, error %q: %+v", f.Source, f.Unexplained(), f.Error, f)
		}
	}
	return p
}

// holds compares the destination with what it should hold.
func (r *rig) holds(want imaptest.Mail) {
	r.t.Helper()
	if d, _ := r.differs(want); !d.Empty() {
		r.t.Errorf("the destination differs from what it should hold (%d messages):\n%s", want.Count(), d)
	}
}

// differs compares the destination with what it should hold. What a Dovecot that was killed has made of its own files is counted apart: keywords, in a
// message that nobody saw acknowledged, whose letters it had given and not named, so that they are "unknown" or those that it gave the letters to next; and
// messages under one UID in its list, of which it shows but one until it finds its list broken, and says so in its log.
func (r *rig) differs(want imaptest.Mail) (d imaptest.Diff, own int) {
	r.t.Helper()
	got := r.mail(engine.Destination)
	d = want.Diff(got)
	if r.pair.ended() == r.ended {
		return d, 0
	}
	all := len(d.Flags) + len(d.Doubled)
	d.Flags = want.CountKeywords().Diff(got.CountKeywords()).Flags
	if broken := regexp.MustCompile(`imap\(` + regexp.QuoteMeta(r.user) + `\).*Broken file .*dovecot-uidlist .*UIDs not ordered`); broken.MatchString(r.pair.destination.Log()) {
		d.Doubled = nil
	}
	return d, all - len(d.Flags) - len(d.Doubled)
}

// until waits for a picture of the work that pleases ok.
func (r *rig) until(what string, ok func(engine.Progress) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	pictures := r.engine.Watch(ctx)
	for {
		select {
		case s := <-pictures:
			for _, p := range s.Passes {
				if p.Mailbox == r.mailbox && ok(p) {
					return
				}
			}
		case <-ctx.Done():
			r.t.Fatalf("%s never happens", what)
		}
	}
}

// copying waits until the pass has copied n messages.
func (r *rig) copying(n int64) {
	r.t.Helper()
	r.until(fmt.Sprintf("%d messages copied", n), func(p engine.Progress) bool { return p.Tally.Copied >= n })
}

// buffer is a buffer for logs of many goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
