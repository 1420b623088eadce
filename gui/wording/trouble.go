package wording

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"mwiz/engine"
)

// Trouble is an error as a person is told of it.
type Trouble struct {
	Kind    engine.Kind
	Side    engine.Side
	Host    string // the endpoint's host; "": the side is named
	Address string // of the mailbox's account; "": "this mailbox"
	Folder  string // "": "this folder"
	Text    string // the server's words or ours

	Certificate *engine.Certificate // that the service has shown and that is not believed; nil where it is not known

	special string // id of a sentence of its own, of an error that is none of the engine's kinds
	either  bool   // the side is not known
}

// specials are the errors with sentences of their own.
var specials = []struct {
	err error
	id  string
}{
	{engine.ErrSignInAgain, "sign_in_again"},
	{engine.ErrNotSignedIn, "not_signed_in"},
	{engine.ErrAdminRefused, "admin_refused"},
	{engine.ErrPassLimit, "pass_limit"},
	{engine.ErrUnfinished, "unfinished"},
	{engine.ErrNoSecret, "no_secret"},
	{engine.ErrNoKeychain, "no_keychain"},
	{engine.ErrLocked, "instance"},
	{engine.ErrNewer, "newer"},
	{engine.ErrDamaged, "damaged"},
	{engine.ErrUnsuitable, "unsuitable"},
	{engine.ErrNotFound, "not_found"},
	{engine.ErrNameTaken, "name_taken"},
	{engine.ErrStopped, "stopped"},
	{engine.ErrQuit, "quit"},
	{context.DeadlineExceeded, "timeout"},
	{context.Canceled, "stopped"},
}

// signInSpecials is how many of them, the first, are of signing in; the text of a pass that ended by one begins with the error's.
const signInSpecials = 3

// TroubleOf turns an error into what a person is told; address is the account's that it happened to, "" for none.
func TroubleOf(err error, address string) Trouble {
	t := Trouble{Kind: engine.KindOf(err), Address: address}
	var e *engine.Error
	if errors.As(err, &e) {
		t.Side, t.Host, t.Text, t.Certificate = e.Side, e.Host, e.Text, e.Certificate
		if t.Text == "" && e.Err != nil {
			t.Text = e.Err.Error()
		}
	} else if err != nil {
		t.Text = err.Error()
	}
	for _, s := range specials {
		if errors.Is(err, s.err) {
			t.special = s.id
			break
		}
	}
	return t
}

// TroubleOfPass tells why a pass ended as it did, and false when it has nothing to tell. source and destination are the addresses of its
// mailbox.
func TroubleOfPass(p engine.Pass, source, destination string) (Trouble, bool) {
	t := Trouble{Kind: p.Cause, Side: p.Side, Host: p.Host, Text: p.Error, either: p.Host == ""}
	address := source
	if p.Side == engine.Destination {
		address = destination
	}
	t.Address = address
	for _, err := range []error{engine.ErrNoSecret, engine.ErrNoKeychain} {
		if strings.Contains(p.Error, err.Error()) {
			t = TroubleOf(err, address)
		}
	}
	for _, s := range specials[:signInSpecials] {
		if strings.HasPrefix(p.Error, s.err.Error()) {
			t.special = s.id
		}
	}
	switch p.State {
	case engine.PassInterrupted:
		t.special = "interrupted"
	case engine.PassStopped:
		if p.Cause == engine.NoError {
			t.special = "stopped"
		}
	}
	return t, t.special != "" || t.Kind != engine.NoError
}

// TroubleOfItem tells why a message is not at the destination. A service that is to blame is the destination, but for messages that
// could not be read.
func TroubleOfItem(p engine.Project, f engine.FailureRow) Trouble {
	t := Trouble{Kind: f.Kind, Side: engine.Destination, Host: p.Destination.Host, Address: f.Source, Folder: f.Folder, Text: f.Text}
	switch {
	case f.Kind == engine.Gone && f.State == engine.ItemFailed: // not skipped: it was there, and the user wants it there again
		t.special = "removed"
	case f.Kind == engine.Gone, f.Kind == engine.Unreadable:
		t.Side, t.Host = engine.Source, p.Source.Host
	}
	return t
}

// TroubleOfSheet tells why a file is no list of mailboxes; text says what is wrong in it.
func TroubleOfSheet(text string) Trouble { return Trouble{special: "sheet", Text: text} }

// TroubleOfSetback tells why a mailbox or a folder was left as a whole.
func TroubleOfSetback(p engine.Project, s engine.Setback) Trouble {
	if s.Folder != nil {
		return TroubleOfFolder(p, s.Source, *s.Folder)
	}
	t, _ := TroubleOfPass(s.Pass, s.Source, s.Destination)
	return t
}

// TroubleOfFolder tells why a pass left a folder as a whole; address is its mailbox's.
func TroubleOfFolder(p engine.Project, address string, f engine.FolderTally) Trouble {
	t := Trouble{Kind: f.Cause, Side: f.Side, Host: p.Source.Host, Address: address, Folder: f.Source, Text: f.Error}
	if f.Side == engine.Destination {
		t.Host, t.Folder = p.Destination.Host, f.Destination
	}
	return t
}

// Sentence says what happened, in one plain sentence.
func (t Trouble) Sentence() string { return t.say("sentence") }

// Step says the one thing to do next.
func (t Trouble) Step() string { return t.say("step") }

// Details returns the server's words, or ours, cleaned for showing; "" when there are none or the sentence holds all there is to say.
func (t Trouble) Details() string {
	if t.special != "" && t.special != "sheet" && t.Host == "" {
		return ""
	}
	return Display(t.Text, 300)
}

// NeedsPassword reports whether a new password is the next step.
func (t Trouble) NeedsPassword() bool {
	return t.NeedsSignIn() || t.special == "no_secret" || t.special == "no_keychain" || t.special == "" && (t.Kind == engine.Denied || t.Kind == engine.Locked)
}

// NeedsSignIn reports whether the next step is that the account's owner signs in at an identity provider.
func (t Trouble) NeedsSignIn() bool {
	return t.special == "sign_in_again" || t.special == "not_signed_in"
}

// KeychainClosed reports whether the keychain takes no passwords, so that they can be used for this run only.
func (t Trouble) KeychainClosed() bool {
	return t.special == "no_keychain" || t.special == "" && t.Kind == engine.Locked
}

func (t Trouble) say(part string) string {
	id, where := t.special, ""
	if id == "" {
		id = t.Kind.String()
		if r, ok := remedyOf(t.Kind, t.Host, t.Text); ok {
			id, where = r.Problem, r.Where
		}
	}
	if where == "" {
		where = T("trouble.where")
	}
	host, address, folder := Display(t.Host, 80), Display(t.Address, 80), Display(t.Folder, 80)
	switch {
	case host == "" && t.either:
		host = T("trouble.side.either")
	case host == "":
		host = T("trouble.side." + t.Side.String())
	}
	if address == "" {
		address = T("trouble.address")
	}
	if folder == "" {
		folder = T("trouble.folder")
	} else {
		folder = "“" + folder + "”"
	}
	return capital(T("trouble."+id+"."+part, "Host", host, "Address", address, "Folder", folder, "Where", where))
}

// capital returns s with its first letter in upper case, but for an address or a host, which stay as they are written.
func capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(first, "@.") {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
