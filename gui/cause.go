package gui

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// level is what of a project a cause has hit. The wider comes first.
type level int

const (
	ofMailboxes level = iota
	ofFolders
	ofItems
)

// cause is a group of the Errors tab: what went wrong for one reason.
type cause struct {
	id             string // what it is known by from one reading to the next
	level          level
	status         engine.Status // how it is drawn
	sentence, step string
	count          int
	mailboxes      []engine.MailboxID
	again          engine.PassKind           // what tries it again; "": nothing does
	kind           engine.Kind               // of a Retry: why its items failed
	setbacks       []engine.Setback          // of mailboxes and folders
	items          *pages[engine.FailureRow] // of items
	open           bool
}

// causesOf groups what went wrong. read asks for the items of a cause.
func causesOf(p engine.Project, setbacks []engine.Setback, failures []engine.FailureCause) []*cause {
	var all []*cause
	for _, s := range setbacks {
		one := causeOfSetback(p, s)
		i := slices.IndexFunc(all, func(c *cause) bool { return c.id == one.id })
		if i < 0 {
			i = len(all)
			all = append(all, one)
		}
		c := all[i]
		c.count++
		c.setbacks = append(c.setbacks, s)
		if !slices.Contains(c.mailboxes, s.Mailbox) {
			c.mailboxes = append(c.mailboxes, s.Mailbox)
		}
	}
	slices.SortStableFunc(all, func(a, b *cause) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(b.count, a.count)) })
	for _, f := range failures {
		all = append(all, causeOfItems(p, f))
	}
	return all
}

// causeOfSetback returns the group that a mailbox or a folder belongs to. Its sentence names neither.
func causeOfSetback(p engine.Project, s engine.Setback) *cause {
	c := &cause{level: ofMailboxes, status: engine.StatusFailed, again: engine.NewItems}
	if s.Folder != nil {
		c.level = ofFolders
		if s.Folder.Cause == engine.Replaced {
			c.again = "" // the user decides folder by folder
		}
		unnamed := *s.Folder
		unnamed.Source, unnamed.Destination = "", ""
		s.Folder = &unnamed
	} else if s.State == engine.PassInterrupted {
		c.status = engine.StatusStopped
	}
	s.Source, s.Destination = "", ""
	trouble := wording.TroubleOfSetback(p, s)
	c.sentence, c.step = trouble.Sentence(), trouble.Step()
	c.id = fmt.Sprint(c.level, c.sentence)
	return c
}

// causeOfItems returns the group of items that are not at the destination for one cause.
func causeOfItems(p engine.Project, f engine.FailureCause) *cause {
	c := &cause{id: fmt.Sprint(ofItems, f.State, f.Kind), level: ofItems, status: engine.StatusFailed, count: int(f.Count), mailboxes: f.Mailboxes, again: engine.Retry, kind: f.Kind}
	c.sentence, c.step = wording.WhyItem(p, engine.FailureRow{State: f.State, Failure: engine.Failure{Kind: f.Kind}})
	if f.State == engine.Skipped {
		c.status, c.again = engine.StatusStopped, ""
	}
	return c
}

// title says how much has this cause.
func (c *cause) title() string {
	return wording.T([]string{"errors.mailboxes", "errors.folders", "errors.items"}[c.level], "Count", c.count)
}

// read makes the items of a cause be read when they are looked at.
func (c *cause) read(t *failureTab, f engine.FailureCause) {
	c.items = newPages(pageSize, func(offset, limit int, show func([]engine.FailureRow, error)) {
		ask(t.page.w, nil, func(ctx context.Context) ([]engine.FailureRow, error) {
			return t.page.w.parts.Book.FailuresOf(ctx, t.page.project.ID, f.State, f.Kind, engine.Page{Offset: offset, Limit: limit})
		}, show)
	}, t.changed)
}
