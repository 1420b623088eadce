package engine

import (
	"bytes"
	"context"
	"io"
	"math/bits"
	"net/mail"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	batchMessages = 128
	batchBytes    = 1 << 20
	batchTime     = time.Second // what has come slowly goes on its way before there is more of it
	streamOver    = 1 << 20     // a larger message is a batch of its own and is streamed, not held
)

// batch is what is claimed and appended together: messages of one source folder.
type batch struct {
	folder  *folderWork
	claim   ClaimID // 0 until claimed
	refused bool    // the destination has said that it stored none of it
	redated bool    // its one message has another date than the source's, which was refused
	careful bool    // it is sent alone: a connection fell when its messages were on their way
	begun   time.Time
	most    int // messages that it may have
	from    UID // lower bound of the UIDs that its messages get
	items   []held
	size    int64         // octets of the messages
	memory  int64         // taken from the engine's budget, given back when the batch is done with
	written chan struct{} // of a streamed message: closed when its body was read, or never will be
	tried   int           // refusals that asked to wait
	slabs   []*slab       // that hold the bodies of small messages
	free    []byte        // of the last of them
}

// held is one message of a batch.
type held struct {
	ClaimedItem
	meta   Meta
	header []byte // start of the message, for telling whose it is
	body   []byte // nil: streamed
	stream io.Reader
	digest *Digester // of a streamed one
}

// messages returns the batch as the session takes it.
func (b *batch) messages() []Message {
	out := make([]Message, len(b.items))
	for i, h := range b.items {
		out[i] = Message{Meta: h.meta, Body: h.stream}
		if h.body != nil {
			out[i].Body = bytes.NewReader(h.body)
		}
	}
	return out
}

// split returns two batches with the halves of b's items, under the same claim.
func (b *batch) split() (first, second *batch) {
	n := len(b.items) / 2
	first = &batch{folder: b.folder, claim: b.claim, from: b.from, items: b.items[:n]}
	second = &batch{folder: b.folder, claim: b.claim, from: b.from, items: b.items[n:]}
	for _, part := range []*batch{first, second} {
		for _, h := range part.items {
			part.size += h.Size
		}
		part.memory = part.size
	}
	return first, second
}

// alone returns a batch of one of b's messages with another date, under the same claim and with memory of its own.
func (b *batch) alone(h held) *batch {
	body := buffer(max(h.Size, 1))[:h.Size]
	copy(body, h.body)
	h.body, h.header = body, body
	return &batch{folder: b.folder, claim: b.claim, from: b.from, items: []held{h}, size: h.Size, redated: true, refused: true}
}

// slab is memory for small messages, of which a batch takes as many as it needs. They go round: fresh memory is dear.
type slab [64 << 10]byte

var slabs = sync.Pool{New: func() any { return new(slab) }}

// room returns n bytes of the batch's memory. What is in them is undefined.
func (b *batch) room(n int64) []byte {
	if n > int64(len(slab{})/4) {
		return buffer(n)
	}
	if int64(len(b.free)) < max(n, 1) { // nor is the body of an empty message nil
		fresh := slabs.Get().(*slab)
		b.slabs, b.free = append(b.slabs, fresh), fresh[:]
	}
	body := b.free[:n:n]
	b.free = b.free[n:]
	return body
}

// buffers keeps memory for messages of up to streamOver bytes that are too large for a slab, by powers of two.
var buffers [21]sync.Pool

// buffer returns n bytes of memory, n at most streamOver.
func buffer(n int64) []byte {
	class := bits.Len64(uint64(n - 1))
	if b, ok := buffers[class].Get().(*[]byte); ok {
		return (*b)[:n]
	}
	return make([]byte, n, 1<<class)
}

// recycle takes back what buffer has given; other memory it leaves alone.
func recycle(b []byte) {
	if c := cap(b); c > len(slab{})/4 {
		buffers[bits.Len64(uint64(c-1))].Put(&b)
	}
}

// drop gives back what the batch holds. Its items are settled, in doubt, or were never claimed.
func (p *activePass) drop(b *batch) {
	for i := range b.items {
		if buf := b.items[i].body; buf != nil {
			recycle(buf)
			b.items[i].body = nil
		}
	}
	for _, s := range b.slabs {
		slabs.Put(s)
	}
	b.slabs, b.free = nil, nil
	p.e.memory.Release(b.memory)
	p.memory.Release(b.memory)
	b.memory = 0
	if b.written != nil {
		close(b.written)
		b.written = nil
	}
}

// gatherer makes batches of the messages of one chunk.
type gatherer struct {
	p      *activePass
	window int // most messages of a batch; 0: as many as fit
	folder *folderWork
	out    chan<- *batch
	digest *Digester
	now    *batch
}

// add takes one message: into the batch at hand, or, a large one, as a batch of its own.
func (g *gatherer) add(ctx context.Context, m Message) error {
	if m.Size > streamOver {
		return g.stream(ctx, m)
	}
	most, careful := g.folder.together(m.UID)
	if g.window > 0 {
		most = min(most, g.window)
	}
	if g.now != nil && g.now.most != most {
		if err := g.flush(ctx); err != nil {
			return err
		}
	}
	if err := g.reserve(ctx, m.Size); err != nil {
		return err
	}
	g.now.most, g.now.careful = most, careful
	g.now.memory += m.Size
	body := g.now.room(m.Size)
	if _, err := readSome(m, body); err != nil {
		recycle(body)
		return err
	}
	g.digest.Reset()
	_, _ = g.digest.Write(body)
	g.date(&m.Meta, body)
	h := held{meta: m.Meta, body: body, header: body}
	h.ClaimedItem = ClaimedItem{UID: m.UID, Size: m.Size, Date: m.Date, Message: g.folder.number(m.UID)}
	h.Head, h.Body = g.digest.Sums()
	g.now.items = append(g.now.items, h)
	g.now.size += m.Size
	if len(g.now.items) >= most || g.now.size >= batchBytes || time.Since(g.now.begun) >= batchTime {
		return g.flush(ctx)
	}
	return nil
}

// date gives a message whose source tells no INTERNALDATE, or none that can be read, the date that its header says, so that it does not
// arrive as today's. header begins with the message's header.
func (g *gatherer) date(m *Meta, header []byte) {
	if !m.Date.IsZero() {
		return
	}
	written, ok := headerDate(header)
	if !ok {
		g.p.log.Info("the source tells no date, nor does the header", "folder", g.folder.kept.ID, "uid", m.UID)
		return
	}
	m.Date = Date{written}
	g.p.log.Info("the source tells no date, the header's is taken", "folder", g.folder.kept.ID, "uid", m.UID)
}

// headerDate returns the date that a message's header says, if it can be true.
func headerDate(header []byte) (written time.Time, ok bool) {
	written, err := mail.ParseDate(string(field(header, "date")))
	return written, err == nil && written.Year() >= 1970 && written.Before(time.Now().Add(24*time.Hour))
}

// reserve takes memory for n bytes out of the pass's share and the engine's budget, and sees to it that there is a batch to add to. When there is none left,
// the batch at hand goes out first: it gives its memory back by itself, so that waiting comes to an end.
func (g *gatherer) reserve(ctx context.Context, n int64) error {
	for _, memory := range []*semaphore.Weighted{g.p.memory, g.p.e.memory} {
		if memory.TryAcquire(n) {
			continue
		}
		err := g.flush(ctx)
		if err == nil && memory.Acquire(ctx, n) != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			if memory != g.p.memory {
				g.p.memory.Release(n)
			}
			return err
		}
	}
	if g.now == nil {
		g.now = &batch{folder: g.folder, begun: time.Now(), items: make([]held, 0, batchMessages/4)}
	}
	return nil
}

// flush hands the batch at hand to the destination's side of the lane.
func (g *gatherer) flush(ctx context.Context) error {
	b := g.now
	g.now = nil
	switch {
	case b == nil:
		return nil
	case len(b.items) == 0:
		g.p.drop(b)
		return nil
	}
	select {
	case g.out <- b:
		return nil
	case <-ctx.Done():
		g.p.drop(b)
		return context.Cause(ctx)
	}
}

// stream hands a large message on while it arrives and returns when the destination's side has done with its body. Its header is
// read ahead, for the claim.
func (g *gatherer) stream(ctx context.Context, m Message) error {
	if err := g.flush(ctx); err != nil {
		return err
	}
	ahead := make([]byte, min(m.Size, maxHeader))
	if _, err := readSome(m, ahead); err != nil {
		return err
	}
	g.date(&m.Meta, ahead)
	h := held{meta: m.Meta, header: ahead, digest: NewDigester(g.p.e.o.Ledger.DigestKey())}
	h.ClaimedItem = ClaimedItem{UID: m.UID, Size: m.Size, Date: m.Date, Head: HeadDigest(g.p.e.o.Ledger.DigestKey(), ahead), Message: g.folder.number(m.UID)}
	h.stream = io.TeeReader(io.MultiReader(bytes.NewReader(ahead), m.Body), io.MultiWriter(h.digest, &g.p.load, g.p.team))
	written := make(chan struct{})
	_, careful := g.folder.together(m.UID)
	b := &batch{folder: g.folder, items: []held{h}, size: m.Size, careful: careful, written: written}
	select {
	case g.out <- b:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	<-written // the body is the session's: it may not go on before the reader has let go of it
	return nil
}
