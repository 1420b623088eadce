package engine_test

import (
	"context"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/engine/imap/imaptest"
)

// waitingDialer lets everybody in but one user, who is told to come again in an hour, or waits for ctx to end.
type waitingDialer struct {
	engine.Dialer
	user  string
	hangs bool
}

func (d waitingDialer) Dial(ctx context.Context, side engine.Side, e engine.Endpoint, user string, s engine.Secret) (engine.Session, error) {
	switch {
	case user != d.user:
		return d.Dialer.Dial(ctx, side, e, user, s)
	case d.hangs:
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	return nil, &engine.Error{Op: "sign in", Kind: engine.Throttled, Side: side, Wait: time.Hour}
}

// TestMailboxesInFlight: a mailbox that has to wait holds no place, and a limit that is raised meanwhile counts at once.
func TestMailboxesInFlight(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{})
	for name, hangs := range map[string]bool{"waiting": false, "limit raised": true} {
		t.Run(name, func(t *testing.T) {
			r := p.rig(t, "anna-"+name[:1], setup{settings: engine.Settings{Mailboxes: 1}})
			bob := r.enrol("bob-" + name[:1])
			imaptest.WriteCorpus(t, p.source.MailRoot("bob-"+name[:1]), imaptest.CorpusOptions{Messages: 10})
			e := engine.New(engine.Options{Ledger: r.ledger, Keychain: r.keychain, Dialer: waitingDialer{imap.NewDialer(imap.Options{}), r.user, hangs}})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			started, err := e.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems})
			r.must(err)
			if hangs {
				project, err := r.ledger.Project(t.Context(), r.project)
				r.must(err)
				project.Settings.Mailboxes = 2
				r.must(r.ledger.UpdateProject(t.Context(), project))
			}
			limit, done := context.WithTimeout(t.Context(), time.Minute)
			defer done()
			for _, q := range started.Passes {
				if q.Mailbox != bob {
					continue
				}
				r.must(e.Wait(limit, q.ID))
				if got := r.pass(q.ID); got.State != engine.PassCompleted || got.Tally.Copied != 10 {
					t.Errorf("bob's pass is %s with %d copied", got.State, got.Tally.Copied)
				}
			}
			cancel()
			r.must(<-ended)
		})
	}
}
