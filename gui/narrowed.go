package gui

import (
	"context"
	"strings"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// narrowed is a project's mailboxes, narrowed down to those that are searched for and in a status. Only then are all of them read at once: the
// status of a mailbox at work is not in the ledger.
type narrowed struct {
	tab     *mailboxTab
	search  *field
	status  *keySelect
	all     []engine.MailboxRow
	shown   []engine.MailboxRow
	reading bool
	stale   bool // they changed while they were being read
}

func newNarrowed(t *mailboxTab) *narrowed {
	n := &narrowed{tab: t, search: newField(wording.T("mailboxes.search"))}
	n.search.OnChanged = func(string) { n.changed() }
	n.search.escape = func() {
		n.search.SetText("")
		t.page.w.window.Canvas().Focus(t.list)
	}
	n.search.enter = func() { t.page.w.window.Canvas().Focus(t.list) }
	titles := []string{wording.T("mailboxes.all")}
	for _, s := range statusOrder {
		titles = append(titles, wording.Status(s))
	}
	n.status = newSelect(titles, nil)
	n.status.SetSelectedIndex(0)
	n.status.OnChanged = func(string) { n.changed() }
	return n
}

// on reports whether anything is searched for.
func (n *narrowed) on() bool {
	return strings.TrimSpace(n.search.Text) != "" || n.status.SelectedIndex() > 0
}

// changed reads all mailboxes if they are not at hand, and shows those that are searched for.
func (n *narrowed) changed() {
	n.arrange()
	if n.on() && n.all == nil {
		n.reload()
	}
	n.tab.list.ScrollToTop()
	n.tab.changed()
}

// reload reads the mailboxes again, one reading after the other. Where nothing is searched for, what was read is forgotten.
func (n *narrowed) reload() {
	switch {
	case !n.on():
		n.all, n.shown = nil, nil
		return
	case n.reading:
		n.stale = true
		return
	}
	n.reading, n.stale = true, false
	w, id := n.tab.page.w, n.tab.page.project.ID
	ask(w, nil, func(ctx context.Context) ([]engine.MailboxRow, error) {
		return w.parts.Book.MailboxRows(ctx, id, engine.Page{})
	},
		func(all []engine.MailboxRow, err error) {
			n.reading = false
			n.tab.rows.failed = err
			if err == nil {
				n.all = all
			}
			n.arrange()
			n.tab.changed()
			if n.stale {
				n.reload()
			}
		})
}

// byStatus reports whether those in a status are wanted: others may be in it at any time.
func (n *narrowed) byStatus() bool { return n.status.SelectedIndex() > 0 }

// arrange finds those that are searched for, as things stand now.
func (n *narrowed) arrange() {
	if !n.on() {
		return
	}
	words := strings.Fields(strings.ToLower(n.search.Text))
	jobs := byMailbox(n.tab.page.w.snap)
	n.shown = n.shown[:0:0]
	for _, m := range n.all {
		if matches(words, m.Source.Address, m.Destination.Address) && n.wants(m, jobs[m.ID]) {
			n.shown = append(n.shown, m)
		}
	}
}

// wants reports whether a mailbox is in the status that is wanted.
func (n *narrowed) wants(m engine.MailboxRow, job work) bool {
	at := n.status.SelectedIndex()
	if at <= 0 {
		return true
	}
	kept := engine.Pending
	if m.Last != nil {
		kept = engine.StatusOf(m.Last.State)
	}
	return job.status(kept) == statusOrder[at-1]
}
