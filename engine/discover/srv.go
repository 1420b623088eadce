package discover

import (
	"context"
	"errors"

	"mwiz/engine"
)

// errNoService is a domain that says it has no such service.
var errNoService = errors.New("the domain says that it has no such service")

// records returns what the domain's service records name (RFC 6186, RFC 8314). A target outside the domain may be anybody's who could change the answer on
// its way, so the user is asked about it.
func (f Finder) records(ctx context.Context, service string, a address) (all []Candidate, err error) {
	_, records, err := f.Resolver.LookupSRV(ctx, service, "tcp", a.domain+".")
	if len(records) == 1 && records[0].Target == "." {
		return nil, errNoService
	}
	encryption := engine.TLS
	if service == "imap" {
		encryption = engine.STARTTLS
	}
	for _, r := range records {
		host := asHost(r.Target)
		if !isHost(host) || r.Port == 0 {
			continue
		}
		all = append(all, Candidate{Endpoint: engine.Endpoint{Host: host, Port: int(r.Port), Encryption: encryption},
			User: a.whole, From: FromSRV, At: "_" + service + "._tcp." + a.domain, Foreign: !within(host, a.domain)})
	}
	if len(all) > 0 {
		err = nil
	}
	return all, err
}
