package wording

import (
	"fmt"
	"time"
)

// Number writes n with the language's separators: 12,345.
func Number[N int | int64](n N) string { return spoken().printer.Sprintf("%d", int64(n)) }

// Bytes writes a number of bytes in the unit that suits it: 512 bytes, 1.5 kB, 24 MB (1 kB is 1,000 bytes).
func Bytes(n int64) string {
	if n < 1000 && n > -1000 {
		return T("bytes", "Count", n)
	}
	value := float64(n)
	unit := 0
	for units := []string{"", "kB", "MB", "GB", "TB", "PB"}; ; {
		if value < 999.5 && value > -999.5 || unit == len(units)-1 {
			digits := 0
			if value < 9.95 && value > -9.95 {
				digits = 1
			}
			return spoken().printer.Sprintf("%.*f", digits, value) + " " + units[unit]
		}
		value /= 1000
		unit++
	}
}

// Duration writes how long something took, to two units at most: 0.4 s, 12 s, 3 min 20 s, 2 h 05 min, 3 d 4 h.
func Duration(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case d <= 0:
		return T("duration.seconds", "N", "0")
	case d < 9950*time.Millisecond:
		return T("duration.seconds", "N", spoken().printer.Sprintf("%.1f", d.Seconds()))
	case s < 60:
		return T("duration.seconds", "N", s)
	case s < 3600:
		return T("duration.minutes", "M", s/60, "S", fmt.Sprintf("%02d", s%60))
	case s < 86400:
		return T("duration.hours", "H", s/3600, "M", fmt.Sprintf("%02d", s%3600/60))
	}
	return T("duration.days", "D", s/86400, "H", s%86400/3600)
}

// Left writes an estimate of the time left, rounded so that it does not flicker; "" for 0, not known.
func Left(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Minute:
		return T("left.minute")
	case d < 90*time.Minute:
		return T("left.minutes", "Count", int(d.Round(time.Minute)/time.Minute))
	case d < 36*time.Hour:
		return T("left.hours", "Count", int(d.Round(time.Hour)/time.Hour))
	}
	return T("left.days", "Count", int(d.Round(24*time.Hour)/(24*time.Hour)))
}

// About writes roughly how long something will take.
func About(d time.Duration) string {
	switch {
	case d < time.Minute:
		return T("about.minute")
	case d < 90*time.Minute:
		return T("about.minutes", "Count", int(d.Round(time.Minute)/time.Minute))
	case d < 36*time.Hour:
		return T("about.hours", "Count", int(d.Round(time.Hour)/time.Hour))
	}
	return T("about.days", "Count", int(d.Round(24*time.Hour)/(24*time.Hour)))
}

// When writes a time as one says it at now: just now, 5 minutes ago, Today 14:32, Yesterday 18:02, 21 Nov 18:02, 21 Nov 2024; "" for
// the zero time. Both are read in now's zone.
func When(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	clock := t.Format("15:04")
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	ago := now.Sub(t)
	switch {
	case ago >= 0 && ago < time.Minute:
		return T("when.now")
	case ago >= 0 && ago < time.Hour:
		return T("when.minutes", "Count", int(ago/time.Minute))
	case !t.Before(midnight) && t.Before(midnight.AddDate(0, 0, 1)):
		return T("when.today", "Clock", clock)
	case !t.Before(midnight.AddDate(0, 0, -1)) && t.Before(midnight):
		return T("when.yesterday", "Clock", clock)
	case t.Year() == now.Year():
		return T("when.year", "Day", t.Day(), "Month", month(t), "Clock", clock)
	}
	return T("when.date", "Day", t.Day(), "Month", month(t), "Year", t.Year())
}

// Moment writes a time in full, to the minute: 21 Nov 2024, 18:02.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return T("when.moment", "Day", t.Day(), "Month", month(t), "Year", t.Year(), "Clock", t.Format("15:04"))
}

func month(t time.Time) string { return T(fmt.Sprintf("month.%d", t.Month())) }

// Decimal writes v with one digit behind the point while it is below ten, and as a whole number from there on.
func Decimal(v float64) string {
	if v > 0 && v < 9.95 && v != float64(int64(v)) {
		return spoken().printer.Sprintf("%.1f", v)
	}
	return Number(int64(v + .5))
}
