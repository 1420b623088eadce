package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The customer's page in every form, of a project that has really been migrated. What is there is never overwritten.
func TestReport(t *testing.T) {
	box, s := mustStart(t), newShell(t)
	s.withProject(box)
	s.pass(exitDone)
	mustDeliver(t, box, 10)
	s.pass(exitDone)
	s.pass(exitDone, "--kind", "verify")
	messages, err := box.Messages(0)
	if err != nil {
		t.Fatal(err)
	}

	type balance struct{ Source, Before, Copied, Unexplained, Failed int64 }
	var said struct {
		Version int
		Totals  struct {
			Mailboxes int
			Balance   balance
			Items     struct{ Copied int64 }
			Check     struct{ Verified, Different, Removed int64 }
		}
		Passes []struct{ Number, Passes int }
	}
	stdout, _ := s.must(exitDone, "report", "Acme", "--format", "json")
	if err := json.Unmarshal([]byte(stdout), &said); err != nil {
		t.Fatal(err, stdout)
	}
	if want := (balance{Source: messages, Before: messages - 10, Copied: 10}); said.Totals.Balance != want {
		t.Errorf("the balance is %+v, want %+v", said.Totals.Balance, want)
	}
	if c := said.Totals.Check; said.Totals.Items.Copied != messages || c.Verified != messages || c.Different+c.Removed != 0 || said.Version != 1 || len(said.Passes) != 2 || said.Passes[0].Passes != 3 {
		t.Errorf("the report: %+v", said)
	}
	if again, _ := s.must(exitDone, "report", "Acme", "--json"); !strings.HasPrefix(again, "{\n  \"version\": 1,") {
		t.Errorf("report --json says %.100s", again)
	}

	t.Chdir(t.TempDir())
	stdout, _ = s.must(exitDone, "report", "acme")
	name := strings.TrimSuffix(strings.TrimPrefix(stdout, "The report is saved as "), ".\n")
	page, err := os.ReadFile(name)
	if err != nil || !strings.HasPrefix(name, "Acme-2") || filepath.Ext(name) != ".html" || !bytes.Contains(page, []byte("The difference is zero")) {
		t.Errorf("%s: %v", stdout, err)
	}
	if _, stderr := s.must(exitUsage, "report", "Acme"); !strings.Contains(stderr, "is there already and stays as it is") {
		t.Errorf("the second time: %s", stderr)
	}
	stdout, _ = s.must(exitDone, "report", "Acme", "--format", "pdf", "--output", "x.pdf", "--json")
	if file, err := os.ReadFile("x.pdf"); err != nil || !bytes.HasPrefix(file, []byte("%PDF-")) || !strings.Contains(stdout, `"file": "x.pdf"`) {
		t.Errorf("%s: %v", stdout, err)
	}
	if stdout, _ = s.must(exitDone, "report", "Acme", "--format", "csv"); strings.Count(stdout, "\r\n") < 4 {
		t.Errorf("as CSV: %s", stdout)
	}
	s.must(exitUsage, "report", "Acme", "--format", "doc")
	s.must(exitUsage, "report", "Nobody")
}
