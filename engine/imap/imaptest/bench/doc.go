// Package bench measures the program against a floor and its peers, all in one run on one machine: bare sockets, mbsync and imapsync, where these are
// on the PATH. Everything in it is a test, which `make bench` runs; it is not part of the program.
//
// Two real Dovecots keep their mail on a memory file system, so that no disk is measured; a wire of package imaptest stands between where a
// distance is to be had. Every tool is a child process with a mailbox of its own on each side, equal to the others', and what it has
// copied is compared on disk. The figures go to docs/benchmarks.md, with a picture.
package bench
