package main

import (
	"fmt"
	"runtime"

	"mwiz/assets"
)

// version is the program's version; the build sets it (-ldflags "-X main.version=…").
var version = "dev"

// versionCmd says which version this is.
type versionCmd struct {
	Licences bool `help:"Show what the program is made of, and its licences."`
}

func (c versionCmd) Run(p *program) error {
	if c.Licences {
		return p.writeLicences()
	}
	if p.json {
		return p.writeJSON(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
			System  string `json:"system"`
		}{version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintf(p.stdout, "%s %s (%s, %s/%s)\n", p.name, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// writeLicences writes the licences of all parts.
func (p *program) writeLicences() error {
	if p.json {
		return p.writeJSON(assets.Licences())
	}
	for _, l := range assets.Licences() {
		if _, err := fmt.Fprintf(p.stdout, "==== %s %s (%s)\n\n%s\n", l.Name, l.Version, l.Licence, l.Text); err != nil {
			return err
		}
	}
	return nil
}
