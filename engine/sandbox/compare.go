package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Comparison is what reading every message on both sides found.
type Comparison struct {
	Source      int64 // messages at the source
	Destination int64 // messages at the destination
	Copied      int64 // of the source's, those that lie in their folder at the destination, byte for byte, line ends aside
	Missing     int64 // of the source's, those that do not
	Doubled     int64 // messages at the destination beyond one for each at the source
	Changed     int64 // of the copied, those with other flags or another date
}

// Good reports whether everything is there, once and unchanged.
func (c Comparison) Good() bool { return c.Copied == c.Source && c.Missing+c.Doubled+c.Changed == 0 }

// Compare signs in to both servers as any mail program does, reads every message, and compares. It knows nothing of the
// engine's sessions, digests and ledger, so that it is a second opinion on them.
func (s *Sandbox) Compare(ctx context.Context) (Comparison, error) {
	var all Comparison
	for _, p := range people {
		source, err := readAll(ctx, s.source, p.source(), p.password())
		if err != nil {
			return all, err
		}
		destination, err := readAll(ctx, s.destination, p.destination(), p.password())
		if err != nil {
			return all, err
		}
		all.add(source, destination)
	}
	return all, nil
}

// seen is a message as it was read: where it lies and what it is, and besides that, its flags and date.
type seen struct {
	folder string // special use, or the name where it has none
	sum    [sha256.Size]byte
}

// add counts one mailbox. Flags and dates are compared as a multiset, for two messages may be the same.
func (c *Comparison) add(source, destination map[seen][]string) {
	for what, at := range source {
		there := destination[what]
		c.Source += int64(len(at))
		copied := min(len(at), len(there))
		c.Copied += int64(copied)
		c.Missing += int64(len(at) - copied)
		same := 0
		for _, how := range at {
			if i := slices.Index(there, how); i >= 0 {
				there = slices.Delete(slices.Clone(there), i, i+1)
				same++
			}
		}
		c.Changed += int64(copied - min(same, copied))
	}
	for what, there := range destination {
		c.Destination += int64(len(there))
		c.Doubled += int64(max(0, len(there)-len(source[what])))
	}
}

// readAll reads every message of an account: what it is, and how often with which flags and date.
func readAll(ctx context.Context, from *server, user, password string) (map[seen][]string, error) {
	client, err := imapclient.DialInsecure(from.listener.Addr().String(), nil)
	if err != nil {
		return nil, fmt.Errorf("sandbox: compare: %w", err)
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	all := map[seen][]string{}
	if err := readFolders(client, user, password, all); err != nil {
		return nil, fmt.Errorf("sandbox: compare: %w", errors.Join(context.Cause(ctx), err))
	}
	return all, client.Logout().Wait()
}

func readFolders(client *imapclient.Client, user, password string, all map[seen][]string) error {
	if err := client.Login(user, password).Wait(); err != nil {
		return err
	}
	folders, err := client.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
	if err != nil {
		return err
	}
	for _, f := range folders {
		status, err := client.Select(f.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			return err
		}
		if status.NumMessages == 0 {
			continue
		}
		if err := readFolder(client, key(f), all); err != nil {
			return err
		}
	}
	return nil
}

// key names a folder so that both sides' names are equal.
func key(f *imap.ListData) string {
	for _, attr := range f.Attrs {
		switch attr {
		case imap.MailboxAttrSent, imap.MailboxAttrDrafts, imap.MailboxAttrTrash, imap.MailboxAttrJunk:
			return string(attr)
		}
	}
	return f.Mailbox
}

// readFolder reads every message of the open folder.
func readFolder(client *imapclient.Client, folder string, all map[seen][]string) error {
	everything := imap.UIDSet{}
	everything.AddRange(1, 0) // 1:*
	fetch := client.Fetch(everything, &imap.FetchOptions{
		UID: true, Flags: true, InternalDate: true,
		BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	})
	for m := fetch.Next(); m != nil; m = fetch.Next() {
		what, how := seen{folder: folder}, make([]string, 0, 4)
		for item := m.Next(); item != nil; item = m.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataBodySection:
				body, err := io.ReadAll(item.Literal)
				if err != nil {
					_ = fetch.Close()
					return err
				}
				what.sum = sha256.Sum256(bytes.ReplaceAll(body, []byte("\r"), nil))
			case imapclient.FetchItemDataFlags:
				for _, flag := range item.Flags {
					how = append(how, strings.ToLower(string(flag)))
				}
			case imapclient.FetchItemDataInternalDate:
				how = append(how, item.Time.Format(time.RFC3339))
			}
		}
		slices.Sort(how)
		all[what] = append(all[what], strings.Join(how, " "))
	}
	return fetch.Close()
}
