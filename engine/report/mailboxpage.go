package report

import (
	"time"

	"mwiz/engine"
)

// mailbox is the section of one mailbox.
func (w *writer) mailbox(i int, m Mailbox) section {
	s := section{ID: mailboxID(i), Title: w.address(m), Sub: true}
	if m.Destination.Address != m.Source.Address {
		s.Title = w.address(m) + " → " + w.Display(m.Destination.Address, 120)
	}
	s.Notes = append(s.Notes, note{w.T("report.mailbox.text", "Count", Migrated(m.Items), "Status", w.status(m.Status), "Bytes", w.Bytes(m.Bytes), "Passes", w.Number(int64(m.Used))),
		toneOf(m.Status)})
	if m.Items.Claimed > 0 {
		s.Notes = append(s.Notes, note{w.T("report.mailbox.doubt", "Count", m.Items.Claimed), warn})
	}
	if len(m.Passes) > 0 {
		s.Tables = append(s.Tables, w.mailboxPasses(m))
	}
	if b := m.Balance; b != nil {
		s.Notes = append(s.Notes, note{w.T("report.mailbox.balance", "Pass", w.passName(b.Pass.Kind, b.Pass.Number), "Time", w.moment(b.Pass.Started)), plain})
		if b.Retried > 0 {
			s.Notes = append(s.Notes, note{w.T("report.mailbox.retried", "Count", b.Retried), plain})
		}
		if v := b.Sum.Vanished; v > 0 {
			s.Notes = append(s.Notes, note{w.T("report.mailbox.vanished", "Count", v), plain})
		}
		s.Tables = append(s.Tables, w.mailboxBalance(m))
	}
	if m.Check != nil && m.Check.Different+m.Check.Removed > 0 {
		s.Tables = append(s.Tables, w.mailboxCheck(m))
	}
	return s
}

func (w *writer) mailboxPasses(m Mailbox) table {
	t := table{Title: w.T("report.passes"), Columns: []column{{w.T("report.pass"), false, 2.4}, {w.T("report.began"), false, 3},
		{w.T("report.status"), false, 3}, {w.T("report.took"), true, 2}, {w.T("report.copied"), true, 1.5}, {w.T("report.adopted"), true, 1.7}, {w.T("report.bytes"), true, 1.6}, {w.T("report.failed"), true, 1.4}}}
	for _, p := range m.Passes {
		size := p.Tally.Bytes
		if !copies(p.Kind) {
			size = 0 // of a preview it is what a pass would copy
		}
		one := row{Cells: []string{w.passName(p.Kind, p.Number), w.moment(firstTime(p)), w.T("state." + key(string(p.State))), w.Duration(p.Duration(w.r.Made)),
			w.Number(p.Tally.Copied), w.Number(p.Tally.Adopted), w.Bytes(size), w.Number(p.Tally.Failed)},
			Below: w.Display(w.Why(p, m.Source.Address, m.Destination.Address), 300), Tone: toneOf(engine.StatusOf(p.State))}
		t.Rows = append(t.Rows, one)
	}
	return t
}

// firstTime is when a pass began, or was wanted.
func firstTime(p engine.Pass) time.Time {
	if p.Started.IsZero() {
		return p.Queued
	}
	return p.Started
}

func (w *writer) mailboxBalance(m Mailbox) table {
	t := table{Title: w.T("report.reconciliation"), Columns: w.balanceColumns(w.T("report.folder"))}
	for _, f := range m.Folders {
		if f.Last == nil {
			continue
		}
		off := f.Last.Unexplained()
		one := row{Cells: append([]string{w.folderName(f)}, w.balanceCells(*f.Last, off)...), Below: w.Display(f.Last.Error, 300)}
		switch {
		case off != 0:
			one.Tone = bad
		case f.Last.Error != "" || f.Last.Failed > 0 || f.Last.Left > 0:
			one.Tone = warn
		}
		t.Rows = append(t.Rows, one)
	}
	t.Sum = append([]string{w.T("report.sum")}, w.balanceCells(m.Balance.Sum, m.Balance.Off)...)
	return t
}

// folderName says a folder's name, and where its messages go if that is called otherwise.
func (w *writer) folderName(f Folder) string {
	name := w.Display(f.Source, 120)
	if f.Destination == "" || f.Destination == f.Source {
		return name
	}
	return name + " → " + w.Display(f.Destination, 120)
}

func (w *writer) mailboxCheck(m Mailbox) table {
	t := table{Title: w.T("report.checks"), Columns: w.checkColumns(w.T("report.folder"))}
	for _, f := range m.Folders {
		if f.Check == nil || f.Check.Different+f.Check.Removed == 0 {
			continue
		}
		one := row{Cells: append([]string{w.folderName(f)}, w.checkCells(Check{Verified: f.Check.Verified, Different: f.Check.Different, Removed: f.Check.Removed})...)}
		if f.Check.Different > 0 {
			one.Tone = bad
		}
		t.Rows = append(t.Rows, one)
	}
	return t
}
