package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap"
	"mwiz/gui/wording"
	"mwiz/store"
)

// certCmd shows what mail services show to prove who they are. Nobody signs in.
type certCmd struct {
	Of string `arg:"" name:"project-or-url" help:"Name of a project, for both its services, or a URL such as imaps://host."`
}

// shownLine is a certificate as JSON shows it.
type shownLine struct {
	Side    string             `json:"side,omitempty"` // of a project's service
	URL     string             `json:"url"`
	Trusted bool               `json:"trusted"`
	Wrong   engine.Distrust    `json:"wrong"`
	Names   []string           `json:"names"`
	Issuer  string             `json:"issuer"`
	Own     bool               `json:"self_signed"`
	From    time.Time          `json:"from"`
	Until   time.Time          `json:"until"`
	Key     engine.Fingerprint `json:"key"` // as --source-pin takes it
	Whole   engine.Fingerprint `json:"certificate"`
}

func (c certCmd) Run(ctx context.Context, p *program) error {
	if strings.Contains(c.Of, "://") {
		to, err := engine.ParseEndpoint(c.Of)
		if err != nil {
			return usage(err)
		}
		return p.showCertificates(ctx, "", []engine.Endpoint{to})
	}
	return p.withProject(ctx, c.Of, func(_ *store.Ledger, project engine.Project) error {
		return p.showCertificates(ctx, project.Name, []engine.Endpoint{project.Source, project.Destination})
	})
}

// showCertificates shows the certificates of services: a project's two, or one of no project. It fails where one is not trusted.
func (p *program) showCertificates(ctx context.Context, project string, services []engine.Endpoint) error {
	dialer := imap.NewDialer(imap.Options{Log: p.log, Version: version})
	lines := []shownLine{}
	trusted := true
	for side, to := range services {
		side := engine.Side(side)
		if to.Encryption == engine.Plaintext && project != "" {
			p.note("cli.certificate.plain", "Host", to.Host)
			continue
		}
		shown, err := dialer.Certificate(ctx, side, to)
		if err != nil {
			return err
		}
		trusted = trusted && shown.Wrong == engine.Trusted
		line := shownLine{URL: to.URL(), Trusted: shown.Wrong == engine.Trusted, Wrong: shown.Wrong, Names: shown.Names, Issuer: shown.Issuer, Own: shown.Own,
			From: shown.From, Until: shown.Until, Key: shown.Key, Whole: shown.Whole}
		if project != "" {
			line.Side = side.String()
		}
		lines = append(lines, line)
		if !p.json {
			p.printCertificate(*shown, to, side, project)
		}
	}
	var err error
	if p.json {
		err = p.writeJSON(lines)
	}
	if err == nil && !trusted {
		err = &ending{code: exitFailed}
	}
	return err
}

// printCertificate writes a certificate for people, with what to do where it is not trusted.
func (p *program) printCertificate(c engine.Certificate, to engine.Endpoint, side engine.Side, project string) {
	fmt.Fprintln(p.stdout, wording.CertificateProblem(c, to.Host))
	for _, one := range []struct{ id, value string }{
		{"certificate.names", wording.CertificateNames(c)}, {"certificate.issuer", wording.CertificateIssuer(c)}, {"certificate.valid", wording.CertificateTime(c)},
		{"certificate.key", c.Key.String()}, {"certificate.whole", c.Whole.String()},
	} {
		fmt.Fprintf(p.stdout, "  %s: %s\n", wording.T(one.id), one.value)
	}
	if c.Wrong == engine.Trusted {
		return
	}
	fmt.Fprintln(p.stdout, wording.CertificateStep(c))
	if project == "" {
		fmt.Fprintf(p.stdout, "  --source-pin %s\n  --destination-pin %s\n", c.Key, c.Key)
		return
	}
	fmt.Fprintf(p.stdout, "  %s project set %s --%s-pin %s\n", p.name, quoted(project), side, c.Key)
}

// quoted returns a name as a shell takes it: in quotes where it needs some.
func quoted(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("-_.@", r) && (r < '0' || r > '9') && (r|32 < 'a' || r|32 > 'z')
	}) {
		return `"` + wording.Display(name, 80) + `"`
	}
	return name
}

// pinAdvice says how to trust what a service has shown, for an error that has it; "" for another.
func pinAdvice(err error) string {
	var e *engine.Error
	if !errors.As(err, &e) || e.Certificate == nil {
		return ""
	}
	return wording.CertificateProblem(*e.Certificate, e.Host) + " " + wording.CertificateStep(*e.Certificate) + "\n  --" + e.Side.String() + "-pin " + e.Certificate.Key.String()
}
