package wire

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseDate reads an INTERNALDATE, also one that is not written as it should be: with a weekday, dots, slashes, commas, a
// two-digit year, a zone by name or none (then UTC), a second 60. It returns false for what names no day, and for the years 0
// and 1, which servers write when they do not know. The time is in the zone that was written.
func ParseDate(s []byte) (time.Time, bool) {
	if t, ok := parseStrict(s); ok {
		if t.Year() <= 1 {
			return time.Time{}, false
		}
		return t, true
	}
	return parseLenient(string(s))
}

// parseStrict reads "02-Jan-2006 15:04:05 -0700", the day perhaps padded by a blank.
func parseStrict(s []byte) (time.Time, bool) {
	if len(s) != len("02-Jan-2006 15:04:05 -0700") || s[2] != '-' || s[6] != '-' || s[11] != ' ' || s[14] != ':' || s[17] != ':' || s[20] != ' ' {
		return time.Time{}, false
	}
	day := int(s[1] - '0')
	if s[0] != ' ' {
		day += int(s[0]-'0') * 10
	}
	month := monthOf(s[3:6])
	year, ok1 := digits(s[7:11])
	hour, ok2 := digits(s[12:14])
	minute, ok3 := digits(s[15:17])
	second, ok4 := digits(s[18:20])
	zone, ok5 := digits(s[22:26])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || month == 0 || s[21] != '+' && s[21] != '-' || s[1] < '0' || s[1] > '9' || s[0] != ' ' && (s[0] < '0' || s[0] > '3') {
		return time.Time{}, false
	}
	offset := zone/100*3600 + zone%100*60
	if s[21] == '-' {
		offset = -offset
	}
	return build(year, month, day, hour, minute, second, offset)
}

func digits(p []byte) (n int, ok bool) {
	for _, b := range p {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return n, len(p) > 0
}

// monthOf returns the month that an English name of at least three letters begins, 0 for none.
func monthOf(name []byte) time.Month {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(name) < 3 {
		return 0
	}
	low := [3]byte{name[0] | 0x20, name[1] | 0x20, name[2] | 0x20}
	if i := strings.Index(names, string(low[:])); i >= 0 && i%3 == 0 {
		return time.Month(i/3 + 1)
	}
	return 0
}

// build makes a time of numbers that may be out of range.
func build(year int, month time.Month, day, hour, minute, second, offset int) (time.Time, bool) {
	const lastZone = 15 * 3600
	second = min(second, 59)
	if day < 1 || day > 31 || hour > 23 || minute > 59 || year > 9999 {
		return time.Time{}, false
	}
	if offset > lastZone || offset < -lastZone {
		offset = 0
	}
	t := time.Date(year, month, day, hour, minute, second, 0, zoneOf(offset))
	return t, t.Day() == day
}

// zones holds the zones of whole quarters of an hour, so that reading a date makes none.
var zones = makeZones()

const quarters = 15 * 4

func makeZones() (z [2*quarters + 1]*time.Location) {
	for i := range z {
		z[i] = time.FixedZone("", (i-quarters)*900)
	}
	return z
}

func zoneOf(offset int) *time.Location {
	if offset%900 == 0 {
		return zones[offset/900+quarters]
	}
	return time.FixedZone("", offset)
}

// zoneNames are those that mail still carries (RFC 5322, 4.3), in hours.
var zoneNames = map[string]int{"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
	"PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "BST": 1, "WET": 0, "WEST": 1, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9}

// parseLenient takes a date apart by what its words look like.
func parseLenient(s string) (time.Time, bool) {
	var month time.Month
	var numbers []string
	var clock string
	offset := 0
	for i, word := range dateWords(s) {
		name := strings.ToUpper(word)
		hours, isZone := zoneNames[name]
		switch {
		case (word[0] == '+' || word[0] == '-') && i > 0 && clock != "":
			offset = parseZone(word)
		case strings.Contains(word, ":"):
			clock = word
		case isZone:
			offset = hours * 3600
		case word[0] >= '0' && word[0] <= '9':
			numbers = append(numbers, word)
		case month == 0:
			month = monthOf([]byte(word))
		}
	}
	day, m, year, ok := dayMonthYear(numbers, month)
	hour, minute, second, okClock := parseClock(clock)
	if !ok || !okClock || year <= 1 {
		return time.Time{}, false
	}
	return build(year, m, day, hour, minute, second, offset)
}

// parseZone reads +hhmm or +hh:mm in seconds; 0 for anything else.
func parseZone(word string) int {
	n, ok := digits([]byte(strings.ReplaceAll(word[1:], ":", "")))
	if !ok || len(word) < 4 {
		return 0
	}
	offset := n/100*3600 + n%100*60
	if word[0] == '-' {
		return -offset
	}
	return offset
}

// dateWords splits a date into its words; a hyphen before four digits that end it begins a zone.
func dateWords(s string) []string {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t,;()\"", r) })
	var out []string
	for _, w := range words {
		switch {
		case strings.Contains(w, ":"):
			if i := strings.LastIndexAny(w, "+-"); i > strings.IndexByte(w, ':') {
				out = append(out, splitStamp(w[:i])...)
				out = append(out, w[i:])
				continue
			}
			if strings.HasSuffix(w, "Z") {
				out = append(append(out, splitStamp(w[:len(w)-1])...), "Z")
				continue
			}
			out = append(out, splitStamp(w)...)
		case w[0] == '+' || w[0] == '-':
			out = append(out, w)
		default:
			out = append(out, strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("-./", r) })...)
		}
	}
	return slices.DeleteFunc(out, func(w string) bool { return w == "" })
}

// splitStamp splits what ISO 8601 writes in one word: 2006-01-02T15:04:05.
func splitStamp(w string) []string {
	day, clock, ok := strings.Cut(w, "T")
	if !ok {
		return []string{w}
	}
	return append(strings.FieldsFunc(day, func(r rune) bool { return r == '-' || r == '/' }), clock)
}

// dayMonthYear finds out which number is which.
func dayMonthYear(numbers []string, month time.Month) (day int, m time.Month, year int, ok bool) {
	n := make([]int, len(numbers))
	for i, s := range numbers {
		if n[i], ok = digits([]byte(s)); !ok || len(s) > 4 {
			return 0, 0, 0, false
		}
	}
	yearFirst := len(numbers) > 0 && len(numbers[0]) == 4
	switch {
	case month != 0 && len(n) >= 2 && yearFirst:
		day, year = n[1], n[0]
	case month != 0 && len(n) >= 2:
		day, year = n[0], n[1]
		if len(numbers[1]) == 2 {
			year = century(year)
		}
	case month == 0 && len(n) == 3 && yearFirst:
		day, month, year = n[2], time.Month(n[1]), n[0]
	default:
		return 0, 0, 0, false // 03/04/05 could be anything
	}
	return day, month, year, month >= 1 && month <= 12
}

func century(year int) int {
	if year < 70 {
		return year + 2000
	}
	return year + 1900
}

// parseClock reads h:mm or h:mm:ss, a fraction ignored.
func parseClock(s string) (hour, minute, second int, ok bool) {
	if s == "" {
		return 0, 0, 0, true
	}
	s, _, _ = strings.Cut(s, ".")
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return 0, 0, 0, false
		}
		n[i] = int(v)
	}
	return n[0], n[1], n[2], true
}

// AppendDate adds t to b as APPEND takes it, in its own zone.
func AppendDate(b []byte, t time.Time) []byte { return t.AppendFormat(b, "_2-Jan-2006 15:04:05 -0700") }
