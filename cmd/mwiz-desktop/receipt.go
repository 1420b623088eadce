package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// mostReceipts is how many messages a receipt answers for.
const mostReceipts = 100

// receiptCmd says what became of a message.
type receiptCmd struct {
	Project     string `arg:"" help:"Name of the project."`
	Mailbox     string `required:"" placeholder:"ADDRESS" help:"The mailbox, by its address at the source."`
	MessageID   string `name:"message-id" placeholder:"ID" help:"The message with this Message-ID. It is looked up at the source, which is signed in to."`
	Folder      string `placeholder:"NAME" help:"Only in this folder, by its name at the source."`
	Date        string `placeholder:"DAY" help:"Messages of this day, as 2026-03-14."`
	Size        int64  `placeholder:"BYTES" help:"Messages of this size."`
	Subject     string `placeholder:"TEXT" help:"Messages that failed and have this in their subject; that of others is not kept."`
	Verify      bool   `help:"Read the copy back from the destination and compare it with what was copied."`
	Credentials string `placeholder:"FILE.csv" help:"Take the passwords from this file (- for standard input) for this run only. Nothing of it is kept."`
	sharedFiles
}

// receiptLine is a receipt as JSON shows it.
type receiptLine struct {
	Folder         string     `json:"folder"`
	UID            engine.UID `json:"uid"`
	Date           *time.Time `json:"date"`
	Size           int64      `json:"size"`
	Migrated       bool       `json:"migrated"`
	State          string     `json:"state"` // "absent": no pass has seen it
	Pass           int        `json:"pass"`
	Kind           string     `json:"kind"`
	At             *time.Time `json:"at"`
	Destination    string     `json:"destination"`
	DestinationUID engine.UID `json:"destination_uid"`
	Digest         string     `json:"digest"` // "not read", "equal", "header equal", "different", "not there"
	AtSource       *bool      `json:"at_source"`
	Removed        *time.Time `json:"removed"` // when the verifying pass began that has not found the copy
	Why            string     `json:"why"`
	Said           []string   `json:"said"`
}

func (c receiptCmd) Run(ctx context.Context, p *program) error {
	query, err := c.query()
	if err != nil {
		return usage(err)
	}
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		if err := c.address(ctx, p, ledger, project, &query); err != nil {
			return err
		}
		var found []engine.Receipt
		err := p.withKeys(func(keychain engine.Keychain) error {
			var err error
			found, err = p.newEngine(ledger, keychain).Receipts(ctx, query)
			return err
		})
		if err != nil {
			return err
		}
		more := len(found) > mostReceipts
		found = found[:min(len(found), mostReceipts)]
		if err := c.show(p, project, found, more); err != nil {
			return err
		}
		if len(found) == 0 || slices.ContainsFunc(found, func(r engine.Receipt) bool { return !r.Migrated() }) {
			return &ending{code: exitItemErrors}
		}
		return nil
	})
}

// query turns what the user wrote into a query, but for the mailbox.
func (c receiptCmd) query() (engine.ReceiptQuery, error) {
	q := engine.ReceiptQuery{MessageID: strings.TrimSpace(c.MessageID), Folder: c.Folder, ReadBack: c.Verify,
		Records: engine.RecordQuery{Size: c.Size, Subject: c.Subject, Limit: mostReceipts + 1}}
	if q.MessageID == "" && c.Folder == "" && c.Date == "" && c.Size == 0 && c.Subject == "" {
		return q, errors.New(wording.T("cli.receipt.what"))
	}
	if c.Date == "" {
		return q, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, c.Date, time.Local)
	if err != nil {
		return q, errors.New(wording.T("cli.receipt.date", "Date", wording.Display(c.Date, 40)))
	}
	q.Records.From, q.Records.Until = day, day.AddDate(0, 0, 1)
	return q, nil
}

// address finds the mailbox that the query is about, and its passwords where they are given.
func (c receiptCmd) address(ctx context.Context, p *program, ledger *store.Ledger, project engine.Project, q *engine.ReceiptQuery) error {
	r, err := scope{Mailbox: []string{c.Mailbox}, Credentials: c.Credentials, sharedFiles: c.sharedFiles}.request(ctx, p, ledger, project, engine.Verify)
	if err != nil {
		return err
	}
	q.Project, q.Mailbox = project.ID, r.Mailboxes[0]
	q.Given.Shared = r.Shared
	if s, given := r.Secrets[q.Mailbox]; given {
		q.Given.Own = &s
	}
	if c.Folder == "" || c.MessageID != "" {
		return nil
	}
	kept, err := ledger.KeptFolders(ctx, q.Mailbox)
	if err == nil && !slices.ContainsFunc(kept, func(k engine.KeptFolder) bool { return strings.EqualFold(k.Display, c.Folder) }) {
		err = usage(errors.New(wording.T("cli.receipt.no_folder", "Address", wording.Display(c.Mailbox, 80), "Folder", wording.Display(c.Folder, 80))))
	}
	return err
}

// show says what was found.
func (c receiptCmd) show(p *program, project engine.Project, found []engine.Receipt, more bool) error {
	if p.json {
		return c.write(p, project, found, more)
	}
	if len(found) == 0 {
		id := "cli.receipt.none"
		if c.MessageID != "" {
			id += ".id"
		}
		return p.say(id, "Address", wording.Display(c.Mailbox, 80))
	}
	for i, r := range found {
		lines := wording.Receipt(project, r)
		gap := ""
		if i > 0 {
			gap = "\n"
		}
		if _, err := fmt.Fprintf(p.stdout, "%s%s\n  %s\n", gap, lines[0], strings.Join(lines[1:], "\n  ")); err != nil {
			return err
		}
	}
	if more {
		p.note("receipt.more", "Most", mostReceipts)
	}
	return nil
}

func (c receiptCmd) write(p *program, project engine.Project, found []engine.Receipt, more bool) error {
	lines := make([]receiptLine, 0, len(found))
	for _, r := range found {
		line := receiptLine{Folder: r.Folder, UID: r.UID, Date: known(r.Date.Time), Size: r.Size, Migrated: r.Migrated(), State: r.State.String(), Pass: r.Number,
			Kind: string(r.Kind), At: known(r.At), Destination: r.Destination, DestinationUID: r.DestinationUID, Digest: r.Proof.String(), Removed: known(r.RemovedAt),
			Said: wording.Receipt(project, r)}
		if r.LookedUp {
			line.AtSource = &r.AtSource
		}
		if r.Failure != nil {
			line.Why = r.Failure.Text
		}
		if r.Problem != nil {
			line.Why = sentence(r.Problem)
		}
		lines = append(lines, line)
	}
	return p.writeJSON(struct {
		Project  string        `json:"project"`
		Mailbox  string        `json:"mailbox"`
		Receipts []receiptLine `json:"receipts"`
		More     bool          `json:"more"` // there are others
	}{project.Name, c.Mailbox, lines, more})
}
