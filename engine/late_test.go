package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestLateCommitIsWaitedFor cuts a connection whose server stores what it has got seconds later. Nothing is sent a second time.
func TestLateCommitIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{Lanes: 1, LateCommitWait: 10}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Median: 1500, Largest: 3000, Folders: []string{imaptest.Inbox}})
	r.to.Break(imaptest.Fault{Up: true, After: 25_000, Mode: imaptest.Late, Delay: 3 * time.Second})
	r.complete(engine.NewItems, 20)
	for end := time.Now().Add(20 * time.Second); r.to.Open() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond) // had the pass not waited, what was stored late would be there only now
	}
	if r.to.Broken() != 1 {
		t.Error("no connection was cut")
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}

// lateDialer lets what a cut connection had sent arrive just before the destination's folder is opened for the third time after the cut: between the
// two looks that must agree.
type lateDialer struct {
	engine.Dialer
	cut     func() bool // the connection was cut
	arrive  func()      // lets it arrive, and waits until it is there
	mu      sync.Mutex
	opened  int
	arrived bool
}

func (d *lateDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, secret engine.Secret) (engine.Session, error) {
	s, err := d.Dialer.Dial(ctx, side, e, user, secret)
	if err == nil && side == engine.Destination {
		s = lateSession{s, d}
	}
	return s, err
}

type lateSession struct {
	engine.Session
	d *lateDialer
}

func (s lateSession) Examine(ctx context.Context, f engine.FolderName) (engine.FolderStatus, error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	if s.d.cut() && s.Alive() {
		if s.d.opened++; s.d.opened == 3 {
			s.d.arrive()
			s.d.arrived = true
		}
	}
	return s.Session.Examine(ctx, f)
}

// TestSecondLookFindsWhatTheFirstMissed has a server that stores what it got before a cut only after the late-commit wait, when the first look at what is
// in doubt has found nothing. Nothing is sent a second time.
func TestSecondLookFindsWhatTheFirstMissed(t *testing.T) {
	t.Parallel()
	var r *rig
	until := make(chan struct{})
	d := &lateDialer{cut: func() bool { return r.to.Broken() > 0 }}
	r = newRig(t, setup{settings: engine.Settings{Lanes: 1, LateCommitWait: 1}, dialer: func(real engine.Dialer) engine.Dialer {
		d.Dialer = real
		return d
	}})
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Median: 1500, Largest: 3000, Folders: []string{imaptest.Inbox}})
	d.arrive = func() {
		before := r.mail(engine.Destination).Count()
		close(until)
		for end := time.Now().Add(20 * time.Second); r.mail(engine.Destination).Count() == before && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	r.to.Break(imaptest.Fault{Up: true, After: 25_000, Mode: imaptest.Late, Until: until})
	r.complete(engine.NewItems, 20)
	if !d.arrived {
		t.Error("the folder was not looked at twice")
	}
	r.holds(r.mail(engine.Source))
	r.complete(engine.NewItems, 0)
}
