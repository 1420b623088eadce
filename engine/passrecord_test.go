package engine_test

import (
	"reflect"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// What a pass leaves behind beside its numbers: what its folders hold at the destination, how fast it went, and its settings.
func TestPassLeavesItsRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{})
	c := imaptest.WriteCorpus(t, r.root(engine.Source), imaptest.CorpusOptions{Messages: 60, Folders: []string{imaptest.Inbox, "Sent"}})
	holds := func(p engine.Pass) {
		t.Helper()
		folders, err := r.ledger.PassFolders(t.Context(), p.ID)
		r.must(err)
		if len(folders) != 2 {
			t.Fatal(folders)
		}
		there := r.mail(engine.Destination)
		for _, f := range folders {
			if n := int64(len(there[f.Destination])); f.There != n {
				t.Errorf("%s pass: %d are told in %s, %d are there", p.Kind, f.There, f.Destination, n)
			}
		}
	}
	first := r.complete(engine.NewItems, 60)
	holds(first)
	c.AddMessages("Sent", 5)
	holds(r.run(engine.Preview))
	holds(r.complete(engine.NewItems, 5))

	record, kept, err := r.ledger.PassRecord(t.Context(), first.ID)
	r.must(err)
	var sum engine.Point
	for _, p := range record.Throughput.Points {
		sum.Messages += p.Messages
		sum.Bytes += p.Bytes
	}
	if !kept || sum.Messages != first.Tally.Copied || sum.Bytes != first.Tally.Bytes {
		t.Errorf("%v of %+v are in the picture", sum, first.Tally)
	}
	project, err := r.ledger.Project(t.Context(), r.project)
	r.must(err)
	if !reflect.DeepEqual(record.Settings, project.Settings) {
		t.Errorf("got %+v, want %+v", record.Settings, project.Settings)
	}
}
