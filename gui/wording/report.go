package wording

import (
	"time"

	"mwiz/engine"
)

// Report says a project's report in the user's language: it is what package engine/report asks for.
type Report struct{}

// T is the function T.
func (Report) T(id string, data ...any) string { return T(id, data...) }

// Number is the function Number.
func (Report) Number(n int64) string { return Number(n) }

// Decimal is the function Decimal.
func (Report) Decimal(v float64) string { return Decimal(v) }

// Bytes is the function Bytes.
func (Report) Bytes(n int64) string { return Bytes(n) }

// Duration is the function Duration.
func (Report) Duration(d time.Duration) string { return Duration(d) }

// Moment is the function Moment.
func (Report) Moment(t time.Time) string { return Moment(t) }

// Display is the function Display.
func (Report) Display(s string, max int) string { return Display(s, max) }

// Cause says why a message is not at the destination, and what to do next.
func (Report) Cause(p engine.Project, row engine.FailureRow) (sentence, step string) {
	t := TroubleOfItem(p, row)
	return t.Sentence(), t.Step()
}

// WhyItem says why a message is not at the destination, and what to do next. One that is left out without an error is left out by rule.
func WhyItem(p engine.Project, row engine.FailureRow) (sentence, step string) {
	if row.State == engine.Skipped && row.Kind == engine.NoError {
		return T("report.cause.rule"), T("report.cause.rule.step")
	}
	return Report{}.Cause(p, row)
}

// Setback says why a mailbox or a folder was left as a whole, what to do next, and the service's words.
func (Report) Setback(p engine.Project, s engine.Setback) (sentence, step, details string) {
	t := TroubleOfSetback(p, s)
	return t.Sentence(), t.Step(), t.Details()
}

// Why says why a pass ended as it did; "" where there is nothing to tell.
func (Report) Why(p engine.Pass, source, destination string) string {
	trouble, told := TroubleOfPass(p, source, destination)
	if !told {
		return ""
	}
	if details := trouble.Details(); details != "" {
		return trouble.Sentence() + " (" + details + ")"
	}
	return trouble.Sentence()
}

// ReportFile returns what to call the file that a project's report is saved in, without its end: project and day, in characters that every
// system takes.
func ReportFile(project string, made time.Time) string {
	return filePart(project) + "-" + made.Format("2006-01-02")
}
