package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// What may be on its way to the destination over one session: two batches, or more that are smaller.
const (
	flightBatches  = 16
	flightMessages = 2 * batchMessages
	flightBytes    = 2 * batchBytes
)

// claimsAhead is how many batches are claimed in one go at most.
const claimsAhead = 4

// settlesBehind is how many batches may wait for the ledger after they were answered.
const settlesBehind = 8

// maxThrottled is how often one batch may be told how long to wait, maxTroubled how often it may be told to come again without
// a time. After that its messages are tried one by one, and the ones at which the destination baulks fail.
const (
	maxThrottled = 20
	maxTroubled  = 6
)

// flight is a batch on its way.
type flight struct {
	*batch
	answers <-chan []Appended
}

// deliver claims, appends and settles batches until there are no more and none is on its way. Claiming goes ahead of appending, and settling
// behind it, so that neither waits for the disk. It alone uses l.destination.
func (l *lane) deliver(batches <-chan *batch) {
	claimed := make(chan *batch)
	var claiming sync.WaitGroup
	claiming.Go(func() {
		defer close(claimed)
		l.claimAll(batches, claimed)
	})
	l.settling = make(chan struct{}, settlesBehind)
	l.appendAll(claimed)
	claiming.Wait()
	for range settlesBehind { // all have ended
		l.settling <- struct{}{}
	}
}

// claimAll claims batches, those that wait together in one go, so that they share a flush of the disk.
func (l *lane) claimAll(batches <-chan *batch, claimed chan<- *batch) {
	for b := range batches {
		group := []*batch{b}
		for waiting := true; waiting && len(group) < claimsAhead; {
			select {
			case more, ok := <-batches:
				if waiting = ok; ok {
					group = append(group, more)
				}
			default:
				waiting = false
			}
		}
		errs := make([]error, len(group))
		var all sync.WaitGroup
		for i, b := range group {
			if errs[i] = l.may(b); errs[i] == nil {
				all.Go(func() { errs[i] = l.claim(b) })
			}
		}
		all.Wait()
		for i, b := range group {
			if errs[i] != nil {
				l.unsent(b, errs[i])
				continue
			}
			claimed <- b
		}
	}
}

// appendAll sends claimed batches, several at a time, and takes their answers.
func (l *lane) appendAll(claimed <-chan *batch) {
	var flights []flight
	var again []*batch // refused, to be sent once more
	var next *batch
	for claimed != nil || next != nil || len(flights) > 0 || len(again) > 0 {
		if next == nil && len(again) > 0 {
			next, again = again[0], again[1:]
		}
		if next != nil && l.fits(flights, next) {
			flights = l.send(flights, next)
			next = nil
			continue
		}
		var in <-chan *batch
		var out <-chan []Appended
		if next == nil {
			in = claimed
		}
		if len(flights) > 0 {
			out = flights[0].answers
		}
		select {
		case b, ok := <-in:
			if next = b; !ok {
				claimed = nil
			}
		case answers := <-out:
			again = append(again, l.settle(flights[0].batch, answers)...)
			flights = flights[1:]
		}
	}
}

// fits reports whether b may be sent while others are on their way. One that was refused is looked for first, which takes the session for itself; one
// that is sent with care goes alone.
func (l *lane) fits(flights []flight, b *batch) bool {
	if len(flights) == 0 {
		return true
	}
	messages, bytes := len(b.items), min(b.size, batchBytes)
	for _, f := range flights {
		messages += len(f.items)
		bytes += min(f.size, batchBytes)
	}
	if l.window > 0 && (messages > l.window || l.destination.Worn()) {
		return false
	}
	return !b.refused && !b.careful && !flights[0].careful && len(flights) < flightBatches && messages <= flightMessages && bytes <= flightBytes
}

// send puts a batch on its way.
func (l *lane) send(flights []flight, b *batch) []flight {
	if err := l.ready(b); err != nil {
		l.unsent(b, err)
		return flights
	}
	if b.refused {
		if stored, err := l.denied(b); stored || err != nil { // to be looked up, before anything is sent again
			l.p.inDoubt(err)
			l.p.drop(b)
			return flights
		}
	}
	if b.refused { // else it was counted when it was read
		l.p.upload.add(b.size)
	}
	wait := l.destination.Append(l.p.grace, b.folder.name, b.messages())
	if b.written != nil {
		close(b.written)
		b.written = nil
	}
	answers := make(chan []Appended, 1)
	go func() { answers <- wait() }()
	return append(flights, flight{b, answers})
}

// unsent drops a batch that cannot be sent because of err: it was never claimed, or its claim is taken back.
func (l *lane) unsent(b *batch, err error) {
	if b.claim != 0 {
		l.release(b)
	}
	if context.Cause(l.p.ctx) == nil && b.folder.failed() == nil && !l.p.retire(l, err) {
		l.p.stop(err)
	}
	l.p.drop(b)
}

// may reports why a batch is not to be sent any more, nil if it is.
func (l *lane) may(b *batch) error {
	if err := context.Cause(l.p.ctx); err != nil {
		return err
	}
	if err := b.folder.failed(); err != nil {
		return err
	}
	if l.retired.Load() {
		return errRetired
	}
	return nil
}

// ready reports whether the batch may be sent, over a living session.
func (l *lane) ready(b *batch) error {
	if err := l.may(b); err != nil {
		return err
	}
	if l.destination.Alive() && !l.destination.Worn() {
		return nil
	}
	_ = l.destination.Close()
	tried := 0
	s, err := l.p.redial(l.p.ctx, Destination, &tried, &Error{Op: "append", Kind: Unreachable, Side: Destination})
	if err == nil {
		l.destination = s
	}
	return err
}

var errRetired = errors.New("the lane has retired")

// claim writes the durable word that the batch is about to be appended. From then on it counts as a pass, which is written along with it.
func (l *lane) claim(b *batch) error {
	p, f := l.p, b.folder
	counted := make(chan error, 1)
	go func() { counted <- p.count(p.ctx) }()
	f.mu.Lock()
	c := Claim{Pass: p.pass.ID, Folder: f.kept.ID, Destination: f.name, Validity: f.status.Validity, UIDNext: f.next, At: time.Now()}
	f.mu.Unlock()
	c.Items = make([]ClaimedItem, len(b.items))
	for i, h := range b.items {
		c.Items[i] = h.ClaimedItem
	}
	id, err := p.e.o.Ledger.Claim(p.ctx, c)
	b.claim, b.from = id, c.UIDNext
	return errors.Join(<-counted, err)
}

// settle writes what became of a batch and returns what is to be sent again, in the order of sending.
func (l *lane) settle(b *batch, answers []Appended) (again []*batch) {
	if err := wholeBatch(l.destination, answers); err != nil {
		if again, handled := l.refused(b, err); handled {
			if len(again) == 0 {
				l.p.drop(b)
			}
			return again
		}
	}
	defer l.p.drop(b)
	var outcomes []Outcome
	var copied Tally
	var held int64 // bytes that were not counted as they passed
	for i, a := range answers {
		h := b.items[i]
		if h.digest != nil {
			_, h.Body = h.digest.Sums()
		}
		switch {
		case a.Err == nil:
			uid := b.folder.arrived(a)
			l.p.samples.offer(b.folder, uid, h, a.Dropped)
			outcomes = append(outcomes, Outcome{UID: h.UID, State: Copied, DestinationUID: uid, ClaimedItem: h.ClaimedItem})
			copied.Copied++
			copied.Bytes += h.Size
			if h.stream == nil {
				held += h.Size
			}
			if len(a.Dropped) > 0 {
				l.p.note(Note{What: NoteFlags, Count: 1, Text: strings.Join(a.Dropped, ", ")})
				l.p.log.Info("flags not taken by the destination", "folder", b.folder.kept.ID, "uid", h.UID, "flags", a.Dropped)
			}
		case lost(a.Err):
			l.p.inDoubt(a.Err)
		case l.redate(b, &h, a.Err):
			again = append(again, b.alone(h))
		default:
			outcomes = append(outcomes, l.p.failure(h, a.Err))
			copied.Failed++
			b.folder.suspect(b.from, nil, []ClaimedItem{h.ClaimedItem})
		}
	}
	if len(outcomes) > 0 {
		l.proved.Store(true)
		l.p.did(len(outcomes), held)
		l.settling <- struct{}{}
		go func() {
			defer func() { <-l.settling }()
			l.write(b.folder, outcomes, copied)
		}()
	}
	return again
}

// write settles outcomes in the ledger and counts them. Being stopped does not keep it from writing what has happened.
func (l *lane) write(f *folderWork, outcomes []Outcome, done Tally) {
	p := l.p
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), graceTime)
	defer cancel()
	if err := p.e.o.Ledger.Settle(ctx, p.pass.ID, f.kept.ID, outcomes); err != nil {
		p.stop(err) // they stay in doubt
		return
	}
	f.write(func(t *FolderTally) {
		t.Add(done)
		t.Left -= done.Copied + done.Failed
	})
	for range done.Failed {
		p.itemFailed()
	}
	p.progress.write(func(g *Progress) {
		g.Done += done.Copied + done.Failed
		g.DoneBytes += done.Bytes
		g.Tally.Add(done)
	})
	p.gauge.add(time.Now(), done.Copied, done.Bytes)
	for _, o := range outcomes {
		switch o.State {
		case Copied:
			p.e.rate.add(o.ClaimedItem.Size)
		case ItemFailed:
			f.spend(o.UID)
		}
	}
}

// release takes back the claims of a batch that was certainly not stored.
func (l *lane) release(b *batch) {
	uids := make([]UID, len(b.items))
	for i, h := range b.items {
		uids[i] = h.UID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.p.ctx), graceTime)
	defer cancel()
	if err := l.p.e.o.Ledger.Release(ctx, b.folder.kept.ID, uids); err != nil {
		l.p.stop(err)
	}
}

// wholeBatch returns the error with which the destination refused all of a batch, nil if it took some or the outcome is open.
func wholeBatch(s Session, answers []Appended) error {
	if len(answers) > 1 && !s.Limits().Batch {
		return nil
	}
	for _, a := range answers {
		if a.Err == nil || lost(a.Err) {
			return nil
		}
	}
	if len(answers) == 0 {
		return nil
	}
	return answers[0].Err
}

// refused decides what to do with a batch of which nothing was stored. handled is false when its one message is the
// reason and fails.
func (l *lane) refused(b *batch, err error) (again []*batch, handled bool) {
	p, kind := l.p, KindOf(err)
	streamed := b.items[0].body == nil // its bytes are spent
	switch {
	case kind == Throttled && (b.tried < maxTroubled || waitOf(err) > 0 && b.tried < maxThrottled) && !streamed:
		b.tried++
		p.trouble()
		if p.pause(p.ctx, Waiting, backOff(b.tried, err), Throttled) != nil {
			l.release(b)
			return nil, true
		}
		p.progress.phase(Copying, time.Time{}, NoError)
		b.refused = true
		return []*batch{b}, true
	case kind != Throttled && Answers[kind].Spoils >= SpoilsPass:
		l.release(b)
		p.stop(err)
		return nil, true
	case kind == Missing:
		l.release(b)
		b.folder.fail(err)
		return nil, true
	case len(b.items) > 1:
		first, second := b.split()
		first.tried, second.tried = b.tried, b.tried
		first.refused, second.refused = true, true
		b.items, b.memory, b.slabs = nil, 0, nil // theirs now; the slabs are nobody's
		return []*batch{first, second}, true
	}
	return nil, false
}

// redate gives a message whose date the destination refuses, Cyrus those before 1970, the one in its header, or else the earliest that all services
// keep. It reports false where the date is not the reason, or it cannot be sent again.
func (l *lane) redate(b *batch, h *held, err error) bool {
	var e *Error
	if b.redated || h.body == nil || !errors.As(err, &e) || e.Kind != Refused || !strings.Contains(strings.ToLower(e.Text), "date") {
		return false
	}
	written, ok := headerDate(h.header)
	if !ok {
		written = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)
	}
	l.p.log.Info("the destination refuses the date, it gets another", "uid", h.UID, "refused", h.meta.Date.Time, "date", written, "header's", ok)
	h.meta.Date = Date{written}
	return true
}

// arrived notes the UID that a message got and returns it, 0 when it is not known.
func (f *folderWork) arrived(a Appended) UID {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.UID == 0 {
		return 0
	}
	if a.Validity != f.status.Validity { // a new folder, or one that was made anew
		f.status.Validity, f.next = a.Validity, 0
	}
	f.next = max(f.next, a.UID+1)
	return a.UID
}

// inDoubt notes that the outcome of appends is not known: the late-commit wait counts from now.
func (p *activePass) inDoubt(err error) {
	p.log.Warn("appends of unknown outcome", "err", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = time.Now()
}
