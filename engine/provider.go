package engine

// Provider is what is known of a mail service that it does not tell itself. The zero value knows nothing.
type Provider struct {
	Connections int     // that an account may have at once; 0: not known
	DownloadDay int64   // bytes that may be read from an account in a day; 0: any
	UploadDay   int64   // bytes that may be written to one
	Shows       []int64 // numbers of messages of a folder beyond which it may show none
	Export      string  // host that shows more, for reading only; "": none
	LocalUser   bool    // it knows users by the part of their address before the @
}

// provider returns what is known of a service.
func (e *Engine) provider(to Endpoint) Provider {
	if e.o.Provider == nil {
		return Provider{}
	}
	return e.o.Provider(to)
}

// mostLanes is how many lanes the pass may have: as many as the user allows, and the services do for an account, whoever uses it besides. One connection
// is left for questions beside the pass.
func (p *activePass) mostLanes() int64 {
	most := p.limits.Lanes
	for _, side := range []Side{Source, Destination} {
		if allowed := p.e.provider(p.endpoint(side)).Connections; allowed > 0 {
			most = min(most, max(1, (allowed-1)/p.e.sharing(p.endpoint(side), p.mailbox.On(side).User)))
		}
	}
	return int64(most)
}

// sharing returns how many passes are at work with an account, at least one.
func (e *Engine) sharing(to Endpoint, user string) (n int) {
	key := AccountKey(to, user)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.passes {
		if !p.dispatched {
			continue
		}
		for _, side := range []Side{Source, Destination} {
			if AccountKey(p.endpoint(side), p.mailbox.On(side).User) == key {
				n++
			}
		}
	}
	return max(1, n)
}
