package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/engine/imap/imaptest"
	"mwiz/engine/oauth"
	"mwiz/engine/oauth/oauthtest"
)

// accessRig is a rig whose destination, or both, are signed in to otherwise than by a password.
type accessRig struct {
	*rig
	provider *oauthtest.Provider
	tokens   *oauth.Tokens
}

// newAccessRig makes one with a Dovecot that asks the provider. wait is the engine's SignInWait.
func newAccessRig(t *testing.T, wait time.Duration) *accessRig {
	t.Helper()
	p := oauthtest.New(t)
	source := imaptest.Options{Master: "root"}
	r := &accessRig{provider: p, rig: newPair(t, source, imaptest.Options{Introspect: [2]string{p.Introspect(), p.IntrospectAll()}}).rig(t, "anna@example.org", setup{})}
	r.stop()
	log := slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.tokens = oauth.New(oauth.Options{Keychain: r.keychain, Log: log, Microsoft: p.As(oauth.Microsoft()), Google: p.As(oauth.Google())})
	r.engine = engine.New(engine.Options{Ledger: r.ledger, Keychain: r.keychain, Log: log, Dialer: imap.NewDialer(imap.Options{Log: log, Stall: r.o.stall}),
		Tokens: r.tokens, SignInWait: wait})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.engine.Run(ctx) }()
	r.stop = func() { cancel(); r.must(<-ended) }
	return r
}

// access changes how a side is signed in to, with the secret that all its mailboxes share.
func (r *accessRig) access(side engine.Side, a engine.Access, shared string) {
	r.t.Helper()
	p, err := r.ledger.Project(r.t.Context(), r.project)
	r.must(err)
	if side == engine.Source {
		p.Source.Access = a
	} else {
		p.Destination.Access = a
	}
	r.must(r.ledger.UpdateProject(r.t.Context(), p))
	r.must(engine.Enroller{Roster: r.ledger, Keychain: r.keychain}.SetShared(r.t.Context(), r.project, side, engine.NewSecret(shared)))
}

// signIn keeps a refresh token for the destination, as after a sign-in by its owner.
func (r *accessRig) signIn() (engine.Mailbox, engine.Secret) {
	r.t.Helper()
	s := engine.NewSecret(r.provider.Issue(r.user))
	r.must(engine.Enroller{Roster: r.ledger, Keychain: r.keychain}.SetSecrets(r.t.Context(), r.mailbox, engine.Secrets{Destination: s}))
	m, err := r.ledger.Mailbox(r.t.Context(), r.mailbox)
	r.must(err)
	return m, s
}

var mine = engine.Access{Method: engine.OAuthMicrosoft, Client: oauthtest.ClientID}

// TestTokenExpiresInThePass: connections that are made again in the middle get a new token, and what replaces the refresh token is kept.
func TestTokenExpiresInThePass(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, 0)
	r.access(engine.Destination, mine, "")
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 300})
	m, _ := r.signIn()
	r.to.Limit(400_000)
	id := r.start(engine.NewItems)
	r.copying(1)
	r.provider.ExpireAccess(r.user)
	r.to.Cut()
	r.to.Limit(0)
	if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied != 300 {
		t.Errorf("%s (%s %s), %+v", p.State, p.Cause, p.Error, p.Tally)
	}
	r.holds(r.mail(engine.Source))
	kept, err := r.keychain.Get(t.Context(), m.Destination.Secret)
	r.must(err)
	if !r.provider.Newest(kept.Reveal()) {
		t.Error("what is kept is not the newest refresh token")
	}
	r.provider.ExpireAccess(r.user)
	r.complete(engine.NewItems, 0)
}

// TestRevokedInThePass: the pass waits in the middle until the owner has signed in again, and goes on with the same number.
func TestRevokedInThePass(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, time.Minute)
	r.access(engine.Destination, mine, "")
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 300})
	r.signIn()
	r.to.Limit(400_000)
	id := r.start(engine.NewItems)
	r.copying(1)
	r.provider.Revoke(r.user)
	r.to.Cut()
	r.to.Limit(0)
	r.until("the wait", func(p engine.Progress) bool { return p.Phase == engine.AwaitingSignIn && p.Reason == engine.Denied })
	m, s := r.signIn()
	r.engine.SignedIn(m, engine.Destination, s)
	if p := r.wait(id); p.State != engine.PassCompleted || p.Tally.Copied != 300 || p.Number != 1 {
		t.Errorf("%s (%s %s), number %d, %+v", p.State, p.Cause, p.Error, p.Number, p.Tally)
	}
	r.holds(r.mail(engine.Source))
}

// TestRevokedBeforeThePass: it fails at once, says what to do, does not count, and the next one goes on.
func TestRevokedBeforeThePass(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, time.Minute)
	r.access(engine.Destination, mine, "")
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20})
	r.must(engine.Enroller{Roster: r.ledger, Keychain: r.keychain}.SetSecrets(t.Context(), r.mailbox, engine.Secrets{Destination: engine.NewSecret("canary-gone")}))
	if p := r.run(engine.NewItems); p.State != engine.PassFailed || p.Cause != engine.Denied || p.Number != 0 || !strings.HasPrefix(p.Error, engine.ErrSignInAgain.Error()) {
		t.Errorf("%+v", p)
	}
	r.signIn()
	r.complete(engine.NewItems, 20)
	r.holds(r.mail(engine.Source))
}

// TestOneCredentialForAllMailboxes: a master user at the source and an application at the destination move mailboxes for which nothing is kept; what is
// wrong is tried a few times, not once a mailbox.
func TestOneCredentialForAllMailboxes(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, 0)
	r.access(engine.Source, engine.Access{Method: engine.MasterUser, Admin: "root"}, imaptest.Password)
	r.access(engine.Destination, engine.Access{Method: engine.AppMicrosoft, Client: oauthtest.AppID, Tenant: oauthtest.Tenant}, oauthtest.AppSecret)
	var bare []engine.Mailbox
	for i := range 12 {
		user := fmt.Sprintf("user%d@example.org", i)
		a := engine.Account{Address: user, User: user}
		bare = append(bare, engine.Mailbox{Source: a, Destination: a})
		imaptest.WriteCorpus(t, r.pair.source.MailRoot(user), imaptest.CorpusOptions{Messages: 5, Seed: uint64(i)})
	}
	added, err := r.ledger.AddMailboxes(t.Context(), r.project, bare)
	r.must(err)
	run := func() (done, denied, untried int) {
		s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems})
		r.must(err)
		for _, q := range s.Passes {
			switch p := r.wait(q.ID); {
			case p.State == engine.PassCompleted:
				done++
			case p.Cause == engine.Denied && strings.HasPrefix(p.Error, engine.ErrAdminRefused.Error()):
				untried++
			case p.Cause == engine.Denied:
				denied++
			}
		}
		return done, denied, untried
	}
	if done, _, _ := run(); done != 13 {
		t.Errorf("%d of 13 passes are completed", done)
	}
	for _, m := range added {
		if d := imaptest.Compare(t, r.pair.source.MailRoot(m.Source.User), r.pair.destination.MailRoot(m.Source.User)); !d.Empty() {
			t.Errorf("%s:\n%s", m.Source.User, d)
		}
	}
	if n := r.provider.Asked("client_credentials"); n != 1 {
		t.Errorf("%d tokens for one tenant", n)
	}
	r.access(engine.Source, engine.Access{Method: engine.MasterUser, Admin: "root"}, "wrong")
	if done, denied, untried := run(); done != 0 || denied != 3 || untried != 10 {
		t.Errorf("a wrong password: %d done, %d denied, %d not tried", done, denied, untried)
	}
	r.access(engine.Source, engine.Access{Method: engine.MasterUser, Admin: "root"}, "")
	if done, denied, untried := run(); done+denied+untried != 0 {
		t.Errorf("no password: %d done, %d denied, %d not tried", done, denied, untried)
	}
}

// TestServiceAccount signs in to each mailbox in its own name.
func TestServiceAccount(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, 0)
	r.access(engine.Destination, engine.Access{Method: engine.ServiceAccount}, r.provider.ServiceKey())
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20})
	r.complete(engine.NewItems, 20)
	r.holds(r.mail(engine.Source))
	err := r.engine.Check(t.Context(), engine.Credential{Side: engine.Destination, To: r.endpoint(engine.Destination), Account: engine.Account{User: "bob@example.org"}})
	r.must(err)
}

// endpoint returns the project's, as the ledger has it.
func (r *accessRig) endpoint(side engine.Side) engine.Endpoint {
	p, err := r.ledger.Project(r.t.Context(), r.project)
	r.must(err)
	return p.On(side)
}

// TestAccessSecretsStayOut: no token, key, code or administrator's password is in a file, the log or the environment, whatever goes wrong.
func TestAccessSecretsStayOut(t *testing.T) {
	t.Parallel()
	r := newAccessRig(t, 0)
	r.access(engine.Source, engine.Access{Method: engine.MasterUser, Admin: "root"}, "canary-wrong-master")
	r.access(engine.Destination, mine, "")
	imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20})
	r.signIn()
	if p := r.run(engine.NewItems); p.Cause != engine.Denied {
		t.Errorf("a wrong master password: %+v", p)
	}
	r.access(engine.Source, engine.Access{Method: engine.MasterUser, Admin: "root"}, imaptest.Password)
	r.complete(engine.NewItems, 20)
	r.provider.Revoke(r.user)
	if p := r.run(engine.NewItems); p.Cause != engine.Denied || !strings.Contains(p.Error, "AADSTS700082") {
		t.Errorf("revoked: %+v", p)
	}
	r.provider.Break(503)
	s, err := r.tokens.Browser(t.Context(), engine.Credential{To: r.endpoint(engine.Destination), Account: engine.Account{User: r.user}},
		func(address string) error { go func() { _, _ = r.provider.Visit(address, "") }(); return nil })
	if err == nil || strings.Contains(err.Error(), "canary") || !s.Empty() {
		t.Errorf("a broken provider: %v", err)
	}
	r.close()
	places := map[string]string{"the log": r.log.String(), "the environment": strings.Join(os.Environ(), "\n"), "the arguments": strings.Join(os.Args, " ")}
	r.must(filepath.WalkDir(r.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		places[path] = string(b)
		return err
	}))
	for place, text := range places {
		if strings.Contains(text, "canary") {
			t.Errorf("a secret is in %s", place)
		}
	}
	if len(places) < 5 {
		t.Errorf("only %d places were looked into", len(places))
	}
}
