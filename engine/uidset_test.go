package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func TestUIDSet(t *testing.T) {
	s := SetOf(7, 3, 1, 2, 2, 9, 8)
	want(t, "string", s.String(), "1:3,7:9")
	want(t, "count", s.Count(), 6)
	want(t, "without", s.Without(UIDSet{{2, 7}}).String(), "1,8:9")
	want(t, "open end", UIDSet{{5, MaxUID}}.String(), "5:*")
	want(t, "without end", UIDSet{{1, MaxUID}}.Without(UIDSet{{4, 9}}).String(), "1:3,10:*")
	want(t, "union", s.Union(UIDSet{{4, 6}}).String(), "1:9")
	want(t, "add below", s.Add(5).String(), "1:3,5,7:9")
	want(t, "split", s.Split(4), []UIDSet{{{1, 3}, {7, 7}}, {{8, 9}}})
	want(t, "split of all", len(UIDSet{{1, MaxUID}}.Split(1<<31)), 2)
}

// TestUIDSetAgainstMaps compares the set's arithmetic with that of plain maps.
func TestUIDSetAgainstMaps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func() ([]UID, map[UID]bool) {
		var uids []UID
		m := map[UID]bool{}
		for range r.IntN(40) {
			u := UID(1 + r.IntN(60))
			uids = append(uids, u)
			m[u] = true
		}
		return uids, m
	}
	for range 2000 {
		a, am := draw()
		b, bm := draw()
		var minus, both []UID
		for u := UID(1); u <= 60; u++ {
			if am[u] && !bm[u] {
				minus = append(minus, u)
			}
			if am[u] || bm[u] {
				both = append(both, u)
			}
		}
		sa, sb := SetOf(a...), SetOf(b...)
		want(t, "without", sa.Without(sb), SetOf(minus...))
		want(t, "union", sa.Union(sb), SetOf(both...))
		want(t, "count", sa.Count(), int64(len(am)))
		var added UIDSet
		for _, u := range a {
			added = added.Add(u)
		}
		want(t, "add", added, sa)
		for u := UID(1); u <= 61; u++ {
			if sa.Contains(u) != am[u] {
				t.Fatalf("%v contains %d: %v", sa, u, !am[u])
			}
		}
		var joined UIDSet
		for _, part := range sa.Split(int64(1 + r.IntN(9))) {
			joined = joined.Union(part)
		}
		if !slices.Equal(joined, sa) {
			t.Fatalf("split loses: %v, %v", joined, sa)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}
