package report

import (
	"io"
	"time"

	"mwiz/engine"
	"mwiz/engine/sheet"
)

// writeCSV writes a line a mailbox and folder, for spreadsheets. A mailbox without folders has one line.
func writeCSV(w io.Writer, r *Report, words Words) error {
	out := sheet.NewWriter(w)
	var heads []any
	for _, id := range []string{"mailbox", "destination", "status", "folder", "folder.destination", "migrated", "not_migrated", "pass", "began",
		"balance.source", "balance.before", "balance.copied", "balance.adopted", "balance.skipped", "balance.failed", "balance.left", "balance.off",
		"vanished", "verified", "different", "removed", "error"} {
		heads = append(heads, words.T("report."+id))
	}
	if err := out.Line(heads...); err != nil {
		return err
	}
	for _, m := range r.Mailboxes {
		who := []any{m.Source.Address, m.Destination.Address, words.T("status." + key(string(m.Status)))}
		if len(m.Folders) == 0 {
			if err := out.Line(append(who, empty(len(heads)-len(who))...)...); err != nil {
				return err
			}
		}
		for _, f := range m.Folders {
			if err := out.Line(append(who[:len(who):len(who)], csvFolder(m, f, r.Made.Location())...)...); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// csvFolder is what a line says of a folder.
func csvFolder(m Mailbox, f Folder, zone *time.Location) []any {
	line := []any{f.Source, f.Destination, Migrated(f.Items), f.Items.Failed}
	if t := f.Last; t != nil {
		line = append(line, m.Balance.Pass.Number, m.Balance.Pass.Started.In(zone).Format("2006-01-02 15:04"), t.Messages, t.Before, t.Copied, t.Adopted,
			t.Skipped, t.Failed, t.Left, t.Unexplained(), t.Vanished)
	} else {
		line = append(line, "", "", "", "", "", "", "", "", "", "", "")
	}
	if t := f.Check; t != nil {
		line = append(line, t.Verified, t.Different, t.Removed)
	} else {
		line = append(line, "", "", "")
	}
	return append(line, folderError(f.Last))
}

// folderError says why a folder was left; "" where it was not.
func folderError(t *engine.FolderTally) string {
	if t == nil {
		return ""
	}
	return t.Error
}

// empty returns n empty cells.
func empty(n int) []any {
	cells := make([]any, n)
	for i := range cells {
		cells[i] = ""
	}
	return cells
}
