package gui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"

	"mwiz/assets"
	"mwiz/engine"
)

// One credential for all mailboxes is chosen and entered once; the grid then asks for no passwords of that side, and takes none.
func TestOneCredentialForAllMailboxes(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	z := r.view.(*wizard)
	c := z.stops[atConnector].(*connectorStop)
	c.name.SetText("Acme")
	c.source.host.SetText("mail.old.example")
	c.destination.host.SetText("mail.new.example")
	c.source.access.method.SetSelected("Master user, for all mailboxes (Dovecot)")
	r.mustSay("The master user signs in as each mailbox.")
	r.tapButton("Next: Mailboxes")
	r.mustSay("Enter the user name that signs in for all mailboxes.", "Enter the password, the secret, or choose the file of the key.")
	c.source.access.fields[2].SetText("root")
	c.source.access.fields[4].SetText("the master's")
	c.source.check()
	r.mustSay("Enter the user name of a mailbox to try it with.")
	c.source.user.SetText("anna")
	c.source.check()
	r.mustSay("Signed in to mail.old.example as anna")
	tried := r.desk.credentials[0]
	want(t, tried.Shared.Reveal(), "the master's")
	want(t, tried.To.Access.Admin, "root")
	want(t, tried.Own.Empty(), true)

	r.tapButton("Next: Mailboxes")
	access := r.book.projects[0].Source.Access
	want(t, access.Method, engine.MasterUser)
	want(t, r.drawer.secrets[access.Secret].Reveal(), "the master's")
	want(t, z.project.Source.Access, access)
	g := z.stops[atMailboxes].(*mailboxStop).editor.grid
	g.fill("anna@old.example", "", "anna@new.example", "", "new anna", "ben@old.example")
	r.mustSay("not needed")
	want(t, g.rows[0].cells, [cellsInRow]string{sourceAddress: "anna@old.example", destinationAddress: "anna@new.example", destinationPassword: "new anna"})
	want(t, g.rows[1].cells[sourceAddress], "ben@old.example")
	g.activate(1, sourceAddress)
	g.paste("ben@old.example\t\tsecret\tben@new.example\t\tnew ben\n")
	want(t, g.rows[1].cells[sourcePassword], "")
	want(t, g.rows[1].cells[destinationPassword], "new ben")
	r.tapButton("Next: Trial")
	want(t, len(r.book.mailboxes), 2)
	want(t, len(r.drawer.secrets), 3)

	// What is kept stays when nothing is typed, and goes when another way is chosen.
	r.editProject(r.book.projects[0].Project)
	p := r.view.(*settingsPage)
	want(t, p.source.access.fields[4].PlaceHolder, "kept")
	want(t, p.source.access.secret().Empty(), true)
	p.submit()
	want(t, r.book.projects[0].Source.Access, access)
	r.editProject(r.book.projects[0].Project)
	r.view.(*settingsPage).source.access.method.SetSelectedIndex(0)
	r.view.(*settingsPage).submit()
	want(t, r.book.projects[0].Source.Access, engine.Access{})
}

// An application's certificate is taken from its file, with the password that it may have, and kept as the secret.
func TestCertificateIsChosen(t *testing.T) {
	r := mustWindow(t, sample())
	r.editProject(r.book.projects[0].Project)
	p := r.view.(*settingsPage)
	e := p.destination.access
	e.offer(assets.Preset{Methods: []string{"app-microsoft"}}, engine.Access{Method: engine.AppMicrosoft, Client: "c", Tenant: "t"})
	want(t, e.file.Visible(), true)
	e.takeCertificate([]byte("no certificate"), "")
	r.mustSay("The certificate cannot be used: this holds no certificate.")
	e.takeCertificate([]byte("sealed"), "")
	r.mustSay("Password of the file")
	r.press(fyne.KeyReturn)
	want(t, e.secret().Empty(), true)
	e.takeCertificate([]byte("sealed"), "wrong")
	r.mustSay("This is not its password.")
	e.takeCertificate([]byte("sealed"), "open")
	want(t, e.secret().Reveal(), "-----BEGIN sealed")
	e.fields[len(e.fields)-1].SetText("a secret")
	want(t, e.secret().Reveal(), "a secret")
}

// Only what fits the provider is offered, and a client ID must be given where none was built in.
func TestWaysToSignInFitTheProvider(t *testing.T) {
	r := mustWindow(t, &book{})
	r.startForm()
	e := r.view.(*wizard).stops[atConnector].(*connectorStop).destination
	for i, p := range e.presets {
		e.provider.SetSelectedIndex(i)
		want(t, len(e.access.methods), max(1, len(p.Methods)))
		want(t, e.access.choice.whole.Visible(), len(p.Methods) > 0)
		switch p.ID {
		case "microsoft365":
			want(t, e.entered().Access.Method, engine.OAuthMicrosoft)
			_, ok := e.value()
			want(t, ok, false)
			r.mustSay("Enter the application (client) ID.")
			e.access.fields[0].SetText("0000-1111")
			e.access.fields[1].SetText("a/b")
			_, ok = e.value()
			want(t, ok, false)
			e.access.fields[1].SetText("acme.example")
			to, ok := e.value()
			want(t, ok, true)
			want(t, to.Access, engine.Access{Method: engine.OAuthMicrosoft, Client: "0000-1111", Tenant: "acme.example"})
		case "yahoo":
			want(t, e.entered().Access, engine.Access{})
		}
	}
}

// signInProject is the sample whose first project's destination is signed in to at Microsoft, and whose fourth mailbox must be signed in to again.
func signInProject() *book {
	b := sample()
	b.projects[0].Destination.Access = engine.Access{Method: engine.OAuthMicrosoft, Client: "0000-1111"}
	for i := range b.passes {
		if b.passes[i].Mailbox == 4 {
			p := &b.passes[i].Pass
			p.State, p.Cause, p.Side, p.Host, p.Error = engine.PassFailed, engine.Denied, engine.Destination, "outlook.office365.com", engine.ErrSignInAgain.Error()+": AADSTS700082"
		}
	}
	for i := range b.mailboxes {
		if b.mailboxes[i].ID == 4 && b.mailboxes[i].Last != nil {
			last := *b.mailboxes[i].Last
			last.State, last.Cause, last.Side, last.Host, last.Error = engine.PassFailed, engine.Denied, engine.Destination, "outlook.office365.com", engine.ErrSignInAgain.Error()+": AADSTS700082"
			b.mailboxes[i].Last = &last
		}
	}
	return b
}

// A mailbox whose sign-in is no longer accepted is signed in to in the browser, from its row; a pass that waits for it goes on.
func TestOwnerSignsInAgain(t *testing.T) {
	r := mustWindow(t, signInProject())
	r.open(0)
	r.people.brings = "refresh"
	r.tapAction("Sign in…")
	want(t, len(r.opened), 1)
	want(t, r.opened[0], "https://login.example/authorize?state=1")
	want(t, len(r.desk.credentials), 1)
	want(t, r.desk.credentials[0].Own.Reveal(), "refresh")
	want(t, r.desk.credentials[0].Account.Secret, "")
	m, _ := r.book.Mailbox(t.Context(), 4)
	want(t, r.drawer.secrets[m.Destination.Secret].Reveal(), "refresh")
	want(t, len(r.desk.signedIn), 1)
	want(t, r.desk.signedIn[0].Side, engine.Destination)
	want(t, r.desk.signedIn[0].Account.Secret, m.Destination.Secret)
	want(t, r.window.Canvas().Overlays().Top(), nil)

	// What the mail service does not take is not kept.
	r.desk.checked = &engine.Error{Op: "sign in", Kind: engine.Denied, Host: "outlook.office365.com", Text: "AUTHENTICATE failed. (access token refused)"}
	r.people.brings = "somebody else's"
	r.signInTo(r.book.projects[0].Project, m, engine.Destination, func() { t.Error("it is taken") })
	r.mustSay("outlook.office365.com does not let this sign-in open")
	want(t, len(r.drawer.secrets), 1)
	r.people.err = errors.New("nobody came")
	r.signInTo(r.book.projects[0].Project, m, engine.Destination, func() { t.Error("it is taken") })
}

// A pass that waits for a sign-in says so in its row, where it can be given.
func TestWaitingPassAsksForASignIn(t *testing.T) {
	r := mustWindow(t, signInProject())
	r.open(0)
	s := atWork()
	s.Passes[0].Phase, s.Passes[0].Awaited = engine.AwaitingSignIn, engine.Destination
	r.show(s)
	r.mustSay("Waiting for somebody to sign in again")
	r.people.brings = "refresh"
	r.tapAction("Sign in…")
	want(t, len(r.desk.signedIn), 1)
}

// Where a browser does not help, a code does; the password page leads to both.
func TestOwnerSignsInByCode(t *testing.T) {
	r := mustWindowQueued(t, signInProject())
	r.open(0)
	r.run()
	m, _ := r.book.Mailbox(t.Context(), 4)
	r.askPasswords(r.book.projects[0].Project, m, func() {})
	r.tapButton("Sign in with browser…")
	r.mustSay("Your browser opens the sign-in page.")
	r.tapButton("Use a code")
	r.mustSay("Asking for a code…")
	r.queue = r.queue[1:] // the browser's is given up
	r.people.brings = "refresh"
	r.run()
	want(t, r.people.codes, 1)
	now, _ := r.book.Mailbox(t.Context(), 4)
	want(t, r.drawer.secrets[now.Destination.Secret].Reveal(), "refresh")

	box := r.owner()
	box.byCode()
	box.told(engine.DeviceCode{Code: "ABCD-EFGH", Address: "https://elsewhere.example/"})
	r.mustSay("ABCD-EFGH", "https://elsewhere.example/")
	r.tapButton("Copy code")
	want(t, r.app.Clipboard().Content(), "ABCD-EFGH")
	opened := len(r.opened)
	r.tapButton("Open browser")
	want(t, len(r.opened), opened) // a page that is not the provider's is not opened
}
