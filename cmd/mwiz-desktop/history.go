package main

import (
	"cmp"
	"context"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// pageSize is how many rows are read from the ledger at once.
const pageSize = 500

// historyCmd lists the passes of a project.
type historyCmd struct {
	Project string `arg:"" help:"Name of the project."`
	Folders bool   `help:"Show what each pass did in each folder."`
}

// historyLine is a pass as JSON shows it.
type historyLine struct {
	passLine
	Queued  time.Time    `json:"queued"`
	Started *time.Time   `json:"started"`
	Ended   *time.Time   `json:"ended"`
	Folders []folderLine `json:"folders,omitempty"`
}

// folderLine is what a pass did in a folder, as JSON shows it.
type folderLine struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
	Messages    int64  `json:"messages"`
	Before      int64  `json:"before"`
	Copied      int64  `json:"copied"`
	Adopted     int64  `json:"adopted"`
	Skipped     int64  `json:"skipped"`
	Failed      int64  `json:"failed"`
	Left        int64  `json:"left"`
	Vanished    int64  `json:"vanished"`
	Unexplained int64  `json:"unexplained"`
	Error       string `json:"error"`
}

func (c historyCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		rows, err := every(func(page engine.Page) ([]engine.PassRow, error) { return ledger.PassRows(ctx, project.ID, page) })
		if err != nil {
			return err
		}
		folders := map[engine.PassID][]engine.FolderTally{}
		for i := 0; c.Folders && i < len(rows); i++ {
			if folders[rows[i].ID], err = ledger.PassFolders(ctx, rows[i].ID); err != nil {
				return err
			}
		}
		if p.json {
			return p.writeHistory(project, rows, folders)
		}
		if len(rows) == 0 {
			return p.say("cli.no_passes", "Name", wording.Display(project.Name, 80))
		}
		return p.print(historyTable(rows, folders))
	})
}

// every reads all pages of a list.
func every[T any](read func(engine.Page) ([]T, error)) ([]T, error) {
	var all []T
	for {
		rows, err := read(engine.Page{Offset: len(all), Limit: pageSize})
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < pageSize {
			return all, nil
		}
	}
}

// historyTable shows passes, and below each what it did in its folders.
func historyTable(rows []engine.PassRow, folders map[engine.PassID][]engine.FolderTally) *table {
	t := newTable("started", "source", "kind", "#pass", "state", "#copied", "#adopted", "#skipped", "#failed", "#size", "#time", "why")
	now := time.Now()
	for _, r := range rows {
		why := ""
		if trouble, ok := wording.TroubleOfPass(r.Pass, r.Source, r.Destination); ok {
			why = trouble.Sentence()
		}
		t.add(wording.Moment(cmp.Or(r.Started, r.Queued).Local()), r.Source, wording.Kind(r.Kind), passNumber(r.Number), wording.State(r.State),
			wording.Number(r.Tally.Copied), wording.Number(r.Tally.Adopted), wording.Number(r.Tally.Skipped), wording.Number(r.Tally.Failed),
			wording.Bytes(r.Tally.Bytes), wording.Duration(r.Duration(now)), why)
		for _, f := range folders[r.ID] {
			t.add("", "  "+f.Source+" → "+cmp.Or(f.Destination, wording.Placing(f.Why)), "", "", "", wording.Number(f.Copied), wording.Number(f.Adopted), wording.Number(f.Skipped),
				wording.Number(f.Failed), wording.Bytes(f.Bytes), "", f.Error)
		}
	}
	return t
}

// passNumber shows which of a mailbox's passes one is.
func passNumber(n int) string {
	if n == 0 {
		return "-"
	}
	return wording.Number(n)
}

func (p *program) writeHistory(project engine.Project, rows []engine.PassRow, folders map[engine.PassID][]engine.FolderTally) error {
	lines := make([]historyLine, 0, len(rows))
	for _, r := range rows {
		line := historyLine{passLine: newPassLine(r.Source, r.Destination, r.Pass), Queued: r.Queued, Started: known(r.Started), Ended: known(r.Ended)}
		for _, f := range folders[r.ID] {
			line.Folders = append(line.Folders, folderLine{f.Source, f.Destination, f.Messages, f.Before, f.Copied, f.Adopted, f.Skipped,
				f.Failed, f.Left, f.Vanished, f.Unexplained(), f.Error})
		}
		lines = append(lines, line)
	}
	return p.writeJSON(struct {
		Project string        `json:"project"`
		Passes  []historyLine `json:"passes"`
	}{project.Name, lines})
}

// known returns nil for the zero time, which JSON has no word for.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
