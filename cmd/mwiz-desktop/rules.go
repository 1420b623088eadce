package main

import (
	"errors"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// ruleFlags are a project's rules as flags; nil is as it is. A list that is given takes the place of the one that was; an empty text empties it.
type ruleFlags struct {
	Include    []string `sep:"none" placeholder:"FOLDER" help:"Copy only this folder: NAME; NAME/* with all below it; \\Sent by its special use; re:EXPRESSION. May be given more than once; an empty one for all again."`
	Exclude    []string `sep:"none" placeholder:"FOLDER" help:"Do not copy this folder; written as for --include."`
	Map        []string `sep:"none" placeholder:"FROM=TO" help:"Copy a folder, and what lies below it, to another. May be given more than once; an empty one for none."`
	MapRegexp  []string `sep:"none" placeholder:"EXPRESSION=>NAME" help:"Replace what a regular expression finds in folder names, in the order given; NAME may hold $$1."`
	Prefix     *string  `placeholder:"FOLDER" help:"Copy everything below this folder of the destination; empty for its top."`
	SpecialUse *bool    `negatable:"" help:"Copy Sent, Trash and their like into the folders of the same use, whatever they are called (yes)."`
	Merge      *bool    `negatable:"" help:"Let folders that rules lead to one folder share it (no)."`
	Since      *string  `placeholder:"DATE" help:"Copy only messages of this day, as 2024-01-31, and later; empty for all. Others are left for a later pass."`
	Until      *string  `placeholder:"DATE" help:"Copy only messages of this day and before."`
	MaxSize    *string  `placeholder:"SIZE" help:"Copy only messages of at most this size, as 25MB."`
}

// apply writes the rules that are given into to.
func (f ruleFlags) apply(to *engine.Rules) error {
	for _, list := range []struct {
		given []string
		to    *[]string
	}{{f.Include, &to.Include}, {f.Exclude, &to.Exclude}} {
		if list.given != nil {
			*list.to = filled(list.given)
		}
	}
	for _, list := range []struct {
		given []string
		read  func(string) engine.Mapping
		to    *[]engine.Mapping
	}{{f.Map, engine.ReadMapping, &to.Map}, {f.MapRegexp, engine.ReadRewriting, &to.Rewrite}} {
		if list.given == nil {
			continue
		}
		*list.to = nil
		for _, line := range filled(list.given) {
			*list.to = append(*list.to, list.read(line))
		}
	}
	if f.Prefix != nil {
		to.Prefix = *f.Prefix
	}
	if f.SpecialUse != nil {
		to.NoRoles = !*f.SpecialUse
	}
	if f.Merge != nil {
		to.Merge = *f.Merge
	}
	if f.Since != nil {
		to.Since = engine.ReadDay(*f.Since)
	}
	if f.Until != nil {
		to.Until = engine.ReadDay(*f.Until)
	}
	if f.MaxSize != nil {
		size, err := engine.ReadSize(*f.MaxSize)
		if err != nil {
			return errors.New(wording.WrongRule(&engine.RuleError{Part: engine.PartMaxSize, Fault: engine.FaultSize, Text: *f.MaxSize}))
		}
		to.MaxSize = size
	}
	if faults := to.Check(); len(faults) > 0 {
		return errors.New(wording.WrongRule(faults[0]))
	}
	return nil
}

// filled returns the texts that are not empty.
func filled(list []string) (some []string) {
	for _, text := range list {
		if text != "" {
			some = append(some, text)
		}
	}
	return some
}
