package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"mwiz/engine/discover"
	"mwiz/store"
)

// names is a DNS of a test's own, which knows mail exchangers and service records.
type names map[string]string

func (n names) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if host := n[strings.TrimSuffix(name, ".")]; host != "" {
		return []*net.MX{{Host: host}}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if host := n["_"+service+"._"+proto+"."+strings.TrimSuffix(name, ".")]; host != "" {
		return "", []*net.SRV{{Target: host, Port: 993}}, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// nowhere is a world in which nobody is reached.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nobody is there")
}

// knowing has a shell find what the names say, and nothing else.
func (s *shell) knowing(n names) {
	s.finder = discover.Finder{Resolver: n, Web: nowhere{}, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("nobody is there")
	}}
}

func TestFind(t *testing.T) {
	s := newShell(t)
	s.knowing(names{"acme.example": "mx1.emailsrvr.com."})
	out, _ := s.must(0, "find", "anna@acme.example")
	for _, said := range []string{"imaps://secure.emailsrvr.com:993", "anna@acme.example", "Rackspace Email: mail for the domain goes to mx1.emailsrvr.com", "control panel"} {
		if !strings.Contains(out, said) {
			t.Errorf("%q is not said:\n%s", said, out)
		}
	}
	out, _ = s.must(0, "find", "anna@acme.example", "--json")
	var answer struct {
		Candidates []struct {
			URL, Preset, User, From, At, Auth, First string
			Sure                                     bool
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.Candidates) != 1 {
		t.Fatalf("%v:\n%s", err, out)
	}
	if one := answer.Candidates[0]; one.URL != "imaps://secure.emailsrvr.com:993" || one.From != "mx" || !one.Sure || one.Auth != "password" || one.First == "" {
		t.Errorf("candidate %+v", one)
	}
	s.must(2, "find", "anna")
	_, errs := s.must(3, "find", "anna@nothing.example")
	if !strings.Contains(errs, "No mail service was found for nothing.example") || !strings.Contains(errs, "_imaps._tcp.nothing.example: not there") {
		t.Error(errs)
	}
}

func TestProjectByAddresses(t *testing.T) {
	s := newShell(t)
	s.knowing(names{"acme.example": "mx1.emailsrvr.com.", "many.example": "smtp.secureserver.net.", "_imaps._tcp.far.example": "mail.elsewhere.example."})
	_, errs := s.must(0, "project", "add", "Acme", "--source-address", "anna@acme.example", "--destination-address", "anna@outlook.com")
	if !strings.Contains(errs, "mail for the domain goes to mx1.emailsrvr.com") {
		t.Error(errs)
	}
	ledger, err := store.Open(t.Context(), s.home, nil)
	if err != nil {
		t.Fatal(err)
	}
	project, err := ledger.ProjectByName(t.Context(), "Acme")
	_ = ledger.Close()
	if err != nil || project.Source.Preset != "rackspace" || project.Destination.Preset != "outlook" || project.Destination.Access.Method != "oauth-microsoft" {
		t.Errorf("%+v, %v", project, err)
	}
	for _, test := range []struct{ said, source, destination string }{
		{"Both addresses lead to secure.emailsrvr.com", "anna@acme.example", "anna@acme.example"},
		{"--source imaps://imap.titan.email:993", "anna@many.example", "anna@gmail.com"},
		{"It does not answer now.", "anna@far.example", "anna@gmail.com"},
		{"No mail service was found", "anna@gmail.com", "anna@nothing.example"},
		{"is no e-mail address", "anna@gmail.com", "anna"},
	} {
		if _, errs := s.must(2, "project", "add", "Other", "--source-address", test.source, "--destination-address", test.destination); !strings.Contains(errs, test.said) {
			t.Errorf("%s is not said:\n%s", test.said, errs)
		}
	}
	s.must(2, "project", "add", "Other", "--source", "imaps://a.example")
	s.must(2, "project", "add", "Other", "--source", "imaps://a.example", "--source-address", "anna@gmail.com", "--destination", "imaps://b.example")
	s.must(0, "project", "add", "Other", "--source", "imaps://a.example", "--destination-address", "anna@gmail.com")
}
