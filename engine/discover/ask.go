package discover

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// place is where an answer may be had.
type place struct {
	from Origin
	at   string
	ask  func(ctx context.Context) ([]Candidate, error)
}

// found is what a place answered.
type found struct {
	place
	candidates []Candidate
	err        error
}

// told returns it for people.
func (f found) told() Asked {
	a := Asked{From: f.from, At: f.at, Found: len(f.candidates)}
	if f.err != nil {
		a.Trouble = trouble(f.err)
	}
	return a
}

// places returns where to ask about an address, the most trusted first.
func (f Finder) places(a address) []place {
	type answer struct {
		hosts []string
		err   error
	}
	mx := make(chan answer, 1) // asked for once, wanted twice
	byMX := place{FromMX, a.domain, func(ctx context.Context) ([]Candidate, error) {
		hosts, err := f.mxHosts(ctx, a)
		all := f.byMX(hosts, a)
		if len(all) > 0 {
			hosts = nil // nobody else need be asked about them
		}
		mx <- answer{hosts, err}
		return all, err
	}}
	byMXInISPDB := place{FromISPDB, f.ISPDB, func(ctx context.Context) ([]Candidate, error) {
		select {
		case m := <-mx:
			return f.ispdbOfMX(ctx, m.hosts, a)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	return []place{
		byMX,
		f.autoconfig(FromAutoconfig, "https://autoconfig."+a.domain+"/mail/config-v1.1.xml", a),
		f.autoconfig(FromAutoconfig, "https://"+a.domain+"/.well-known/autoconfig/mail/config-v1.1.xml", a),
		f.autoconfig(FromISPDB, f.ISPDB+a.domain, a),
		byMXInISPDB,
		{FromSRV, "_imaps._tcp." + a.domain, func(ctx context.Context) ([]Candidate, error) { return f.records(ctx, "imaps", a) }},
		{FromSRV, "_imap._tcp." + a.domain, func(ctx context.Context) ([]Candidate, error) { return f.records(ctx, "imap", a) }},
		f.autoconfig(FromInsecure, "http://autoconfig."+a.domain+"/mail/config-v1.1.xml", a),
		f.autoconfig(FromInsecure, "http://"+a.domain+"/.well-known/autoconfig/mail/config-v1.1.xml", a),
	}
}

// ask asks all places at the same time, and returns what they answered, in their order. Once one has answered that is sure, the others have only
// a little more time.
func (f Finder) ask(ctx context.Context, places []place) []found {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := make([]found, len(places))
	answers := make(chan int, len(places))
	var asking sync.WaitGroup
	for i, p := range places {
		asking.Go(func() {
			limit := askLimit
			if p.from == FromGuess {
				limit = 2 * probeLimit
			}
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			candidates, err := p.ask(ctx)
			all[i] = found{p, candidates[:min(len(candidates), mostFromOne)], err}
			answers <- i
		})
	}
	var enough <-chan time.Time
	for range places {
		select {
		case i := <-answers:
			if enough == nil && slices.ContainsFunc(all[i].candidates, Candidate.Sure) {
				enough = time.After(f.Grace)
			}
		case <-enough:
			cancel()
		}
	}
	cancel()
	asking.Wait()
	return all
}

// trouble says in few words why a place has no answer.
func trouble(err error) string {
	var dns *net.DNSError
	var page *url.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "not there"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &dns) && dns.IsTimeout:
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "not waited for"
	case errors.As(err, &page):
		err = page.Err // its text repeats the address
	}
	text := strings.ToValidUTF8(err.Error(), "?")
	return text[:min(len(text), 200)]
}
