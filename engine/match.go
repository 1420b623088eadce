package engine

import "io"

// match finds the arrival of each wanted item, as a multiset: every arrival is the copy of one item at most. Items are told by
// their header digest; where several share one, by the digest of the whole message (body reads it), then by date and size.
// An item whose header the server has changed is found by its whole, among arrivals of its size. The result holds a UID for each
// wanted item, 0 for one that was not found.
func match(wanted []ClaimedItem, arrivals []arrival, body func(UID) (Digest, error)) ([]UID, error) {
	found := make([]UID, len(wanted))
	m := matcher{arrivals: arrivals, used: make([]bool, len(arrivals)), bodies: map[UID]Digest{}, body: body}
	byHead := map[Digest][]int{}
	for i, a := range arrivals {
		byHead[a.head] = append(byHead[a.head], i)
	}
	groups := map[Digest][]int{}
	for i, w := range wanted {
		groups[w.Head] = append(groups[w.Head], i)
	}
	for i, w := range wanted { // in the order of sending
		if group := groups[w.Head]; group[0] == i {
			if err := m.group(wanted, group, byHead[w.Head], found); err != nil {
				return nil, err
			}
		}
	}
	for i, w := range wanted {
		if found[i] != 0 || w.Body == (Digest{}) {
			continue
		}
		var same []int
		for j, a := range arrivals {
			if a.size == w.Size {
				same = append(same, j)
			}
		}
		uid, err := m.byBody(w, same)
		if err != nil {
			return nil, err
		}
		found[i] = uid
	}
	return found, nil
}

type matcher struct {
	arrivals []arrival
	used     []bool
	bodies   map[UID]Digest
	body     func(UID) (Digest, error)
}

// group matches the wanted items that share a header digest with the arrivals that have it.
func (m *matcher) group(wanted []ClaimedItem, items, arrivals []int, found []UID) error {
	if len(arrivals) == 0 {
		return nil
	}
	alike := true // all are one and the same message, as far as is known
	for _, i := range items {
		alike = alike && wanted[i].Body == wanted[items[0]].Body
	}
	if !alike || len(arrivals) > len(items) {
		for _, i := range items {
			if wanted[i].Body == (Digest{}) {
				continue
			}
			uid, err := m.byBody(wanted[i], arrivals)
			if err != nil {
				return err
			}
			found[i] = uid
		}
	}
	for _, i := range items {
		if found[i] == 0 && (alike || wanted[i].Body == (Digest{})) {
			found[i] = m.nearest(wanted[i], arrivals)
		}
	}
	return nil
}

// byBody takes the first free arrival whose whole message is the item's.
func (m *matcher) byBody(w ClaimedItem, arrivals []int) (UID, error) {
	for _, j := range arrivals {
		if m.used[j] {
			continue
		}
		a := m.arrivals[j]
		d, known := m.bodies[a.uid]
		if !known {
			var err error
			if d, err = m.body(a.uid); err != nil {
				return 0, err
			}
			m.bodies[a.uid] = d
		}
		if d == w.Body {
			m.used[j] = true
			return a.uid, nil
		}
	}
	return 0, nil
}

// nearest takes the free arrival that agrees best in date and size, the first of equals; both may have been changed by the server.
func (m *matcher) nearest(w ClaimedItem, arrivals []int) UID {
	best, score := -1, -1
	for _, j := range arrivals {
		if m.used[j] {
			continue
		}
		s := 0
		if m.arrivals[j].date.date() == w.Date.date() {
			s += 2
		}
		if m.arrivals[j].size == w.Size {
			s++
		}
		if s > score {
			best, score = j, s
		}
	}
	if best < 0 {
		return 0
	}
	m.used[best] = true
	return m.arrivals[best].uid
}

// copyAll writes a whole message to d.
func copyAll(d *Digester, m Message) error {
	n, err := io.Copy(d, m.Body)
	if err == nil && n != m.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return &Error{Op: "fetch", Kind: Unreachable, Err: err}
	}
	return nil
}
