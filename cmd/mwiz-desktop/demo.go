package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"mwiz/engine"
	"mwiz/engine/sandbox"
	"mwiz/gui/wording"
	"mwiz/store"
)

// demoCmd is the sandbox.
type demoCmd struct {
	Terminal bool `help:"Show two passes in the terminal, even where a window could be opened."`
}

// What the sandbox does so that there is something to see.
const (
	demoPace    = 12 * time.Millisecond // a message at the destination, as if it were far away
	demoArrival = 4 * time.Second       // between new messages at the source, in the window
	demoNew     = 25                    // new messages between the passes, in the terminal
)

func (c demoCmd) Run(ctx context.Context, p *program) (err error) {
	var t *toolkit
	if haveDisplay() && !c.Terminal && !p.json {
		t = startToolkit()
	}
	box, err := sandbox.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	dir, err := os.MkdirTemp("", "mwiz-sandbox-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p.log = p.log.With("sandbox", true)
	ledger, err := store.Open(ctx, dir, p.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	d := demo{program: p, box: box, ledger: ledger, keychain: store.NewMemoryKeychain()}
	if err := d.fill(ctx); err != nil {
		return err
	}
	if t != nil {
		return d.inWindow(ctx, t)
	}
	return d.inTerminal(ctx)
}

// demo is a sandbox with a ledger that has a project on it.
type demo struct {
	*program
	box      *sandbox.Sandbox
	ledger   *store.Ledger
	keychain engine.Keychain
	project  engine.Project
}

// fill puts the project and its mailboxes into the ledger.
func (d *demo) fill(ctx context.Context) error {
	d.project = d.box.Project()
	id, err := d.ledger.AddProject(ctx, d.project)
	if err != nil {
		return err
	}
	d.project.ID = id
	_, err = engine.Enroller{Roster: d.ledger, Keychain: d.keychain}.Add(ctx, id, d.box.Enrolments(), nil)
	return err
}

// inWindow opens the window, with new mail arriving all the while.
func (d *demo) inWindow(ctx context.Context, t *toolkit) error {
	d.box.Pace(demoPace)
	arriving, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- d.box.Run(arriving, demoArrival) }()
	err := d.showDesktop(ctx, t, d.ledger, d.keychain, true)
	cancel()
	return errors.Join(err, <-done)
}

// demoResult is what the demo did, as JSON shows it.
type demoResult struct {
	Passes     []passResult       `json:"passes"`
	Arrived    int                `json:"arrived"` // messages between the passes
	Comparison sandbox.Comparison `json:"comparison"`
}

// inTerminal runs two passes, with new mail between them, and then reads both sides to see whether all is well.
func (d *demo) inTerminal(ctx context.Context) error {
	if d.screen() != nil {
		d.box.Pace(demoPace)
	}
	w, err := d.startWorks(ctx, d.ledger, d.keychain)
	if err != nil {
		return err
	}
	result, err := d.passes(ctx, w)
	if err = errors.Join(err, w.stop()); err != nil {
		return err
	}
	if result.Comparison, err = d.box.Compare(ctx); err != nil {
		return err
	}
	if d.json {
		err = d.writeJSON(result)
	} else {
		err = d.printComparison(result)
	}
	if err == nil && !result.good() {
		return &ending{code: exitFailed}
	}
	return err
}

// passes runs the two passes.
func (d *demo) passes(ctx context.Context, w *works) (demoResult, error) {
	var result demoResult
	messages, err := d.box.Messages(engine.Source)
	if err != nil {
		return result, err
	}
	d.tellPeople("cli.demo.begin", "Messages", wording.Number(messages), "People", len(d.box.Enrolments()))
	for number := 1; number <= 2; number++ {
		if number == 2 {
			if err := d.box.Deliver(demoNew); err != nil {
				return result, err
			}
			result.Arrived = demoNew
			d.tellPeople("cli.demo.arrived", "Count", demoNew)
		}
		list, err := d.watchPass(ctx, w, engine.Request{Project: d.project.ID, Kind: engine.NewItems})
		if err != nil {
			return result, err
		}
		d.tellPeople("cli.demo.pass", "Number", number)
		if !d.json {
			if err := d.printPass(list); err != nil {
				return result, err
			}
		}
		result.Passes = append(result.Passes, newPassResult(d.project.Name, list))
		if err := ended(list); err != nil {
			return result, err
		}
	}
	return result, nil
}

// tellPeople says a sentence with an empty line before it, unless a program is listening.
func (d *demo) tellPeople(id string, data ...any) {
	if !d.json {
		fmt.Fprintf(d.stdout, "\n%s\n", wording.T(id, data...))
	}
}

// copied adds up what a pass copied.
func copied(pass passResult) (n int64) {
	for _, line := range pass.Mailboxes {
		n += line.Copied
	}
	return n
}

// good reports whether everything is at the destination, once, and the second pass copied what had arrived and nothing else.
func (r demoResult) good() bool {
	first, second := copied(r.Passes[0]), copied(r.Passes[1])
	return r.Comparison.Good() && second == int64(r.Arrived) && first+second == r.Comparison.Source
}

// printComparison prints what reading both sides found.
func (d *demo) printComparison(r demoResult) error {
	c := r.Comparison
	d.tellPeople("cli.demo.compare")
	for _, line := range []struct {
		id string
		n  int64
	}{
		{"cli.demo.first", copied(r.Passes[0])},
		{"cli.demo.second", copied(r.Passes[1])},
		{"cli.demo.source", c.Source},
		{"cli.demo.destination", c.Destination},
		{"cli.demo.missing", c.Missing},
		{"cli.demo.doubled", c.Doubled},
		{"cli.demo.changed", c.Changed},
	} {
		if _, err := fmt.Fprintf(d.stdout, "%8s  %s\n", wording.Number(line.n), wording.T(line.id)); err != nil {
			return err
		}
	}
	if r.good() {
		d.tellPeople("cli.demo.good")
	} else {
		d.tellPeople("cli.demo.bad")
	}
	return nil
}
