// Package sandbox is a migration to try things on: two IMAP servers on this machine, an old one with a small company's
// mail and a new one that is empty, and new mail that keeps arriving. Everything is in memory, made up, and gone at Close.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"mwiz/engine"
)

// Sandbox is the two servers. All methods may be called at any time from anywhere, until Close.
type Sandbox struct {
	source, destination *server

	mu     sync.Mutex // guards writer
	writer *writer
}

// Start starts both servers on ports that the system picks, fills the source, and returns when they can be reached.
func Start(ctx context.Context) (*Sandbox, error) {
	s := &Sandbox{writer: newWriter()}
	var err error
	if s.source, err = listen(ctx); err != nil {
		return nil, err
	}
	if s.destination, err = listen(ctx); err != nil {
		return nil, errors.Join(err, s.source.Close())
	}
	for _, p := range people {
		if err := s.settle(p); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// settle makes a person's accounts on both sides and writes the mail of the old one.
func (s *Sandbox) settle(p person) error {
	source, destination := s.source.add(p.source(), p.password()), s.destination.add(p.destination(), p.password())
	for _, f := range p.folders {
		if err := source.create(f.name, f.role); err != nil {
			return err
		}
		for range f.messages {
			if err := source.deliver(f.name, s.writer.old(p, f)); err != nil {
				return err
			}
		}
	}
	twice := s.writer.old(p, p.folders[0])
	for range 2 { // the same twice is two messages
		if err := source.deliver(p.folders[0].name, twice); err != nil {
			return err
		}
	}
	for _, f := range newFolders {
		if err := destination.create(f.name, f.role); err != nil {
			return err
		}
	}
	return nil
}

// Close stops the servers and returns when nothing of them runs any more.
func (s *Sandbox) Close() error { return errors.Join(s.source.Close(), s.destination.Close()) }

// Project returns the migration from the old server to the new one, ready to be added to a ledger.
func (s *Sandbox) Project() engine.Project {
	return engine.Project{
		Name:        "Sandbox",
		Source:      s.source.endpoint(),
		Destination: s.destination.endpoint(),
		Settings:    engine.Settings{LateCommitWait: 1}, // these servers never store late
		Created:     time.Now(),
	}
}

// Enrolments returns the mailboxes of the migration with their passwords.
func (s *Sandbox) Enrolments() []engine.Enrolment {
	var list []engine.Enrolment
	for _, p := range people {
		list = append(list, engine.Enrolment{
			Mailbox: engine.Mailbox{
				Source:      engine.Account{Address: p.source(), User: p.source()},
				Destination: engine.Account{Address: p.destination(), User: p.destination()},
			},
			Secrets: engine.Secrets{Source: engine.NewSecret(p.password()), Destination: engine.NewSecret(p.password())},
		})
	}
	return list
}

// Deliver lets n new messages arrive at the source, in turn at everybody's, mostly in their inbox.
func (s *Sandbox) Deliver(n int) error {
	for range n {
		s.mu.Lock()
		p, folder, m := s.writer.next()
		s.mu.Unlock()
		if err := s.source.account(p.source()).deliver(folder, m); err != nil {
			return err
		}
	}
	return nil
}

// Run lets a message arrive at the source every so often, until ctx ends.
func (s *Sandbox) Run(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.Deliver(1); err != nil {
				return err
			}
		}
	}
}

// Pace makes the destination take its time over every message, as a server far away does, so that there is something to
// watch; 0 is at once.
func (s *Sandbox) Pace(d time.Duration) { s.destination.pace.Store(int64(d)) }

// LimitSize makes the destination refuse messages of more than n bytes; 0 takes all.
func (s *Sandbox) LimitSize(n int64) { s.destination.limit.Store(n) }

// Messages returns how many messages a side holds.
func (s *Sandbox) Messages(side engine.Side) (int64, error) {
	var all int64
	for _, a := range s.on(side).all() {
		n, err := a.messages()
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

func (s *Sandbox) on(side engine.Side) *server {
	if side == engine.Source {
		return s.source
	}
	return s.destination
}

// endpoint returns how to reach the server.
func (s *server) endpoint() engine.Endpoint {
	addr := s.listener.Addr().(*net.TCPAddr)
	return engine.Endpoint{Host: addr.IP.String(), Port: addr.Port, Encryption: engine.Plaintext}
}

// where names an account in errors.
func where(account, folder string) string { return fmt.Sprintf("sandbox: %s: %s", account, folder) }
