package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestScheduleVerb(t *testing.T) {
	s := newShell(t)
	s.must(0, "project", "add", "Acme", "--source", "imaps://old.example", "--destination", "imaps://new.example")
	out, _ := s.must(0, "schedule", "Acme")
	wantHas(t, out, "No pass is planned.")

	out, _ = s.must(0, "schedule", "Acme", "--every", "6h", "--at", "2090-01-02 03:00", "--until", "2090-01-05")
	wantHas(t, out, "Acme: Next pass: 2 Jan 2090, then every 6 hours until 5 Jan 2090.")
	out, _ = s.must(0, "--json", "schedule", "Acme")
	var line scheduleLine
	if err := json.Unmarshal([]byte(out), &line); err != nil {
		t.Fatal(err)
	}
	end := time.Date(2090, 1, 5, 23, 59, 59, 0, time.Local)
	if line.Every != 21600 || line.Next == nil || line.Until == nil || !line.Until.Equal(end) || line.Missed != nil {
		t.Errorf("%+v", line)
	}

	s.must(0, "schedule", "acme", "--at", "02:00")
	out, _ = s.must(0, "--json", "schedule", "Acme")
	line = scheduleLine{}
	if err := json.Unmarshal([]byte(out), &line); err != nil || line.Next == nil || time.Until(*line.Next) > 24*time.Hour || line.Every != 0 {
		t.Errorf("%+v %v", line, err)
	}
	out, _ = s.must(0, "schedule", "Acme", "--off")
	wantHas(t, out, "No pass is planned.")

	for _, wrong := range [][]string{{"--at", "2020-01-02 03:00"}, {"--every", "1m"}, {"--at", "soon"}, {"--until", "2090-01-05"},
		{"--every", "6h", "--until", "2020-01-01"}} {
		if _, err := s.must(2, append([]string{"schedule", "Acme"}, wrong...)...); strings.Count(err, "\n") != 1 {
			t.Errorf("%v: %s", wrong, err)
		}
	}
}

func wantHas(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is not in %q", part, text)
	}
}
