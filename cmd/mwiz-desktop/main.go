// Command mwiz-desktop moves a company's mail from one IMAP host to another. Without a verb it opens its window; with a verb it
// needs no display. This package only joins the parts: the words and the work are in package engine.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"mwiz/engine"
)

func main() {
	ctx, stop := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop(engine.ErrStopped)
		<-signals
		os.Exit(exitStopped)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
