package discover

import (
	"context"
	"errors"
	"slices"
	"sync"

	"mwiz/engine"
)

// guess tries the names that mail services usually have. It returns those that answer: of several that are one and the same only the first.
func (f Finder) guess(ctx context.Context, a address) ([]Candidate, error) {
	hosts := []string{"imap." + a.domain, "mail." + a.domain, a.domain}
	tried := make([]Candidate, len(hosts))
	whose := make([]string, len(hosts))
	var trying sync.WaitGroup
	for i, host := range hosts {
		trying.Go(func() {
			for _, to := range []engine.Endpoint{{Host: host, Port: 993, Encryption: engine.TLS}, {Host: host, Port: 143, Encryption: engine.STARTTLS}} {
				c := Candidate{Endpoint: to, User: a.whole, From: FromGuess, At: host}
				whose[i] = f.probe(ctx, &c)
				if tried[i] = c; c.Check != Silent {
					return
				}
			}
		})
	}
	trying.Wait()
	var all []Candidate
	var known []string
	for _, good := range []Check{Answered, Unproven} {
		for i, c := range tried {
			if c.Check == good && !slices.Contains(known, whose[i]) {
				all, known = append(all, c), append(known, whose[i])
			}
		}
	}
	if len(all) == 0 {
		return nil, errNobody
	}
	return all, nil
}

// errNobody is a domain whose usual names are none of a mail service's.
var errNobody = errors.New("none of the usual names answers")

// check tries to reach the candidates that nothing has vouched for yet, all at the same time.
func (f Finder) check(ctx context.Context, all []Candidate) {
	var trying sync.WaitGroup
	for i := range all[:min(len(all), mostProbed)] {
		if c := &all[i]; c.Check == Unchecked && c.From != FromPreset && c.From != FromMX {
			trying.Go(func() { f.probe(ctx, c) })
		}
	}
	trying.Wait()
}
