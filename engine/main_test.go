package engine_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets more tests wait at the same time than there are processors, and is the main function of the children that
// tests kill.
//
// The tests of this package obey some variables: MWIZ_NEED_DOVECOT=1 and MWIZ_NEED_CYRUS=1 make a missing server a failure instead of a skip,
// MWIZ_KILLS=200 asks for more kills, MWIZ_CUTS=200 for more cuts of connections to Cyrus, MWIZ_MIX=100 for more mixes of faults,
// MWIZ_STEPS=all breaks passes at every step, MWIZ_CHAOS=200 asks for more rounds of chaos, and MWIZ_SEED repeats a mix, cuts or a chaos.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
