package imap

import (
	"strings"
	"testing"

	"mwiz/engine"
)

// TestCreate: folders are made, subscribed and looked at in one breath; one that is there already is no error.
func TestCreate(t *testing.T) {
	server := scripted(t, "IMAP4rev1 CREATE-SPECIAL-USE", func(command string) string {
		switch {
		case strings.HasPrefix(command, "CREATE Old"), strings.HasPrefix(command, `CREATE "Old"`):
			return "$ NO [ALREADYEXISTS] there\r\n"
		case strings.Contains(command, "Older") && strings.HasPrefix(command, "CREATE"):
			return "$ NO Mailbox already exists\r\n"
		case strings.Contains(command, "Never") && !strings.HasPrefix(command, "SUB"):
			return "$ NO This mailbox doesn't allow inferior mailboxes\r\n"
		case strings.Contains(command, "USE"):
			return "$ NO [USEATTR] there is one\r\n"
		case strings.HasPrefix(command, "SUBSCRIBE"):
			return "$ NO no subscriptions\r\n"
		case strings.HasPrefix(command, "STATUS"):
			return statusOfAny(command)
		}
		return "$ OK done\r\n"
	})
	s := server.session(engine.Destination)
	names := []engine.FolderName{"INBOX", "New", "Old", "Older", "Never", "Sent", "Entw&APw-rfe", "bad & name", "&AOk-&AOk-"}
	roles := make([]engine.Role, len(names))
	roles[5] = engine.RoleSent
	results := s.Create(t.Context(), names, roles)
	for i, kind := range []engine.Kind{0, 0, 0, 0, engine.Missing, 0, 0, engine.Missing, engine.Missing} {
		if want(t, engine.KindOf(results[i].Err), kind); kind == 0 {
			want(t, results[i].Status, engine.FolderStatus{Validity: 7, UIDNext: 9, Messages: 5, Size: -1})
		}
	}
	wantError(t, results[4].Err, engine.Missing, "inferior")
	for _, c := range server.sent("CREATE", "SUBSCRIBE") {
		if strings.Contains(c, "INBOX") || strings.Contains(c, "bad") {
			t.Errorf("sent %s", c)
		}
	}
	want(t, s.Alive(), true)
}

// TestCreateMany: any number of folders.
func TestCreateMany(t *testing.T) {
	server := scripted(t, "IMAP4rev1", func(command string) string {
		if strings.HasPrefix(command, "STATUS") {
			return statusOfAny(command)
		}
		return ""
	})
	s := server.session(engine.Destination)
	results := s.Create(t.Context(), make([]engine.FolderName, 130), nil)
	want(t, len(results), 130)
	names := make([]engine.FolderName, 130)
	for i := range names {
		names[i] = engine.FolderName("f" + strings.Repeat("x", i))
	}
	for i, r := range s.Create(t.Context(), names, nil) {
		if r.Err != nil || r.Status.Messages != 5 {
			t.Errorf("folder %d: %+v", i, r)
		}
	}
}

// TestCreateCut: a connection that breaks is told for each folder.
func TestCreateCut(t *testing.T) {
	server := scripted(t, "IMAP4rev1", func(command string) string {
		if strings.Contains(command, `"b"`) || strings.Contains(command, " b") {
			return endOfStream
		}
		return ""
	})
	s := server.session(engine.Destination)
	for _, r := range s.Create(t.Context(), []engine.FolderName{"a", "b", "c"}, nil) {
		want(t, engine.KindOf(r.Err), engine.Unreachable)
	}
	want(t, s.Alive(), false)
}
