package report

import (
	"io"
	"time"

	"mwiz/engine"
	"mwiz/engine/sheet"
)

// WriteErrors writes what is not at the destination as a table for spreadsheets: a line a mailbox or folder that its last pass could not deal with
// as a whole, then a line a message. Times are shown in zone.
func WriteErrors(w io.Writer, p engine.Project, setbacks []engine.Setback, failures []engine.FailureRow, zone *time.Location, words Words) error {
	out := sheet.NewWriter(w)
	var heads []any
	for _, id := range []string{"mailbox", "folder", "errors.uid", "errors.date", "errors.size", "errors.subject", "errors.sender", "errors.messageid", "status", "cause", "step", "error"} {
		heads = append(heads, words.T("report."+id))
	}
	if err := out.Line(heads...); err != nil {
		return err
	}
	for _, s := range setbacks {
		sentence, step, details := words.Setback(p, s)
		folder, status := "", words.T("state."+key(string(s.State)))
		if s.Folder != nil {
			folder, status = s.Folder.Source, words.T("report.errors.left")
		}
		if err := out.Line(s.Source, folder, "", momentOf(s.Ended, zone), "", "", "", "", status, sentence, step, details); err != nil {
			return err
		}
	}
	for _, f := range failures {
		sentence, step := words.Cause(p, f)
		status := words.T("report.errors.failed")
		if f.State == engine.Skipped {
			status = words.T("report.errors.skipped")
			if f.Kind == engine.NoError {
				sentence, step = words.T("report.cause.rule"), words.T("report.cause.rule.step")
			}
		}
		size := any("")
		if f.Size >= 0 {
			size = f.Size
		}
		if err := out.Line(f.Source, f.Folder, uint32(f.UID), momentOf(f.Date.Time, zone), size, f.Subject, f.Sender, f.MessageID, status, sentence, step, f.Text); err != nil {
			return err
		}
	}
	return out.Flush()
}

func momentOf(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}
