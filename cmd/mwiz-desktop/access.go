package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"mwiz/engine"
	"mwiz/engine/oauth"
	"mwiz/gui/wording"
	"mwiz/store"
)

// sideAccess is how the accounts of a side sign in, as flags; what is not given stays as it is.
type sideAccess struct {
	Auth       string `placeholder:"METHOD" help:"How mailboxes sign in: password, oauth-microsoft, oauth-google (each owner in a browser: see the verb signin); or by one credential for all: master, plain-admin, app-microsoft, service-account-google."`
	ClientID   string `name:"client-id" placeholder:"ID" help:"Your application's (client) ID at the identity provider: docs/oauth.md."`
	Tenant     string `placeholder:"TENANT" help:"Microsoft: directory (tenant) ID or domain."`
	Admin      string `placeholder:"NAME" help:"User name of the master user or administrator."`
	Separator  string `placeholder:"CHAR" help:"Between the mailbox's user name and the master user's (*)."`
	SecretFile string `placeholder:"FILE" help:"Read the administrator's password, the application's secret or its certificate with key (PEM or .pfx) or the service account's JSON key from this file; otherwise it is asked for."`
}

// access is how both sides sign in.
type access struct {
	SourceAccess      sideAccess `embed:"" prefix:"source-"`
	DestinationAccess sideAccess `embed:"" prefix:"destination-"`
}

// on returns a side's flags.
func (a access) on(side engine.Side) sideAccess {
	if side == engine.Source {
		return a.SourceAccess
	}
	return a.DestinationAccess
}

// apply writes what is given into the project's endpoints.
func (a access) apply(project *engine.Project) error {
	for side, to := range []*engine.Access{engine.Source: &project.Source.Access, engine.Destination: &project.Destination.Access} {
		side := engine.Side(side)
		if err := a.on(side).apply(side, to); err != nil {
			return err
		}
	}
	return nil
}

func (s sideAccess) apply(side engine.Side, to *engine.Access) error {
	if s.Auth != "" {
		method, err := engine.ParseMethod(s.Auth)
		if err != nil {
			return fmt.Errorf("--%s-auth: %w", side, err)
		}
		if method != to.Method {
			*to = engine.Access{Method: method}
		}
	}
	facts := to.Method.Facts()
	for _, one := range []struct {
		given string
		field *string
		need  engine.Need
		flag  string
	}{
		{s.ClientID, &to.Client, facts.Client, "client-id"},
		{s.Tenant, &to.Tenant, facts.Tenant, "tenant"},
		{s.Admin, &to.Admin, facts.Admin, "admin"},
		{s.Separator, &to.Separator, facts.Separator, "separator"},
	} {
		if one.given == "" {
			continue
		}
		if one.need == engine.NotAsked {
			return errors.New(wording.T("cli.access.not_asked", "Flag", "--"+side.String()+"-"+one.flag, "Method", to.Method.String()))
		}
		*one.field = one.given
	}
	if s.SecretFile != "" && facts.Secret == engine.NotAsked {
		return errors.New(wording.T("cli.access.not_asked", "Flag", "--"+side.String()+"-secret-file", "Method", to.Method.String()))
	}
	if err := to.Validate(); err != nil {
		return fmt.Errorf("--%s-auth %s: %w", side, to.Method, err)
	}
	return nil
}

// secret returns the secret that a side's mailboxes share: out of the file that is given, or typed at the terminal where one is needed and none is kept.
func (s sideAccess) secret(p *program, side engine.Side, to engine.Endpoint) (engine.Secret, error) {
	facts := to.Access.Method.Facts()
	if s.SecretFile != "" {
		return p.readSharedSecret(s.SecretFile, to.Access.Method)
	}
	if facts.Secret != engine.MustBeGiven || to.Access.Secret != "" {
		return engine.Secret{}, nil
	}
	terminal, ok := p.stdin.(*os.File)
	if to.Access.Method == engine.ServiceAccount || !ok || !term.IsTerminal(int(terminal.Fd())) {
		p.note("cli.access.later", "Side", wording.T("trouble.side."+side.String()), "Flag", "--"+side.String()+"-secret-file")
		return engine.Secret{}, nil
	}
	fmt.Fprint(p.stderr, wording.T("cli.access.ask."+to.Access.Method.String(), "Host", wording.Display(to.Host, 80), "Admin", wording.Display(to.Access.Admin, 80))+" ")
	typed, err := term.ReadPassword(int(terminal.Fd()))
	fmt.Fprintln(p.stderr)
	return engine.NewSecret(string(typed)), err
}

// largestSecret is how long a file with a secret may be.
const largestSecret = 64 << 10

// readSharedSecret reads a secret from a file. The end of its line is not part of it.
func (p *program) readSharedSecret(file string, method engine.Method) (engine.Secret, error) {
	f, err := os.Open(file)
	if err != nil {
		return engine.Secret{}, usage(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, largestSecret+1))
	if err != nil {
		return engine.Secret{}, usage(err)
	}
	if method == engine.AppMicrosoft && len(raw) <= largestSecret && oauth.IsCertificate(raw) {
		return p.readCertificate(file, raw)
	}
	text := strings.TrimRight(strings.TrimPrefix(string(raw), "\ufeff"), "\r\n")
	switch {
	case len(raw) > largestSecret || text == "":
		err = errors.New(wording.T("cli.access.no_secret", "File", wording.Display(file, 200)))
	case method == engine.ServiceAccount:
		err = oauth.CheckKey(text)
	case strings.ContainsAny(text, "\r\n\x00"):
		err = errors.New(wording.T("cli.access.no_secret", "File", wording.Display(file, 200)))
	}
	if err != nil {
		return engine.Secret{}, usage(fmt.Errorf("%s: %w", wording.Display(file, 200), err))
	}
	return engine.NewSecret(text), nil
}

// readCertificate takes an application's certificate and its key out of a file. Its password, if it has one, is asked for at the terminal.
func (p *program) readCertificate(file string, raw []byte) (engine.Secret, error) {
	secret, err := oauth.ReadCertificate(raw, "")
	if terminal, ok := p.stdin.(*os.File); errors.Is(err, engine.ErrKeyPassword) && ok && term.IsTerminal(int(terminal.Fd())) {
		fmt.Fprint(p.stderr, wording.T("cli.access.ask.pfx", "File", wording.Display(file, 200))+" ")
		var typed []byte
		typed, err = term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(p.stderr)
		if err == nil {
			secret, err = oauth.ReadCertificate(raw, string(typed))
		}
	} else if errors.Is(err, engine.ErrKeyPassword) {
		err = errors.New(wording.T("cli.access.pfx"))
	}
	if err != nil {
		return engine.Secret{}, usage(fmt.Errorf("%s: %w", wording.Display(file, 200), err))
	}
	return secret, nil
}

// keep puts the secrets that the flags or the user give into the keychain.
func (a access) keep(ctx context.Context, p *program, ledger *store.Ledger, project engine.Project) error {
	for _, side := range []engine.Side{engine.Source, engine.Destination} {
		secret, err := a.on(side).secret(p, side, project.On(side))
		if err != nil {
			return err
		}
		if secret.Empty() {
			continue
		}
		err = p.withKeys(func(keychain engine.Keychain) error {
			return engine.Enroller{Roster: ledger, Keychain: keychain}.SetShared(ctx, project.ID, side, secret)
		})
		if errors.Is(err, engine.ErrNoKeychain) {
			p.note("cli.access.no_keychain", "Flag", "--"+side.String()+"-secret-file")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sharedFiles are secrets for one run, as flags.
type sharedFiles struct {
	SourceSecretFile      string `placeholder:"FILE" help:"Take the secret that the source's mailboxes share (an administrator's password, an application's secret or certificate, a service account's key) from this file for this run only."`
	DestinationSecretFile string `placeholder:"FILE" help:"Likewise for the destination."`
}

// read returns what the files hold.
func (f sharedFiles) read(p *program, project engine.Project) (s engine.Secrets, err error) {
	if f.SourceSecretFile != "" {
		if s.Source, err = p.readSharedSecret(f.SourceSecretFile, project.Source.Access.Method); err != nil {
			return s, err
		}
	}
	if f.DestinationSecretFile != "" {
		s.Destination, err = p.readSharedSecret(f.DestinationSecretFile, project.Destination.Access.Method)
	}
	return s, err
}

// passwordsOnly drops secrets of sides that take no passwords, and reports whether there were any.
func passwordsOnly(project engine.Project, s *engine.Secrets) (dropped bool) {
	if !project.Source.Access.Method.TakesPassword() && !s.Source.Empty() {
		s.Source, dropped = engine.Secret{}, true
	}
	if !project.Destination.Access.Method.TakesPassword() && !s.Destination.Empty() {
		s.Destination, dropped = engine.Secret{}, true
	}
	return dropped
}
