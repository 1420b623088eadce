package wording

import "mwiz/engine"

// Receipt says what became of one message: the message itself on the first line, then a sentence a line. Times are read in the local zone.
func Receipt(p engine.Project, r engine.Receipt) []string {
	lines := []string{T("receipt.message", "Folder", Display(r.Folder, 100), "UID", r.UID, "Time", dateOf(r.Date), "Size", sizeOf(r.Size))}
	lines = append(lines, became(p, r)...)
	if r.RemovedBy != 0 {
		lines = append(lines, T("receipt.removed", "Time", Moment(r.RemovedAt.Local())))
	}
	if r.State == engine.Copied || r.State == engine.Adopted {
		lines = append(lines, proof(r))
	}
	if r.LookedUp && !r.AtSource {
		lines = append(lines, T("receipt.gone"))
	}
	return lines
}

// became says where a message is, or why it is not at the destination, and what to do then.
func became(p engine.Project, r engine.Receipt) []string {
	gaps := []any{"Pass", passOf(r.ItemRecord), "Time", Moment(r.At.Local()), "Folder", Display(r.Destination, 100), "UID", r.DestinationUID}
	switch r.State {
	case engine.Copied:
		if r.At.IsZero() {
			return []string{T("receipt.copied.before", gaps...)}
		}
		if r.DestinationUID == 0 {
			return []string{T("receipt.copied.somewhere", gaps...)}
		}
		return []string{T("receipt.copied", gaps...)}
	case engine.Adopted:
		if r.DestinationUID == 0 {
			return []string{T("receipt.adopted.somewhere", gaps...)}
		}
		return []string{T("receipt.adopted", gaps...)}
	case engine.Claimed:
		return []string{T("receipt.doubt", gaps...)}
	case engine.ItemFailed, engine.Skipped:
		return refused(p, r, gaps)
	}
	return []string{T("receipt.unseen")}
}

// refused says why a message was not migrated.
func refused(p engine.Project, r engine.Receipt, gaps []any) []string {
	if r.Failure == nil || r.State == engine.Skipped && r.Failure.Kind == engine.NoError {
		return []string{T("report.cause.rule")}
	}
	trouble := TroubleOfItem(p, engine.FailureRow{Folder: r.Folder, State: r.State, Failure: *r.Failure})
	why := trouble.Sentence()
	if details := trouble.Details(); details != "" {
		why += " (" + details + ")"
	}
	if r.State == engine.Skipped {
		return []string{T("receipt.skipped"), why}
	}
	return []string{T("receipt.failed", gaps...), why, trouble.Step()}
}

// proof says what reading the copy back has shown, or what could be shown.
func proof(r engine.Receipt) string {
	switch {
	case r.Problem != nil:
		trouble := TroubleOf(r.Problem, "")
		return T("receipt.proof.problem", "Why", trouble.Sentence())
	case r.Proof == engine.Equal:
		return T("receipt.proof.equal")
	case r.Proof == engine.HeaderEqual:
		return T("receipt.proof.header")
	case r.Proof == engine.Different:
		return T("receipt.proof.different")
	case r.Proof == engine.NotThere:
		return T("receipt.proof.not_there")
	case r.Body == engine.Digest{} && r.Head == engine.Digest{}:
		return T("receipt.proof.none")
	case r.Body == engine.Digest{}:
		return T("receipt.proof.recorded_header")
	}
	return T("receipt.proof.recorded")
}

// passOf says which pass one was, within a sentence.
func passOf(r engine.ItemRecord) string {
	if r.Number > 0 {
		return T("receipt.pass", "Number", r.Number)
	}
	return T("receipt.pass.kind", "Kind", Kind(r.Kind))
}

func sizeOf(n int64) string {
	if n < 0 {
		return "–"
	}
	return Bytes(n)
}

func dateOf(d engine.Date) string {
	if d.IsZero() {
		return "–"
	}
	return Moment(d.Local())
}
