package imaptest

import "testing"

// TestPortsAreGivenOnce asks for a good part of all ports: a port that is given twice would have two servers, one of which greets for the other.
func TestPortsAreGivenOnce(t *testing.T) {
	given := make(map[int]bool)
	for range 200 {
		a, b, err := freePorts(t)
		if err != nil {
			t.Fatal(err)
		}
		if given[a] || given[b] || a == b {
			t.Fatalf("port %d or %d is given twice", a, b)
		}
		given[a], given[b] = true, true
	}
}
