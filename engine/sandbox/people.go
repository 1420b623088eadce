package sandbox

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// The company's domain at the old and at the new host.
const (
	oldDomain = "old.example"
	newDomain = "new.example"
)

// person is somebody of the company.
type person struct {
	name    string
	folders []folder
}

// folder is one to be made and filled at the source.
type folder struct {
	name     string
	role     imap.MailboxAttr
	messages int
}

// people are the company: about 600 messages with what makes migrations hard. Folder names that need encoding, nested
// ones, empty ones, and special folders that have other names than at the destination.
var people = []person{
	{"Ann Berg", []folder{
		{"INBOX", "", 119},
		{"Sent Items", imap.MailboxAttrSent, 58},
		{"Drafts", imap.MailboxAttrDrafts, 3},
		{"Deleted Items", imap.MailboxAttrTrash, 14},
		{"R&D", "", 31},
		{"R&D/Prototypes", "", 12},
		{"Zürich", "", 22},
		{"Archive/2024", "", 26},
	}},
	{"Ben Okafor", []folder{
		{"INBOX", "", 84},
		{"Sent Items", imap.MailboxAttrSent, 41},
		{"Drafts", imap.MailboxAttrDrafts, 2},
		{"Deleted Items", imap.MailboxAttrTrash, 9},
		{"Junk E-mail", imap.MailboxAttrJunk, 7},
		{"Customers", "", 0},
		{"Customers/Müller & Söhne", "", 17},
		{"Customers/日本", "", 24},
	}},
	{"Chiyo Tanaka", []folder{
		{"INBOX", "", 73},
		{"Sent Items", imap.MailboxAttrSent, 36},
		{"Drafts", imap.MailboxAttrDrafts, 1},
		{"Deleted Items", imap.MailboxAttrTrash, 5},
		{"日本", "", 15},
		{"日本/請求書", "", 8},
		{"Empty", "", 0},
	}},
}

// newFolders are what the new host has in every fresh mailbox.
var newFolders = []folder{
	{name: "INBOX"},
	{name: "Sent", role: imap.MailboxAttrSent},
	{name: "Drafts", role: imap.MailboxAttrDrafts},
	{name: "Trash", role: imap.MailboxAttrTrash},
	{name: "Spam", role: imap.MailboxAttrJunk},
}

func (p person) user() string {
	first, _, _ := strings.Cut(p.name, " ")
	return strings.ToLower(first)
}

func (p person) source() string      { return p.user() + "@" + oldDomain }
func (p person) destination() string { return p.user() + "@" + newDomain }

// password opens this person's accounts on both sides. It guards made-up mail on the loopback interface.
func (p person) password() string { return "sandbox-" + p.user() }
