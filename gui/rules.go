package gui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// rulesEditor is what a project copies and where to, as it is entered: lists have a line for each rule. What is wrong stands in red below it.
type rulesEditor struct {
	include, exclude   *field
	table, patterns    *field
	prefix             *field
	since, until, size *field
	roles, merge       *keyCheck
	entries            map[engine.RulePart]*entry
	what, where        fyne.CanvasObject // its two sections
}

func newRulesEditor() *rulesEditor {
	r := &rulesEditor{entries: map[engine.RulePart]*entry{}}
	line := func(part engine.RulePart, f **field, rows int) fyne.CanvasObject {
		*f = newField(wording.T("rules." + string(part) + ".hint"))
		if rows > 1 {
			(*f).MultiLine = true
			(*f).Wrapping = fyne.TextWrapOff
			(*f).SetMinRowsVisible(rows)
		}
		e := newEntry(wording.T("rules."+string(part)), *f)
		(*f).OnChanged = func(string) { e.say("") }
		r.entries[part] = e
		return e.whole
	}
	r.what = section(wording.T("rules.what"), line(engine.PartInclude, &r.include, 3), line(engine.PartExclude, &r.exclude, 3),
		line(engine.PartSince, &r.since, 1), line(engine.PartUntil, &r.until, 1), line(engine.PartMaxSize, &r.size, 1))
	r.roles = newCheck(wording.T("rules.roles"), nil)
	r.merge = newCheck(wording.T("rules.merge"), func(bool) { r.entries[engine.PartMap].say("") })
	r.where = section(wording.T("rules.where"), line(engine.PartMap, &r.table, 3), line(engine.PartRewrite, &r.patterns, 3), line(engine.PartPrefix, &r.prefix, 1), r.roles, r.merge)
	return r
}

// set shows rules.
func (r *rulesEditor) set(rules engine.Rules) {
	mappings := func(list []engine.Mapping) string {
		var lines []string
		for _, m := range list {
			lines = append(lines, m.String())
		}
		return strings.Join(lines, "\n")
	}
	r.include.SetText(strings.Join(rules.Include, "\n"))
	r.exclude.SetText(strings.Join(rules.Exclude, "\n"))
	r.table.SetText(mappings(rules.Map))
	r.patterns.SetText(mappings(rules.Rewrite))
	r.prefix.SetText(rules.Prefix)
	r.since.SetText(string(rules.Since))
	r.until.SetText(string(rules.Until))
	r.size.SetText(engine.WriteSize(rules.MaxSize))
	r.roles.SetChecked(!rules.NoRoles)
	r.merge.SetChecked(rules.Merge)
}

// value reads the rules, says what is wrong with each, and reports whether nothing is.
func (r *rulesEditor) value() (rules engine.Rules, ok bool) {
	mappings := func(text string, read func(string) engine.Mapping) (list []engine.Mapping) {
		for _, line := range engine.ReadLines(text) {
			list = append(list, read(line))
		}
		return list
	}
	rules = engine.Rules{
		Include: engine.ReadLines(r.include.Text), Exclude: engine.ReadLines(r.exclude.Text),
		Map: mappings(r.table.Text, engine.ReadMapping), Rewrite: mappings(r.patterns.Text, engine.ReadRewriting),
		Prefix: strings.TrimSpace(r.prefix.Text), NoRoles: !r.roles.Checked, Merge: r.merge.Checked,
		Since: engine.ReadDay(r.since.Text), Until: engine.ReadDay(r.until.Text),
	}
	wrong := map[engine.RulePart]string{}
	var err error
	if rules.MaxSize, err = engine.ReadSize(r.size.Text); err != nil {
		wrong[engine.PartMaxSize] = wording.WrongRule(&engine.RuleError{Fault: engine.FaultSize, Text: r.size.Text})
	}
	for _, fault := range rules.Check() {
		if wrong[fault.Part] == "" {
			wrong[fault.Part] = wording.WrongRule(fault)
		}
	}
	for part, e := range r.entries {
		e.say(wrong[part])
	}
	return rules, len(wrong) == 0
}

// editRules opens all rules of a project; then is where it leads, with what is kept.
func (w *Window) editRules(project engine.Project, then func(engine.Project, bool)) {
	editor := newRulesEditor()
	editor.set(project.Settings.Rules)
	submit := func() {
		rules, ok := editor.value()
		if !ok {
			return
		}
		project.Settings.Rules = rules
		do(w, func(ctx context.Context) error { return w.parts.Book.UpdateProject(ctx, project) }, func(err error) {
			if err != nil {
				w.tell(err, "")
				return
			}
			then(project, true)
		})
	}
	p := &rulesPage{newFormPage(w, wording.T("rules.title", "Name", wording.Display(project.Name, 60)), wording.T("settings.save"), submit,
		func() { then(project, false) }, twoSections(editor.what, editor.where), wholeText(wording.T("rules.note"), theme.SizeNameCaptionText, colorMuted)), editor}
	p.first = editor.include
	w.enter(p)
}

// rulesPage is where all rules of a project are changed.
type rulesPage struct {
	*formPage
	editor *rulesEditor
}
