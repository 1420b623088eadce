package engine

import (
	"context"
	"io"
	"slices"
)

// SaveMessage writes a source message to w as it stands: what an .eml file holds. It is for items that the destination does not take. Errors are those of Dial and Fetch; kind Gone when the message is no longer there.
func (e *Engine) SaveMessage(ctx context.Context, project ProjectID, row FailureRow, given Given, w io.Writer) error {
	p, name, validity, err := e.locate(ctx, project, row)
	if err != nil {
		return err
	}
	p.take(given)
	if err := p.readSecret(ctx, Source); err != nil {
		return err
	}
	session, err := p.dial(ctx, Source)
	if err != nil {
		return err
	}
	defer session.Close()
	found := false
	_, err = session.Fetch(ctx, Opening{name, validity}, SetOf(row.UID), func(m Message, lost error) error {
		if lost != nil || m.UID != row.UID {
			return lost
		}
		found = true
		n, err := io.Copy(w, m.Body)
		if err == nil && n != m.Size {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
	if err == nil && !found {
		err = &Error{Op: "fetch", Kind: Gone, Side: Source, Host: p.project.Source.Host, Text: "the message is no longer at the source"}
	}
	return err
}

// locate finds what a failure's message is called at its source.
func (e *Engine) locate(ctx context.Context, project ProjectID, row FailureRow) (*activePass, FolderName, Validity, error) {
	p := &activePass{e: e}
	var err error
	if p.project, err = e.o.Ledger.Project(ctx, project); err != nil {
		return nil, "", 0, err
	}
	mailboxes, err := e.o.Ledger.Mailboxes(ctx, project)
	if err != nil {
		return nil, "", 0, err
	}
	i := slices.IndexFunc(mailboxes, func(m Mailbox) bool { return m.ID == row.Mailbox })
	if i < 0 {
		return nil, "", 0, ErrNotFound
	}
	p.mailbox = mailboxes[i]
	kept, err := e.o.Ledger.KeptFolders(ctx, row.Mailbox)
	if err != nil {
		return nil, "", 0, err
	}
	i = slices.IndexFunc(kept, func(k KeptFolder) bool { return k.ID == row.FolderID })
	if i < 0 {
		return nil, "", 0, ErrNotFound
	}
	return p, kept[i].Name, kept[i].Validity, nil
}
