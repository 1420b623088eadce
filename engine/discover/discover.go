// Package discover finds out how to reach the mail service of an address: from the provider presets, from what the address's domain and
// Thunderbird's database say, and by trying the usual names. Every answer says where it came from and how far it can be trusted; the user decides.
//
// All that it reads comes from strangers, and is bounded in size, time and number. Passwords are never part of it. The whole address is told to
// the domain itself alone, over https; everybody else learns the domain.
package discover

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"slices"
	"time"

	"mwiz/assets"
	"mwiz/engine"
)

// Origin is where an answer came from.
type Origin string

// The origins, the ones to be preferred first.
const (
	FromPreset     Origin = "preset"          // the domain is a provider's own
	FromMX         Origin = "mx"              // the domain's mail goes to a provider that has a preset
	FromAutoconfig Origin = "autoconfig"      // the domain says so, over https
	FromISPDB      Origin = "ispdb"           // Thunderbird's database says so
	FromSRV        Origin = "srv"             // a service record of the domain (RFC 6186)
	FromInsecure   Origin = "autoconfig-http" // the domain seems to say so, without encryption
	FromGuess      Origin = "guess"           // a mail service answers at a usual name
)

// Check is what a connection to an endpoint has shown.
type Check string

// What a connection can show.
const (
	Unchecked Check = ""          // a preset's: nothing was tried
	Answered  Check = "answered"  // a mail service that can prove its name
	Unproven  Check = "unproven"  // a mail service whose certificate is not for this name, or not to be trusted
	Silent    Check = "no answer" // none, or none with encryption
)

// Candidate is one way to reach the mail service of an address.
type Candidate struct {
	Endpoint engine.Endpoint `json:"-"`
	User     string          `json:"user,omitempty"`     // user name that belongs to the address; "": not known
	SignIn   []string        `json:"sign_in,omitempty"`  // "password", "encrypted password", "oauth2", "kerberos", "certificate", as far as told
	Side     string          `json:"side,omitempty"`     // "source" where it can only be read from
	From     Origin          `json:"from"`               // where the answer came from
	At       string          `json:"at"`                 // what exactly said so: a domain, a name of a record, an address of a page, a host
	Insecure bool            `json:"insecure,omitempty"` // it came a way on which anybody can have changed it
	Foreign  bool            `json:"foreign,omitempty"`  // only the unsigned DNS leads to this host, which is outside the domain
	Check    Check           `json:"check,omitempty"`    // what a connection to it has shown
	Text     string          `json:"text,omitempty"`     // about that, for people who know
}

// Sure reports whether it may be filled in without asking: whoever said so can be trusted to, and the service is what it says.
func (c Candidate) Sure() bool {
	return !c.Insecure && !c.Foreign && (c.Check == Unchecked || c.Check == Answered)
}

// Asked is a place where an answer was looked for, and why it had none.
type Asked struct {
	From    Origin `json:"from"`
	At      string `json:"at"`
	Found   int    `json:"found"`
	Trouble string `json:"trouble,omitempty"`
}

// Answer is what was found.
type Answer struct {
	Address    string      `json:"address"`
	Domain     string      `json:"domain"`     // as the DNS writes it
	Candidates []Candidate `json:"candidates"` // the best first, each host, port and encryption once
	Asked      []Asked     `json:"asked,omitempty"`
}

// For returns the candidates for a side: what can only be read from is the better one for a source, and none for a destination.
func (a Answer) For(side engine.Side) []Candidate {
	all := slices.DeleteFunc(slices.Clone(a.Candidates), func(c Candidate) bool { return c.Side != "" && c.Side != side.String() })
	if i := slices.IndexFunc(all, func(c Candidate) bool { return c.Side != "" && c.From == all[0].From && c.At == all[0].At }); i > 0 {
		better := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, better)
	}
	return all
}

// Best returns the candidate to take for a side without asking; false where none is sure, or where a provider has several services that fit as well.
func (a Answer) Best(side engine.Side) (Candidate, bool) {
	all := a.For(side)
	if len(all) == 0 || !all[0].Sure() {
		return Candidate{}, false
	}
	best := all[0]
	rivals := slices.ContainsFunc(all[1:], func(c Candidate) bool {
		return c.Sure() && c.From == best.From && c.At == best.At && c.Side == best.Side && c.Endpoint.Preset != best.Endpoint.Preset
	})
	return best, !rivals
}

// Resolver is what is needed of the DNS; *net.Resolver is one.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Finder finds mail services. Its zero value knows no presets and asks the real world.
type Finder struct {
	Presets  []assets.Preset
	Resolver Resolver                                                             // nil: the system's
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // how mail services are reached; nil: directly
	Web      http.RoundTripper                                                    // how pages are read; nil: as usual
	Roots    *x509.CertPool                                                       // for mail services; nil: the system's
	ISPDB    string                                                               // nothing: Thunderbird's
	Limit    time.Duration                                                        // for all; 0: 9 s
	Grace    time.Duration                                                        // how long others are waited for when one that is sure has answered; 0: 1 s
}

// The bounds of a search.
const (
	defaultLimit = 9 * time.Second
	askLimit     = 4 * time.Second // for each place that is asked
	probeLimit   = 4 * time.Second // for each connection
	defaultGrace = time.Second
	mostFromOne  = 6 // candidates of one place
	mostProbed   = 12
)

// defaultISPDB is Thunderbird's database.
const defaultISPDB = "https://autoconfig.thunderbird.net/v1.1/"

// Find looks for the mail service of an address. It fails with ErrAddress alone; an answer without candidates is one.
// It returns within the limit, at once where the domain is a provider's own.
func (f Finder) Find(ctx context.Context, address string) (Answer, error) {
	a, err := parseAddress(address)
	if err != nil {
		return Answer{}, err
	}
	f = f.complete()
	answer := Answer{Address: a.whole, Domain: a.domain, Candidates: f.byDomain(a)}
	if len(answer.Candidates) > 0 {
		answer.Asked = []Asked{{From: FromPreset, At: a.domain, Found: len(answer.Candidates)}}
		return answer, nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.Limit)
	defer cancel()
	asked := f.ask(ctx, f.places(a))
	all := f.tidy(nil, a, asked)
	f.check(ctx, all)
	if !slices.ContainsFunc(all, Candidate.Sure) {
		guessed := f.ask(ctx, []place{{FromGuess, a.domain, func(ctx context.Context) ([]Candidate, error) { return f.guess(ctx, a) }}})
		all, asked = f.tidy(all, a, guessed), append(asked, guessed...)
	}
	answer.Candidates = order(all)
	for _, one := range asked {
		answer.Asked = append(answer.Asked, one.told())
	}
	return answer, nil
}

// complete fills in what is usual.
func (f Finder) complete() Finder {
	if f.Resolver == nil {
		f.Resolver = net.DefaultResolver
	}
	if f.Dial == nil {
		f.Dial = (&net.Dialer{}).DialContext
	}
	if f.Web == nil {
		f.Web = &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: f.Dial, TLSHandshakeTimeout: askLimit, MaxResponseHeaderBytes: largestPage,
			DisableKeepAlives: true}
	}
	if f.ISPDB == "" {
		f.ISPDB = defaultISPDB
	}
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	if f.Grace <= 0 {
		f.Grace = defaultGrace
	}
	return f
}

// tidy adds what the places have found to all, in their order: each endpoint once, and as the preset has it where it is a preset's.
func (f Finder) tidy(all []Candidate, a address, asked []found) []Candidate {
	for _, place := range asked {
		for _, c := range place.candidates {
			if !slices.ContainsFunc(all, func(o Candidate) bool { return sameEndpoint(o.Endpoint, c.Endpoint) }) {
				all = append(all, f.adopt(a, c))
			}
		}
	}
	return all
}

func sameEndpoint(a, b engine.Endpoint) bool {
	return a.Host == b.Host && a.Port == b.Port && a.Encryption == b.Encryption
}

// order puts those first that are sure, and those last that do not answer; else it stays.
func order(all []Candidate) []Candidate {
	rank := func(c Candidate) int {
		switch {
		case c.Sure():
			return 0
		case c.Check == Silent:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return rank(a) - rank(b) })
	return all
}
