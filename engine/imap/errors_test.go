package imap

import (
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// TestClassify: what servers said, and what it means.
func TestClassify(t *testing.T) {
	tests := []struct {
		code, text string
		kind       engine.Kind
	}{
		{"", "Request is throttled. Suggested Backoff Time: 299961 milliseconds", engine.Throttled}, // Exchange Online
		{"LIMIT", "UID FETCH Rate limit hit.", engine.Throttled},                                    // Yahoo
		{"LIMIT", "something", engine.Throttled},
		{"LIMIT", "Requested allocation size is too large", engine.Refused}, // Dovecot, quota_max_mail_size
		{"UNAVAILABLE", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)", engine.Throttled},
		{"", "Too many simultaneous connections. (Failure)", engine.Throttled}, // Gmail
		{"", "Account exceeded command or bandwidth limits. (Failure)", engine.Throttled},
		{"", "Session expired, please login again.", engine.Throttled},
		{"SERVERBUG", "Internal error", engine.Throttled},
		{"INUSE", "Mailbox in use", engine.Throttled},
		{"OVERQUOTA", "Quota exceeded (mailbox for user is full)", engine.Full},
		{"", "Quota exceeded", engine.Full},
		{"", "Over quota", engine.Full},
		{"", "Server Unavailable. 15", engine.Full}, // Exchange
		{"TOOBIG", "Message too large", engine.Refused},
		{"CANNOT", "Invalid characters in keyword", engine.Refused},
		{"", "Maximum size of appendable message has been exceeded.", engine.Refused},
		{"", "Command Argument Error 11", engine.Refused}, // Exchange
		{"", "Message contains NUL characters", engine.Refused},
		{"", "Message contains bare newlines", engine.Refused},
		{"", "Message contains invalid header", engine.Refused},
		{"", "Zero-length message literal", engine.Refused},
		{"", "Message contains non-ASCII characters in headers", engine.Refused}, // Cyrus, and so the next ones
		{"", "Message has no header/body separator", engine.Refused},
		{"", "Message size exceeds fixed limit", engine.Refused},
		{"", "Invalid date-time in Append command", engine.Refused},
		{"", "Too many identical emails", engine.Refused},
		{"", "Mailbox is over STORAGE quota", engine.Full},
		{"", "mail system storage has been exceeded", engine.Full},
		{"", "Mailbox is locked", engine.Throttled},
		{"", "Retry operation", engine.Throttled},
		{"", "Server(s) unavailable to complete operation", engine.Throttled},
		{"", "Invalid mailbox name", engine.Missing},
		{"", "Login incorrect", engine.Denied},
		{"", "Can't save a zero byte message", engine.Refused}, // Dovecot
		{"", "Message contains a virus", engine.Refused},
		{"CLIENTBUG", "APPEND Additional arguments found after last expected argument", engine.Refused}, // Yahoo
		{"", "Invalid system flag \\FOO", engine.Refused},
		{"", "Too many user flags in mailbox", engine.Refused},
		{"TRYCREATE", "Mailbox doesn't exist: x", engine.Missing},
		{"", "Mailbox doesn't exist: x", engine.Missing},
		{"", "Unknown Mailbox: x (Failure)", engine.Missing},
		{"NOPERM", "Permission denied", engine.Missing},
		{"", "This mailbox doesn't allow inferior mailboxes", engine.Missing},
		{"AUTHENTICATIONFAILED", "Authentication failed.", engine.Denied},
		{"ALERT", "Invalid credentials (Failure)", engine.Denied},
		{"", "User is authenticated but not connected.", engine.Denied}, // Exchange, wrong password
		{"EXPIRED", "password expired", engine.Denied},
		{"EXPUNGEISSUED", "Some messages were expunged", engine.Gone},
		{"", "APPEND failed", engine.Other}, // Zimbra
		{"", "", engine.Other},
	}
	for _, test := range tests {
		if got := classify(wire.Status{Type: "NO", Code: test.code, Text: test.text}); got != test.kind {
			t.Errorf("[%s] %s: got %v, want %v", test.code, test.text, got, test.kind)
		}
	}
	want(t, backoff(tests[0].text), 299961*time.Millisecond)
	want(t, backoff("wait"), 0)
}
