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
	uids = make([]uint32, 0, n)
	for part := range strings.SplitSeq(strings.TrimSpace(set), ",") {
		from, to, ranged := strings.Cut(part, ":")
		if !ranged {
			to = from
		}
		lo, err1 := strconv.ParseUint(from, 10, 32)
		hi, err2 := strconv.ParseUint(to, 10, 32)
		if err1 != nil || err2 != nil || lo == 0 || hi < lo || hi-lo >= uint64(n-len(uids)) {
			return 0, nil, false
		}
		for u := lo; u <= hi; u++ {
			uids = append(uids, uint32(u))
		}
	}
	if len(uids) != n || double(uids) {
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
