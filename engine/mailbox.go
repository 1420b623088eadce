package engine

// MailboxID identifies a mailbox in the ledger.
type MailboxID int64

// Account is a user name at an endpoint and a reference to its secret.
type Account struct {
	Address string    // email address, for display
	User    string    // login name; equals Address unless given
	Secret  SecretRef // "" when none is kept
}

// Mailbox is one person's mail being moved.
type Mailbox struct {
	ID                  MailboxID
	Project             ProjectID
	Source, Destination Account
}

// On returns the mailbox's account on a side.
func (m Mailbox) On(side Side) Account {
	if side == Source {
		return m.Source
	}
	return m.Destination
}
