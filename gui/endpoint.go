package gui

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/gui/wording"
)

// encryptions are the choices of a connection's encryption, with the port that belongs to each.
var encryptions = []struct {
	value engine.Encryption
	title string
	port  int
}{
	{engine.TLS, "endpoint.tls", 993},
	{engine.STARTTLS, "endpoint.starttls", 143},
	{engine.Plaintext, "endpoint.plaintext", 143},
}

// endpointEditor is where a side's endpoint is entered and tried.
type endpointEditor struct {
	w       *Window
	side    engine.Side
	presets []assets.Preset
	ca, pin []byte
	pinned  string // the host whose key pin is; another one has another

	provider   *keySelect
	host, port *field
	encryption *keySelect
	allow      *keyCheck
	hint       *widget.RichText
	hintBox    *fyne.Container
	trusted    *text
	trust      *keyButton
	forget     *keyButton
	user       *field
	password   *field
	test       *keyButton
	result     *statusCell

	access *accessEditor

	chosen func() // another provider was chosen; may be nil

	own                              bool   // the host is the user's own word
	guessed                          string // user name that was filled in along with the endpoint
	hostEntry, portEntry, plainEntry *entry
	filling                          bool                                  // fields are being set by a preset
	account                          func() (user string, s engine.Secret) // to try it with where none is typed; may be nil
	whole                            fyne.CanvasObject
}

func newEndpointEditor(w *Window, side engine.Side) *endpointEditor {
	e := &endpointEditor{w: w, side: side}
	for _, p := range w.presets {
		if p.Side == "" || p.Side == side.String() {
			e.presets = append(e.presets, p)
		}
	}
	e.build()
	e.set(engine.Endpoint{Port: 993, Encryption: engine.TLS, Preset: "other"})
	return e
}

func (e *endpointEditor) build() {
	names := make([]string, len(e.presets))
	for i, p := range e.presets {
		names[i] = p.Name
		if p.ID == "other" { // the only name that is a word
			names[i] = wording.T("endpoint.other")
		}
	}
	e.provider = newSelect(names, func(string) { e.choose() })
	e.host, e.port = newField(wording.T("endpoint.host.example")), newField("993")
	e.host.OnChanged = func(string) { e.touched() }
	e.port.OnChanged = func(string) { e.touched() }
	titles := make([]string, len(encryptions))
	for i, c := range encryptions {
		titles[i] = wording.T(c.title)
	}
	e.encryption = newSelect(titles, func(string) { e.encrypted() })
	e.allow = newCheck(wording.T("endpoint.allow"), func(bool) { e.touched() })
	e.allow.Hide()
	e.hint = mutedWords("")
	e.hintBox = container(hintLayout{}, e.hint)
	e.hintBox.Hide()
	e.access = newAccessEditor(e.w)
	e.access.changed = func() { e.touched(); e.showTest() }
	e.trusted = mainText()
	e.trusted.color = colorMuted
	e.trust = newButton(wording.T("endpoint.ca.choose"), e.chooseCA)
	e.forget = newButton(wording.T("endpoint.ca.forget"), func() { e.ca, e.pin = nil, nil; e.showTrust() })
	e.trust.Importance, e.forget.Importance = widget.LowImportance, widget.LowImportance
	trustRight := container(beside{room: 4}, e.trust, e.forget)
	trust := container(layout.NewBorderLayout(nil, nil, nil, trustRight), trustRight, e.trusted)

	e.user, e.password = newField(wording.T("endpoint.test.user")), newSecretField(wording.T("endpoint.test.password"))
	e.test = newButton(wording.T("endpoint.test"), e.check)
	e.password.enter = e.check
	e.user.enter = e.check
	e.result = newStatusCell()
	e.result.Hide()
	test := roomy(e.test)
	account := container(layout.NewBorderLayout(nil, nil, nil, test),
		container(layout.NewCustomPaddedLayout(0, 0, 0, 6), container(layout.NewGridLayoutWithColumns(2), e.user, e.password)), test)

	e.hostEntry = newEntry(wording.T("endpoint.host"), e.host)
	e.portEntry = newEntry(wording.T("endpoint.port"), container(portLayout{}, e.port, framed(e.encryption)))
	e.plainEntry = newEntry("", e.allow)
	e.plainEntry.whole.Hide()
	e.whole = container(layout.NewCustomPaddedVBoxLayout(6),
		newEntry(wording.T("endpoint.provider"), framed(e.provider)).whole,
		e.hintBox,
		e.hostEntry.whole, e.portEntry.whole, e.plainEntry.whole, e.access.whole,
		newEntry(wording.T("endpoint.ca"), trust).whole,
		newEntry(wording.T("endpoint.try"), account).whole,
		container(layout.NewCustomPaddedLayout(2, 0, labelWidth, 0), e.result))
}

// hintLayout puts words below the inputs, not below their labels.
type hintLayout struct{}

// MinSize implements fyne.Layout.
func (hintLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(labelWidth, o[0].MinSize().Height)
}

// Layout implements fyne.Layout.
func (hintLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := labelWidth - theme.InnerPadding()
	o[0].Move(fyne.NewPos(x, 0))
	o[0].Resize(fyne.NewSize(size.Width-x, size.Height))
}

// portLayout gives the port its width and the encryption the rest.
type portLayout struct{}

// MinSize implements fyne.Layout.
func (portLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(80+8+o[1].MinSize().Width, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

// Layout implements fyne.Layout.
func (portLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(80, size.Height))
	o[1].Move(fyne.NewPos(88, 0))
	o[1].Resize(fyne.NewSize(size.Width-88, size.Height))
}

// set fills the fields with an endpoint.
func (e *endpointEditor) set(to engine.Endpoint) {
	e.filling = true
	defer func() { e.filling = false }()
	at := slices.IndexFunc(e.presets, func(p assets.Preset) bool { return p.ID == to.Preset })
	if at < 0 {
		at = len(e.presets) - 1 // "other" is the last
	}
	if at >= 0 {
		e.provider.SetSelectedIndex(at)
	}
	e.host.SetText(to.Host)
	e.port.SetText(strconv.Itoa(to.Port))
	e.encryption.SetSelectedIndex(max(0, slices.IndexFunc(encryptions, func(c struct {
		value engine.Encryption
		title string
		port  int
	}) bool {
		return c.value == to.Encryption
	})))
	e.allow.SetChecked(to.AllowPlaintext)
	e.ca, e.pin, e.pinned, e.own = to.CA, to.Pin, to.Host, to.Host != ""
	e.access.offer(e.preset(), to.Access)
	e.showTest()
	e.showHint()
	e.showTrust()
	e.showPlain()
}

// choose takes a preset's values.
func (e *endpointEditor) choose() {
	if e.filling {
		return
	}
	e.filling = true
	defer func() { e.filling = false }()
	p := e.presets[max(0, e.provider.SelectedIndex())]
	if p.Host != "" {
		e.own = true
		e.host.SetText(p.Host)
		e.port.SetText(strconv.Itoa(p.Port))
		for i, c := range encryptions {
			if string(c.value) == p.Encryption {
				e.encryption.SetSelectedIndex(i)
			}
		}
	}
	e.access.offer(p, firstMethod(p))
	e.showHint()
	e.showPlain()
	e.showTrust()
	e.showTest()
	e.hostEntry.say("")
	e.portEntry.say("")
	visible(e.result, false)
}

// preset returns the provider that is chosen.
func (e *endpointEditor) preset() assets.Preset {
	if i := e.provider.SelectedIndex(); i >= 0 && i < len(e.presets) {
		return e.presets[i]
	}
	return assets.Preset{}
}

// showTest asks for a password to try the endpoint with only where one is taken.
func (e *endpointEditor) showTest() {
	visible(e.password, e.access.chosenMethod().TakesPassword())
	if e.whole != nil {
		e.whole.Refresh()
	}
}

// encrypted moves the port along with the encryption, unless it is one of the user's own.
func (e *endpointEditor) encrypted() {
	if !e.filling {
		for _, c := range encryptions {
			if e.port.Text == strconv.Itoa(c.port) {
				e.port.SetText(strconv.Itoa(encryptions[max(0, e.encryption.SelectedIndex())].port))
				break
			}
		}
	}
	e.touched()
}

// touched forgets what was said of the endpoint before it was changed.
func (e *endpointEditor) touched() {
	if e.filling {
		return
	}
	e.own = strings.TrimSpace(e.host.Text) != ""
	e.showPlain()
	e.showTrust()
	e.hostEntry.say("")
	e.portEntry.say("")
	e.plainEntry.say("")
	visible(e.result, false)
	if p := e.presets[max(0, e.provider.SelectedIndex())]; p.Host != "" && p.Host != strings.TrimSpace(e.host.Text) {
		e.filling = true
		e.provider.SetSelectedIndex(len(e.presets) - 1)
		e.access.offer(e.preset(), e.access.entered())
		e.filling = false
		e.showHint()
	}
}

func (e *endpointEditor) showHint() {
	hint := ""
	if i := e.provider.SelectedIndex(); i >= 0 && e.presets[i].Host != "" {
		hint = wording.T(e.presets[i].Hint)
	}
	e.hint.Segments = mutedWords(hint).Segments
	e.hint.Refresh()
	visible(e.hintBox, hint != "")
	if e.chosen != nil {
		e.chosen()
	}
}

// showPlain offers to allow a connection without encryption, only where there is one to allow.
func (e *endpointEditor) showPlain() {
	to := e.entered()
	plain := to.Encryption == engine.Plaintext && to.Host != "" && !to.Loopback()
	visible(e.allow, plain)
	visible(e.plainEntry.whole, plain)
}

// key returns the pinned key of the host that is typed; nil where none is.
func (e *endpointEditor) key() []byte {
	if !strings.EqualFold(strings.TrimSpace(e.host.Text), e.pinned) {
		return nil
	}
	return e.pin
}

func (e *endpointEditor) showTrust() {
	pin := e.key()
	switch {
	case len(e.ca) > 0:
		e.trusted.say(wording.T("endpoint.ca.one", "Name", certificateName(e.ca)))
	case len(pin) > 0:
		e.trusted.say(wording.T("endpoint.ca.pin", "Key", fmt.Sprintf("% X", pin[:min(len(pin), 8)])))
	default:
		e.trusted.say(wording.T("endpoint.ca.system"))
	}
	visible(e.forget, len(e.ca)+len(pin) > 0)
}

// certificateName says whose certificate it is.
func certificateName(data []byte) string {
	if block, _ := pem.Decode(data); block != nil {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && c.Subject.CommonName != "" {
			return wording.Display(c.Subject.CommonName, 60)
		}
	}
	return wording.T("endpoint.ca.file")
}

// entered returns the endpoint as it is typed, right or wrong.
func (e *endpointEditor) entered() engine.Endpoint {
	port, _ := strconv.Atoi(strings.TrimSpace(e.port.Text))
	to := engine.Endpoint{Host: strings.TrimSpace(e.host.Text), Port: port, Encryption: encryptions[max(0, e.encryption.SelectedIndex())].value,
		AllowPlaintext: e.allow.Checked, CA: e.ca, Pin: e.key(), Access: e.access.entered()}
	if i := e.provider.SelectedIndex(); i >= 0 {
		to.Preset = e.presets[i].ID
	}
	return to
}

// value returns the endpoint, and false after showing what is wrong with it.
func (e *endpointEditor) value() (engine.Endpoint, bool) {
	to := e.entered()
	host, port, plain := "", "", ""
	switch {
	case to.Host == "":
		host = wording.T("endpoint.host.missing")
	case strings.ContainsAny(to.Host, "/ @") || strings.Count(to.Host, ":") == 1:
		host = wording.T("endpoint.host.wrong")
	case to.Port < 1 || to.Port > 65535:
		port = wording.T("endpoint.port.wrong")
	case to.Validate() != nil:
		plain = wording.T("endpoint.plaintext.wrong")
	}
	ok := e.hostEntry.say(host)
	ok = e.portEntry.say(port) && ok
	ok = e.plainEntry.say(plain) && ok
	ok = e.access.right() && ok
	return to, ok
}

// check signs in once with the account that is typed, or with the first of the mailboxes.
func (e *endpointEditor) check() {
	to, ok := e.value()
	if !ok || e.test.Disabled() {
		return
	}
	user, secret := strings.TrimSpace(e.user.Text), engine.NewSecret(e.password.Text)
	password := to.Access.Method.TakesPassword()
	if user == "" && (secret.Empty() || !password) && e.account != nil {
		user, secret = e.account()
	}
	if user == "" || secret.Empty() && password {
		said := "endpoint.test.missing"
		if !password {
			said = "endpoint.test.nouser"
		}
		e.showResult(engine.StatusStopped, wording.T(said), "")
		return
	}
	c := engine.Credential{Side: e.side, To: to, Account: engine.Account{Address: user, User: user}, Shared: e.access.secret()}
	if to.Access.Method.Asks() {
		e.w.askSignIn(c, func(engine.Secret) {
			e.showResult(engine.Completed, wording.T("endpoint.test.good", "Host", wording.Display(to.Host, 60), "User", wording.Display(user, 60)), "")
		})
		return
	}
	if password {
		c.Own = secret
	}
	e.test.Disable()
	e.showResult(engine.Processing, wording.T("endpoint.test.running"), "")
	do(e.w, func(ctx context.Context) error { return e.w.parts.Work.Check(ctx, c) }, func(err error) {
		e.test.Enable()
		if err == nil {
			e.showResult(engine.Completed, wording.T("endpoint.test.good", "Host", wording.Display(to.Host, 60), "User", wording.Display(user, 60)), "")
			return
		}
		t := wording.TroubleOf(err, user)
		said := t.Step()
		if d := t.Details(); d != "" {
			said = wording.T("trouble.details", "Text", d)
		}
		e.showResult(engine.StatusFailed, t.Sentence(), said)
		if t.Certificate != nil {
			e.w.showCertificate(*t.Certificate, to.Host, e.pinKey)
		}
	})
}

// pinKey takes a key to trust, and nothing else, and tries again.
func (e *endpointEditor) pinKey(pin []byte) {
	e.ca, e.pin, e.pinned = nil, pin, strings.TrimSpace(e.host.Text)
	e.showTrust()
	e.check()
}

func (e *endpointEditor) showResult(s engine.Status, words, note string) {
	visible(e.result, true)
	e.result.show(s, words, -1, note, colorMuted)
	e.whole.Refresh()
}

// largestCA is how long a certificate file may be.
const largestCA = 1 << 20

// chooseCA takes a certificate to trust from a file.
func (e *endpointEditor) chooseCA() {
	e.w.openFile([]string{".pem", ".crt", ".cer"}, func(file fyne.URIReadCloser) {
		ask(e.w, nil, func(context.Context) ([]byte, error) {
			defer file.Close()
			return io.ReadAll(io.LimitReader(file, largestCA))
		}, func(data []byte, err error) {
			if err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
				err = &engine.Error{Op: "read a certificate", Kind: engine.Other, Text: wording.T("endpoint.ca.wrong"), Err: fmt.Errorf("no PEM certificate in %s", file.URI().Name())}
			}
			if err != nil {
				e.w.tell(err, "")
				return
			}
			e.ca, e.pin = data, nil
			e.showTrust()
		})
	})
}
