package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// bulky delivers n messages of 100 KB.
func bulky(p *imaptest.Provider, user string, n int) {
	for i := range n {
		m := letter(fmt.Sprint("bulky", i))
		m.Bytes = append(m.Bytes, strings.Repeat(strings.Repeat("x", 70)+"\n", 1400)...)
		p.Deliver(user, m, imaptest.Inbox)
	}
}

func TestDaysVolume(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]engine.Settings{"download": {DownloadDay: 1, Mailboxes: 1}, "upload": {UploadDay: 1, Mailboxes: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, destination := other(t, imaptest.ProviderOptions{}), other(t, imaptest.ProviderOptions{})
			bulky(source, "anna", 20)
			bulky(source, "bert", 2)
			r := providers(t, source, destination, setup{settings: settings})
			bert := r.enrol("bert")
			pass := r.start(engine.NewItems)
			r.until("the wait for the next day", func(p engine.Progress) bool {
				return p.Phase == engine.Waiting && p.Daily && p.Until.After(time.Now().Add(23*time.Hour))
			})
			copied := len(destination.Subjects("anna", imaptest.Inbox))
			if copied < 5 || copied > 12 {
				t.Errorf("%d messages of 100 KB were copied under a limit of 1 MB", copied)
			}
			s, err := r.engine.Start(t.Context(), engine.Request{Project: r.project, Kind: engine.NewItems, Mailboxes: []engine.MailboxID{bert}})
			r.must(err)
			if p := r.wait(s.Passes[0].ID); p.State != engine.PassCompleted || p.Tally.Copied != 2 {
				t.Errorf("another mailbox meanwhile: %+v", p)
			}
			r.engine.Stop(r.project)
			if p := r.wait(pass); p.State != engine.PassStopped || p.Tally.Copied != int64(copied) {
				t.Errorf("stopped: %+v", p)
			}
			r.close() // a restart does not bring a new day
			r.open()
			pass = r.start(engine.NewItems)
			r.until("the wait after a restart", func(p engine.Progress) bool { return p.Phase == engine.Waiting && p.Daily && !p.Until.IsZero() })
			r.engine.Stop(r.project)
			if p := r.wait(pass); p.State != engine.PassStopped || p.Tally.Copied != 0 {
				t.Errorf("after a restart: %+v", p)
			}
		})
	}
}

// TestNextDayGoesOn: a pass that waits for its account's next day goes on by itself, over new connections, and copies everything once.
func TestNextDayGoesOn(t *testing.T) {
	t.Parallel()
	source, destination := other(t, imaptest.ProviderOptions{}), other(t, imaptest.ProviderOptions{})
	bulky(source, "anna", 6)
	r := providers(t, source, destination, setup{provider: func(engine.Endpoint) engine.Provider { return engine.Provider{DownloadDay: 1e6, Connections: 2} }})
	yesterday := time.Now().Add(4*time.Second - 24*time.Hour - engine.VolumeSlot)
	r.must(r.ledger.AddVolume(t.Context(), engine.Volume{Account: engine.AccountKey(source.Endpoint(), "anna"), At: yesterday, Bytes: 95e4}))
	pass := r.start(engine.NewItems)
	r.until("the wait for the next day", func(p engine.Progress) bool { return p.Daily })
	if p := r.wait(pass); p.State != engine.PassCompleted || p.Tally.Copied != 6 {
		t.Errorf("%+v", p)
	}
	if n := len(destination.Subjects("anna", imaptest.Inbox)); n != 6 {
		t.Errorf("%d messages at the destination", n)
	}
	if most := source.MostAtOnce("anna"); most > 2 {
		t.Errorf("%d connections at once, the service allows 2", most)
	}
}
