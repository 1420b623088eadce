package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// placeEditor asks where the messages of one folder go.
type placeEditor struct {
	s           *summaryStop
	folder      mapped
	to          *field
	entry       *entry
	copy, merge *keyCheck
	shown       *shownBox
}

// placeFolder opens a line of the folder map.
func (s *summaryStop) placeFolder(f mapped) {
	if s.z.w.busy(s.z.project.ID) {
		return
	}
	e := &placeEditor{s: s, folder: f, to: newField(f.source)}
	e.to.SetText(f.destination)
	e.entry = newEntry(wording.T("place.folder"), e.to)
	e.to.OnChanged = func(string) { e.entry.say("") }
	e.copy = newCheck(wording.T("place.copy"), func(on bool) { enable(e.to, on); e.entry.say("") })
	e.copy.SetChecked(!f.why.LeavesOut())
	enable(e.to, e.copy.Checked)
	e.merge = newCheck(wording.T("place.merge"), func(bool) { e.entry.say("") })
	e.merge.SetChecked(s.z.project.Settings.Rules.Merge)
	content := container(layout.NewCustomPaddedVBoxLayout(8), container(setLeft{640}, e.entry.whole), e.copy, e.merge,
		wholeText(wording.T("place.note"), theme.SizeNameCaptionText, colorMuted))
	save := boxButton{label: wording.T("place.save"), strong: widget.HighImportance, press: e.submit}
	e.shown = s.z.w.showBox(box{title: wording.T("place.title", "Folder", wording.Display(f.source, 60)), content: content, first: e.to,
		buttons: []boxButton{{label: wording.T("dialog.cancel")}, save}, closed: s.focus})
	e.to.enter, e.to.escape = e.shown.accept, e.shown.cancel
	s.placing = e
}

// submit checks what is entered, keeps it, and has all counted again. It reports whether the dialog may close.
func (e *placeEditor) submit() bool {
	rules, problem := e.rules()
	if !e.entry.say(problem) {
		e.shown.popup.Resize(e.shown.popup.MinSize().Max(e.shown.popup.Size()))
		return false
	}
	e.s.follow(rules)
	return true
}

// rules returns the project's rules with what is entered, or what is wrong with it.
func (e *placeEditor) rules() (rules engine.Rules, problem string) {
	rules = e.s.z.project.Settings.Rules
	name := e.folder.source
	was := e.folder.why.LeavesOut()
	if !e.copy.Checked {
		return rules.LeaveOut(name, true, false), ""
	}
	if was {
		if rules = rules.LeaveOut(name, false, false); !rules.Wanted(name) {
			return rules, wording.T("place.ruled")
		}
	}
	rules.Merge = e.merge.Checked
	to := strings.Trim(strings.TrimSpace(e.to.Text), "/")
	if to == "" && e.folder.why != engine.Excluded && was { // only a place asks for it by name
		to = name
	}
	if to == "" && !was {
		return rules, wording.WrongRule(&engine.RuleError{Fault: engine.FaultEmpty, Text: name})
	}
	if to != "" && to != e.folder.destination {
		rules = rules.Lead(name, to)
		if other := e.other(to); other != "" && !rules.Merge {
			return rules, wording.WrongRule(&engine.RuleError{Fault: engine.FaultShared, Text: name, Other: other})
		}
	}
	if faults := rules.Check(); len(faults) > 0 {
		return rules, wording.WrongRule(faults[0])
	}
	return rules, ""
}

// other returns another folder that goes to the same place, "" for none.
func (e *placeEditor) other(to string) string {
	i := slices.IndexFunc(e.s.census.folders, func(f mapped) bool {
		return f.source != e.folder.source && strings.EqualFold(f.destination, to)
	})
	if i < 0 {
		return ""
	}
	return e.s.census.folders[i].source
}

// follow keeps other rules, and has all counted again by them.
func (s *summaryStop) follow(rules engine.Rules) {
	s.z.project.Settings.Rules = rules
	s.z.keep(func() {
		s.recount = true
		s.reload()
	})
}

// editRules opens all rules, and comes back to the summary.
func (s *summaryStop) editRules() {
	w := s.z.w
	w.editRules(s.z.project, func(p engine.Project, changed bool) {
		w.resume(p)
		z, ok := w.view.(*wizard)
		if stop, at := z.stop().(*summaryStop); ok && at && changed {
			stop.recount = true
			stop.reload()
		}
	})
}
