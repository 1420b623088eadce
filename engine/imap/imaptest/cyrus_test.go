package imaptest

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestCyrusKeepsWhatItIsGiven(t *testing.T) {
	for _, o := range []CyrusOptions{{}, {Separator: ".", Below: true}} {
		began := time.Now()
		s := Cyrus(t, o)
		t.Logf("started in %v", time.Since(began))
		want := Mail{Inbox: nil, "Sent": nil, "Drafts": nil, "Trash": nil, "Junk": nil}
		for _, user := range []string{"anna", "anna.b@example.org"} {
			SignIn(t, s.Addr(), user).Close()
			mail := want.Clone()
			for i, folder := range []string{Inbox, "Sent", "R&D", "Zürich/日本", "trailing ", "Zürich/two words"} {
				m := Message{Bytes: []byte("Subject: " + folder + "\r\n\r\nhello\r\n"), Flags: []string{`\Seen`, "Work"}, Date: time.Unix(1_600_000_000+int64(i), 0)}
				s.Put(t, user, folder, m)
				mail[folder] = append(mail[folder], newCopy(m.Bytes, m.Flags, m.Date))
			}
			mail["Zürich"] = nil // Cyrus makes the folders above
			s.Restart()
			if d := mail.Diff(s.ReadMail(t, user)); !d.Empty() {
				t.Errorf("%+v, %s:\n%s", o, user, d)
			}
		}
	}
}

func TestCyrusRefusesWrongPasswords(t *testing.T) {
	s := Cyrus(t, CyrusOptions{})
	if _, tagged, err := Dial(t, s.Addr()).Do("LOGIN anna wrong"); err != nil || !strings.HasPrefix(tagged, "NO") {
		t.Errorf("%q, %v", tagged, err)
	}
	admin := SignIn(t, s.Addr(), CyrusAdmin)
	admin.Must("CREATE user/anna")
	admin.Must("SETACL user/anna %s lrswipkxtecda", CyrusAdmin)
}

// TestCyrusAdminSignsInAsAUser: SASL PLAIN with an authorisation identity (RFC 4616).
func TestCyrusAdminSignsInAsAUser(t *testing.T) {
	s := Cyrus(t, CyrusOptions{})
	SignIn(t, s.Addr(), "anna").Must("CREATE Hers")
	plain := func(as, who string) string {
		return base64.StdEncoding.EncodeToString([]byte(as + "\x00" + who + "\x00" + Password))
	}
	c := Dial(t, s.Addr())
	c.Must("AUTHENTICATE PLAIN %s", plain("anna", CyrusAdmin))
	c.Must("EXAMINE Hers")
	if _, tagged, err := Dial(t, s.Addr()).Do("AUTHENTICATE PLAIN %s", plain("anna", "bob")); err != nil || !strings.HasPrefix(tagged, "NO") {
		t.Errorf("anybody signs in as another: %q, %v", tagged, err)
	}
}

func TestCyrusKilledEndsItsSessions(t *testing.T) {
	s := Cyrus(t, CyrusOptions{})
	c := SignIn(t, s.Addr(), "anna")
	s.Kill()
	if _, tagged, err := c.Do("NOOP"); err == nil {
		t.Errorf("a session survived the kill: %q", tagged)
	}
	if greets(s.Addr()) == nil {
		t.Error("it still listens after the kill")
	}
	s.Restart()
	SignIn(t, s.Addr(), "anna").Must("NOOP")
}
