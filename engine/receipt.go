package engine

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Records reads what the ledger remembers of single messages.
type Records interface {
	// ItemRecords returns up to q.Limit items of a folder that fulfil every condition of q, by UID.
	ItemRecords(ctx context.Context, folder FolderID, q RecordQuery) ([]ItemRecord, error)
}

// RecordQuery says which items of a folder are wanted. A zero condition is none.
type RecordQuery struct {
	UIDs            []UID     // at the source
	DestinationUIDs []UID     //
	From, Until     time.Time // of the message's date: from From on, before Until
	Size            int64     // octets
	Subject         string    // part of it, whatever its case; kept only of messages that failed or were skipped
	MessageID       string    // likewise, but the whole
	Limit           int       // 0: all
}

// ItemRecord is all that the ledger remembers of one message.
type ItemRecord struct {
	FolderID
	CopiedItem             // State 0: the ledger does not know the message
	Folder      string     // display name at the source
	Destination string     // display name of the folder that the copy went to
	Name        FolderName // the same as its service writes it
	Validity    Validity   // of it, under which DestinationUID means what it says; 0: not known
	Pass        PassID     // that claimed it last, or tried it last; 0: not known
	Number      int        // of the pass; 0: it does not count
	Kind        PassKind   // of the pass
	At          time.Time  // when it was claimed; zero: it never was
	Failure     *Failure   // why it is not at the destination
	RemovedBy   PassID     // the verifying pass that has not found the copy; 0: none
	RemovedAt   time.Time  // when that pass began
}

// Proof is what reading a copy back has shown.
type Proof uint8

// The proofs.
const (
	NotRead     Proof = iota // nobody asked, or there is nothing to read
	Equal                    // the copy's digest is the one that was taken while copying
	HeaderEqual              // of a message that was recognised only the header's digest is known: it is equal
	Different                // something else lies there
	NotThere                 // the copy is not in its folder
)

func (p Proof) String() string {
	return [...]string{"not read", "equal", "header equal", "different", "not there"}[min(p, 4)]
}

// Receipt answers for one message.
type Receipt struct {
	ItemRecord
	LookedUp bool // the source was asked for it just now
	AtSource bool // and has it
	Proof    Proof
	Problem  error // why it could not be read back
}

// Migrated reports whether the message is at the destination as far as is known.
func (r Receipt) Migrated() bool {
	return (r.State == Copied || r.State == Adopted) && r.RemovedBy == 0 && r.Proof != Different && r.Proof != NotThere ||
		r.Proof == Equal || r.Proof == HeaderEqual
}

// ReceiptQuery asks what became of messages of one mailbox: of that with a Message-ID, which is looked up at the source, for the ledger keeps
// none of what it has copied, and if it is gone there at the destination; or, from the ledger alone, of those that fulfil Records.
type ReceiptQuery struct {
	Project   ProjectID
	Mailbox   MailboxID
	MessageID string // with or without angle brackets; "": Records says which
	Folder    string // only this folder, by its display name at the source; "": all
	Records   RecordQuery
	ReadBack  bool // read the copies back and compare them with what was copied
	Given     Given
}

// Receipts answers a query, in the order of the folders; none when no message is found. It signs in where it has to: at the source for a Message-ID,
// at the destination to read back. Nothing is changed. Errors are the ledger's and those of signing in; what keeps one copy from being read back stands
// in its receipt.
func (e *Engine) Receipts(ctx context.Context, q ReceiptQuery) ([]Receipt, error) {
	p, err := e.mailboxOf(ctx, q.Project, q.Mailbox)
	if err != nil {
		return nil, err
	}
	c := clerk{e: e, q: q, pass: p}
	defer c.close()
	p.take(q.Given)
	if c.kept, err = e.o.Ledger.KeptFolders(ctx, q.Mailbox); err != nil {
		return nil, err
	}
	var found []Receipt
	if q.MessageID == "" {
		found, err = c.recorded(ctx, q.Records)
	} else {
		found, err = c.lookUp(ctx)
	}
	if err != nil || !q.ReadBack {
		return found, err
	}
	return found, c.readBack(ctx, found)
}

// mailboxOf returns a pass that never runs, for signing in with a mailbox's accounts.
func (e *Engine) mailboxOf(ctx context.Context, project ProjectID, mailbox MailboxID) (*activePass, error) {
	p := &activePass{e: e}
	var err error
	if p.project, err = e.o.Ledger.Project(ctx, project); err != nil {
		return nil, err
	}
	mailboxes, err := e.o.Ledger.Mailboxes(ctx, project)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(mailboxes, func(m Mailbox) bool { return m.ID == mailbox })
	if i < 0 {
		return nil, ErrNotFound
	}
	p.mailbox = mailboxes[i]
	return p, nil
}

// clerk answers one query.
type clerk struct {
	e        *Engine
	q        ReceiptQuery
	pass     *activePass
	kept     []KeptFolder
	sessions [2]Session // by side; nil: not signed in
}

func (c *clerk) close() {
	for _, s := range c.sessions {
		if s != nil {
			_ = s.Close()
		}
	}
}

// session signs in on a side, once.
func (c *clerk) session(ctx context.Context, side Side) (Session, error) {
	if c.sessions[side] != nil && c.sessions[side].Alive() {
		return c.sessions[side], nil
	}
	if err := c.pass.readSecret(ctx, side); err != nil {
		return nil, err
	}
	s, err := c.pass.dial(ctx, side)
	if err == nil {
		c.sessions[side] = s
	}
	return s, err
}

// wants reports whether the query is about a folder.
func (c *clerk) wants(display string) bool {
	return c.q.Folder == "" || strings.EqualFold(c.q.Folder, display)
}

// recorded returns what the ledger remembers.
func (c *clerk) recorded(ctx context.Context, q RecordQuery) ([]Receipt, error) {
	var all []Receipt
	for _, k := range c.kept {
		if !c.wants(k.Display) {
			continue
		}
		left := q
		if q.Limit > 0 {
			if left.Limit = q.Limit - len(all); left.Limit <= 0 {
				break
			}
		}
		records, err := c.e.o.Ledger.ItemRecords(ctx, k.ID, left)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			all = append(all, Receipt{ItemRecord: r})
		}
	}
	return all, nil
}

// lookUp finds a Message-ID: at the source; where it is not there any more, among what could not be copied and at the destination.
func (c *clerk) lookUp(ctx context.Context) ([]Receipt, error) {
	found, err := c.atSource(ctx)
	if err != nil || len(found) > 0 {
		return found, err
	}
	if found, err = c.recorded(ctx, RecordQuery{MessageID: "<" + bareID(c.q.MessageID) + ">"}); err == nil && len(found) == 0 {
		found, err = c.atDestination(ctx)
	}
	for i := range found {
		found[i].LookedUp = true
	}
	return found, err
}

// atSource looks for the message in the folders of the source.
func (c *clerk) atSource(ctx context.Context) ([]Receipt, error) {
	s, err := c.session(ctx, Source)
	if err != nil {
		return nil, err
	}
	listing, err := s.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var all []Receipt
	for _, f := range listing.Folders {
		if !f.Selectable || f.Status.Messages == 0 || !c.wants(f.Display) {
			continue
		}
		metas, err := find(ctx, s, Opening{f.Name, f.Status.Validity}, c.q.MessageID)
		if err != nil {
			return nil, err
		}
		for _, m := range metas {
			r, err := c.receiptOf(ctx, f, m)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// receiptOf answers for a message that was seen at the source.
func (c *clerk) receiptOf(ctx context.Context, f Folder, m Meta) (Receipt, error) {
	r := Receipt{LookedUp: true, AtSource: true, ItemRecord: ItemRecord{Folder: f.Display, CopiedItem: CopiedItem{ClaimedItem: ClaimedItem{UID: m.UID, Size: m.Size, Date: m.Date}}}}
	for _, k := range c.kept { // more than one where rules have led the folder elsewhere meanwhile
		if k.Name != f.Name || k.Validity != f.Status.Validity {
			continue
		}
		records, err := c.e.o.Ledger.ItemRecords(ctx, k.ID, RecordQuery{UIDs: []UID{m.UID}})
		if err != nil {
			return r, err
		}
		if len(records) > 0 {
			r.ItemRecord = records[0]
			break
		}
	}
	return r, nil
}

// atDestination looks for the message in the folders that copies went to, and for the items that they are the copies of.
func (c *clerk) atDestination(ctx context.Context) ([]Receipt, error) {
	if !slices.ContainsFunc(c.kept, func(k KeptFolder) bool { return c.wants(k.Display) && k.Items.Copied+k.Items.Adopted > 0 }) {
		return nil, nil
	}
	s, err := c.session(ctx, Destination)
	if err != nil {
		return nil, err
	}
	var all []Receipt
	for _, k := range c.kept {
		if !c.wants(k.Display) || k.Items.Copied+k.Items.Adopted == 0 || k.DestinationValidity == 0 {
			continue
		}
		metas, err := find(ctx, s, Opening{k.Destination, k.DestinationValidity}, c.q.MessageID)
		if err != nil {
			if !s.Alive() {
				return nil, err
			}
			continue // the folder is gone, or is another: its copies cannot be told by their UIDs
		}
		if len(metas) == 0 {
			continue
		}
		q := RecordQuery{}
		for _, m := range metas {
			q.DestinationUIDs = append(q.DestinationUIDs, m.UID)
		}
		records, err := c.e.o.Ledger.ItemRecords(ctx, k.ID, q)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			all = append(all, Receipt{ItemRecord: r})
		}
	}
	return all, nil
}

// find returns the messages of a folder with a Message-ID. The server searches; what it finds is compared, for to a server a part is enough. One
// that cannot search has its headers read.
func find(ctx context.Context, s Session, o Opening, id string) ([]Meta, error) {
	id = bareID(id)
	set := UIDSet{{1, MaxUID}}
	if plain(id) {
		uids, err := s.Search(ctx, o, id)
		switch {
		case err == nil && len(uids) == 0:
			return nil, nil
		case err == nil:
			set = SetOf(uids...)
		case !s.Alive() || KindOf(err) == Renumbered || KindOf(err) == Missing:
			return nil, err
		}
	}
	var all []Meta
	_, err := s.Headers(ctx, o, set, func(h Header) error {
		if bareID(string(field(h.Bytes, "message-id"))) == id {
			all = append(all, h.Meta)
		}
		return nil
	})
	return all, err
}

// bareID returns a Message-ID without its angle brackets.
func bareID(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "<"), ">")
}

// plain reports whether s is printable ASCII, which every server can search for.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// readBack reads the copies of receipts from the destination and compares them with the digests that were taken while copying.
func (c *clerk) readBack(ctx context.Context, all []Receipt) error {
	for i := range all {
		r := &all[i]
		if r.State != Copied && r.State != Adopted {
			continue
		}
		s, err := c.session(ctx, Destination)
		if err != nil {
			return err
		}
		if r.Proof, r.Problem = c.proof(ctx, s, r.ItemRecord); r.Problem != nil && ctx.Err() != nil {
			return r.Problem
		}
	}
	return nil
}

// proof compares one copy: the message under its UID; where none lies there any more, or the UID is not known, those with its header.
func (c *clerk) proof(ctx context.Context, s Session, r ItemRecord) (Proof, error) {
	if r.DestinationUID != 0 && r.Validity != 0 {
		proof, err := c.compare(ctx, s, Opening{r.Name, r.Validity}, SetOf(r.DestinationUID), r.CopiedItem)
		if KindOf(err) != Renumbered && (err != nil || proof != NotThere) {
			return proof, err
		}
	}
	key := c.e.o.Ledger.DigestKey()
	var alike UIDSet
	_, err := s.Headers(ctx, Opening{Folder: r.Name}, UIDSet{{1, MaxUID}}, func(h Header) error {
		if HeadDigest(key, h.Bytes) == r.Head {
			alike = alike.Add(h.UID)
		}
		return nil
	})
	if KindOf(err) == Missing || err == nil && len(alike) == 0 {
		return NotThere, nil
	}
	if err != nil {
		return NotRead, err
	}
	proof, err := c.compare(ctx, s, Opening{Folder: r.Name}, alike, r.CopiedItem)
	if proof == Different {
		proof = NotThere // another message with the same header
	}
	return proof, err
}

// compare reads messages and returns the best that one of them proves.
func (c *clerk) compare(ctx context.Context, s Session, o Opening, set UIDSet, item CopiedItem) (Proof, error) {
	d := NewDigester(c.e.o.Ledger.DigestKey())
	proof := NotThere
	_, err := s.Fetch(ctx, o, set, func(m Message, lost error) error {
		if lost != nil {
			return lost
		}
		if !set.Contains(m.UID) {
			return nil
		}
		d.Reset()
		if err := copyAll(d, m); err != nil {
			return err
		}
		head, body := d.Sums()
		switch {
		case body == item.Body:
			proof = Equal
		case proof != Equal && item.Body == (Digest{}) && head == item.Head:
			proof = HeaderEqual
		case proof == NotThere:
			proof = Different
		}
		return nil
	})
	if err != nil {
		return NotRead, err
	}
	return proof, nil
}
