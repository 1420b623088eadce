package discover

import (
	"context"
	"slices"

	"mwiz/assets"
	"mwiz/engine"
)

// byDomain returns the presets whose domain the address has.
func (f Finder) byDomain(a address) (all []Candidate) {
	for _, p := range f.Presets {
		if slices.Contains(p.Domains, a.domain) {
			all = append(all, ofPreset(p, a, FromPreset, a.domain))
		}
	}
	return all
}

// byMX returns the presets to whose hosts mail for the domain goes: of a host those that name it most exactly.
func (f Finder) byMX(hosts []string, a address) (all []Candidate) {
	for _, host := range hosts {
		longest := 0
		for _, p := range f.Presets {
			longest = max(longest, namedBy(p, host))
		}
		for _, p := range f.Presets {
			known := slices.ContainsFunc(all, func(c Candidate) bool { return c.Endpoint.Preset == p.ID })
			if longest > 0 && namedBy(p, host) == longest && !known {
				all = append(all, ofPreset(p, a, FromMX, host))
			}
		}
	}
	return all
}

// namedBy returns how exactly a preset names a host to which its customers' mail goes: the length of the longest name that fits.
func namedBy(p assets.Preset, host string) (longest int) {
	for _, domain := range p.MX {
		if within(host, domain) {
			longest = max(longest, len(domain))
		}
	}
	return longest
}

// ofPreset returns a preset as an answer.
func ofPreset(p assets.Preset, a address, from Origin, at string) Candidate {
	c := Candidate{Endpoint: engine.Endpoint{Host: p.Host, Port: p.Port, Encryption: engine.Encryption(p.Encryption)}, From: from, At: at}
	c.become(p, a)
	return c
}

// become takes over what a preset knows beyond host, port and encryption.
func (c *Candidate) become(p assets.Preset, a address) {
	c.Endpoint.Preset, c.Side = p.ID, p.Side
	c.Endpoint.Access = engine.Access{}
	if len(p.Methods) > 0 {
		c.Endpoint.Access.Method, _ = engine.ParseMethod(p.Methods[0])
	}
	c.User = a.whole
	if p.User == assets.UserLocal && a.local != "" {
		c.User = a.local
	}
	c.SignIn = []string{p.SignIn}
}

// adopt returns a candidate as the preset has it whose endpoint it is: what that knows was looked at by people. What was said of the way stays.
func (f Finder) adopt(a address, c Candidate) Candidate {
	if c.Endpoint.Preset != "" {
		return c
	}
	for _, p := range f.Presets {
		if p.Host == c.Endpoint.Host && p.Port == c.Endpoint.Port && p.Encryption == string(c.Endpoint.Encryption) {
			c.become(p, a)
			c.Foreign = false // nobody can have put his own host there
			return c
		}
	}
	c.Endpoint.Preset = "other"
	return c
}

// mxHosts returns where mail for the domain goes, the preferred host first.
func (f Finder) mxHosts(ctx context.Context, a address) (hosts []string, err error) {
	records, err := f.Resolver.LookupMX(ctx, a.domain+".") // and in none of the domains that this computer searches in
	for _, r := range records {
		if host := asHost(r.Host); isHost(host) && len(hosts) < mostFromOne {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) > 0 {
		err = nil // some of the records were of no use
	}
	return hosts, err
}
