package engine

import (
	"context"
	"sync"
	"time"
)

// A service that is away costs a pass its few attempts to connect again, and then the pass. A network that is away costs it nothing: the pass waits
// and goes on by itself. The two are told apart by the other service: when that cannot be reached either, and both could before, it is us.

// patience is how long a pass waits for the network. Longer than a night; a pass that a scheduler has started must end some time.
const patience = 12 * time.Hour

// sitting is how long a pass waits between two looks whether the network is back.
const sitting = 10 * time.Second

// fresh is how long it counts what another pass has found of a service.
const fresh = sitting

// horizon is what the passes have last found of the services that they connect to. The zero value is ready to use.
type horizon struct {
	mu   sync.Mutex
	seen map[string]sight // by address
}

// sight is one service.
type sight struct {
	reached bool // ever, since the program started
	answers bool // when it was last tried
	at      time.Time
}

// note keeps what came of connecting to a service. A refusal is an answer.
func (h *horizon) note(address string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen == nil {
		h.seen = map[string]sight{}
	}
	answers := KindOf(err) != Unreachable
	h.seen[address] = sight{h.seen[address].reached || answers, answers, time.Now()}
}

func (h *horizon) of(address string) sight {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[address]
}

// cutOff reports whether the trouble with a side, which cannot be reached, is the network's: the other side cannot be reached either.
func (p *activePass) cutOff(ctx context.Context, side Side, err error) bool {
	other := Destination
	if side == Destination {
		other = Source
	}
	here, there := p.endpoint(side).Address(), p.endpoint(other).Address()
	h := &p.e.horizon
	if KindOf(err) != Unreachable || here == there || !h.of(here).reached || !h.of(there).reached {
		return false
	}
	if time.Since(h.of(there).at) > fresh || h.of(there).answers {
		if s, err := p.dial(ctx, other); err == nil {
			_ = s.Close()
		}
	}
	return ctx.Err() == nil && !h.of(there).answers
}

// sitOut waits until it is worth looking again whether the network is back. The pass keeps its place: others would find no network either.
func (p *activePass) sitOut(ctx context.Context) error {
	p.progress.phase(Offline, time.Time{}, Unreachable)
	t := time.NewTimer(jitter(sitting))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
