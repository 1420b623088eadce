package report

import (
	"cmp"
	"slices"
	"time"

	"mwiz/engine"
)

// totals adds up what became of mailboxes.
func totals(mailboxes []Mailbox) Totals {
	t := Totals{Statuses: map[engine.Status]int{}}
	for _, m := range mailboxes {
		t.Statuses[m.Status]++
		t.Passes += m.Used
		t.Bytes += m.Bytes
		t.Items.Claimed += m.Items.Claimed
		t.Items.Copied += m.Items.Copied
		t.Items.Adopted += m.Items.Adopted
		t.Items.Skipped += m.Items.Skipped
		t.Items.Failed += m.Items.Failed
		if b := m.Balance; b != nil {
			t.Balanced++
			t.Balance.Messages += b.Sum.Messages
			t.Balance.Before += b.Sum.Before
			t.Balance.Add(b.Sum.Tally)
			t.Off += b.Off
			t.Retried += b.Retried
		}
		if m.Check != nil {
			t.Checked++
			t.Check.add(*m.Check)
		}
		for _, p := range m.Passes {
			t.pass(p)
		}
	}
	t.Status = engine.Combine(t.Statuses)
	slices.SortStableFunc(t.PerPass, func(a, b PassTotal) int {
		return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.Number, b.Number))
	})
	return t
}

// pass adds a pass that was to copy.
func (t *Totals) pass(p engine.Pass) {
	if !copies(p.Kind) || p.Started.IsZero() {
		return
	}
	ended := p.Ended
	if ended.IsZero() {
		ended = p.Seen
	}
	if t.First.IsZero() || p.Started.Before(t.First) {
		t.First = p.Started
	}
	t.Last = later(t.Last, ended)
	i := slices.IndexFunc(t.PerPass, func(o PassTotal) bool { return o.Kind == p.Kind && o.Number == p.Number })
	if i < 0 {
		i = len(t.PerPass)
		t.PerPass = append(t.PerPass, PassTotal{Kind: p.Kind, Number: p.Number, Began: p.Started})
	}
	one := &t.PerPass[i]
	one.Passes++
	one.Copied += p.Tally.Copied + p.Tally.Adopted
	one.Failed += p.Tally.Failed
	one.Bytes += p.Tally.Bytes
	one.Ended = later(one.Ended, ended)
	if p.Started.Before(one.Began) {
		one.Began = p.Started
	}
}

// speeds adds up how fast the passes of each total went.
func (t *Totals) speeds(mailboxes []Mailbox, known map[engine.PassID]engine.Throughput) {
	for i := range t.PerPass {
		one := &t.PerPass[i]
		var passes []engine.Pass
		for _, m := range mailboxes {
			for _, p := range m.Passes {
				if p.Kind == one.Kind && p.Number == one.Number && len(known[p.ID].Points) > 0 {
					passes = append(passes, p)
				}
			}
		}
		one.Speed = together(passes, known, one.Began, one.Ended)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// causes groups the messages that are not at the destination by why.
func causes(failures []engine.FailureRow) []Cause {
	var all []Cause
	for _, f := range failures {
		i := slices.IndexFunc(all, func(c Cause) bool { return c.State == f.State && c.Kind == f.Kind })
		if i < 0 {
			i = len(all)
			all = append(all, Cause{State: f.State, Kind: f.Kind})
		}
		c := &all[i]
		c.Count++
		if n := len(c.Mailboxes); n == 0 || c.Mailboxes[n-1].Address != f.Source { // they come by mailbox
			c.Mailboxes = append(c.Mailboxes, CauseOf{Address: f.Source})
		}
		c.Mailboxes[len(c.Mailboxes)-1].Count++
	}
	for _, c := range all {
		slices.SortStableFunc(c.Mailboxes, func(a, b CauseOf) int { return cmp.Compare(b.Count, a.Count) })
	}
	slices.SortStableFunc(all, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(b.Count, a.Count)) // failed before skipped
	})
	return all
}

// largest returns the n mailboxes with most messages at the destination, the largest first.
func largest(mailboxes []Mailbox, n int) []Mailbox {
	all := slices.Clone(mailboxes)
	slices.SortStableFunc(all, func(a, b Mailbox) int { return cmp.Compare(Migrated(b.Items), Migrated(a.Items)) })
	return all[:min(n, len(all))]
}
