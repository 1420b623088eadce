package engine

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Rules say which mail of a project is copied, and to which folders. The zero value copies everything, to folders of the same names and special
// uses. They may be changed between passes: what has been copied stays where it is, and what a rule has left out is copied, once, by the first pass
// whose rules let it through.
//
// A pattern names folders of the source: "Clients/Acme" that folder alone, "Clients/*" that folder and all below it, `\Trash` the folder of that
// special use whatever its name is, and "re:^Old" those whose name a regular expression matches (RE2; re:^(?!…), which matches all others, is
// understood too). Names are compared as MigrationWiz does: without case, components separated by "/" whatever the service writes between them,
// no separator before or after, without the prefix of the namespace; and in Unicode's form NFC.
type Rules struct {
	Include []string  `json:"include,omitempty"`  // patterns: only these folders; none: all
	Exclude []string  `json:"exclude,omitempty"`  // patterns: and of those, not these
	Map     []Mapping `json:"map,omitempty"`      // table: from a folder, or a special use, to a folder, or a special use; what lies below follows
	Rewrite []Mapping `json:"rewrite,omitempty"`  // regular expressions, each tried on what the one before has made of the name; To may hold $1
	Prefix  string    `json:"prefix,omitempty"`   // folder of the destination below which everything goes that the table does not name
	NoRoles bool      `json:"no_roles,omitempty"` // folders of one special use are not one folder: names alone count
	Merge   bool      `json:"merge,omitempty"`    // folders that rules lead to one folder share it; else the second gets a name of its own
	Since   Day       `json:"since,omitempty"`    // first day of the messages wanted, by INTERNALDATE
	Until   Day       `json:"until,omitempty"`    // last day
	MaxSize int64     `json:"max_size,omitempty"` // octets of the largest message wanted; 0: any
}

// Mapping leads from a name to another.
type Mapping struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Day is a date as 2024-01-31; "" is none.
type Day string

// RulePart says which rule a RuleError is about: the name of its field in JSON.
type RulePart string

// The parts that can be wrong.
const (
	PartInclude RulePart = "include"
	PartExclude RulePart = "exclude"
	PartMap     RulePart = "map"
	PartRewrite RulePart = "rewrite"
	PartPrefix  RulePart = "prefix"
	PartSince   RulePart = "since"
	PartUntil   RulePart = "until"
	PartMaxSize RulePart = "max_size"
)

// RuleFault says what is wrong with a rule.
type RuleFault string

// The faults.
const (
	FaultRegexp RuleFault = "regexp" // no regular expression; RuleError.Err says why
	FaultEmpty  RuleFault = "empty"  // a name is missing
	FaultTwice  RuleFault = "twice"  // the table has two places for one folder
	FaultShared RuleFault = "shared" // two folders would go to one, and Merge is not set
	FaultDay    RuleFault = "day"    // no date of the calendar
	FaultOrder  RuleFault = "order"  // the first day comes after the last
	FaultSize   RuleFault = "size"   // less than nothing
)

// RuleError is what is wrong with one rule.
type RuleError struct {
	Part  RulePart
	Line  int // of a list, from 0
	Fault RuleFault
	Text  string // the rule as it was written
	Other string // the other rule that it does not go with
	Err   error
}

func (e *RuleError) Error() string {
	text := fmt.Sprintf("rule %s %q: ", e.Part, e.Text)
	switch e.Fault {
	case FaultRegexp:
		return text + "no regular expression: " + e.Err.Error()
	case FaultEmpty:
		return text + "a name is missing"
	case FaultTwice:
		return text + "the folder is in the table twice"
	case FaultShared:
		return text + "another folder goes there: " + e.Other
	case FaultDay:
		return text + "no date as 2024-01-31"
	case FaultOrder:
		return text + "the first day is after the last, " + e.Other
	}
	return text + "no size"
}

func (e *RuleError) Unwrap() error { return e.Err }

// Check returns everything that is wrong with the rules; nothing when they can be followed.
func (r Rules) Check() []*RuleError {
	_, faults := r.read()
	return faults
}

// Empty reports whether everything is copied, to folders of the same names and special uses.
func (r Rules) Empty() bool {
	return len(r.Include)+len(r.Exclude)+len(r.Map)+len(r.Rewrite) == 0 && r.Prefix == "" && !r.NoRoles && r.filter() == ""
}

// filter names the rules by which single messages are left out; "" for none. The ledger keeps it: it tells whether a folder was last finished
// under the same ones.
func (r Rules) filter() string {
	var parts []string
	if r.Since != "" {
		parts = append(parts, "since "+string(r.Since))
	}
	if r.Until != "" {
		parts = append(parts, "until "+string(r.Until))
	}
	if r.MaxSize > 0 {
		parts = append(parts, fmt.Sprint("size ", r.MaxSize))
	}
	return strings.Join(parts, ", ")
}

// leavesOut reports whether the rules leave out a message. One whose date or size the source does not tell is wanted, as far as that goes.
// Days are those in which the message's date is written, as in SEARCH SINCE (RFC 3501, 6.4.4).
func (r *Rules) leavesOut(m Meta) bool {
	if r.MaxSize > 0 && m.Size > r.MaxSize {
		return true
	}
	if m.Date.IsZero() || r.Since == "" && r.Until == "" {
		return false
	}
	day := Day(m.Date.Format(time.DateOnly))
	return r.Since != "" && day < r.Since || r.Until != "" && day > r.Until
}

// ruleSet is rules that have been read.
type ruleSet struct {
	Rules
	include, exclude []pattern
	table            map[string]string // folded name or special use → name or special use
	rewrite          []rewriting
	prefix           []string
}

// group is a reference to a group: "$1x" is the first group and an x, as everywhere but in Go.
var group = regexp.MustCompile(`\$(\d+)`)

// rewriting is one regular expression with what takes its place.
type rewriting struct {
	find *regexp.Regexp
	put  string
}

// errRules ends a pass whose rules cannot be read. They were checked when they were entered.
var errRules = errors.New("the project's rules cannot be followed")

// read makes rules ready to be followed.
func (r Rules) read() (*ruleSet, []*RuleError) {
	s := &ruleSet{Rules: r, table: map[string]string{}, prefix: splitName(r.Prefix)}
	var faults []*RuleError
	note := func(part RulePart, line int, fault RuleFault, text, other string, err error) {
		faults = append(faults, &RuleError{part, line, fault, text, other, err})
	}
	for _, list := range []struct {
		part  RulePart
		lines []string
		to    *[]pattern
	}{{PartInclude, r.Include, &s.include}, {PartExclude, r.Exclude, &s.exclude}} {
		for i, text := range list.lines {
			p, fault, err := readPattern(text)
			if fault != "" {
				note(list.part, i, fault, text, "", err)
			}
			*list.to = append(*list.to, p)
		}
	}
	s.readTable(note)
	for i, m := range r.Rewrite {
		find, err := compile(m.From)
		switch {
		case m.From == "":
			note(PartRewrite, i, FaultEmpty, m.From, "", nil)
		case err != nil:
			note(PartRewrite, i, FaultRegexp, m.From, "", err)
		}
		s.rewrite = append(s.rewrite, rewriting{find, group.ReplaceAllString(m.To, "$${$1}")})
	}
	if r.Prefix != "" && len(s.prefix) == 0 {
		note(PartPrefix, 0, FaultEmpty, r.Prefix, "", nil)
	}
	days := true
	for _, one := range []struct {
		part RulePart
		day  Day
	}{{PartSince, r.Since}, {PartUntil, r.Until}} {
		if _, err := time.Parse(time.DateOnly, string(one.day)); one.day != "" && err != nil {
			note(one.part, 0, FaultDay, string(one.day), "", err)
			days = false
		}
	}
	if days && r.Since != "" && r.Until != "" && r.Since > r.Until {
		note(PartSince, 0, FaultOrder, string(r.Since), string(r.Until), nil)
	}
	if r.MaxSize < 0 {
		note(PartMaxSize, 0, FaultSize, fmt.Sprint(r.MaxSize), "", nil)
	}
	return s, faults
}

// readTable reads the table of folders.
func (s *ruleSet) readTable(note func(RulePart, int, RuleFault, string, string, error)) {
	leadTo := map[string]string{}
	for i, m := range s.Map {
		from, to := foldName(m.From), foldName(m.To)
		_, twice := s.table[from]
		switch {
		case from == "" || to == "":
			note(PartMap, i, FaultEmpty, m.From+" = "+m.To, "", nil)
		case twice:
			note(PartMap, i, FaultTwice, m.From, "", nil)
		case leadTo[to] != "" && !s.Merge:
			note(PartMap, i, FaultShared, m.From, leadTo[to], nil)
		}
		s.table[from] = m.To
		leadTo[to] = m.From
	}
}

// wanted reports whether the rules let a folder through.
func (s *ruleSet) wanted(path []string, role Role) bool {
	name := nameOf(path)
	matches := func(p pattern) bool { return p.matches(name, role) }
	return (len(s.include) == 0 || slices.ContainsFunc(s.include, matches)) && !slices.ContainsFunc(s.exclude, matches)
}

// names reports whether a rule asks for a folder by name.
func (s *ruleSet) names(path []string, role Role) bool {
	if slices.ContainsFunc(s.include, func(p pattern) bool { return p.matches(nameOf(path), role) }) {
		return true
	}
	_, by := s.place(path, role)
	return by == ByTable
}

// excludes reports whether a rule names a folder as one to leave out.
func (s *ruleSet) excludes(path []string, role Role) bool {
	return slices.ContainsFunc(s.exclude, func(p pattern) bool { return p.matches(nameOf(path), role) })
}

// place returns where the table or the regular expressions lead a folder, and which did; "" for neither.
func (s *ruleSet) place(path []string, role Role) (to string, by Placing) {
	name := nameOf(path)
	if to, ok := s.table[foldName(name)]; ok {
		return to, ByTable
	}
	if to, ok := s.table[foldName(string(role))]; ok && role != "" {
		return to, ByTable
	}
	now := name
	for _, r := range s.rewrite {
		now = r.find.ReplaceAllString(now, r.put)
	}
	if now != name && len(splitName(now)) > 0 {
		return now, ByPattern
	}
	return "", ""
}

// pattern names folders.
type pattern struct {
	name  string // folded; a special use where it begins with a backslash
	below bool   // and what lies below
	find  *regexp.Regexp
	not   bool // those that find does not match
}

// readPattern reads a pattern.
func readPattern(text string) (p pattern, fault RuleFault, err error) {
	expression, isExpression := strings.CutPrefix(strings.TrimSpace(text), "re:")
	if !isExpression {
		name, below := strings.CutSuffix(strings.TrimSpace(text), "/*")
		p = pattern{name: foldName(name), below: below}
		if p.name == "" {
			fault = FaultEmpty
		}
		return p, fault, nil
	}
	if expression == "" {
		return p, FaultEmpty, nil
	}
	if all, ok := allBut(expression); ok {
		expression, p.not = all, true
	}
	if p.find, err = compile(expression); err != nil {
		fault = FaultRegexp
	}
	return p, fault, err
}

// compile reads a regular expression. The error says what is wrong with it, and no more.
func compile(expression string) (*regexp.Regexp, error) {
	find, err := regexp.Compile("(?i)" + expression)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return nil, errors.New(wrong.Code.String())
	}
	return find, err
}

// allBut takes ^(?!…) apart: MigrationWiz's way to leave out all folders but some, which RE2 does not know.
func allBut(expression string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(expression, "^(?!")
	if !ok {
		return "", false
	}
	inner = strings.TrimSuffix(strings.TrimSuffix(inner, "$"), ".*")
	inner, ok = strings.CutSuffix(inner, ")")
	if _, err := regexp.Compile(inner); !ok || err != nil {
		return "", false
	}
	return "^(?:" + inner + ")", true
}

// matches reports whether the pattern names a folder, whose name is in NFC.
func (p pattern) matches(name string, role Role) bool {
	folded := foldName(name)
	switch {
	case p.find != nil:
		return p.find.MatchString(name) != p.not
	case strings.HasPrefix(p.name, `\`) && strings.EqualFold(p.name, string(role)):
		return true
	case folded == p.name:
		return true
	}
	return p.below && strings.HasPrefix(folded, p.name+"/")
}

// nameOf writes a path as rules see it.
func nameOf(path []string) string { return norm.NFC.String(strings.Join(path, "/")) }

// foldName writes a name so that names that rules take for one are the same.
func foldName(name string) string {
	return strings.TrimSpace(strings.ToLower(norm.NFC.String(strings.Join(splitName(name), "/"))))
}

// splitName returns the components of a name as a rule writes it.
func splitName(name string) (path []string) {
	for part := range strings.SplitSeq(name, "/") {
		if part != "" {
			path = append(path, part)
		}
	}
	return path
}
