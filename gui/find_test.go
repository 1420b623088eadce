package gui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"mwiz/engine"
	"mwiz/engine/discover"
)

// atAutoconfig is a service that its domain has named.
func atAutoconfig(host string) discover.Candidate {
	return discover.Candidate{Endpoint: engine.Endpoint{Host: host, Port: 143, Encryption: engine.STARTTLS, Preset: "other"}, User: "anna@acme.example",
		From: discover.FromAutoconfig, At: "https://autoconfig.acme.example/mail/config-v1.1.xml", Check: discover.Answered}
}

// ofProvider is a service of a provider's that the domain's MX leads to.
func ofProvider(preset, host string) discover.Candidate {
	return discover.Candidate{Endpoint: engine.Endpoint{Host: host, Port: 993, Encryption: engine.TLS, Preset: preset}, User: "anna@acme.example",
		From: discover.FromMX, At: "mx.acme.example"}
}

// finding opens the first stop of the wizard on a world of answers.
func finding(t *testing.T, finds map[string]discover.Answer) (*rig, *connectorStop) {
	t.Helper()
	r := mustWindow(t, &book{})
	r.finds = finds
	r.startForm()
	return r, r.view.(*wizard).stops[atConnector].(*connectorStop)
}

func (f *finder) ask(address string) {
	f.address.SetText("")
	f.e.w.window.Canvas().Focus(f.address)
	test.Type(f.address, address)
	f.address.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

func TestFindFillsTheEndpoint(t *testing.T) {
	r, c := finding(t, map[string]discover.Answer{
		"anna@acme.example": {Candidates: []discover.Candidate{atAutoconfig("box.acme.example")}},
		"anna@gmail.com": {Candidates: []discover.Candidate{{Endpoint: engine.Endpoint{Host: "imap.gmail.com", Port: 993, Encryption: engine.TLS, Preset: "gmail"},
			User: "anna@gmail.com", From: discover.FromPreset, At: "gmail.com"}}},
	})
	c.find[engine.Source].ask("anna@acme.example")
	r.mustSay("from the provider's autoconfig at autoconfig.acme.example")
	to, ok := c.source.value()
	want(t, ok, true)
	want(t, to.URL(), "imap+starttls://box.acme.example:143")
	want(t, c.source.user.Text, "anna@acme.example")
	want(t, c.find[engine.Source].choices.whole.Visible(), false)

	c.find[engine.Source].ask("anna@gmail.com") // what was filled in may be filled in anew
	want(t, c.source.entered().Preset, "gmail")
	want(t, c.source.user.Text, "anna@gmail.com")
	r.mustSay("a provider that is known: Gmail and Google Workspace", "2-Step Verification")
}

// What the user has entered stays until he chooses.
func TestFindKeepsWhatWasTyped(t *testing.T) {
	r, c := finding(t, map[string]discover.Answer{"anna@acme.example": {Candidates: []discover.Candidate{atAutoconfig("box.acme.example")}}})
	f := c.find[engine.Destination]
	test.Type(c.destination.host, "my.host.example")
	test.Type(c.destination.user, "ben")
	f.ask("anna@acme.example")
	r.mustSay("Found, but you have entered a host")
	want(t, c.destination.host.Text, "my.host.example")
	f.choice.SetSelectedIndex(0)
	want(t, c.destination.host.Text, "box.acme.example")
	want(t, c.destination.user.Text, "ben")
	r.mustSay("from the provider's autoconfig at autoconfig.acme.example")
}

// Where several fit, or what fits is doubtful, the user chooses.
func TestFindOffersAChoice(t *testing.T) {
	far := atAutoconfig("mail.far.example")
	far.From, far.At, far.Foreign = discover.FromSRV, "_imaps._tcp.far.example", true
	r, c := finding(t, map[string]discover.Answer{
		"anna@many.example": {Candidates: []discover.Candidate{ofProvider("godaddy", "imap.secureserver.net"), ofProvider("godaddy-titan", "imap.titan.email")}},
		"anna@far.example":  {Candidates: []discover.Candidate{far}},
	})
	f := c.find[engine.Source]
	f.ask("anna@many.example")
	r.mustSay("Several services fit")
	want(t, c.source.host.Text, "")
	want(t, f.choice.Options[1], "GoDaddy Professional Email, Titan")
	f.choice.SetSelectedIndex(1)
	want(t, c.source.entered().Preset, "godaddy-titan")
	want(t, f.choices.whole.Visible(), true)

	f.ask("anna@far.example")
	r.mustSay("Found, but look at it first", "outside the domain")
	want(t, c.source.host.Text, "imap.titan.email")
	f.choice.SetSelectedIndex(0)
	want(t, c.source.host.Text, "mail.far.example")
	r.mustSay("from the service record _imaps._tcp.far.example", "outside the domain")
}

// Before the MX records change, one service is found for both sides.
func TestFindTheSameTwice(t *testing.T) {
	r, c := finding(t, map[string]discover.Answer{"anna@acme.example": {Candidates: []discover.Candidate{ofProvider("rackspace", "secure.emailsrvr.com")}}})
	c.find[engine.Source].ask("anna@acme.example")
	want(t, c.source.host.Text, "secure.emailsrvr.com")
	c.find[engine.Destination].ask("anna@acme.example")
	want(t, c.destination.host.Text, "")
	r.mustSay("The same service as on the other side")
}

func TestFindNothing(t *testing.T) {
	r, c := finding(t, nil)
	f := c.find[engine.Source]
	f.ask("anna@acme.example")
	r.mustSay("Nothing found", "No mail service was found for acme.example.")
	f.ask("anna")
	r.mustSay("anna is no e-mail address.")
	f.address.SetText("")
	f.find()
	r.mustSay("Enter an e-mail address of one of the mailboxes.")
}

// Without an address of its own, the finder takes that of the first mailbox.
func TestFindByTheFirstMailbox(t *testing.T) {
	r := mustWindow(t, &book{})
	z, _ := filled(r)
	z.goTo(atConnector)
	c := z.stops[atConnector].(*connectorStop)
	c.find[engine.Destination].find()
	want(t, c.find[engine.Destination].address.Text, "anna@new.example")
	want(t, r.looked[0], "anna@new.example")
}

// An answer about another address than the one that stands there now does not count.
func TestFindLateAnswer(t *testing.T) {
	r := mustWindowQueued(t, &book{})
	r.finds = map[string]discover.Answer{"anna@acme.example": {Candidates: []discover.Candidate{atAutoconfig("box.acme.example")}}}
	r.startForm()
	c := r.view.(*wizard).stops[atConnector].(*connectorStop)
	f := c.find[engine.Source]
	f.ask("anna@acme.example")
	r.mustSay("Looking for the mail service…")
	test.Type(f.address, "x")
	r.run()
	want(t, c.source.host.Text, "")
}
