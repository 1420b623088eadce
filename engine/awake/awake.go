// Package awake keeps this computer from falling asleep of itself while there is work. The screen may go dark, and a user who sends the
// computer to sleep, or closes its lid, is obeyed.
package awake

import (
	"context"
	"errors"
	"log/slog"
)

// errNobody says that nothing here can be asked.
var errNobody = errors.New("nothing on this computer takes the wish")

// Hold keeps the computer awake until release is called. An error says why that is not possible; release may be called all the same. It
// may take some seconds.
func Hold(ctx context.Context, reason string) (release func(), err error) {
	return hold(ctx, reason)
}

// Follow holds the computer awake whenever the last value of busy was true, until ctx ends; it returns when nothing is held any more.
// reason is what the system shows to a user who asks what keeps it awake. What goes wrong is logged, and no more: the work goes on.
func Follow(ctx context.Context, busy <-chan bool, reason string, log *slog.Logger) {
	release, held := func() {}, false
	defer func() { release() }()
	for {
		select {
		case <-ctx.Done():
			return
		case is := <-busy:
			switch {
			case is && !held:
				var err error
				if release, err = Hold(ctx, reason); err != nil {
					log.Info("the computer may fall asleep", "err", err)
				}
			case !is && held:
				release()
				release = func() {}
			}
			held = is
		}
	}
}
