package wire

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNames(t *testing.T) {
	for wire, text := range map[string]string{
		"INBOX": "INBOX", "Entw&APw-rfe": "Entwürfe", "&-": "&", "a&-b": "a&b", "&ZeVnLA-": "日本", "&2D3eAA-": "😀", "~peter/mail/&U,BTFw-": "~peter/mail/台北",
	} {
		got, err := DecodeName(wire)
		must(t, err)
		want(t, got, text)
		want(t, EncodeName(text), wire)
	}
	for wire, text := range map[string]string{"&AOk-&AOk-": "éé", "Café": "Café", "&AGE-": "a", "tab\tx": "tab\tx"} { // one reading, other spelling
		got, err := DecodeName(wire)
		must(t, err)
		want(t, got, text)
	}
	for _, wire := range []string{"R&D", "&", "&AOk", "&2D0-", "&3gA-", "&AOkA-", "&aw-", "&a-", "&é-", "Caf\xe9", "a&\xff-"} {
		if got, err := DecodeName(wire); err == nil {
			t.Errorf("%q reads %q", wire, got)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"&-", "&AOk-&AOk-", "a&2D3eAA-b", "&", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if text, err := DecodeName(s); err == nil {
			again, err := DecodeName(EncodeName(text))
			if err != nil || again != text {
				t.Errorf("%q reads %q, then %q, %v", s, text, again, err)
			}
		}
		if utf8.ValidString(s) {
			if text, err := DecodeName(EncodeName(s)); err != nil || text != s {
				t.Errorf("%q comes back as %q, %v", s, text, err)
			}
		}
	})
}

func TestDates(t *testing.T) {
	for in, out := range map[string]string{
		"02-Jan-2024 03:04:05 +0100":       "2024-01-02 03:04:05 +0100",
		" 2-Jan-2024 03:04:05 -0930":       "2024-01-02 03:04:05 -0930",
		"2-jan-2024 3:04:05 +0000":         "2024-01-02 03:04:05 +0000",
		"02-Jan-2024 03:04:60 +0000":       "2024-01-02 03:04:59 +0000",
		"02-Jan-2024 03:04:05 +2400":       "2024-01-02 03:04:05 +0000",
		"02-Jan-2024 03:04:05 -0000":       "2024-01-02 03:04:05 +0000",
		"02-Jan-2024 03:04:05 +0019":       "2024-01-02 03:04:05 +0019",
		"02-Jan-2024 03:04:05 GMT":         "2024-01-02 03:04:05 +0000",
		"02-Jan-2024 03:04:05 EDT":         "2024-01-02 03:04:05 -0400",
		"02-Jan-2024 03:04:05":             "2024-01-02 03:04:05 +0000",
		"02-Jan-2024":                      "2024-01-02 00:00:00 +0000",
		"02-Jan-24 03:04:05 +0000":         "2024-01-02 03:04:05 +0000",
		"02-Jan-99 03:04:05 +0000":         "1999-01-02 03:04:05 +0000",
		"Tue, 2 Jan 2024 03:04:05 +0100":   "2024-01-02 03:04:05 +0100",
		"Tue, 02 Jan 2024 03:04 +0100":     "2024-01-02 03:04:00 +0100",
		"Tue Jan  2 03:04:05 2024":         "2024-01-02 03:04:05 +0000",
		"Tue Jan 2 03:04:05 CET 2024":      "2024-01-02 03:04:05 +0100",
		"2. January 2024, 03:04:05 (CEST)": "2024-01-02 03:04:05 +0200",
		"2024-01-02T03:04:05Z":             "2024-01-02 03:04:05 +0000",
		"2024-01-02T03:04:05.678+01:00":    "2024-01-02 03:04:05 +0100",
		"2024-01-02 03:04:05 +0100":        "2024-01-02 03:04:05 +0100",
		"01-Jan-1601 00:00:00 +0000":       "1601-01-01 00:00:00 +0000",
		"31-Dec-9999 23:59:59 +0000":       "9999-12-31 23:59:59 +0000",
	} {
		got, ok := ParseDate([]byte(in))
		if s := got.Format("2006-01-02 15:04:05 -0700"); !ok || s != out {
			t.Errorf("%q reads %s (%v), want %s", in, s, ok, out)
		}
	}
	for _, in := range []string{"", "NIL", "nil", "00-Jan-0000 00:00:00 +0000", "01-Jan-0001 00:00:00 +0000", "32-Jan-2024 00:00:00 +0000", "30-Feb-2024 00:00:00 +0000",
		"02-Foo-2024 00:00:00 +0000", "02-Jan-2024 25:00:00 +0000", "now", ":T", "12:30", "03/04/05", "::", "- -", "Z", "02-Jan-20245 00:00:00 +0000"} {
		if got, ok := ParseDate([]byte(in)); ok {
			t.Errorf("%q reads %v", in, got)
		}
	}
	want(t, string(AppendDate(nil, time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", -9*3600-1800)))), " 2-Jan-2024 03:04:05 -0930")
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"02-Jan-2024 03:04:05 +0100", "Tue, 2 Jan 2024 03:04:05 GMT", "2024-01-02T03:04:05Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseDate([]byte(s))
		if ok && (got.Year() < 1 || got.Year() > 9999 || len(AppendDate(nil, got)) != 26) {
			t.Errorf("%q reads %v", s, got)
		}
		strict, err := time.Parse("_2-Jan-2006 15:04:05 -0700", s)
		if err == nil && strict.Year() > 1 && len(s) == 26 && s[0] != '+' && strings.Count(s, "-") >= 2 {
			if _, offset := strict.Zone(); offset > -15*3600 && offset < 15*3600 && (!ok || !got.Equal(strict)) {
				t.Errorf("%q reads %v (%v), want %v", s, got, ok, strict)
			}
		}
	})
}

func TestAppendUIDs(t *testing.T) {
	for _, test := range []struct {
		args string
		n    int
		want string
	}{
		{"7 4", 1, "7 [4]"}, {"7 4:6", 3, "7 [4 5 6]"}, {"7 9,4:5", 3, "7 [9 4 5]"}, {" 7  4 ", 1, "7 [4]"},
		{"7 4:6", 2, ""}, {"7 4", 2, ""}, {"7 4,4", 2, ""}, {"7 5,4,5", 3, ""}, {"7 0", 1, ""}, {"0 4", 1, ""}, {"7 6:4", 3, ""}, {"7 1:4294967295", 3, ""}, {"7 4294967295", 1, "7 [4294967295]"},
		{"7", 1, ""}, {"", 1, ""}, {"7 *", 1, ""}, {"4294967296 4", 1, ""}, {"7 4 5", 1, ""}, {"7 4,", 1, ""}, {"7 ", 0, ""},
	} {
		validity, uids, ok := ParseAppendUID(test.args, test.n)
		got := ""
		if ok {
			got = fmt.Sprint(validity, uids)
		}
		if got != test.want {
			t.Errorf("%q for %d: got %q, want %q", test.args, test.n, got, test.want)
		}
	}
}

func TestCopyUIDs(t *testing.T) {
	for _, test := range []struct {
		args string
		n    int
		want string // "" for not understood
	}{
		{"7 4 9", 1, "7 [4] [9]"}, {"7 304,319:320 3956:3958", 3, "7 [304 319 320] [3956 3957 3958]"}, {"7 4 9", 3, "7 [4] [9]"}, {"7 9,4 1:2", 2, "7 [9 4] [1 2]"},
		{"7 4:5 9", 2, ""}, {"7 4 9:10", 2, ""}, {"7 4:6 9:11", 2, ""}, {"7 5:4 8:9", 2, ""}, {"7 4,4 8:9", 2, ""}, {"7 4:5 8,8", 2, ""}, {"0 4 9", 1, ""}, {"7 4", 1, ""},
		{"7 4 9 1", 1, ""}, {"7 0 9", 1, ""}, {"7 * 9", 1, ""}, {"", 1, ""}, {"7 1:4294967295 1:4294967295", 5, ""},
	} {
		validity, from, to, ok := ParseCopyUID(test.args, test.n)
		got := ""
		if ok {
			got = fmt.Sprint(validity, from, to)
		}
		if got != test.want {
			t.Errorf("%q for %d: got %q, want %q", test.args, test.n, got, test.want)
		}
	}
}

func FuzzAppendUIDs(f *testing.F) {
	f.Add("7 4:6,9", 4)
	f.Fuzz(func(t *testing.T, args string, n int) {
		n = max(0, min(n, 1000))
		_, uids, ok := ParseAppendUID(args, n)
		if ok && len(uids) != n {
			t.Errorf("%q gives %d UIDs for %d messages", args, len(uids), n)
		}
		if _, from, to, ok := ParseCopyUID(args, n); ok && (len(from) != len(to) || len(from) > n) {
			t.Errorf("%q gives %d and %d UIDs for %d messages", args, len(from), len(to), n)
		}
	})
}

func TestStatuses(t *testing.T) {
	for line, want_ := range map[string]Status{
		"":                        {},
		"done":                    {Text: "done"},
		"[READ-ONLY] ok":          {Code: "READ-ONLY", Text: "ok"},
		"[uidvalidity 7]":         {Code: "UIDVALIDITY", Args: "7"},
		"[foo bar":                {Text: "[foo bar"},
		"[]":                      {},
		"[ X  y ] z":              {Code: "X", Args: "y", Text: "z"},
		`[Error="a ]b" P=[]] end`: {Code: `ERROR="A`, Text: `b" P=[]] end`},
		`[PERMANENTFLAGS (\Seen a-[b]/c \*)] limited`: {Code: "PERMANENTFLAGS", Args: `(\Seen a-[b]/c \*)`, Text: "limited"},
		"[PERMANENTFLAGS (a] x":                       {Code: "PERMANENTFLAGS", Args: "(a", Text: "x"},
	} {
		want(t, ParseStatus("", []byte(line)), want_)
	}
}
