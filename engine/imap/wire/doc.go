// Package wire is what lies between a network connection and the IMAP work above it.
//
// A Conn owns the socket: one goroutine of its own reads every response, cuts it into tokens with a parser that forgives
// what servers write in the wild, and gives it to whoever it is for: a raw command in flight (an Exchange), or the client
// library above, for which the Conn is a net.Conn. The library sees only what it asked for, written the way it
// understands. Literals stream: a message body passes from the socket to its reader with back-pressure and is never held
// here, and a connection that ends inside one is an error, never a short body.
package wire
