package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"mwiz/engine"
	"mwiz/gui/wording"
	"mwiz/store"
)

// projectCmd is the verbs that write projects.
type projectCmd struct {
	Add projectAddCmd `cmd:"" help:"Add a project: from which mail service to which."`
	Set projectSetCmd `cmd:"" help:"Change a project; what is not given stays as it is."`
}

// trust is how the services of a project prove who they are, beyond what is usual.
type trust struct {
	CA             string `name:"ca" placeholder:"FILE" help:"Trust the certificates in this PEM file, besides the system's."`
	SourcePin      string `placeholder:"SHA256" help:"Trust the source by this fingerprint of its public key, and by nothing else; none takes it back."`
	DestinationPin string `placeholder:"SHA256" help:"Trust the destination by this fingerprint of its public key, and by nothing else; none takes it back."`
	AllowPlaintext bool   `help:"Allow imap:// without encryption to other machines: passwords can be read on the way."`
}

// limits are a project's settings as flags; nil is as it is.
type limits struct {
	PassLimit       *int           `placeholder:"N" help:"Passes a mailbox that count (10)."`
	ErrorLimit      *int           `placeholder:"N" help:"Messages that may fail before a pass gives up (100)."`
	Lanes           *int           `placeholder:"N" help:"Most connections a mailbox to each side (8); it begins with half, four at least, and takes more while that is faster."`
	MailboxesAtOnce *int           `placeholder:"N" help:"Most mailboxes that are migrated at the same time (32)."`
	DownloadDay     *int           `placeholder:"MB" help:"Most MB that are read from a source account in a day; 0: as its provider allows, -1: any (0)."`
	UploadDay       *int           `placeholder:"MB" help:"Most MB that are written to a destination account in a day; 0: as its provider allows, -1: any (0)."`
	LateCommitWait  *time.Duration `placeholder:"TIME" help:"How long after a cut connection the destination may still store a message (60s)."`
	Adopt           *bool          `negatable:"" help:"Recognise what another tool has already copied (yes)."`
	Details         *bool          `negatable:"" help:"Keep subject and sender of messages that failed, to find them by (yes)."`
}

// projectAddCmd adds a project.
type projectAddCmd struct {
	Name        string `arg:"" help:"Name of the project."`
	Source      string `placeholder:"URL" help:"Where the mail is: imaps://host, imap+starttls://host, or imap://host without encryption."`
	Destination string `placeholder:"URL" help:"Where it goes."`
	addresses
	trust
	access
	limits
	ruleFlags
}

func (c projectAddCmd) Run(ctx context.Context, p *program) error {
	project := engine.Project{Name: strings.TrimSpace(c.Name), Created: time.Now()}
	if project.Name == "" {
		return usage(errors.New(wording.T("cli.no_name")))
	}
	source, destination, err := p.findAddresses(ctx, c.addresses, &project, c.Source, c.Destination)
	if err != nil {
		return err
	}
	if err := c.trust.apply(&project, source, destination); err != nil {
		return usage(err)
	}
	if err := errors.Join(c.access.apply(&project), c.limits.apply(&project.Settings), c.ruleFlags.apply(&project.Settings.Rules)); err != nil {
		return usage(err)
	}
	return p.with(ctx, func(ledger *store.Ledger) error {
		var err error
		if project.ID, err = ledger.AddProject(ctx, project); err != nil {
			return nameTaken(err, project.Name)
		}
		if err := c.access.keep(ctx, p, ledger, project); err != nil {
			return err
		}
		return p.showProject("cli.project.added", project)
	})
}

// projectSetCmd changes a project.
type projectSetCmd struct {
	Project     string `arg:"" help:"Name of the project."`
	Name        string `placeholder:"NAME" help:"Its new name."`
	Source      string `placeholder:"URL" help:"Where the mail is."`
	Destination string `placeholder:"URL" help:"Where it goes."`
	trust
	access
	limits
	ruleFlags
}

func (c projectSetCmd) Run(ctx context.Context, p *program) error {
	return p.withProject(ctx, c.Project, func(ledger *store.Ledger, project engine.Project) error {
		if name := strings.TrimSpace(c.Name); name != "" {
			project.Name = name
		}
		if err := c.trust.apply(&project, c.Source, c.Destination); err != nil {
			return usage(err)
		}
		if err := errors.Join(c.access.apply(&project), c.limits.apply(&project.Settings), c.ruleFlags.apply(&project.Settings.Rules)); err != nil {
			return usage(err)
		}
		if err := ledger.UpdateProject(ctx, project); err != nil {
			return nameTaken(err, project.Name)
		}
		if err := c.access.keep(ctx, p, ledger, project); err != nil {
			return err
		}
		return p.showProject("cli.project.changed", project)
	})
}

// nameTaken says that another project has the name, where that is what err is about.
func nameTaken(err error, name string) error {
	if errors.Is(err, engine.ErrNameTaken) {
		return usage(errors.New(wording.T("cli.name_taken", "Name", wording.Display(name, 80))))
	}
	return err
}

// unpinned stands in place of a fingerprint for none.
const unpinned = "none"

// apply writes URLs, where they are given, and trust into the project's endpoints.
func (t trust) apply(project *engine.Project, source, destination string) error {
	authorities, err := readAuthorities(t.CA)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		to       *engine.Endpoint
		url, pin string
	}{{&project.Source, source, t.SourcePin}, {&project.Destination, destination, t.DestinationPin}} {
		if one.url != "" {
			was := *one.to
			if *one.to, err = engine.ParseEndpoint(one.url); err != nil {
				return err
			}
			one.to.CA, one.to.AllowPlaintext, one.to.Access = was.CA, was.AllowPlaintext, was.Access
			if one.to.Host == was.Host {
				one.to.Preset = was.Preset
			}
		}
		if authorities != nil {
			one.to.CA = authorities
		}
		switch one.pin {
		case "":
		case unpinned:
			one.to.Pin = nil
		default:
			if one.to.Pin, err = parsePin(one.pin); err != nil {
				return err
			}
		}
		one.to.AllowPlaintext = one.to.AllowPlaintext || t.AllowPlaintext
		if err := one.to.Validate(); err != nil {
			return fmt.Errorf("%w; --allow-plaintext allows it", err)
		}
	}
	return nil
}

// readAuthorities reads a PEM file of certificates; nil for no file.
func readAuthorities(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, errors.New(wording.T("cli.no_certificate", "File", wording.Display(file, 200)))
	}
	return pem, nil
}

// parsePin reads the SHA-256 of a public key, as hexadecimal digits, with or without colons, or in base64.
func parsePin(s string) ([]byte, error) {
	bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "sha256/"), "SHA256:")
	pin, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(bare))
	if err != nil {
		pin, err = base64.StdEncoding.DecodeString(strings.TrimRight(bare, "=") + "=")
	}
	if err != nil || len(pin) != 32 || bytes.Equal(pin, make([]byte, 32)) {
		return nil, errors.New(wording.T("cli.no_pin", "Pin", wording.Display(s, 100)))
	}
	return pin, nil
}

// apply writes the limits that are given into settings.
func (l limits) apply(to *engine.Settings) error {
	for _, one := range []struct {
		name  string
		from  *int
		field *int
	}{
		{"--pass-limit", l.PassLimit, &to.PassLimit},
		{"--error-limit", l.ErrorLimit, &to.ErrorLimit},
		{"--lanes", l.Lanes, &to.Lanes},
		{"--mailboxes-at-once", l.MailboxesAtOnce, &to.Mailboxes},
	} {
		if one.from == nil {
			continue
		}
		if *one.from < 1 {
			return errors.New(wording.T("cli.below_one", "Flag", one.name))
		}
		*one.field = *one.from
	}
	if l.DownloadDay != nil {
		to.DownloadDay = max(*l.DownloadDay, -1)
	}
	if l.UploadDay != nil {
		to.UploadDay = max(*l.UploadDay, -1)
	}
	if l.LateCommitWait != nil {
		if *l.LateCommitWait < time.Second {
			return errors.New(wording.T("cli.below_second", "Flag", "--late-commit-wait"))
		}
		to.LateCommitWait = int(*l.LateCommitWait / time.Second)
	}
	if l.Adopt != nil {
		to.NoAdopt = !*l.Adopt
	}
	if l.Details != nil {
		to.NoDetails = !*l.Details
	}
	return nil
}

// showProject says what became of a project.
func (p *program) showProject(id string, project engine.Project) error {
	if p.json {
		return p.writeJSON(struct {
			Project     string          `json:"project"`
			Source      string          `json:"source"`
			Destination string          `json:"destination"`
			Settings    engine.Settings `json:"settings"`
		}{project.Name, project.Source.URL(), project.Destination.URL(), project.Settings.Limits()})
	}
	return p.say(id, "Name", wording.Display(project.Name, 80), "Source", project.Source.URL(), "Destination", project.Destination.URL())
}
