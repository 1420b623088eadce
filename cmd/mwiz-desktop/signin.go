package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"mwiz/engine"
	"mwiz/engine/oauth"
	"mwiz/gui/wording"
	"mwiz/store"
)

// signInCmd lets owners of mailboxes sign in at their identity provider.
type signInCmd struct {
	Project string   `arg:"" help:"Name of the project."`
	Mailbox []string `sep:"none" placeholder:"ADDRESS" help:"Only this mailbox, by its address at the source, also if somebody has signed in to it. May be given more than once."`
	Side    string   `enum:",source,destination" default:"" placeholder:"SIDE" help:"Only the source, or the destination."`
	Device  bool     `help:"By a code that is typed in a browser on any device (Microsoft)."`
	NoOpen  bool     `help:"Show the address to go to and open no browser."`
	Again   bool     `help:"Also mailboxes to which somebody has signed in."`
}

// signInLine is what became of one sign-in, as JSON shows it.
type signInLine struct {
	Mailbox string `json:"mailbox"`
	Side    string `json:"side"`
	Done    bool   `json:"done"`
	Error   string `json:"error,omitempty"`
}

func (c signInCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		wanted, err := c.wanted(ctx, ledger, project)
		if err != nil {
			return err
		}
		var lines []signInLine
		err = p.withKeys(func(keychain engine.Keychain) error {
			s := signer{p: p, c: c, tokens: p.tokensFor(keychain), engine: p.newEngine(ledger, keychain), enroller: engine.Enroller{Roster: ledger, Keychain: keychain}}
			for _, one := range wanted {
				line, _, err := s.signIn(ctx, one)
				if err != nil {
					return err
				}
				lines = append(lines, line)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return c.show(p, project, lines)
	})
}

// wanted returns which accounts are to be signed in to. The credentials hold no secret.
func (c signInCmd) wanted(ctx context.Context, ledger *store.Ledger, project engine.Project) (list []owner, err error) {
	mailboxes, err := ledger.Mailboxes(ctx, project.ID)
	if err != nil {
		return nil, err
	}
	asks := false
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		to := project.On(side)
		if c.Side != "" && c.Side != side.String() || !to.Access.Method.Asks() {
			continue
		}
		asks = true
		for _, m := range mailboxes {
			named := slices.ContainsFunc(c.Mailbox, func(a string) bool {
				return strings.EqualFold(a, m.Source.Address) || strings.EqualFold(a, m.Source.User)
			})
			account := m.On(side)
			if len(c.Mailbox) > 0 && !named || account.Secret != "" && !c.Again && !named {
				continue
			}
			account.Secret = ""
			list = append(list, owner{m, engine.Credential{Side: side, To: to, Account: account}})
		}
	}
	if !asks {
		return nil, usage(errors.New(wording.T("cli.signin.nobody", "Name", wording.Display(project.Name, 80))))
	}
	for _, address := range c.Mailbox {
		if !slices.ContainsFunc(list, func(o owner) bool {
			return strings.EqualFold(address, o.mailbox.Source.Address) || strings.EqualFold(address, o.mailbox.Source.User)
		}) {
			return nil, usage(errors.New(wording.T("cli.no_mailbox", "Address", wording.Display(address, 80))))
		}
	}
	return list, nil
}

// owner is whose sign-in is wanted.
type owner struct {
	mailbox engine.Mailbox
	engine.Credential
}

// signer lets people sign in.
type signer struct {
	p        *program
	c        signInCmd
	tokens   *oauth.Tokens
	engine   *engine.Engine
	enroller engine.Enroller
}

// signIn lets one sign in, tries it at the mail service, and keeps it. It returns what is kept, too. An error ends all; what concerns this sign-in alone
// stands in its line.
func (s signer) signIn(ctx context.Context, o owner) (line signInLine, secret engine.Secret, err error) {
	line = signInLine{Mailbox: o.mailbox.Source.Address, Side: o.Side.String()}
	secret, err = s.ask(ctx, o)
	if err == nil {
		o.Own = secret
		err = s.engine.Check(ctx, o.Credential)
	}
	if ctx.Err() != nil {
		return line, secret, context.Cause(ctx)
	}
	if err != nil {
		t := wording.TroubleOf(err, o.Account.Address)
		line.Error = withDetails(t)
		if !s.p.json {
			s.p.noteLines(line.Error + " " + cmp.Or(pinAdvice(err), t.Step()))
		}
		return line, secret, nil
	}
	kept := engine.Secrets{Source: secret}
	if o.Side == engine.Destination {
		kept = engine.Secrets{Destination: secret}
	}
	if err := s.enroller.SetSecrets(ctx, o.mailbox.ID, kept); err != nil {
		return line, secret, err
	}
	line.Done = true
	return line, secret, nil
}

// ask shows the owner where to sign in, and waits.
func (s signer) ask(ctx context.Context, o owner) (engine.Secret, error) {
	p := s.p
	address, side := wording.Display(o.Account.User, 80), wording.T("trouble.side."+o.Side.String())
	if s.c.Device {
		return s.tokens.Device(ctx, o.Credential, func(d engine.DeviceCode) {
			p.note("cli.signin.code", "Address", address, "Side", side, "Page", d.Address, "Code", d.Code)
		})
	}
	return s.tokens.Browser(ctx, o.Credential, func(page string) error {
		p.note("cli.signin.browser", "Address", address, "Side", side, "Page", page)
		if s.c.NoOpen {
			return nil
		}
		if err := p.openPage(page); err != nil {
			p.log.Warn("no browser was opened", "err", err)
		}
		return nil
	})
}

// openPage opens a page of an identity provider in the system's browser, where there is one.
func (p *program) openPage(page string) error {
	if p.browse != nil {
		return p.browse(page)
	}
	var open *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		open = exec.Command("rundll32", "url.dll,FileProtocolHandler", page)
	case "darwin":
		open = exec.Command("open", page)
	default:
		if os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") == "" {
			return errors.New("no display")
		}
		open = exec.Command("xdg-open", page)
	}
	if err := open.Start(); err != nil {
		return err
	}
	go func() { _ = open.Wait() }()
	return nil
}

// show tells what became of the sign-ins.
func (c signInCmd) show(p *program, project engine.Project, lines []signInLine) error {
	failed := 0
	for _, l := range lines {
		if !l.Done {
			failed++
		}
	}
	var err error
	if p.json {
		err = p.writeJSON(struct {
			Project string       `json:"project"`
			SignIns []signInLine `json:"sign_ins"`
		}{project.Name, append([]signInLine{}, lines...)})
	} else {
		err = p.say("cli.signin.done", "Count", len(lines)-failed, "Failed", wording.Number(failed))
	}
	if err == nil && failed > 0 {
		err = &ending{code: exitFailed}
	}
	return err
}
