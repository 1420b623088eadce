package main

import (
	"fmt"
	"runtime"
)

// version is the program's version; the build sets it (-ldflags "-X main.version=…").
var version = "dev"

// versionCmd says which version this is.
type versionCmd struct{}

func (versionCmd) Run(p *program) error {
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
