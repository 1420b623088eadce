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
	to := p.project.Source
	if side == Destination {
		to = p.project.Destination
	}
	return p.e.o.Dialer.Dial(ctx, side, to, p.mailbox.On(side).User, p.secrets.On(side))
}

// redial connects again after err, with growing pauses; tried counts the attempts since something was last done over the
// connection. It returns err itself when waiting does not help or has been tried often enough.
func (p *activePass) redial(ctx context.Context, side Side, tried *int, err error) (Session, error) {
	for {
		if *tried >= maxTries || !Answers[KindOf(err)].Waiting && KindOf(err) != Unreadable {
			return nil, err
		}
		if waitErr := p.pause(ctx, Connecting, backOff(*tried, err), KindOf(err)); waitErr != nil {
			return nil, waitErr
		}
		*tried++
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
	wait += time.Duration(rand.Int64N(int64(wait/4 + 1)))
	return max(wait, waitOf(err))
}

// pause waits, showing why and until when.
func (p *activePass) pause(ctx context.Context, ph Phase, d time.Duration, reason Kind) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	p.progress.phase(ph, time.Now().Add(d), reason)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// connect signs in on a side and lists its folders. Once the service has accepted the sign-in, sessions for further lanes are made
// where a first pass is sure to need them.
func (p *activePass) connect(side Side) (Session, Listing, error) {
	var tried int
	s, err := p.dial(p.ctx, side)
	for {
		if err != nil {
			if s, err = p.redial(p.ctx, side, &tried, err); err != nil {
				return nil, Listing{}, err
			}
		}
		if p.early && len(p.ordered[side]) == 0 {
			for range p.limits.Lanes - 1 {
				p.ordered[side] = append(p.ordered[side], p.order(side))
			}
		}
		var l Listing
		if l, err = s.List(p.ctx); err == nil {
			return s, l, nil
		}
		_ = s.Close()
	}
}
