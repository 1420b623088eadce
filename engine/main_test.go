package engine_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets more tests wait at the same time than there are processors, and is the main function of the child that
// TestKilledPassesAreExact kills.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
