package wire

import (
	"strconv"
	"strings"
)

// ParseAppendUID reads the argument of APPENDUID (RFC 4315, RFC 3502): the UIDVALIDITY and the UIDs, in the order in which
// the messages were sent. It returns false unless there are exactly n, none of them 0 or double.
func ParseAppendUID(args string, n int) (validity uint32, uids []uint32, ok bool) {
	first, set, found := strings.Cut(strings.TrimSpace(args), " ")
	v, err := strconv.ParseUint(first, 10, 32)
	if !found || err != nil || v == 0 {
		return 0, nil, false
	}
	if uids, ok = parseUIDs(set, n); !ok || len(uids) != n || double(uids) {
		return 0, nil, false
	}
	return uint32(v), uids, true
}

func double(uids []uint32) bool {
	for i := 1; i < len(uids); i++ {
		if uids[i] <= uids[i-1] { // not ascending: look closer
			seen := make(map[uint32]bool, len(uids))
			for _, u := range uids {
				if seen[u] {
					return true
				}
				seen[u] = true
			}
			return false
		}
	}
	return false
}

// ParseCopyUID reads the argument of COPYUID (RFC 9051, 7.1): the UIDVALIDITY of the folder that got the copies, and for each message that was copied its
// UID and that of its copy. It returns false where they are not told apart for certain, or are more than n.
func ParseCopyUID(args string, n int) (validity uint32, from, to []uint32, ok bool) {
	parts := strings.Fields(args)
	if len(parts) != 3 {
		return 0, nil, nil, false
	}
	v, err := strconv.ParseUint(parts[0], 10, 32)
	if err != nil || v == 0 {
		return 0, nil, nil, false
	}
	for i, set := range parts[1:] {
		uids, ok := parseUIDs(set, n)
		if !ok || double(uids) {
			return 0, nil, nil, false
		}
		if i == 0 {
			from = uids
		} else {
			to = uids
		}
	}
	if len(from) != len(to) {
		return 0, nil, nil, false
	}
	return uint32(v), from, to, true
}

// parseUIDs reads a set of UIDs, at most n, in the order in which it names them. A range that falls is none of which the order could be known.
func parseUIDs(set string, n int) (uids []uint32, ok bool) {
	uids = make([]uint32, 0, n)
	for part := range strings.SplitSeq(strings.TrimSpace(set), ",") {
		from, to, ranged := strings.Cut(part, ":")
		if !ranged {
			to = from
		}
		lo, err1 := strconv.ParseUint(from, 10, 32)
		hi, err2 := strconv.ParseUint(to, 10, 32)
		if err1 != nil || err2 != nil || lo == 0 || hi < lo || hi-lo >= uint64(n-len(uids)) {
			return nil, false
		}
		for u := lo; u <= hi; u++ {
			uids = append(uids, uint32(u))
		}
	}
	return uids, true
}
