package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

const poison = "the words at which the line breaks"

// TestMessageThatBringsTheConnectionDown has a message, small or large, at which the connection falls whenever it is read, or sent. That message fails
// with its subject; all others are copied, in the same pass. When the line is mended it is copied too, once.
func TestMessageThatBringsTheConnectionDown(t *testing.T) {
	t.Parallel()
	for _, up := range []bool{false, true} {
		for _, size := range []int{2000, 3 << 20} {
			for _, without := range []string{"", "MULTIAPPEND"} {
				t.Run(fmt.Sprintf("up %v %d bytes without %s", up, size, without), func(t *testing.T) {
					t.Parallel()
					p := newPair(t, imaptest.Options{}, imaptest.Options{Without: strings.Fields(without)})
					r := p.rig(t, "anna@example.org", setup{settings: engine.Settings{Lanes: 2, LateCommitWait: 1}})
					c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 100, Folders: []string{imaptest.Inbox, "Sent"}})
					text := "From: a@example.org\r\nSubject: Poisoned\r\nMessage-ID: <poison@example.org>\r\n\r\n" +
						strings.Repeat("nothing to see here\r\n", size/2/21) + poison + "\r\n" + strings.Repeat("nor here\r\n", size/2/10)
					imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "1.poison", imaptest.Message{Bytes: []byte(text), Date: time.Unix(1_700_000_000, 0)})
					c.AddMessages(imaptest.Inbox, 10)
					more := r.mail(engine.Source)
					line := r.from
					if up {
						line = r.to
					}
					line.Break(imaptest.Fault{Up: up, Before: poison, Mode: imaptest.Reset, Always: true})
					if got := r.run(engine.NewItems); got.State != engine.PassCompletedWithErrors || got.Tally.Failed != 1 || got.Tally.Copied != int64(more.Count()-1) {
						t.Errorf("the pass is %s: %s %+v", got.State, got.Error, got.Tally)
					}
					rows, err := r.ledger.FailureRows(t.Context(), r.project, engine.Page{Limit: 10})
					r.must(err)
					if len(rows) != 1 || rows[0].Subject != "Poisoned" || !strings.Contains(rows[0].Text, "the connection was lost each time") {
						t.Errorf("failures: %+v", rows)
					}
					line.Mend()
					r.complete(engine.Retry, 1)
					r.complete(engine.NewItems, 0)
					r.holds(more)
				})
			}
		}
	}
}
