package wording

import "mwiz/engine"

// Placing says why a folder goes where it goes; "" where that is not known.
func Placing(p engine.Placing) string {
	if p == "" {
		return ""
	}
	return T("placing." + string(p))
}

// WrongRule says in a sentence what is wrong with a rule.
func WrongRule(e *engine.RuleError) string {
	data := []any{"Text", Display(e.Text, 80), "Other", Display(e.Other, 80)}
	if e.Err != nil {
		data = append(data, "Why", Display(e.Err.Error(), 120))
	}
	return T("rule."+string(e.Fault), data...)
}
