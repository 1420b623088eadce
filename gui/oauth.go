package gui

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// signInBox is the dialog that waits while the owner of an account signs in, in the browser or by a code.
type signInBox struct {
	w      *Window
	c      engine.Credential
	then   func(engine.Secret)
	shown  *shownBox
	words  *widget.Label
	code   *text // to type; nil by the browser
	cancel context.CancelFunc
	page   string // where to sign in
	over   bool   // closed, or answered
}

// askSignIn lets the owner of an account sign in, tries the account, and hands over what is to be kept of it.
func (w *Window) askSignIn(c engine.Credential, then func(engine.Secret)) {
	if w.parts.SignIns == nil {
		w.tell(&engine.Error{Op: "sign in", Kind: engine.Denied, Side: c.Side, Host: c.To.Host, Err: engine.ErrNoClient, Text: engine.ErrNoClient.Error()}, c.Account.User)
		return
	}
	c.Account.Secret = "" // what is kept there is not what comes
	s := &signInBox{w: w, c: c, then: then}
	s.byBrowser()
}

// byBrowser opens the provider's page and waits.
func (s *signInBox) byBrowser() {
	s.words = widget.NewLabel(wording.T("signin.browser", "Address", wording.Display(s.c.Account.User, 80)))
	s.words.Wrapping = fyne.TextWrapWord
	buttons := []boxButton{{label: wording.T("dialog.cancel")}}
	if s.w.parts.SignIns.Codes(s.c.To.Access.Method) {
		buttons = append(buttons, boxButton{label: wording.T("signin.code"), press: func() bool { s.shown.close(); s.again().byCode(); return false }})
	}
	buttons = append(buttons,
		boxButton{label: wording.T("signin.copy"), press: func() bool { s.copy(s.page); return false }},
		boxButton{label: wording.T("signin.open"), strong: widget.HighImportance, press: func() bool { s.open(); return false }})
	s.show(container(setWidth{420}, s.words), buttons)
	s.wait(func(ctx context.Context) (engine.Secret, error) {
		return s.w.parts.SignIns.Browser(ctx, s.c, func(page string) error {
			s.w.later(func() {
				s.page = page
				s.open()
			})
			return nil
		})
	})
}

// byCode asks for a code to type on whatever device, and waits.
func (s *signInBox) byCode() {
	s.words = widget.NewLabel(wording.T("signin.code.asking"))
	s.words.Wrapping = fyne.TextWrapWord
	s.code = wholeText("", theme.SizeNameHeadingText, theme.ColorNameForeground)
	s.code.style.Bold, s.code.style.Monospace = true, true
	s.show(container(layout.NewCustomPaddedVBoxLayout(8), container(setWidth{420}, s.words), s.code), []boxButton{{label: wording.T("dialog.cancel")},
		{label: wording.T("signin.code.copy"), press: func() bool { s.copy(s.code.value); return false }},
		{label: wording.T("signin.open"), strong: widget.HighImportance, press: func() bool { s.open(); return false }}})
	s.wait(func(ctx context.Context) (engine.Secret, error) {
		return s.w.parts.SignIns.Device(ctx, s.c, func(d engine.DeviceCode) { s.w.later(func() { s.told(d) }) })
	})
}

// told shows the code. A page that is not the provider's is shown, but not opened.
func (s *signInBox) told(d engine.DeviceCode) {
	if d.Known {
		s.page = d.Address
	}
	s.words.SetText(wording.T("signin.code.text", "Address", wording.Display(s.c.Account.User, 80), "Page", wording.Display(d.Address, 100)))
	s.code.say(wording.Display(d.Code, 40))
}

// again returns a box for the same sign-in.
func (s *signInBox) again() *signInBox { return &signInBox{w: s.w, c: s.c, then: s.then} }

func (s *signInBox) show(content fyne.CanvasObject, buttons []boxButton) {
	title := wording.T("signin.title", "Host", wording.Display(s.c.To.Host, 60))
	s.shown = s.w.showBox(box{title: title, content: content, buttons: buttons, closed: func() {
		s.over = true
		if s.cancel != nil {
			s.cancel()
		}
	}})
}

// wait waits for a sign-in and tries what it brings. Closing the box ends it.
func (s *signInBox) wait(signIn func(context.Context) (engine.Secret, error)) {
	ctx, cancel := context.WithCancel(s.w.ctx)
	s.cancel = cancel
	ask(s.w, nil, func(context.Context) (engine.Secret, error) {
		secret, err := signIn(ctx)
		if err != nil {
			return secret, err
		}
		s.w.later(func() { s.words.SetText(wording.T("signin.trying")) })
		c := s.c
		c.Own = secret
		return secret, s.w.parts.Work.Check(ctx, c)
	}, func(secret engine.Secret, err error) {
		if s.over {
			return
		}
		s.shown.close()
		if err != nil {
			s.w.tell(err, s.c.Account.User)
			return
		}
		s.then(secret)
	})
}

// open opens the page in the browser.
func (s *signInBox) open() {
	page, err := url.Parse(s.page)
	if s.page == "" || err != nil || page.Scheme != "https" && page.Hostname() != "127.0.0.1" {
		return
	}
	if err := s.w.parts.App.OpenURL(page); err != nil {
		s.words.SetText(wording.T("signin.noopen"))
		s.w.parts.Log.Warn("open the browser", "error", err)
	}
}

// copy puts text on the clipboard.
func (s *signInBox) copy(text string) {
	if text != "" {
		s.w.parts.App.Clipboard().SetContent(text)
	}
}

// signInTo lets the owner of a mailbox's account sign in, keeps what that brings, and lets passes go on that wait for it.
func (w *Window) signInTo(p engine.Project, m engine.Mailbox, side engine.Side, then func()) {
	c := engine.Credential{Side: side, To: p.On(side), Account: m.On(side), Shared: w.shared[p.ID].On(side)}
	w.askSignIn(c, func(secret engine.Secret) {
		s := engine.Secrets{Source: secret}
		if side == engine.Destination {
			s = engine.Secrets{Destination: secret}
		}
		w.keepPasswords(m, s, func() {
			do(w, func(ctx context.Context) error {
				now, err := w.parts.Book.Mailbox(ctx, m.ID)
				if err == nil {
					w.parts.Work.SignedIn(now, side, secret)
				}
				return err
			}, func(err error) {
				w.tell(err, m.Source.Address)
				then()
			})
		})
	})
}
