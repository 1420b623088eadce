package engine

import (
	"context"
	"math/rand/v2"
	"time"
)

// maxTries is how often a lost connection is made again without anything having been done over it in between.
const maxTries = 5

// dial signs in on a side with the mailbox's account.
func (p *activePass) dial(ctx context.Context, side Side) (Session, error) {
	s, err := p.e.signIn(ctx, p.credential(side))
	if ctx.Err() == nil {
		p.e.horizon.note(p.endpoint(side).Address(), err)
	}
	return s, err
}

// endpoint returns where a side is reached.
func (p *activePass) endpoint(side Side) Endpoint { return p.project.On(side) }

// redial connects again after err, with growing pauses; tried counts the attempts since something was last done over the
// connection. It returns err itself when waiting does not help or has been tried often enough. While the network is away it waits; then every
// attempt is there again.
func (p *activePass) redial(ctx context.Context, side Side, tried *int, err error) (Session, error) {
	var away time.Time // since when the network is; zero while it is not
	for {
		if p.awaits(side, err) {
			if waitErr := p.awaitSignIn(ctx, side, err); waitErr != nil {
				return nil, waitErr
			}
			p.progress.phase(Connecting, time.Time{}, NoError)
			var s Session
			if s, err = p.dial(ctx, side); err == nil {
				p.progress.phase(Copying, time.Time{}, NoError)
				return s, nil
			}
			continue
		}
		if !Answers[KindOf(err)].Waiting && KindOf(err) != Unreadable {
			return nil, err
		}
		var waited error
		switch {
		case *tried < maxTries:
			waited = p.pause(ctx, Connecting, backOff(*tried, err), KindOf(err))
			*tried++
		case p.cutOff(ctx, side, err):
			if away.IsZero() {
				away = time.Now()
				p.log.Warn("no network")
			}
			if time.Since(away) > patience {
				return nil, err
			}
			waited = p.sitOut(ctx)
		case !away.IsZero() && ctx.Err() == nil:
			away, *tried = time.Time{}, 0
			continue
		default:
			return nil, err
		}
		if waited != nil {
			return nil, waited
		}
		p.log.Info("connecting again", "side", side.String(), "attempt", *tried, "after", err)
		var s Session
		if s, err = p.dial(ctx, side); err == nil {
			p.progress.phase(Copying, time.Time{}, NoError)
			return s, nil
		}
	}
}

// backOff returns how long to wait before the next attempt: what the service asked for, else 1 s doubling, with jitter. The first
// attempt after a lost connection goes out at once.
func backOff(tried int, err error) time.Duration {
	var wait time.Duration
	if KindOf(err) == Throttled {
		wait = time.Second
	}
	if tried > 0 {
		wait = time.Second << min(tried-1, 8)
	}
	return max(jitter(wait), waitOf(err))
}

// jitter makes a wait up to a quarter longer, so that not all come back at the same time.
func jitter(wait time.Duration) time.Duration {
	return wait + time.Duration(rand.Int64N(int64(wait/4+1)))
}

// pause waits, showing why and until when.
func (p *activePass) pause(ctx context.Context, ph Phase, d time.Duration, reason Kind) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	p.progress.phase(ph, time.Now().Add(d), reason)
	if d >= time.Second { // others may go on meanwhile
		p.parked.Store(true)
		defer p.parked.Store(false)
		p.e.poke()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// connect signs in on a side and lists its folders.
func (p *activePass) connect(side Side) (Session, Listing, error) {
	var tried int
	s, err := p.dial(p.ctx, side)
	for {
		if err != nil {
			if KindOf(err) == Throttled {
				p.e.slower(p.project.ID)
			}
			if s, err = p.redial(p.ctx, side, &tried, err); err != nil {
				return nil, Listing{}, err
			}
		}
		p.hasten(side, nil)
		var l Listing
		if l, err = s.List(p.ctx, p.early); err == nil {
			p.hasten(side, &l)
			return s, l, nil
		}
		_ = s.Close()
	}
}

// hasten begins to make sessions for further lanes of a first pass as soon as a side has accepted a sign-in and the source has told how much there
// is. l is what the side has listed, nil before that.
func (p *activePass) hasten(side Side, l *Listing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accepted[side] = true
	if l != nil && side == Source {
		var messages, bytes int64
		for _, f := range l.Folders {
			messages += f.Status.Messages
			bytes += max(0, f.Status.Size)
		}
		p.wanted = p.lanesFor(messages, bytes)
	}
	for side := range p.ordered {
		if p.early && p.accepted[side] && len(p.ordered[side]) == 0 {
			for range p.wanted - 1 {
				p.ordered[side] = append(p.ordered[side], p.order(p.ctx, Side(side)))
			}
		}
	}
}
