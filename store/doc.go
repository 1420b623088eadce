// Package store keeps what lasts between runs: the ledger of every item and pass (SQLite), and the secrets (the keychain of
// the operating system, and beside it a sealed overflow for what that does not take).
//
// The ledger is one file, ledger.db, owned by one program at a time (ledger.lock). One goroutine writes it: it gathers
// what waits into one transaction and answers only when the disk has it, so that a claim costs a fraction of a disk flush and
// survives a power cut all the same. Nothing but SQLite may open ledger.db, ledger.db-wal or ledger.db-shm while a Ledger is
// open: on POSIX systems, closing any descriptor of a file drops every lock the process has on it.
//
// schema/ holds the tables with what they promise; testdata/schema.golden.sql is the whole schema as it stands.
package store
