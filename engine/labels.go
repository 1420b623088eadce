package engine

import (
	"fmt"
	"slices"
	"strings"
)

// At a service that keeps labels, a message lies in the folder of each of its labels, and all lie in the folder for all messages. A pass copies a
// message once for each label. The folder for all messages comes last, and takes only what no other folder of the pass holds.
//
// What decides is the ledger: a message is left to another folder for good, as a held item, when that folder has settled it. So it is not copied a
// second time when it loses its last label later, and never left out because of a label that it got and lost again before anything was copied. What
// another folder holds and has not settled, for it failed or the folder did, is left for a later pass; what it has held only since the pass
// began counts as not labelled yet. A label added later makes a new message in that folder, which is migrated again, into it (rule 5).
//
// Messages are told by X-GM-MSGID, which needs no name to be understood. Labels only say which folders to ask: where a label is none of the
// folders that are listed, all are asked. A pass that finds nothing new here asks for nothing.

// inTurn returns the folders with those last that hold what others hold.
func inTurn(folders []*folderWork) []*folderWork {
	order := slices.Clone(folders)
	slices.SortStableFunc(order, func(a, b *folderWork) int {
		switch {
		case a.all == b.all:
			return 0
		case b.all:
			return -1
		}
		return 1
	})
	return order
}

// sifted is a set of messages, by who has them.
type sifted struct {
	left     UIDSet // nobody else: they are the folder's own
	held     UIDSet // another folder, which has settled them
	deferred UIDSet // another folder, which has not
	barred   UIDSet // only folders that rules name as ones to leave out
}

// leaveToOthers takes out of a folder's pending messages those that other folders hold. In a preview and a trial they count as settled there, and nothing
// is written.
func (p *activePass) leaveToOthers(f *folderWork) error {
	if !f.all || len(f.pending) == 0 || p.pass.Kind == Retry {
		return nil
	}
	here, err := p.sift(f, f.pending)
	if err != nil {
		return err
	}
	f.pending = here.left
	if p.pass.Kind != NewItems {
		n := here.held.Count() + here.deferred.Count() + here.barred.Count()
		f.write(func(t *FolderTally) {
			t.Skipped += n
			t.Before = min(t.Before, max(0, t.Messages-t.Skipped))
		})
		return nil
	}
	f.deferred = here.deferred
	if err := p.hold(f, here.held); err != nil {
		return err
	}
	return p.leaveOut(f, here.barred)
}

// hold settles messages as held by other folders.
func (p *activePass) hold(f *folderWork, uids UIDSet) error {
	if len(uids) == 0 {
		return nil
	}
	all := uids.UIDs()
	for page := range slices.Chunk(all, 1000) {
		outcomes := make([]Outcome, len(page))
		for i, u := range page {
			outcomes[i] = Outcome{UID: u, State: Held, ClaimedItem: ClaimedItem{UID: u, Size: -1}}
		}
		if err := p.e.o.Ledger.Settle(p.ctx, p.pass.ID, f.kept.ID, outcomes); err != nil {
			return err
		}
	}
	n := int64(len(all))
	f.kept.Items.Held += n
	f.write(func(t *FolderTally) {
		t.Skipped += n
		t.Before = min(t.Before, max(0, t.Messages-t.Skipped))
	})
	p.log.Info("messages are left to the folders of their labels", "folder", f.kept.ID, "messages", n)
	return nil
}

// sift asks which of some messages of a folder other folders hold.
func (p *activePass) sift(f *folderWork, set UIDSet) (s sifted, err error) {
	if len(set) == 0 {
		return s, nil
	}
	message := map[UID]uint64{}
	asked := map[*folderWork]bool{}
	err = p.labelled(f, set, func(m Labelled) {
		message[m.UID] = m.Message
		for _, label := range m.Labels {
			p.holders(label, asked)
		}
	})
	if err != nil {
		return s, err
	}
	by := map[uint64]holding{}
	for g := range asked {
		if g != f && (!g.why.LeavesOut() || g.barred) {
			if err := p.holds(g, by); err != nil {
				return s, err
			}
		}
	}
	var left, held, deferred, barred []UID
	for _, u := range set.UIDs() {
		m, there := message[u]
		switch h := by[m]; {
		case !there: // gone: whoever fetches it will see
			left = append(left, u)
		case h.settled:
			held = append(held, u)
		case h.open:
			deferred = append(deferred, u)
		case h.barred:
			barred = append(barred, u)
		default:
			left = append(left, u)
		}
	}
	return sifted{SetOf(left...), SetOf(held...), SetOf(deferred...), SetOf(barred...)}, nil
}

// holding says which sorts of folders hold a message.
type holding struct{ settled, open, barred bool }

// holds notes which messages a folder holds, of those that it had when the pass began.
func (p *activePass) holds(g *folderWork, by map[uint64]holding) error {
	last := MaxUID
	if next := g.source.Status.UIDNext; next > 0 {
		last = next - 1
	}
	if last == 0 || g.source.Status.Messages == 0 {
		return nil
	}
	settled, err := p.settled(g)
	if err != nil {
		return err
	}
	foreseen := p.pass.Kind != NewItems && g.failed() == nil // what is not settled yet will be
	return p.labelled(g, UIDSet{{1, last}}, func(m Labelled) {
		h := by[m.Message]
		switch {
		case g.barred:
			h.barred = true
		case foreseen || settled.Contains(m.UID):
			h.settled = true
		default:
			h.open = true
		}
		by[m.Message] = h
	})
}

// settled returns the UIDs of a folder that have an item which needs nothing more.
func (p *activePass) settled(g *folderWork) (UIDSet, error) {
	known, err := p.known(p.ctx, g, 0)
	if err != nil {
		return nil, err
	}
	claims, _, err := p.e.o.Ledger.OpenClaims(p.ctx, p.mailbox.ID)
	if err != nil {
		return nil, err
	}
	var doubt []UID
	for _, c := range claims {
		if c.Folder == g.kept.ID || slices.ContainsFunc(g.before, func(k KeptFolder) bool { return k.ID == c.Folder }) {
			for _, item := range c.Items {
				doubt = append(doubt, item.UID)
			}
		}
	}
	return known.Without(SetOf(doubt...)), nil
}

// holders adds the folders that hold the messages of a label: the one of its name or special use, or else all.
func (p *activePass) holders(label string, to map[*folderWork]bool) {
	use, known := labelUses[strings.ToLower(label)]
	for _, g := range p.folders {
		if string(g.source.Name) == label || known && use != "" && g.source.Role == use {
			to[g] = true
			return
		}
	}
	if known { // the account does not show that folder
		return
	}
	for _, g := range p.folders {
		to[g] = true
	}
}

// labelUses are the special uses that labels of the service's own stand for, in lower case; "" for a label that is no place.
var labelUses = map[string]Role{
	`\inbox`: RoleInbox, `\sent`: RoleSent, `\draft`: RoleDrafts, `\drafts`: RoleDrafts, `\spam`: RoleJunk, `\junk`: RoleJunk, `\trash`: RoleTrash,
	`\important`: RoleImportant, `\starred`: RoleFlagged, `\flagged`: RoleFlagged, `\muted`: "", `\all`: "", `\allmail`: "",
}

// labelled reports the messages of a folder among set, once each. One of which the service does not tell which it is, is an error: a guess would cost a
// message, or copy it twice.
func (p *activePass) labelled(f *folderWork, set UIDSet, each func(Labelled)) error {
	untold := UID(0)
	err := p.toldLabels(f, set, func(m Labelled) {
		if m.Message == 0 {
			untold = m.UID
		}
		each(m)
	})
	if err == nil && untold != 0 {
		err = &Error{Op: "read labels", Kind: Unreadable, Side: Source, Host: p.project.Source.Host, Text: fmt.Sprintf("the service does not tell the labels of message %d", untold)}
	}
	return err
}

// toldLabels reports what the service tells of the messages of a folder among set, once each.
func (p *activePass) toldLabels(f *folderWork, set UIDSet, each func(Labelled)) error {
	seen := map[UID]bool{}
	return p.retrying(Source, func(s Session) error {
		_, err := s.Labels(p.ctx, Opening{f.source.Name, f.source.Status.Validity}, set, func(m Labelled) error {
			if !seen[m.UID] && set.Contains(m.UID) {
				seen[m.UID] = true
				each(m)
			}
			return nil
		})
		return err
	})
}
