package engine

import "strings"

// filter takes out of the folder's pending messages those that the rules leave out: they are for a pass under other rules. What is left are
// messages that are there.
func (p *activePass) filter(f *folderWork) error {
	rules := &p.limits.Rules
	if rules.filter() == "" || len(f.pending) == 0 || p.pass.Kind == Retry { // what is to be tried again was asked for
		return nil
	}
	var wanted, out []UID
	err := p.scanPending(f, func(m Meta) {
		if rules.leavesOut(m) {
			out = append(out, m.UID)
		} else {
			wanted = append(wanted, m.UID)
		}
	})
	if err != nil {
		return err
	}
	f.pending = SetOf(wanted...)
	return p.leaveOut(f, SetOf(out...))
}

// filterOf names the rules by which messages of a folder are left out, as the ledger keeps it; "" for none.
func (p *activePass) filterOf(f *folderWork) string {
	filter := p.limits.Rules.filter()
	if f.all && len(p.limits.Rules.Exclude) > 0 { // see sift
		filter = strings.TrimPrefix(filter+", without "+strings.Join(p.limits.Rules.Exclude, ", "), ", ")
	}
	return filter
}

// leaveOut counts messages that the rules leave out. Those that had failed are no failures any more.
func (p *activePass) leaveOut(f *folderWork, out UIDSet) error {
	n := out.Count()
	f.leftOut += n
	f.write(func(t *FolderTally) {
		t.Skipped += n
		t.Before = min(t.Before, max(0, t.Messages-t.Skipped))
	})
	if n == 0 || f.kept.Items.Failed == 0 || p.pass.Kind != NewItems {
		return nil
	}
	failed, err := p.e.o.Ledger.FailedUIDs(p.ctx, f.kept.ID, NoError)
	if err != nil {
		return err
	}
	if failed = failed.Without(failed.Without(out)); len(failed) == 0 { // those of both
		return nil
	}
	f.kept.Items.Failed -= failed.Count()
	return p.e.o.Ledger.ForgetFailed(p.ctx, f.kept.ID, failed.UIDs())
}
