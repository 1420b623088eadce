package engine

import (
	"slices"
	"strconv"
)

// UID is a message's unique identifier in a folder (RFC 9051, 2.3.1.1).
type UID uint32

// Validity is a folder's UIDVALIDITY; 0 means that it is not known.
type Validity uint32

// MaxUID is the largest UID there can be.
const MaxUID UID = 1<<32 - 1

// UIDRange is the UIDs First to Last, both included. It names UIDs that need not exist.
type UIDRange struct{ First, Last UID }

// Count returns how many UIDs the range names.
func (r UIDRange) Count() int64 { return int64(r.Last) - int64(r.First) + 1 }

// UIDSet is ascending ranges that neither overlap nor touch.
type UIDSet []UIDRange

// SetOf builds the set of the given UIDs, in any order, doubles allowed.
func SetOf(uids ...UID) UIDSet {
	sorted := slices.Clone(uids)
	slices.Sort(sorted)
	var s UIDSet
	for _, u := range sorted {
		s = s.Append(u)
	}
	return s
}

// Append returns s with u, which must not be below the last range's first UID.
func (s UIDSet) Append(u UID) UIDSet {
	if n := len(s); n > 0 {
		last := &s[n-1]
		if u <= last.Last {
			return s
		}
		if u == last.Last+1 {
			last.Last = u
			return s
		}
	}
	return append(s, UIDRange{u, u})
}

// Add returns s with u, wherever it belongs.
func (s UIDSet) Add(u UID) UIDSet {
	if n := len(s); n == 0 || u >= s[n-1].First {
		return s.Append(u)
	}
	return s.Union(UIDSet{{u, u}})
}

// UIDs returns the UIDs of the set one by one: for small sets.
func (s UIDSet) UIDs() []UID {
	var all []UID
	for _, r := range s {
		for u := r.First; ; u++ {
			all = append(all, u)
			if u == r.Last {
				break
			}
		}
	}
	return all
}

// Count returns how many UIDs the set names.
func (s UIDSet) Count() (n int64) {
	for _, r := range s {
		n += r.Count()
	}
	return n
}

// Contains reports whether the set names u.
func (s UIDSet) Contains(u UID) bool {
	i, found := slices.BinarySearchFunc(s, u, func(r UIDRange, u UID) int {
		switch {
		case r.Last < u:
			return -1
		case r.First > u:
			return 1
		}
		return 0
	})
	_ = i
	return found
}

// Without returns the UIDs of s that other does not name.
func (s UIDSet) Without(other UIDSet) UIDSet {
	var out UIDSet
	j := 0
	for _, r := range s {
		first, done := r.First, false
		for j > 0 && other[j-1].Last >= first {
			j--
		}
		for ; j < len(other) && other[j].First <= r.Last && !done; j++ {
			o := other[j]
			if o.Last < first {
				continue
			}
			if o.First > first {
				out = append(out, UIDRange{first, o.First - 1})
			}
			if o.Last >= r.Last {
				done = true
				break
			}
			first = o.Last + 1
		}
		if !done {
			out = append(out, UIDRange{first, r.Last})
		}
	}
	return out
}

// Union returns the UIDs that either set names.
func (s UIDSet) Union(other UIDSet) UIDSet {
	all := append(slices.Clone(s), other...)
	slices.SortFunc(all, func(a, b UIDRange) int {
		switch {
		case a.First < b.First:
			return -1
		case a.First > b.First:
			return 1
		}
		return 0
	})
	var out UIDSet
	for _, r := range all {
		if n := len(out); n > 0 && (out[n-1].Last == MaxUID || r.First <= out[n-1].Last+1) {
			out[n-1].Last = max(out[n-1].Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return out
}

// Split cuts the set into sets that name at most n UIDs each.
func (s UIDSet) Split(n int64) []UIDSet {
	var out []UIDSet
	var part UIDSet
	room := n
	for _, r := range s {
		for {
			if r.Count() <= room {
				part = append(part, r)
				room -= r.Count()
				break
			}
			if room > 0 {
				cut := r.First + UID(room) - 1
				part = append(part, UIDRange{r.First, cut})
				r.First = cut + 1
			}
			out, part, room = append(out, part), nil, n
		}
	}
	if len(part) > 0 {
		out = append(out, part)
	}
	return out
}

// String returns the set as IMAP writes it: "1:4,7"; a range that ends at MaxUID ends with "*".
func (s UIDSet) String() string {
	var b []byte
	for i, r := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(r.First), 10)
		switch {
		case r.Last == MaxUID:
			b = append(b, ":*"...)
		case r.Last != r.First:
			b = append(b, ':')
			b = strconv.AppendUint(b, uint64(r.Last), 10)
		}
	}
	return string(b)
}
