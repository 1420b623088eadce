package engine

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Volumes keeps what accounts have moved of late, for services that allow so much a day.
type Volumes interface {
	// AddVolume adds to what an account has moved in the slot that begins at v.At. Slots that are over for longer than a day are dropped.
	AddVolume(ctx context.Context, v Volume) error
	// Volumes returns what an account has moved in slots that begin after a time, the first one first.
	Volumes(ctx context.Context, account string, written bool, after time.Time) ([]Volume, error)
}

// Volume is what an account has moved in one slot of time.
type Volume struct {
	Account string // see AccountKey
	Written bool   // to the account; else read from it
	At      time.Time
	Bytes   int64
}

// VolumeSlot is how long a slot is: as exactly the time is known at which an account may go on.
const VolumeSlot = 10 * time.Minute

// volumeDay is how long services count back. They do not say whether their days begin at midnight, and whose: no day of any sort has more than its share.
const volumeDay = 24 * time.Hour

// AccountKey names an account for counting its volume, whatever project it belongs to.
func AccountKey(to Endpoint, user string) string { return strings.ToLower(to.Host + " " + user) }

// ration is what an account may move in a day in one direction, and what it has. It is shared by all passes that use the account.
type ration struct {
	account string
	written bool

	mu      sync.Mutex
	limit   int64    // bytes in a day
	known   []Volume // oldest first, as the ledger has them
	pending int64    // counted, and not written yet
}

// rowCost is about what a message costs beside its bytes: its line in the list, and in the answer.
const rowCost = 250

// add counts what was moved.
func (r *ration) add(bytes int64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending += max(0, bytes) + rowCost
}

// used returns what has been moved in the day up to a time. r.mu is held.
func (r *ration) used(now time.Time) int64 {
	n := r.pending
	for _, v := range r.known {
		if v.over().After(now) {
			n += v.Bytes
		}
	}
	return n
}

// over is when a volume counts no more.
func (v Volume) over() time.Time { return v.At.Add(VolumeSlot + volumeDay) }

// spent reports whether the day's volume is used up, as far as it may be: what is on its way comes on top. until is when a good part of it is free
// again. overdrawn is whether even what was left for that is gone.
func (r *ration) spent(now time.Time) (until time.Time, spent, overdrawn bool) {
	if r == nil {
		return until, false, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	used := r.used(now)
	if used < r.limit/10*9 {
		return until, false, false
	}
	overdrawn = used >= r.limit
	until, left := now.Add(VolumeSlot+volumeDay), used // if nothing of it is known but what was just counted
	for _, v := range r.known {
		if !v.over().After(now) {
			continue
		}
		if left -= v.Bytes; left <= r.limit/4*3 {
			return v.over(), true, overdrawn
		}
	}
	return until, true, overdrawn
}

// write has the ledger keep what was counted.
func (r *ration) write(ctx context.Context, ledger Volumes, now time.Time) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock() // over the write: who comes next finds it known
	if r.pending == 0 {
		return nil
	}
	last := len(r.known) - 1
	if last < 0 || now.Sub(r.known[last].At) >= VolumeSlot || now.Before(r.known[last].At) {
		r.known = append(r.known, Volume{r.account, r.written, now.Truncate(time.Millisecond), 0})
		last++
	}
	v := r.known[last]
	v.Bytes = r.pending
	if err := ledger.AddVolume(ctx, v); err != nil {
		return err
	}
	r.known[last].Bytes += r.pending
	r.pending = 0
	return nil
}

// ration returns what an account may move in a day in a direction, nil where that is not limited.
func (e *Engine) ration(ctx context.Context, to Endpoint, user string, written bool, own int) (*ration, error) {
	provider := e.provider(to)
	limit := provider.DownloadDay
	if written {
		limit = provider.UploadDay
	}
	if own != 0 {
		limit = int64(own) * 1e6
	}
	if limit <= 0 {
		return nil, nil
	}
	key := AccountKey(to, user)
	e.mu.Lock()
	if e.rations == nil {
		e.rations = map[rationKey]*ration{}
	}
	r := e.rations[rationKey{key, written}]
	if r == nil {
		r = &ration{account: key, written: written, known: nil}
		r.mu.Lock() // until what is known was read
		e.rations[rationKey{key, written}] = r
		e.mu.Unlock()
		defer r.mu.Unlock()
		known, err := e.o.Ledger.Volumes(ctx, key, written, time.Now().Add(-volumeDay-VolumeSlot))
		if err != nil {
			e.mu.Lock()
			delete(e.rations, rationKey{key, written})
			e.mu.Unlock()
			return nil, err
		}
		r.known, r.limit = known, limit
		return r, nil
	}
	e.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit = limit
	return r, nil
}

type rationKey struct {
	account string
	written bool
}

// readRations finds out what the pass's accounts may move in a day.
func (p *activePass) readRations() (err error) {
	read, written := p.limits.DownloadDay, p.limits.UploadDay
	if p.download, err = p.e.ration(p.ctx, p.project.Source, p.mailbox.Source.User, false, read); err == nil {
		p.upload, err = p.e.ration(p.ctx, p.project.Destination, p.mailbox.Destination.User, true, written)
	}
	return err
}

// limited reports whether an account of the pass may move only so much a day.
func (p *activePass) limited() bool { return p.download != nil || p.upload != nil }

// rationed reports whether an account of the pass has used up its day's volume, and until when; overdrawn whether what is on its way should stop, too.
func (p *activePass) rationed() (until time.Time, spent, overdrawn bool) {
	if !p.limited() { // asked for every message
		return until, false, false
	}
	now := time.Now()
	for _, r := range []*ration{p.download, p.upload} {
		at, s, o := r.spent(now)
		spent, overdrawn, until = spent || s, overdrawn || o, later(until, at)
	}
	return until, spent, overdrawn
}

// keepVolumes has the ledger keep what the pass's accounts have moved.
func (p *activePass) keepVolumes() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	for _, r := range []*ration{p.download, p.upload} {
		if err := r.write(ctx, p.e.o.Ledger, time.Now()); err != nil {
			p.log.Warn("the day's volume could not be kept", "err", err)
		}
	}
}

// sitOutRation waits until an account's day allows more. No connection is held meanwhile, and other mailboxes go on.
func (p *activePass) sitOutRation(until time.Time) error {
	p.keepVolumes()
	p.log.Info("the day's volume is used up", "until", until)
	home := p.home()
	for _, l := range p.lanes {
		l.close()
	}
	p.lanes = []*lane{home}
	p.progress.write(func(g *Progress) { g.Daily = true })
	err := p.pause(p.ctx, Waiting, time.Until(until), Throttled)
	p.progress.write(func(g *Progress) { g.Daily = false })
	if err != nil {
		return err
	}
	for _, side := range []Side{Source, Destination} {
		tried := 0
		s, err := p.dial(p.ctx, side)
		if err != nil {
			if s, err = p.redial(p.ctx, side, &tried, err); err != nil {
				return err
			}
		}
		*home.on(side) = s
	}
	return nil
}
