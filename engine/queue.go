package engine

import (
	"math"
	"slices"
	"sync"
)

// queue hands out chunks, in order.
type queue struct {
	mu     sync.Mutex
	chunks []chunk
	most   int64 // messages that are handed out at a time, about; 0: as many as a chunk has
}

// put gives back what is left of chunks.
func (q *queue) put(left ...chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.chunks = append(q.chunks, slices.DeleteFunc(left, func(c chunk) bool { return len(c.set) == 0 })...)
}

func (q *queue) take() (chunk, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.chunks) > 0 {
		c := q.chunks[0]
		if c.folder.failed() != nil {
			q.chunks = q.chunks[1:]
			continue
		}
		c, rest := c.cut(q.most)
		if q.chunks[0] = rest; len(rest.set) == 0 {
			q.chunks = q.chunks[1:]
		}
		return c, true
	}
	return chunk{}, false
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.chunks)
}

// limit says how many messages are handed out at a time, about; the rest of a chunk is the next one's.
func (q *queue) limit(most int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.most = most
}

// messages returns about how many messages nobody has taken.
func (q *queue) messages() (n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.chunks {
		n += c.messages()
	}
	return n
}

// chunk is part of a folder's pending UIDs: what one lane fetches at a time.
type chunk struct {
	folder *folderWork
	set    UIDSet
}

// messages returns about how many messages of the chunk there are.
func (c chunk) messages() int64 {
	c.folder.mu.Lock()
	defer c.folder.mu.Unlock()
	return int64(math.Ceil(c.folder.density * float64(c.set.Count())))
}

// cut returns about as many messages of the chunk as there may be at a time, and the rest of it, unless that would be too few to be worth the round trip
// that each chunk takes.
func (c chunk) cut(most int64) (first, rest chunk) {
	n := c.messages()
	if most == 0 || n < 2*most {
		return c, chunk{}
	}
	uids := max(1, c.set.Count()*most/n)
	set := c.set.Split(uids)[0]
	c.folder.mu.Lock()
	c.folder.chunks++
	c.folder.mu.Unlock()
	return chunk{c.folder, set}, chunk{c.folder, c.set.Without(set)}
}
