package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestServicesThatTakeOneCommandAtATime migrates between services, as some old proxies are, that hang up when a command comes before the one before it
// was answered, or lose it.
func TestServicesThatTakeOneCommandAtATime(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]setup{
		"hung up": {eager: imaptest.HungUp, settings: engine.Settings{Lanes: 2}},
		"ignored": {eager: imaptest.Ignored, stall: 2 * time.Second, settings: engine.Settings{Lanes: 2}},
	} {
		for _, without := range [][]string{{"COMPRESS=DEFLATE"}, {"COMPRESS=DEFLATE", "MULTIAPPEND", "LITERAL+", "LIST-STATUS"}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, imaptest.Options{Without: without}, imaptest.Options{Without: without})
				r := p.rig(t, "anna@example.org", o)
				c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 150, Folders: []string{imaptest.Inbox, "Sent", "Old"}})
				r.complete(engine.NewItems, 150)
				c.AddMessages("Old", 3)
				r.complete(engine.NewItems, 3)
				r.complete(engine.NewItems, 0)
				r.holds(r.mail(engine.Source))
			})
		}
	}
}
