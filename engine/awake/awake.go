// Package awake keeps this computer from falling asleep of itself while there is work. The screen may go dark, and a user who sends the
// computer to sleep, or closes its lid, is obeyed.
package awake

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// errNobody says that nothing here can be asked.
var errNobody = errors.New("nothing on this computer takes the wish")

// Hold keeps the computer awake until release is called. An error says why that is not possible; release may be called all the same. It
// may take some seconds.
func Hold(ctx context.Context, reason string) (release func(), err error) {
	return hold(ctx, reason)
}

// patience is how long there must be work before the computer is held: none falls asleep earlier, and to ask it takes as long as a pass that finds
// nothing new.
const patience = 2 * time.Second

// Follow holds the computer awake whenever the last value of busy was true for a while, until ctx ends; it returns when nothing is held any more.
// reason is what the system shows to a user who asks what keeps it awake. What goes wrong is logged, and no more: the work goes on.
func Follow(ctx context.Context, busy <-chan bool, reason string, log *slog.Logger) {
	release, working := func() {}, false
	defer func() { release() }()
	var due <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case is := <-busy:
			switch {
			case is && !working:
				due = time.After(patience)
			case !is && working:
				due = nil
				release()
				release = func() {}
			}
			working = is
		case <-due:
			due = nil
			var err error
			if release, err = Hold(ctx, reason); err != nil {
				log.Info("the computer may fall asleep", "err", err)
			}
		}
	}
}
