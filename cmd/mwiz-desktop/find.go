package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/gui/wording"
)

// findCmd finds the mail service of an address.
type findCmd struct {
	Address string `arg:"" help:"An address of a mailbox, or a domain."`
}

// foundLine is a candidate as JSON shows it.
type foundLine struct {
	URL        string            `json:"url"`
	Host       string            `json:"host"`
	Port       int               `json:"port"`
	Encryption engine.Encryption `json:"encryption"`
	Preset     string            `json:"preset"`
	Auth       string            `json:"auth"` // as --source-auth takes it
	Sure       bool              `json:"sure"` // it may be used without a second look
	discover.Candidate
	First string `json:"first,omitempty"` // what must be switched on first
}

func (c findCmd) Run(ctx context.Context, p *program) error {
	presets, err := assets.Presets()
	if err != nil {
		return err
	}
	answer, err := p.findService(ctx, c.Address)
	if err != nil {
		return err
	}
	if p.json {
		err = c.json(p, answer, presets)
	} else {
		err = c.print(p, answer, presets)
	}
	if err == nil && len(answer.Candidates) == 0 {
		err = &ending{code: exitFailed}
	}
	return err
}

func (c findCmd) json(p *program, answer discover.Answer, presets []assets.Preset) error {
	lines := make([]foundLine, 0, len(answer.Candidates))
	for _, one := range answer.Candidates {
		to := one.Endpoint
		lines = append(lines, foundLine{to.URL(), to.Host, to.Port, to.Encryption, to.Preset, to.Access.Method.String(), one.Sure(), one, hintOf(one, presets)})
	}
	return p.writeJSON(struct {
		Address    string           `json:"address"`
		Domain     string           `json:"domain"`
		Candidates []foundLine      `json:"candidates"`
		Asked      []discover.Asked `json:"asked"`
	}{answer.Address, answer.Domain, lines, answer.Asked})
}

func (c findCmd) print(p *program, answer discover.Answer, presets []assets.Preset) error {
	if len(answer.Candidates) == 0 {
		p.note("found.nothing", "Domain", wording.Display(answer.Domain, 80))
		for _, one := range answer.Asked {
			if one.Trouble != "" {
				fmt.Fprintf(p.stderr, "  %s, %s: %s\n", one.From, wording.Display(one.At, 120), wording.Display(one.Trouble, 120))
			}
		}
		return nil
	}
	t := newTable("url", "signin", "user", "from")
	var notes []string
	for _, one := range answer.Candidates {
		t.add(one.Endpoint.URL(), strings.Join(one.SignIn, ", "), one.User, wording.Found(one, presets))
		for _, said := range []string{wording.Doubt(one), hintOf(one, presets)} {
			if said = one.Endpoint.Host + ": " + said; !strings.HasSuffix(said, ": ") && !slices.Contains(notes, said) {
				notes = append(notes, said)
			}
		}
	}
	if err := p.print(t); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stdout, "\n"+strings.Join(notes, "\n"))
	return err
}

// hintOf says what must be switched on first at a provider that is known.
func hintOf(c discover.Candidate, presets []assets.Preset) string {
	if p := assets.PresetOf(presets, c.Endpoint.Preset); p.Host != "" {
		return wording.T(p.Hint)
	}
	return ""
}

// findService looks for the mail service of an address.
func (p *program) findService(ctx context.Context, address string) (discover.Answer, error) {
	presets, err := assets.Presets()
	if err != nil {
		return discover.Answer{}, err
	}
	finder := p.finder
	finder.Presets = presets
	answer, err := finder.Find(ctx, address)
	if errors.Is(err, discover.ErrAddress) {
		return answer, usage(errors.New(wording.T("found.address", "Address", wording.Display(address, 80))))
	}
	if err == nil {
		err = ctx.Err()
	}
	return answer, err
}

// addresses are a mailbox's, by which the services of a project are found, as flags.
type addresses struct {
	SourceAddress      string `placeholder:"ADDRESS" help:"Find out where the mail is by the address of one of its mailboxes, in place of --source."`
	DestinationAddress string `placeholder:"ADDRESS" help:"Find out where it goes by an address, in place of --destination."`
}

// findAddresses finds what is given by an address in place of a URL: it sets the project's endpoints and returns their URLs.
func (p *program) findAddresses(ctx context.Context, a addresses, project *engine.Project, source, destination string) (string, string, error) {
	presets, err := assets.Presets()
	if err != nil {
		return "", "", err
	}
	var domains [2]string // of customers: a provider's own may be on both sides
	for side, one := range []struct {
		url     *string
		address string
		to      *engine.Endpoint
	}{{&source, a.SourceAddress, &project.Source}, {&destination, a.DestinationAddress, &project.Destination}} {
		side := engine.Side(side)
		if (*one.url == "") == (one.address == "") {
			return "", "", usage(errors.New(wording.T("cli.find.one", "Side", side.String())))
		}
		if one.address == "" {
			continue
		}
		answer, err := p.findService(ctx, one.address)
		if err != nil {
			return "", "", err
		}
		best, err := p.take(answer, side, presets)
		if err != nil {
			return "", "", err
		}
		if *one.to, *one.url = best.Endpoint, best.Endpoint.URL(); best.From != discover.FromPreset {
			domains[side] = answer.Domain
		}
	}
	if domains[0] != "" && domains[0] == domains[1] && project.Source.Host == project.Destination.Host {
		return "", "", usage(errors.New(wording.T("found.same", "Host", project.Source.Host, "Domain", wording.Display(domains[0], 80))))
	}
	return source, destination, nil
}

// take takes the answer that needs no second look, and says where it came from; or says what there is to choose from.
func (p *program) take(answer discover.Answer, side engine.Side, presets []assets.Preset) (discover.Candidate, error) {
	best, ok := answer.Best(side)
	if ok {
		p.note("cli.find.took", "Address", wording.Display(answer.Address, 80), "URL", best.Endpoint.URL(), "From", wording.Found(best, presets))
		return best, nil
	}
	said := "found.nothing"
	if all := answer.For(side); len(all) > 0 {
		if said = "found.unsure"; all[0].Sure() {
			said = "found.several"
		}
		for _, one := range all {
			p.note("cli.find.use", "Side", side.String(), "URL", one.Endpoint.URL(), "From", wording.Found(one, presets), "Doubt", wording.Doubt(one))
		}
	}
	return best, usage(errors.New(wording.T(said, "Address", wording.Display(answer.Address, 80), "Domain", wording.Display(answer.Domain, 80))))
}
