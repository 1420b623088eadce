//go:build !unix

package imaptest

import (
	"errors"
	"time"
)

// process has no form here: there is no Dovecot either.
type process struct{}

func startProcess(string, string, ...string) (*process, error) {
	return nil, errors.New("no Dovecot on this system")
}

func (p *process) ended(time.Duration) bool { return true }
func (p *process) stop()                    {}
func (p *process) kill()                    {}
func (p *process) output() string           { return "" }
