// Package imap opens sessions at IMAP services: it implements engine.Dialer and engine.Session, and is the only place that
// knows the protocol.
//
// go-imap signs in and makes folders. What decides how fast a migration is — listing, reading and appending — and must
// bear whatever servers write, are raw commands of package wire on the same connection.
package imap
