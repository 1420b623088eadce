package gui

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/gui/wording"
)

// census is what previews have counted of a project's mailboxes.
type census struct {
	mailboxes []counted // the largest first
	folders   []mapped  // the fullest first
	uncounted int       // mailboxes without a preview that went well
	messages  int64     // at the source
	left      int64     // of these, to be copied
	bytes     int64     // of the latter
	tooLarge  int64     // messages that the destination will not take
	skipped   int64     // messages that rules leave out
	trials    map[engine.MailboxID]engine.Pass
}

// counted is what a preview has counted of one mailbox.
type counted struct {
	mailbox engine.Mailbox
	preview engine.Pass // ID 0: none
	folders []engine.FolderTally
}

// good reports whether the mailbox was counted.
func (c counted) good() bool {
	return c.preview.State == engine.PassCompleted || c.preview.State == engine.PassCompletedWithErrors
}

// messages returns how many messages the mailbox holds.
func (c counted) messages() (n int64) {
	for _, f := range c.folders {
		n += f.Messages
	}
	return n
}

// mapped is a folder name at the source, and where its messages go.
type mapped struct {
	source, destination string
	mailboxes           int
	messages            int64
	why                 engine.Placing
	problem             string // why it cannot be had there
}

// takeCensus reads what the last previews and trials have found.
func (w *Window) takeCensus(ctx context.Context, project engine.ProjectID) (c census, err error) {
	mailboxes, err := w.parts.Book.Mailboxes(ctx, project)
	if err != nil {
		return c, err
	}
	previews, err := w.lastPasses(ctx, project, engine.Preview)
	if err != nil {
		return c, err
	}
	if c.trials, err = w.lastPasses(ctx, project, engine.Trial); err != nil {
		return c, err
	}
	for _, m := range mailboxes {
		one := counted{mailbox: m, preview: previews[m.ID]}
		if one.preview.ID != 0 {
			if one.folders, err = w.parts.Book.PassFolders(ctx, one.preview.ID); err != nil {
				return c, err
			}
		}
		c.mailboxes = append(c.mailboxes, one)
	}
	c.sum()
	return c, nil
}

// sum adds up what was counted.
func (c *census) sum() {
	byName := map[[2]string]*mapped{}
	for _, m := range c.mailboxes {
		if !m.good() {
			c.uncounted++
		}
		c.left += m.preview.Tally.New - m.preview.Tally.Failed
		c.bytes += m.preview.Tally.Bytes
		c.tooLarge += m.preview.Tally.Failed
		c.skipped += m.preview.Tally.Skipped
		c.messages += m.messages()
		for _, f := range m.folders {
			key := [2]string{f.Source, f.Destination}
			if byName[key] == nil {
				byName[key] = &mapped{source: f.Source, destination: f.Destination, why: f.Why}
			}
			byName[key].mailboxes++
			byName[key].messages += f.Messages
			byName[key].problem = cmp.Or(byName[key].problem, f.Error)
		}
	}
	for f := range maps.Values(byName) {
		c.folders = append(c.folders, *f)
	}
	slices.SortFunc(c.folders, func(a, b mapped) int {
		return cmp.Or(cmp.Compare(b.messages, a.messages), cmp.Compare(a.source, b.source), cmp.Compare(a.destination, b.destination))
	})
	slices.SortStableFunc(c.mailboxes, func(a, b counted) int { return cmp.Compare(b.preview.Tally.Bytes, a.preview.Tally.Bytes) })
}

// estimate returns about how long the first pass takes, by what the trials took, and how many days the limits of the providers make of it. Both are
// 0 where nothing is known.
func (c *census) estimate(s engine.Settings, source, destination assets.Preset) (first time.Duration, days int) {
	var copied int64
	var took time.Duration
	for _, t := range c.trials {
		copied += t.Tally.Copied
		took += t.Duration(t.Ended)
	}
	var longest, all time.Duration
	for _, m := range c.mailboxes {
		one := time.Duration(0)
		if copied > 0 {
			one = time.Duration(float64(took) / float64(copied) * float64(m.preview.Tally.New))
		}
		longest, all = max(longest, one), all+one
		for _, limit := range []int{source.DownloadDayMB, destination.UploadDayMB} {
			if limit > 0 {
				days = max(days, int(m.preview.Tally.Bytes/1_000_000)/limit)
			}
		}
	}
	return max(longest, all/time.Duration(s.Limits().Mailboxes)), days
}

// warnings says what the user should know before the migration starts. export is where the source's provider shows more of a folder, if anywhere.
func (c *census) warnings(p engine.Project, source, destination, export assets.Preset) (said []string) {
	if c.uncounted > 0 {
		said = append(said, wording.T("summary.uncounted", "Count", c.uncounted))
	}
	if c.tooLarge > 0 {
		said = append(said, wording.T("summary.toolarge", "Count", c.tooLarge, "Host", wording.Display(p.Destination.Host, 60)))
	}
	said = append(said, c.crowded(p.Destination.Host)...)
	if hidden := c.hidden(source); len(hidden) > 0 {
		said = append(said, wording.T("summary.hidden", "Count", len(hidden), "Host", wording.Display(p.Source.Host, 60), "Names", strings.Join(hidden[:min(3, len(hidden))], ", ")))
		if export.ID != "" {
			said = append(said, wording.T("summary.export", "Host", export.Host, "Name", export.Name))
		}
	}
	if _, days := c.estimate(p.Settings, source, destination); days > 0 {
		said = append(said, wording.T("summary.daily", "Count", days+1))
	}
	for _, f := range c.folders {
		if f.problem != "" {
			said = append(said, wording.T("summary.folder", "Folder", wording.Display(f.source, 60), "Text", wording.Display(f.problem, 120)))
		}
	}
	if unseen := c.unseen(); len(unseen) > 0 {
		said = append(said, wording.T("summary.unseen", "Count", len(unseen), "Names", strings.Join(unseen[:min(3, len(unseen))], ", ")))
	}
	for _, f := range c.shared() {
		said = append(said, wording.T("summary.shared", "Folder", wording.Display(f.Destination, 60), "Names", wording.Display(strings.Join(f.Sources, ", "), 120)))
	}
	if c.skipped > 0 {
		said = append(said, wording.T("summary.excluded", "Count", c.skipped))
	}
	return said
}

// crowded tells of the mailboxes whose quota is too small for what is to be copied.
func (c *census) crowded(host string) []string {
	var names []string
	for _, m := range c.mailboxes {
		switch lack, address := m.preview.Lack, wording.Display(m.mailbox.Destination.Address, 60); {
		case lack.Bytes > 0:
			names = append(names, wording.T("summary.lacks", "Address", address, "Bytes", wording.Bytes(lack.Bytes)))
		case lack.Messages > 0:
			names = append(names, wording.T("summary.lacks.messages", "Address", address, "Count", lack.Messages))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{wording.T("summary.quota", "Count", len(names), "Host", wording.Display(host, 60), "Names", strings.Join(names[:min(3, len(names))], ", "))}
}

// unseen returns the folders with mail that most programs do not show to their owners, and that are copied.
func (c *census) unseen() (names []string) {
	for _, m := range c.mailboxes {
		for _, f := range m.folders {
			if f.Hidden && f.Messages > 0 && !f.Why.LeavesOut() {
				names = append(names, wording.Display(m.mailbox.Source.Address, 60)+" "+wording.Display(f.Source, 60))
			}
		}
	}
	return names
}

// shared returns the folders that several folders of one mailbox go to, each once.
func (c *census) shared() (all []engine.SharedFolder) {
	for _, m := range c.mailboxes {
		for _, s := range engine.Shared(m.folders) {
			if !slices.ContainsFunc(all, func(o engine.SharedFolder) bool { return o.Destination == s.Destination }) {
				all = append(all, s)
			}
		}
	}
	return all
}

// hidden returns the folders that hold just as many messages as the provider shows at most.
func (c *census) hidden(source assets.Preset) (names []string) {
	for _, m := range c.mailboxes {
		for _, f := range m.folders {
			if slices.Contains(source.Shows, f.Messages) {
				names = append(names, wording.Display(m.mailbox.Source.Address, 60)+" "+wording.Display(f.Source, 60))
			}
		}
	}
	return names
}
