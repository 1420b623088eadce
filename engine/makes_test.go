package engine_test

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestDominoSource: folders are parted by a backslash, dates are none, and the header's are taken.
func TestDominoSource(t *testing.T) {
	t.Parallel()
	source := imaptest.ServeProvider(t, imaptest.ProviderOptions{Separator: `\`, Childless: true, NoDates: true})
	destination := other(t, imaptest.ProviderOptions{})
	dated := func(subject string) imaptest.Message {
		m := letter(subject)
		m.Bytes = fmt.Appendf(nil, "Subject: %s\nDate: Thu, 14 Mar 2019 10:22:01 +0000\n\nx\n", subject)
		return m
	}
	source.Deliver("anna", dated("m0"), imaptest.Inbox)
	source.Deliver("anna", dated("m1"), imaptest.Inbox, `Kunden\M&APw-ller \2024`)
	source.Deliver("anna", dated("m2"), `Kunden\a/b`)
	r := providers(t, source, destination, setup{})
	r.complete(engine.NewItems, 4)
	subjects(t, destination, map[string]string{"INBOX": "m0 m1", "Kunden/M&APw-ller /2024": "m1"})
	for folder, list := range destination.Read("anna") {
		for _, m := range list {
			if m.Date != 1552558921 {
				t.Errorf("%s: dated %d", folder, m.Date)
			}
		}
	}
	source.Deliver("anna", dated("m3"), imaptest.Inbox)
	r.complete(engine.NewItems, 1)
	r.complete(engine.NewItems, 0)
}

// TestDominoDestination: what it is given it stores with a Message-ID of its own and in its own words, under other folders than were asked for; connections
// that break before its answers leave nothing twice all the same.
func TestDominoDestination(t *testing.T) {
	t.Parallel()
	source := other(t, imaptest.ProviderOptions{})
	id := regexp.MustCompile(`@example\.org>`)
	destination := imaptest.ServeProvider(t, imaptest.ProviderOptions{Separator: `\`, Childless: true, Alters: func(text []byte) []byte {
		return bytes.Replace(id.ReplaceAll(text, []byte("@LocalDomain>")), []byte("\r\n\r\n"), []byte("\r\nX-Notes-Item: 1\r\n\r\n"), 1)
	}})
	for i, folder := range []string{imaptest.Inbox, "INBOX/Kunden", "Projekte/2024"} {
		for n := range 20 {
			source.Deliver("anna", letter(fmt.Sprintf("m%d%02d", i, n)), folder)
		}
	}
	r := providers(t, source, destination, setup{settings: engine.Settings{PassLimit: 100}})
	r.to.Break(imaptest.Fault{Before: "APPENDUID"}, imaptest.Fault{Before: "APPENDUID"}, imaptest.Fault{Before: "APPENDUID"})
	for range 4 {
		r.run(engine.NewItems)
	}
	r.to.Mend()
	r.complete(engine.NewItems, 0)
	count, twice := 0, map[string]int{}
	for folder, list := range destination.Read("anna") {
		for range list {
			count++
		}
		for _, s := range destination.Subjects("anna", folder) {
			if twice[s]++; twice[s] > 1 {
				t.Errorf("%s is there %d times", s, twice[s])
			}
		}
	}
	if count != 60 || r.to.Broken() == 0 {
		t.Errorf("%d messages after %d cuts", count, r.to.Broken())
	}
}
