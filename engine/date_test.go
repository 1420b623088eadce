package engine_test

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// TestMissingDateIsTheHeaders copies from a server that tells no usable INTERNALDATE: the header's date is taken where it can be true.
func TestMissingDateIsTheHeaders(t *testing.T) {
	t.Parallel()
	b := &breaker{v: stepServers{lanes: 1}, source: newMemHost(t), destination: newMemHost(t)}
	written := time.Date(2019, 3, 14, 10, 22, 1, 0, time.FixedZone("", 3600))
	for name, header := range map[string]string{
		"told":    "date:\n Thu, 14 Mar 2019 10:22:01 +0100\nSubject: told",
		"ancient": "Subject: ancient\nDate: Mon, 1 Jan 0001 00:00:00 +0000",
		"future":  "Subject: future\nDate: Sat, 1 Jan 2095 00:00:00 +0000",
		"silent":  "Subject: silent",
		"body":    "Subject: body\n\nDate: Thu, 14 Mar 2019 10:22:02 +0100",
	} {
		b.source.put(t, "anna", imaptest.Inbox, name, imaptest.Message{Bytes: []byte(header + "\n\nx\n"), Date: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)})
	}
	from, to := imaptest.Wire(t, b.source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, b.destination.Addr(), imaptest.WireOptions{})
	order := b.order(t, "anna", from, to)
	began := time.Now().Unix()
	for _, copied := range []int64{5, 0} {
		if p, err := order.pass(t.Context(), new(steps).wrap); err != nil || p.State != engine.PassCompleted || p.Tally.Copied != copied {
			t.Errorf("a pass that should copy %d: %+v, %v", copied, p, err)
		}
	}
	asWritten, asArrived := 0, 0
	for _, c := range b.destination.read(t, "anna")[imaptest.Inbox] {
		switch {
		case c.Date == written.Unix():
			asWritten++
		case c.Date >= began-1 && c.Date <= time.Now().Unix():
			asArrived++
		}
	}
	if asWritten != 1 || asArrived != 4 {
		t.Errorf("%d messages have their header's date, %d that of their arrival", asWritten, asArrived)
	}
}

// TestRefusedDateIsReplaced copies messages with dates before 1970, which Cyrus refuses: they arrive with the date in their header, or that of the second
// day of 1970.
func TestRefusedDateIsReplaced(t *testing.T) {
	t.Parallel()
	for _, without := range [][]string{nil, {"MULTIAPPEND", "LITERAL+"}} {
		r := newCyrusRig(t, imaptest.CyrusOptions{Without: without}, setup{settings: engine.Settings{Lanes: 1}})
		early := time.Date(1965, 5, 1, 12, 0, 0, 0, time.UTC)
		written := time.Date(2019, 3, 14, 10, 22, 1, 0, time.UTC)
		for name, header := range map[string]string{"1.written": "Date: Thu, 14 Mar 2019 10:22:01 +0000\r\nSubject: written", "2.silent": "Subject: silent"} {
			imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, name, imaptest.Message{Bytes: []byte(header + "\r\n\r\nx\r\n"), Date: early})
		}
		imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 20, Folders: []string{imaptest.Inbox}})
		r.complete(engine.NewItems, 22)
		dates := map[int64]int{}
		for _, c := range r.mail(engine.Destination)[imaptest.Inbox] {
			dates[c.Date]++
		}
		if dates[written.Unix()] == 0 || dates[24*60*60] != 1 {
			t.Errorf("dates at the destination: %v", dates)
		}
		r.complete(engine.NewItems, 0)
	}
}
