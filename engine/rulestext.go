package engine

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// How rules are written on a line, by people.

// ReadMapping reads a line of the table of folders: "from => to", "from -> to" or "from = to".
func ReadMapping(line string) Mapping { return readMapping(line, "=>", "->", "=") }

// ReadRewriting reads a regular expression with what takes its place: "from => to", or "from -> to" as MigrationWiz writes it.
func ReadRewriting(line string) Mapping { return readMapping(line, "=>", "->") }

func readMapping(line string, arrows ...string) Mapping {
	for _, arrow := range arrows {
		if from, to, ok := strings.Cut(line, arrow); ok {
			return Mapping{strings.TrimSpace(from), strings.TrimSpace(to)}
		}
	}
	return Mapping{From: strings.TrimSpace(line)}
}

// String writes a mapping so that it is read again.
func (m Mapping) String() string { return m.From + " => " + m.To }

// ReadDay reads a date as 2024-01-31 or 31.1.2024. What is none comes back as it is, for Check to find.
func ReadDay(text string) Day {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.DateOnly, "2006-1-2", "2.1.2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return Day(t.Format(time.DateOnly))
		}
	}
	return Day(text)
}

var errSize = errors.New("no size as 25 MB")

// units are how a size is counted: in thousands, as mail services count.
var units = map[string]float64{"": 1, "B": 1, "KB": 1e3, "K": 1e3, "MB": 1e6, "M": 1e6, "GB": 1e9, "G": 1e9}

// ReadSize reads a size as 25 MB, 1.5GB or 500000; nothing is 0.
func ReadSize(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	end := strings.LastIndexFunc(text, unicode.IsDigit) + 1
	unit, known := units[strings.ToUpper(strings.TrimSpace(text[end:]))]
	n, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text[:end]), ",", ".", 1), 64)
	if err != nil || !known || n < 0 || n*unit > 1e15 {
		return 0, errSize
	}
	return int64(n * unit), nil
}

// WriteSize writes a size so that it is read again; "" for 0.
func WriteSize(n int64) string {
	switch {
	case n == 0:
		return ""
	case n%1e5 == 0:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + " MB"
	}
	return strconv.FormatInt(n, 10)
}

// ReadLines returns the lines of a text that say something.
func ReadLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Lead returns the rules with a folder led to another by the table; to "" takes it out of the table.
func (r Rules) Lead(from, to string) Rules {
	table := []Mapping{}
	for _, m := range r.Map {
		if foldName(m.From) != foldName(from) {
			table = append(table, m)
		}
	}
	if to != "" {
		table = append(table, Mapping{from, to})
	}
	r.Map = table
	return r
}

// LeaveOut returns the rules with a folder left out, or let through as far as it was left out by its name alone; below with all that lies below it.
func (r Rules) LeaveOut(name string, out, below bool) Rules {
	exclude := []string{}
	for _, pattern := range r.Exclude {
		if bare, _ := strings.CutSuffix(pattern, "/*"); foldName(bare) != foldName(name) {
			exclude = append(exclude, pattern)
		}
	}
	switch {
	case out && below:
		exclude = append(exclude, name+"/*")
	case out:
		exclude = append(exclude, name)
	}
	r.Exclude = exclude
	return r
}

// Wanted reports whether the rules let a folder of the source through, by its display name and without regard to special uses.
func (r Rules) Wanted(name string) bool {
	s, _ := r.read()
	return s.wanted(splitName(name), "")
}
