package main

import (
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	s := newShell(t)
	stdout, _ := s.must(exitDone, "demo", "--json")
	got := decode[demoResult](t, stdout)
	if len(got.Passes) != 2 || copied(got.Passes[0]) == 0 || copied(got.Passes[1]) != demoNew || !got.good() || got.Comparison.Doubled != 0 {
		t.Errorf("%+v", got)
	}
	stdout, _ = s.must(exitDone, "demo", "--terminal")
	if !strings.HasSuffix(stdout, "Everything is there, once, and the second pass copied only what was new.\n") {
		t.Errorf("said\n%s", stdout)
	}
	bad := got
	bad.Comparison.Missing = 1
	if bad.good() {
		t.Error("a missing message is good")
	}
}
