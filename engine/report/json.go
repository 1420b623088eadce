package report

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"mwiz/engine"
)

// The JSON form. Its fields stay as they are: new ones may come, none goes or changes its meaning, unless Version changes. Times are RFC 3339
// in UTC, null where there is none; sizes are bytes; words such as states and kinds are those of the command line.
type jsonReport struct {
	Version     int           `json:"version"` // 1
	Project     string        `json:"project"`
	Source      string        `json:"source"` // hosts
	Destination string        `json:"destination"`
	Made        time.Time     `json:"made"`
	Status      engine.Status `json:"status"`
	Totals      jsonTotals    `json:"totals"`
	Passes      []jsonTotal   `json:"passes"` // of all mailboxes together
	Causes      []jsonCause   `json:"causes"`
	Mailboxes   []jsonMailbox `json:"mailboxes"`
}

type jsonTotals struct {
	Mailboxes int         `json:"mailboxes"`
	Passes    int         `json:"passes"` // that count
	Items     jsonItems   `json:"items"`
	Bytes     int64       `json:"bytes"`
	First     *time.Time  `json:"first"`
	Last      *time.Time  `json:"last"`
	Balance   jsonBalance `json:"balance"`
	Check     *jsonCheck  `json:"check"` // null: nothing was verified
}

// jsonItems is how the ledger accounts for messages now; in doubt are those whose outcome an interruption has left open.
type jsonItems struct {
	Copied  int64 `json:"copied"`
	Adopted int64 `json:"adopted"`
	Skipped int64 `json:"skipped"`
	Failed  int64 `json:"failed"`
	InDoubt int64 `json:"in_doubt"`
}

// jsonBalance is a reconciliation: source = before + copied + adopted + skipped + failed + left + unexplained. Of sums unexplained has no sign.
type jsonBalance struct {
	Source      int64 `json:"source"`
	Before      int64 `json:"before"`
	Copied      int64 `json:"copied"`
	Adopted     int64 `json:"adopted"`
	Skipped     int64 `json:"skipped"`
	Failed      int64 `json:"failed"`
	Left        int64 `json:"left"`
	Unexplained int64 `json:"unexplained"`
	Vanished    int64 `json:"vanished"` // settled once, no longer at the source; no part of the sum
}

type jsonCheck struct {
	Verified  int64      `json:"verified"`
	Different int64      `json:"different"`
	Removed   int64      `json:"removed"`
	At        *time.Time `json:"at,omitempty"`
}

type jsonTotal struct {
	Kind   engine.PassKind `json:"kind"`
	Number int             `json:"number"` // 0: passes that do not count
	Passes int             `json:"passes"`
	Began  *time.Time      `json:"began"`
	Ended  *time.Time      `json:"ended"`
	Copied int64           `json:"copied"` // with the adopted
	Failed int64           `json:"failed"`
	Bytes  int64           `json:"bytes"`
	Speed  *jsonSpeed      `json:"speed"` // of all of them together; null: not known
}

// jsonSpeed is messages and bytes a second, in each step from the beginning.
type jsonSpeed struct {
	Step     float64   `json:"step"` // seconds
	Messages []float64 `json:"messages"`
	Bytes    []float64 `json:"bytes"`
}

func newJSONSpeed(s Speed) *jsonSpeed {
	if len(s.Messages) == 0 {
		return nil
	}
	out := &jsonSpeed{Step: s.Step.Seconds()}
	for i := range s.Messages {
		out.Messages = append(out.Messages, math.Round(s.Messages[i]*100)/100)
		out.Bytes = append(out.Bytes, math.Round(s.Bytes[i]))
	}
	return out
}

type jsonCause struct {
	State     string        `json:"state"`
	Kind      string        `json:"kind"`
	Sentence  string        `json:"sentence"` // in the user's language
	Step      string        `json:"step"`
	Messages  int64         `json:"messages"`
	Mailboxes []jsonCauseOf `json:"mailboxes"`
}

type jsonCauseOf struct {
	Mailbox  string `json:"mailbox"`
	Messages int64  `json:"messages"`
}

type jsonMailbox struct {
	Source      string        `json:"source"`
	Destination string        `json:"destination"`
	Status      engine.Status `json:"status"`
	Used        int           `json:"passes_used"`
	Items       jsonItems     `json:"items"`
	Bytes       int64         `json:"bytes"`
	Passes      []jsonPass    `json:"passes"`
	BalancePass int           `json:"balance_pass"` // number of the pass that the balances are of
	BalanceAt   *time.Time    `json:"balance_at"`
	Balance     *jsonBalance  `json:"balance"` // null: no pass has told one
	Retried     int64         `json:"retried"` // copied since by passes that retry errors
	Check       *jsonCheck    `json:"check"`
	Folders     []jsonFolder  `json:"folders"`
}

type jsonPass struct {
	Number  int              `json:"number"`
	Kind    engine.PassKind  `json:"kind"`
	State   engine.PassState `json:"state"`
	Queued  time.Time        `json:"queued"`
	Started *time.Time       `json:"started"`
	Ended   *time.Time       `json:"ended"`
	Seconds float64          `json:"seconds"`
	Copied  int64            `json:"copied"`
	Adopted int64            `json:"adopted"`
	Skipped int64            `json:"skipped"`
	Failed  int64            `json:"failed"`
	Left    int64            `json:"left"`
	Bytes   int64            `json:"bytes"` // copied; of a preview: to be copied
	Cause   string           `json:"cause"` // kind of the error that ended it; "none" without one
	Why     string           `json:"why"`   // in the user's language
}

type jsonFolder struct {
	Source      string       `json:"source"`
	Destination string       `json:"destination"`
	Items       jsonItems    `json:"items"`
	Balance     *jsonBalance `json:"balance"`
	Check       *jsonCheck   `json:"check"`
	Error       string       `json:"error"` // why the folder as a whole was left
}

func writeJSON(w io.Writer, r *Report, words Words) error {
	t := r.Totals
	out := jsonReport{Version: 1, Project: r.Project.Name, Source: r.Project.Source.Host, Destination: r.Project.Destination.Host, Made: r.Made.UTC(), Status: t.Status,
		Totals: jsonTotals{Mailboxes: len(r.Mailboxes), Passes: t.Passes, Items: newJSONItems(t.Items), Bytes: t.Bytes, First: known(t.First), Last: known(t.Last),
			Balance: newJSONBalance(t.Balance, t.Off)},
		Passes: []jsonTotal{}, Causes: []jsonCause{}, Mailboxes: []jsonMailbox{}}
	if t.Checked > 0 {
		out.Totals.Check = &jsonCheck{Verified: t.Check.Verified, Different: t.Check.Different, Removed: t.Check.Removed}
	}
	for _, p := range t.PerPass {
		out.Passes = append(out.Passes, jsonTotal{p.Kind, p.Number, p.Passes, known(p.Began), known(p.Ended), p.Copied, p.Failed, p.Bytes, newJSONSpeed(p.Speed)})
	}
	for _, c := range r.Causes {
		sentence, step := causeWords(words, r.Project, c)
		cause := jsonCause{State: c.State.String(), Kind: c.Kind.String(), Sentence: sentence, Step: step, Messages: c.Count}
		for _, m := range c.Mailboxes {
			cause.Mailboxes = append(cause.Mailboxes, jsonCauseOf{m.Address, m.Count})
		}
		out.Causes = append(out.Causes, cause)
	}
	for _, m := range r.Mailboxes {
		out.Mailboxes = append(out.Mailboxes, newJSONMailbox(m, r.Made, words))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func newJSONMailbox(m Mailbox, made time.Time, words Words) jsonMailbox {
	out := jsonMailbox{Source: m.Source.Address, Destination: m.Destination.Address, Status: m.Status, Used: m.Used, Items: newJSONItems(m.Items), Bytes: m.Bytes,
		Passes: []jsonPass{}, Folders: []jsonFolder{}}
	for _, p := range m.Passes {
		t := p.Tally
		out.Passes = append(out.Passes, jsonPass{Number: p.Number, Kind: p.Kind, State: p.State, Queued: p.Queued.UTC(), Started: known(p.Started), Ended: known(p.Ended),
			Seconds: p.Duration(made).Seconds(), Copied: t.Copied, Adopted: t.Adopted, Skipped: t.Skipped, Failed: t.Failed, Left: t.Left, Bytes: t.Bytes,
			Cause: p.Cause.String(), Why: words.Why(p, m.Source.Address, m.Destination.Address)})
	}
	if b := m.Balance; b != nil {
		sum := newJSONBalance(b.Sum, b.Off)
		out.BalancePass, out.BalanceAt, out.Balance, out.Retried = b.Pass.Number, known(b.Pass.Started), &sum, b.Retried
	}
	if c := m.Check; c != nil {
		out.Check = &jsonCheck{c.Verified, c.Different, c.Removed, known(c.Pass.Started)}
	}
	for _, f := range m.Folders {
		folder := jsonFolder{Source: f.Source, Destination: f.Destination, Items: newJSONItems(f.Items), Error: folderError(f.Last)}
		if f.Last != nil {
			line := newJSONBalance(*f.Last, f.Last.Unexplained())
			folder.Balance = &line
		}
		if f.Check != nil {
			folder.Check = &jsonCheck{Verified: f.Check.Verified, Different: f.Check.Different, Removed: f.Check.Removed}
		}
		out.Folders = append(out.Folders, folder)
	}
	return out
}

func newJSONItems(c engine.ItemCounts) jsonItems {
	return jsonItems{c.Copied, c.Adopted, c.Skipped, c.Failed, c.Claimed}
}

func newJSONBalance(t engine.FolderTally, off int64) jsonBalance {
	return jsonBalance{t.Messages, t.Before, t.Copied, t.Adopted, t.Skipped, t.Failed, t.Left, off, t.Vanished}
}

// known returns t in UTC, nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
