package gui

import (
	"testing"
	"time"

	"mwiz/engine"
)

// wrongName returns the error of a service on shared hosting, whose certificate has its hoster's name.
func wrongName(side engine.Side, host string, wrong engine.Distrust) *engine.Error {
	c := &engine.Certificate{Names: []string{"*.hoster.example", "hoster.example"}, Issuer: "Example Trust, R3", Wrong: wrong,
		From: time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, time.December, 30, 0, 0, 0, 0, time.UTC)}
	for i := range c.Key {
		c.Key[i], c.Whole[i] = byte(7*i+9), byte(11*i+200)
	}
	return &engine.Error{Op: "connect", Kind: engine.Untrusted, Side: side, Host: host, Text: "the certificate is for *.hoster.example, hoster.example, not for " + host, Certificate: c}
}

// testConnection tries the source of a new project.
func (r *rig) testConnection() *endpointEditor {
	r.startForm()
	e := r.view.(*wizard).stops[atConnector].(*connectorStop).source
	e.host.SetText("mail.acme.example")
	e.user.SetText("anna@acme.example")
	e.password.SetText("secret")
	e.check()
	return e
}

// A service that cannot prove who it is shows what it has; its key is trusted only after a second question, and then the connection is tried again.
func TestKeyIsTrustedByChoice(t *testing.T) {
	r := mustWindow(t, sample())
	failed := wrongName(engine.Source, "mail.acme.example", engine.WrongName)
	r.desk.checked = failed
	e := r.testConnection()
	r.mustSay("The certificate is for *.hoster.example, hoster.example, not for mail.acme.example.", "Example Trust, R3", "from 2026-10-01 to 2026-12-30", "09:10:17:1E")
	r.tapButton("Close")
	want(t, len(e.pin), 0)

	e.check()
	r.tapButton("Trust this key…")
	r.mustSay("Whoever has this key will receive the passwords")
	r.tapButton("Cancel")
	want(t, len(e.pin), 0)

	e.check()
	r.tapButton("Trust this key…")
	r.desk.checked = nil
	checks := len(r.desk.checks)
	r.tapButton("Trust this key")
	want(t, len(r.desk.checks), checks+1)
	want(t, string(r.desk.checks[checks].Pin), string(failed.Certificate.Key[:]))
	r.mustSay("Signed in to mail.acme.example", "Only the key 09 10 17 1E")
	e.host.SetText("imap.acme.example") // the key is not that host's
	want(t, len(e.entered().Pin), 0)
	want(t, r.says("Only the key"), false)
	e.host.SetText("Mail.acme.example")
	want(t, len(e.entered().Pin), 32)
	r.tapButton("Forget")
	want(t, len(e.entered().Pin), 0)
}

// A key that is another one than the trusted one is told as such.
func TestRenewedKeyIsTold(t *testing.T) {
	r := mustWindow(t, sample())
	r.desk.checked = wrongName(engine.Source, "mail.acme.example", engine.OtherKey)
	r.testConnection()
	r.mustSay("shows another key than the one that you trust", "Ask the provider whether the key was renewed")
}

// A mailbox whose pass ended by it leads there too, and the whole project trusts the key.
func TestKeyIsTrustedFromAMailbox(t *testing.T) {
	r := mustWindow(t, sample())
	m := r.refusedMailbox()
	m.Last.Cause, m.Last.Side, m.Last.Host, m.Last.Error = engine.Untrusted, engine.Destination, "secure.emailsrvr.com", "the certificate is for another"
	failed := wrongName(engine.Destination, "secure.emailsrvr.com", engine.WrongName)
	r.desk.checked = failed
	r.open(0)
	r.tapAction("Certificate…")
	r.tapButton("Trust this key…")
	r.tapButton("Trust this key")
	p, _ := r.book.Project(t.Context(), m.Project)
	want(t, string(p.Destination.Pin), string(failed.Certificate.Key[:]))
	want(t, len(p.Source.Pin), 0)
	r.mustSay("Its key is trusted: press Migrate")
}

// In the wizard's trial a trusted key is tried at once.
func TestKeyIsTrustedInTheTrial(t *testing.T) {
	r := mustWindow(t, sample())
	r.desk.checked = wrongName(engine.Source, "imap.old-host.example", engine.WrongName)
	z := r.draft("trial", 0)
	s := z.stop().(*trialStop)
	s.checkAgain()
	r.tapAction("Certificate…")
	r.tapButton("Trust this key…")
	r.desk.checked = nil
	r.tapButton("Trust this key")
	want(t, len(z.project.Source.Pin), 32)
	p, _ := r.book.Project(t.Context(), z.project.ID)
	want(t, len(p.Source.Pin), 32)
	for _, row := range s.rows {
		want(t, row.good(), true)
	}
}
