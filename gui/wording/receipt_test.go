package wording

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
)

// Every state of a message and every proof has a sentence without an open gap.
func TestReceipt(t *testing.T) {
	p := engine.Project{Source: engine.Endpoint{Host: "mail.old"}, Destination: engine.Endpoint{Host: "mail.new"}}
	record := func(s engine.ItemState, uid engine.UID) engine.ItemRecord {
		return engine.ItemRecord{CopiedItem: engine.CopiedItem{ClaimedItem: engine.ClaimedItem{UID: 12, Size: 1500, Body: engine.Digest{1}}, State: s, DestinationUID: uid},
			Folder: "Büro", Destination: "Archive", Number: 2, Kind: engine.NewItems, At: time.Date(2026, time.March, 14, 10, 22, 0, 0, time.Local)}
	}
	said := func(r engine.Receipt) string {
		t.Helper()
		all := strings.Join(Receipt(p, r), "|")
		if strings.Contains(all, "receipt.") || strings.Contains(all, "no value") {
			t.Errorf("%+v says %q", r, all)
		}
		return all
	}
	want(t, said(engine.Receipt{ItemRecord: record(engine.Copied, 8812), Proof: engine.Equal}),
		"Büro, UID 12, of –, 1.5 kB|Copied in pass 2 on 14 Mar 2026, 10:22 to Archive, UID 8812.|Digest equal: the copy was read back just now and is what was copied, byte for byte but for line ends.")
	for state := range engine.Adopted + 1 {
		for proof := range engine.NotThere + 1 {
			r := engine.Receipt{ItemRecord: record(state, engine.UID(proof)), Proof: proof, LookedUp: true}
			said(r)
			r.RemovedBy, r.Number, r.Kind, r.Body, r.At = 3, 0, engine.Retry, engine.Digest{}, time.Time{}
			r.Failure = &engine.Failure{Kind: engine.Refused, Text: "too large"}
			said(r)
			r.Problem = errors.New("odd")
			said(r)
		}
	}
}
